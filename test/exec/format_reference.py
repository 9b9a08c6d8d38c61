"""Formats in NumPy and ml_dtypes, after docs/numerics.md: what tests hold qcc's encode, encode_auto and decode to.

Nothing here is qcc's code. A codec that qcc knows and this file does not is an error of get_codec().
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import ml_dtypes
import numpy as np
from scipy import stats

F32_MAX = np.finfo(np.float32).max

# Dettmers et al., "QLoRA" (2023), appendix E.
NF4 = [
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
    *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
    *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
    *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
]

# MLIR's names of types that store scales.
SCALE_TYPES = {
    "f64": np.float64,
    "f32": np.float32,
    "f16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "f8E8M0FNU": ml_dtypes.float8_e8m0fnu,
    "f8E4M3FN": ml_dtypes.float8_e4m3fn,
    "f8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "f8E4M3B11FNUZ": ml_dtypes.float8_e4m3b11fnuz,
    "f8E4M3": ml_dtypes.float8_e4m3,
    "f8E3M4": ml_dtypes.float8_e3m4,
    "f8E5M2": ml_dtypes.float8_e5m2,
    "f8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "f6E2M3FN": ml_dtypes.float6_e2m3fn,
    "f6E3M2FN": ml_dtypes.float6_e3m2fn,
    "f4E2M1FN": ml_dtypes.float4_e2m1fn,
}


def cast(x: np.ndarray, element: str, saturate: bool, round_mode: str) -> np.ndarray:
    """f32 to a float of at most 8 bits, as bytes or, for what fills none, as f32."""
    if element == "f8E8M0FNU":
        return cast_to_power(x, saturate, round_mode)
    dtype = SCALE_TYPES[element]
    largest = np.float32(ml_dtypes.finfo(dtype).max)
    has_nan = ml_dtypes.finfo(dtype).bits == 8
    with np.errstate(all="ignore"):
        if saturate or not has_nan:
            x = np.clip(x, -largest, largest)
        if not has_nan:
            x = np.where(np.isnan(x), largest, x)
        return x.astype(dtype)


def cast_to_power(x: np.ndarray, saturate: bool, round_mode: str) -> np.ndarray:
    magnitude = np.abs(x.astype(np.float64))
    mantissa, exponent = np.frexp(np.where(np.isfinite(magnitude), magnitude, 1))
    up = {"up": mantissa > 0.5, "nearest": mantissa >= 0.75, "down": False}[round_mode]
    code = exponent - 1 + up + 127
    least, nan = 2.0**-127, 255
    code = np.where((code > 254) | np.isinf(magnitude), 254 if saturate else nan, code)
    code = np.where(magnitude < least, 0 if saturate else nan, code)
    return np.where(np.isnan(x), nan, code).astype(np.uint8).view(SCALE_TYPES["f8E8M0FNU"])


class Codec:
    """`low` and `high` where codes are integers."""

    name: str
    bits: int
    low: int | None = None
    high: int | None = None

    @property
    def is_integer(self) -> bool:
        return self.low is not None

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The numbers of uint64 codes as f64, without zero points."""
        raise NotImplementedError

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Of f32, for what is not integers: uint64."""
        raise NotImplementedError

    def get_largest(self, zero: int) -> int:
        """What the largest magnitude of a group is to become."""
        raise NotImplementedError


class Integer(Codec):
    def __init__(self, is_signed: bool, bits: int) -> None:
        self.name, self.bits = ("int" if is_signed else "uint") + str(bits), bits
        self.low = -(1 << (bits - 1)) if is_signed else 0
        self.high = self.low + (1 << bits) - 1

    def decode(self, codes: np.ndarray) -> np.ndarray:
        numbers = codes.astype(np.int64)
        return np.where(numbers > self.high, numbers - (1 << self.bits), numbers).astype(np.float64)

    def encode_with(self, x: np.ndarray, zero: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            numbers = np.clip(np.rint(x).astype(np.float64) + zero, self.low, self.high)
        return np.where(np.isnan(numbers), self.low, numbers).astype(np.int64).astype(np.uint64) & self.mask

    @property
    def mask(self) -> np.uint64:
        return np.uint64((1 << self.bits) - 1)

    def get_largest(self, zero: int) -> int:
        below, above = zero - self.low, self.high - zero
        return min(below, above) or max(below, above)


class Levels(Codec):
    """Of ascending levels, code by code."""

    def __init__(self, name: str, levels: list[float]) -> None:
        self.name, self.bits = name, (len(levels) - 1).bit_length()
        self.levels = np.float64(levels)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return self.levels[codes]

    def encode(self, x: np.ndarray) -> np.ndarray:
        near = np.clip(np.nan_to_num(x.astype(np.float64), nan=self.levels[0]), self.levels[0], self.levels[-1])
        distances = np.abs(near[..., None] - self.levels)
        lower = distances.argmin(-1)
        upper = len(self.levels) - 1 - distances[..., ::-1].argmin(-1)  # differs at a tie
        return np.where(lower % 2 == 0, lower, upper).astype(np.uint64)

    def get_largest(self, zero: int) -> int:
        return 1


class Minifloat(Codec):
    """As ml_dtypes has it, but saturating; NaN of a type without it is the largest number."""

    def __init__(self, name: str, dtype: type, bits: int) -> None:
        self.name, self.bits, self.dtype = name, bits, dtype
        self.largest = float(ml_dtypes.finfo(dtype).max)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return codes.astype(np.uint8).view(self.dtype).astype(np.float64)

    def encode(self, x: np.ndarray) -> np.ndarray:
        near = np.clip(x, np.float32(-self.largest), np.float32(self.largest))
        if self.bits < 8:
            near = np.where(np.isnan(near), np.float32(self.largest), near)
        return near.astype(self.dtype).view(np.uint8).astype(np.uint64)

    def get_largest(self, zero: int) -> float:
        return self.largest


class Powers(Codec):
    """Of two, from 2^-127 on."""

    name, bits = "e8m0", 8

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return np.where(codes == 255, np.nan, np.ldexp(1.0, codes.astype(int) - 127))

    def encode(self, x: np.ndarray) -> np.ndarray:
        near = np.clip(np.nan_to_num(x.astype(np.float64), nan=1), 2.0**-127, 2.0**127)
        mantissa, exponent = np.frexp(near)
        code = exponent - 1 + 127
        code = np.where((mantissa > 0.75) | ((mantissa == 0.75) & (code % 2 == 1)), code + 1, code)
        return np.where(np.isnan(x), 255, code).astype(np.uint64)

    def get_largest(self, zero: int) -> float:
        return 2.0**127


class Posit16(Codec):
    """16 bits, of which one is of the exponent: Gustafson and Yonemoto (2017). Rounded to the nearest number."""

    name, bits = "posit16", 16

    def __init__(self) -> None:
        self.numbers = np.float64([self.read(code) for code in range(1 << 16)])
        self.positive = self.numbers[: 1 << 15]

    @staticmethod
    def read(code: int) -> float:
        if code in (0, 0x8000):
            return 0.0 if code == 0 else np.nan
        sign, magnitude = (1, code) if code < 0x8000 else (-1, 0x10000 - code)
        text = f"{magnitude:015b}"
        run = len(text) - len(text.lstrip(text[0]))
        regime = run - 1 if text[0] == "1" else -run
        exponent, fraction = text[run + 1 : run + 2] or "0", text[run + 2 :]
        part = int(fraction, 2) / 2 ** len(fraction) if fraction else 0
        return sign * 4.0**regime * 2.0 ** int(exponent) * (1 + part)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return self.numbers[codes]

    def encode(self, x: np.ndarray) -> np.ndarray:
        magnitude = np.minimum(np.nan_to_num(np.abs(x.astype(np.float64)), nan=0, posinf=1e30), self.positive[-1])
        above = np.clip(np.searchsorted(self.positive, magnitude), 1, len(self.positive) - 1)
        below = above - 1
        to_below, to_above = magnitude - self.positive[below], self.positive[above] - magnitude
        even = np.where(below % 2 == 0, below, above)
        code = np.where(to_below == to_above, even, np.where(to_below < to_above, below, above))
        code = np.where(x < 0, (0x10000 - code) & 0xFFFF, code)
        return np.where(np.isnan(x), 0x8000, code).astype(np.uint64)

    def get_largest(self, zero: int) -> int:
        return 8


def make_sf4() -> list[float]:
    """Dotzel et al. (2024), as f32."""
    upper = stats.t.ppf(np.linspace(0.9677083, 0.5, 9)[:-1], 5)
    lower = -stats.t.ppf(np.linspace(0.9677083, 0.5, 8)[:-1], 5)
    return np.sort(np.float32([*lower, 0, *upper] / upper.max())).tolist()


OTHERS = {
    codec.name: codec
    for codec in (
        Levels("nf4", NF4),
        Levels("sf4", make_sf4()),
        Minifloat("e2m1", ml_dtypes.float4_e2m1fn, 4),
        Minifloat("e2m3", ml_dtypes.float6_e2m3fn, 6),
        Minifloat("e3m2", ml_dtypes.float6_e3m2fn, 6),
        Minifloat("e4m3fn", ml_dtypes.float8_e4m3fn, 8),
        Minifloat("e5m2", ml_dtypes.float8_e5m2, 8),
        Posit16(),
        Powers(),
    )
}


def get_codec(name: str) -> Codec:
    if match := re.fullmatch(r"(u?)int(\d+)", name):
        return Integer(not match[1], int(match[2]))
    if name not in OTHERS:
        raise KeyError(f"qcc has a codec '{name}' that test/exec/format_reference.py lacks: write it there by NumPy")
    return OTHERS[name]


@dataclass(frozen=True)
class Scaling:
    """`block`: the extents of the elements that share a scale; () where there are no scales."""

    text: str
    block: tuple[int, ...]
    scale_shape: tuple[int, ...]


def make_scalings(shape: tuple[int, ...], blocks: list[tuple[int, ...]]) -> list[Scaling]:
    """All kinds but none."""
    scalings = [Scaling("tensor<{}>", shape, ())]
    for axis, extent in enumerate(shape):
        block = tuple(1 if i == axis else other for i, other in enumerate(shape))
        scalings.append(Scaling(f"axis<{axis}, {{}}>", block, (extent,)))
    for block in blocks:
        counts = tuple(-(-extent // size) for extent, size in zip(shape, block, strict=True))
        scalings.append(Scaling(f"block<{'x'.join(map(str, block))}, {{}}>", block, counts))
    return scalings


@cache
def get_groups(shape: tuple[int, ...], scaling: Scaling) -> np.ndarray:
    """The number of its scale for each element."""
    indices = np.indices(shape)
    group = np.zeros(shape, np.int64)
    for index, extent, block in zip(indices, shape, scaling.block, strict=True):
        group = group * -(-extent // block) + index // block
    return group


def get_compute(value_type: np.dtype) -> type:
    return np.float64 if value_type == np.float64 else np.float32


def store_scale(scale: np.ndarray, scale_type: str) -> np.ndarray:
    """Of f32 as docs/numerics.md has it, never 0 nor beyond the largest number."""
    dtype = SCALE_TYPES[scale_type]
    largest = np.float64(ml_dtypes.finfo(dtype).max)
    stored = np.minimum(scale, np.float32(min(largest, np.float64(F32_MAX)))).astype(dtype)
    return np.where(stored.astype(np.float32) == 0, np.ones((), dtype), stored)


def make_power(span: np.ndarray, steps: int) -> np.ndarray:
    """2^(floor(log2 span) - floor(log2 steps)) within 2^-127 to 2^127; 1 for 0."""
    exponent = np.frexp(np.minimum(span, F32_MAX))[1] - np.frexp(np.float32(steps))[1]
    code = np.where(span == 0, 127, np.clip(exponent, -127, 127) + 127)
    return code.astype(np.uint8).view(ml_dtypes.float8_e8m0fnu)


def make_scales(span: np.ndarray, steps: int, scale_type: str) -> np.ndarray:
    if scale_type == "f8E8M0FNU":
        return make_power(span, steps)
    with np.errstate(over="ignore"):
        return store_scale(span / np.float32(steps), scale_type)


def make_parameters(
    x: np.ndarray, codec: Codec, scaling: Scaling, scale_type: str, zero: int | str | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Scales by rule, and zero points where zero is "zero": flat, one for each group."""
    count = int(np.prod(scaling.scale_shape, dtype=np.int64))
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.nan_to_num(x.astype(np.float32), nan=0.0, posinf=np.inf, neginf=-np.inf).ravel()
    group = get_groups(x.shape, scaling).ravel()
    low, high = np.zeros(count, np.float32), np.zeros(count, np.float32)
    np.minimum.at(low, group, numbers)
    np.maximum.at(high, group, numbers)
    if zero != "zero":
        return make_scales(np.maximum(-low, high), codec.get_largest(zero or 0), scale_type), None
    with np.errstate(over="ignore"):
        scales = make_scales(high - low, codec.high - codec.low, scale_type)
        points = np.rint(np.float32(codec.low) - low / scales.astype(np.float32)).astype(np.float64)
    return scales, np.clip(points, codec.low, codec.high).astype(np.int64)


def get_zeros(codec: Codec, zero: int | str | None, points: np.ndarray | None, group: np.ndarray) -> np.ndarray:
    if points is not None:
        return codec.decode(points.astype(np.uint64) & codec.mask)[group]
    return np.full(group.shape, float(zero or 0))


def encode(
    x: np.ndarray,
    codec: Codec,
    scaling: Scaling | None,
    scales: np.ndarray | None,
    zero: int | str | None = None,
    points: np.ndarray | None = None,
) -> np.ndarray:
    """The codes, as uint64."""
    compute = get_compute(x.dtype)
    scaled = x.astype(compute)
    group = get_groups(x.shape, scaling) if scaling else np.zeros(x.shape, np.int64)
    with np.errstate(all="ignore"):
        if scales is not None:
            scaled = scaled / scales.astype(compute)[group]
        if codec.is_integer:
            return codec.encode_with(scaled, get_zeros(codec, zero, points, group))
        return codec.encode(scaled.astype(np.float32))


def decode(
    codes: np.ndarray,
    value_type: np.dtype,
    codec: Codec,
    scaling: Scaling | None,
    scales: np.ndarray | None,
    zero: int | str | None = None,
    points: np.ndarray | None = None,
) -> np.ndarray:
    compute = get_compute(value_type)
    group = get_groups(codes.shape, scaling) if scaling else np.zeros(codes.shape, np.int64)
    numbers = codec.decode(codes)
    if codec.is_integer:
        numbers = numbers - get_zeros(codec, zero, points, group)
    with np.errstate(all="ignore"):
        numbers = numbers.astype(compute)
        if scales is not None:
            numbers = numbers * scales.astype(compute)[group]
        return numbers.astype(value_type)


def pack(codes: np.ndarray, bits: int) -> np.ndarray:
    """Codes narrower than a byte side by side along the last axis, the first in the lowest bits."""
    if bits >= 8 or codes.ndim == 0:
        return codes.astype(f"u{max(bits, 8) // 8}")
    planes = (codes[..., None] >> np.arange(bits, dtype=np.uint64)).astype(np.uint8) & 1
    return np.packbits(planes.reshape(*codes.shape[:-1], -1), axis=-1, bitorder="little")
