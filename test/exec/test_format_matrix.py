"""Every codec with every scaling, scale type and zero point: compiled, interpreted and NumPy give the same bytes.

All of a codec stands in one module, which runs on numbers made for that codec: ties, midpoints and their neighbours,
infinities, NaN, subnormals, the ends of what a scale can be, groups of zeros.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import format_reference as reference
import ml_dtypes
import numpy as np
import pytest
from format_reference import F32_MAX, SCALE_TYPES, Codec, Scaling
from interpret import interpret
from qcc import load

SHAPE = (16, 75)
BUILD = Path(os.environ.get("QCC_BUILD", Path(__file__).parents[2] / "build")).resolve()
# Of the tensor's extents, none is a multiple of what divides it.
BLOCKS = [(1, 32), (3, 16)]
SCALINGS = reference.make_scalings(SHAPE, BLOCKS)
MAIN_TYPES = ["f32", "f16", "bf16", "f8E8M0FNU", "f8E4M3FN"]
VALUE_TYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16}


def list_codecs() -> list[str]:
    """As qcc itself says, so that a codec is in the matrix from its first day."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.mlir"
        path.write_text("func.func private @f(!qnn.tensor<1xf32, nosuch, none, dense>)")
        command = [BUILD / "bin/qcc", "compile", path, "-o", Path(folder) / "m.so"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    known = re.search(r"unknown codec 'nosuch'; known are ([\w, ]+)", done.stderr)
    assert known, f"qcc compile does not tell the codecs that it knows:\n{done.stderr}"
    return known[1].split(", ")


def pytest_generate_tests(metafunc):
    if "codec_name" in metafunc.fixturenames:
        metafunc.parametrize("codec_name", list_codecs())


# ---- Modules


def print_type(shape: tuple[int, ...], element: str) -> str:
    return f"tensor<{''.join(f'{extent}x' for extent in shape)}{element}>"


def get_carrier(element: str) -> str:
    """What .npy files hold for it: its bits, or f32 where it fills no byte."""
    if element in ("f64", "f32", "f16") or element not in SCALE_TYPES:
        return element
    bits = ml_dtypes.finfo(SCALE_TYPES[element]).bits
    return f"i{bits}" if bits >= 8 else "f32"


def carry(array: np.ndarray, element: str) -> np.ndarray:
    carrier = get_carrier(element)
    if carrier[0] == "i":
        return array.view(f"i{int(carrier[1:]) // 8}")
    return array.astype(np.float32) if carrier != element else array


@dataclass
class Module:
    """A function with named inputs; each of its results has a text that says what it is."""

    inputs: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    results: list[tuple[str, str, str, str]] = field(default_factory=list)

    def op(self, text: str, types: str, count: int = 1) -> str:
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{name}:{count} = {text} : {types}")
        return name

    def convert(self, value: str, shape: tuple[int, ...], source: str, target: str) -> str:
        if source == target:
            return value
        change = "cast" if "f32" in (source, target) else "bitcast"
        return self.op(f"qnn.{change} {value}", f"({print_type(shape, source)}) -> {print_type(shape, target)}")

    def add_input(self, name: str, shape: tuple[int, ...], element: str) -> str:
        self.inputs[name] = print_type(shape, get_carrier(element))
        return self.convert(f"%{name}", shape, get_carrier(element), element)

    def add_result(self, value: str, shape: tuple[int, ...], element: str, what: str) -> None:
        carrier = get_carrier(element)
        self.results.append((self.convert(value, shape, element, carrier), print_type(shape, carrier), element, what))

    def print(self) -> str:
        arguments = ", ".join(f'%{name}: {type_} {{qcc.name = "{name}"}}' for name, type_ in self.inputs.items())
        names = ", ".join(f'{type_} {{qcc.name = "r{i}"}}' for i, (_, type_, _, _) in enumerate(self.results))
        values = ", ".join(value for value, _, _, _ in self.results)
        types = ", ".join(type_ for _, type_, _, _ in self.results)
        body = "\n".join([*self.lines, f"return {values} : {types}"])
        return f"func.func @main({arguments}) -> ({names}) {{\n{body}\n}}\n"


@dataclass(frozen=True)
class Case:
    """One op: encode_auto, encode or decode. `zero` is an integer, "zero" for a component, or None."""

    op: str
    codec: Codec
    scaling: Scaling | None
    scale: str
    zero: int | str | None
    value: str = "f32"
    shape: tuple[int, ...] = SHAPE

    @property
    def format_type(self) -> str:
        zero = {None: "", "zero": ", zero"}.get(self.zero, f", zero = {self.zero}")
        scaling = self.scaling.text.format(self.scale + zero) if self.scaling else "none"
        plain = print_type(self.shape, self.value)[len("tensor<") : -1]
        return f"!qnn.tensor<{plain}, {self.codec.name}, {scaling}, dense>"

    @property
    def component_types(self) -> list[tuple[tuple[int, ...], str]]:
        bits = self.codec.bits
        codes = (*self.shape[:-1], (self.shape[-1] * bits + 7) // 8) if bits < 8 and self.shape else self.shape
        types = [(codes, f"i{max(bits, 8)}")]
        if self.scaling:
            types.append((self.scaling.scale_shape, self.scale))
        if self.zero == "zero":
            types.append((self.scaling.scale_shape, f"i{max(bits, 8)}"))
        return types

    @property
    def parameter_names(self) -> list[str]:
        """Of the inputs that hold scales and zero points."""
        if not self.scaling:
            return []
        number = SCALINGS.index(self.scaling)
        return [f"s{number}_{self.scale}", *([f"z{number}"] if self.zero == "zero" else [])]

    @property
    def codes_name(self) -> str:
        return f"codes{len(self.shape)}x{self.shape[-1]}" if self.shape else "code"


def add_cases(module: Module, cases: list[Case]) -> None:
    inputs: dict[str, str] = {}

    def get(name: str, shape: tuple[int, ...], element: str) -> str:
        if name not in inputs:
            inputs[name] = module.add_input(name, shape, element)
        return inputs[name]

    for case in cases:
        components, plain = case.component_types, print_type(case.shape, case.value)
        texts = [print_type(*component) for component in components]
        named = zip(case.parameter_names, components[1:], strict=case.scaling is not None)
        operands = [] if case.op == "encode_auto" else [get(name, *component) for name, component in named]
        if case.op == "decode":
            operands.insert(0, get(case.codes_name, *components[0]))
            wrapped = module.op(f"qnn.wrap {', '.join(operands)}", f"({', '.join(texts)}) -> {case.format_type}")
            decoded = module.op(f"qnn.decode {wrapped}", f"({case.format_type}) -> {plain}")
            module.add_result(decoded, case.shape, case.value, f"{case.format_type}, decode")
            continue
        types = ", ".join([plain, *texts[1:]] if operands else [plain])
        operands.insert(0, get(f"x_{case.value}", case.shape, case.value))
        encoded = module.op(f"qnn.{case.op} {', '.join(operands)}", f"({types}) -> {case.format_type}")
        parts = module.op(f"qnn.unwrap {encoded}", f"({case.format_type}) -> ({', '.join(texts)})", len(texts))
        for i in range(len(texts) if case.op == "encode_auto" else 1):
            what = ["codes", "scales", "zero points"][i]
            module.add_result(f"{parts}#{i}", *components[i], f"{case.format_type}, {case.op}, {what}")


def make_cases(codec: Codec) -> list[Case]:
    constants = [codec.low // 2 if codec.low else (codec.high + 1) // 2] if codec.is_integer else []
    zeros = [None, *constants, "zero"] if codec.is_integer else [None]
    matrix = list(product(SCALINGS, MAIN_TYPES, zeros))
    cases = [Case("encode_auto", codec, *key) for key in matrix]
    # Every scaling, type and zero point, though not every three of them: encode_auto encodes, too.
    cases += [Case("encode", codec, *key) for key in matrix[1::4]]
    cases += [Case("decode", codec, *key) for key in matrix[::4]]
    # Rare types of scales, and of values.
    rare = [type_ for type_ in SCALE_TYPES if type_ not in MAIN_TYPES]
    cases += [Case(op, codec, SCALINGS[1], type_, None) for type_ in rare for op in ("encode_auto", "encode")]
    for value, zero in product(["f64", "f16", "bf16"], zeros):
        for scaling, type_ in [(SCALINGS[0], "f32"), (SCALINGS[1], "f64"), (SCALINGS[3], "f8E4M3FN")]:
            cases += [Case(op, codec, scaling, type_, zero, value) for op in ("encode_auto", "encode", "decode")]
    cases += [Case("encode", codec, None, "", None, value) for value in VALUE_TYPES]
    every = (1, min(1 << codec.bits, 1 << 16))
    cases += [Case("decode", codec, None, "", None, value, every) for value in VALUE_TYPES]
    return cases


# ---- Numbers


@dataclass
class Numbers:
    """Of a codec, as f32 of SHAPE."""

    codec: Codec
    random: np.random.Generator

    def get_ladder(self) -> np.ndarray:
        """Numbers that codes stand for and what lies halfway between; also less a zero point."""
        if self.codec.bits > 8 and self.codec.is_integer:
            some = self.random.integers(-(1 << self.codec.bits), 1 << self.codec.bits, 300).astype(np.float64)
            ends = np.float64([self.codec.low, self.codec.high, 0, -self.codec.high])
            return np.concatenate([some, ends, some + 0.5, ends + 0.5, ends - 0.5, np.arange(-9, 9, 0.5)])
        numbers = self.codec.decode(np.arange(1 << self.codec.bits, dtype=np.uint64))
        numbers = np.unique(numbers[np.isfinite(numbers)])
        if self.codec.is_integer:
            numbers = np.unique([numbers, -numbers, numbers - self.codec.low, self.codec.low - numbers])
        return np.concatenate([numbers, np.tile((numbers[1:] + numbers[:-1]) / 2, 3)])

    def draw(self) -> np.ndarray:
        """Of the ladder, each step once if there is room, and the f32 next to it on either side."""
        ladder = self.random.permutation(self.get_ladder().astype(np.float32))
        x = np.resize(ladder, SHAPE)
        target = self.random.choice(np.float32([-np.inf, 0, np.inf]), SHAPE)
        return np.nextafter(x, np.where(target == 0, x, target))

    def place(self, x: np.ndarray, value: float, offset: int = 0) -> None:
        """Into each row and column, and each block but the last of some rows."""
        row, column = np.indices(SHAPE)
        x[(row + offset) % 16 == column % 16] = value

    def make_ties(self, zero: int) -> np.ndarray:
        """The scale comes out as a power of two, so that midpoints stay midpoints."""
        largest = self.codec.get_largest(zero)
        x = np.clip(self.draw(), -largest, largest).astype(np.float32)
        self.place(x, largest * self.random.choice([-1, 1]))
        return x

    def make_tied_zeros(self, zero: float) -> np.ndarray:
        """As make_ties; zero points by rule are halfway between two integers."""
        steps = self.codec.high - self.codec.low
        low = -min(zero, steps - 0.5)
        x = np.clip(self.draw(), low, low + steps).astype(np.float32)
        self.place(x, low)
        self.place(x, low + steps, 8)
        return x

    def make_wide(self) -> np.ndarray:
        """Rows from the least f32 to the largest."""
        largest = self.codec.get_largest(0)
        x = self.make_ties(0)
        top = 127 - int(np.ceil(np.log2(largest)))
        return np.ldexp(x, np.linspace(-152 - np.log2(largest), top, 16).astype(int)[:, None]).astype(np.float32)

    def make_normal(self) -> np.ndarray:
        return self.random.standard_normal(SHAPE).astype(np.float32)

    def make_special(self) -> np.ndarray:
        """A row for each kind of group."""
        x = self.make_normal()
        some = self.random.random(SHAPE) < 0.1
        signaling = np.array([0x7F800001, 0xFFA00000, 0x7FC00000, 0xFFC00000], np.uint32).view(np.float32)
        nans = self.random.choice(signaling, SHAPE)
        x[0], x[1], x[2] = 0.0, -0.0, nans[2]
        x[3] = np.where(some[3], np.inf, 0)
        x[4] = np.where(some[4], -np.inf, x[4])
        x[5] = np.where(some[5], np.inf * np.sign(x[5]), x[5])
        x[6] = np.where(some[6], F32_MAX * np.sign(x[6]), x[6])
        x[7] = np.where(some[7], nans[7], x[7])
        x[8], x[9] = 1e-45, x[9] * np.float32(1e-41)
        x[10] = 2.0**127 * self.random.choice([1.0, 1.5, -1.0, 0.5], 75)
        x[11] = 2.0**-127 * self.random.choice([1.0, 1.5, -1.0, 0.5], 75)
        x[12], x[13] = -np.abs(x[12]), np.abs(x[13])
        x[14] = np.where(some[14], np.inf, nans[14])
        return x

    def make_huge(self) -> np.ndarray:
        """max - min is beyond f32."""
        return (self.random.uniform(-1, 1, SHAPE) * F32_MAX).astype(np.float32)

    def make_tiny(self) -> np.ndarray:
        return np.ldexp(self.random.integers(-400, 400, SHAPE).astype(np.float32), -149)

    def make_zeros(self) -> np.ndarray:
        return self.random.choice(np.float32([0, -0.0, np.nan]), SHAPE)

    def make_all(self, zero: int) -> dict[str, np.ndarray]:
        made = {"ties": self.make_ties(0), "ties, zero point": self.make_ties(zero)}
        if self.codec.is_integer:
            made |= {f"zero point {half}": self.make_tied_zeros(half) for half in (0.5, 1.5, 2.5)}
        made |= {"wide": self.make_wide(), "normal": self.make_normal(), "special": self.make_special()}
        return made | {"huge": self.make_huge(), "tiny": self.make_tiny(), "zeros": self.make_zeros()}


def make_given_scales(random: np.random.Generator, shape: tuple[int, ...], element: str) -> np.ndarray:
    """Half of them powers of two near 1; some of them nothing that a rule would give."""
    kind = random.random(shape)
    if element == "f8E8M0FNU":
        codes = np.where(kind < 0.7, random.integers(125, 130, shape), random.integers(0, 256, shape))
        return codes.astype(np.uint8).view(SCALE_TYPES[element])
    special = random.choice([0.0, -0.0, np.inf, np.nan, -1.5, 1e-44, 2.0**-130, F32_MAX], shape)
    scales = np.where(kind < 0.5, 2.0 ** random.integers(-2, 3, shape), random.uniform(0.01, 3, shape))
    with np.errstate(all="ignore"):
        return np.where(kind < 0.85, scales, special).astype(SCALE_TYPES[element])


def make_inputs(cases: list[Case], x: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    """By the names that add_cases() gives them, in types of the reference."""
    codec = cases[0].codec
    with np.errstate(all="ignore"):
        near = x * (1 + random.integers(-1, 2, SHAPE) * 2.0**-50)
        arrays = {f"x_{name}": (near if name == "f64" else x).astype(dtype) for name, dtype in VALUE_TYPES.items()}
    for case in cases:
        for name, (shape, element) in zip(case.parameter_names, case.component_types[1:], strict=False):
            if name not in arrays and name[0] == "s":
                arrays[name] = make_given_scales(random, shape, element)
            elif name not in arrays:
                # Only the bits of the code count.
                arrays[name] = random.integers(0, 1 << max(codec.bits, 8), shape, np.uint64)
        if case.op == "decode" and case.codes_name not in arrays:
            codes = random.permutation(np.resize(np.arange(1 << min(codec.bits, 16), dtype=np.uint64), case.shape).T).T
            if codec.bits > 16:
                codes = random.integers(0, 1 << codec.bits, case.shape, np.uint64)
            arrays[case.codes_name] = codes
    return arrays


def expect(case: Case, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What the case's results are by NumPy, in the types of .npy files."""
    codec, scaling, zero = case.codec, case.scaling, case.zero
    parameters = [arrays[name].ravel() for name in case.parameter_names]
    scales, points = [*parameters, None, None][:2]
    if case.op == "decode":
        value = VALUE_TYPES[case.value]
        decoded = reference.decode(arrays[case.codes_name], value, codec, scaling, scales, zero, points)
        return [carry(decoded, case.value)]
    x = arrays[f"x_{case.value}"]
    if case.op == "encode":
        return [reference.pack(reference.encode(x, codec, scaling, scales, zero, points), codec.bits)]
    scales, points = reference.make_parameters(x, codec, scaling, case.scale, zero)
    results = [reference.pack(reference.encode(x, codec, scaling, scales, zero, points), codec.bits)]
    results.append(carry(scales.reshape(scaling.scale_shape), case.scale))
    if points is not None:
        # In whole bytes, of which the sign fills what the code leaves.
        results.append(points.reshape(scaling.scale_shape).astype(f"i{max(codec.bits, 8) // 8}"))
    return results


def to_npy(name: str, array: np.ndarray, cases: list[Case]) -> np.ndarray:
    bits = cases[0].codec.bits
    if name.startswith("code"):
        packed = reference.pack(array, bits)
        return packed.view(f"i{packed.itemsize}")
    if name.startswith("z"):
        return array.astype(f"u{max(bits, 8) // 8}").view(f"i{max(bits, 8) // 8}")
    return carry(array, name.split("_")[1])


# ---- Tests


def is_same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """To the bit, but that a NaN among floats is any NaN."""
    if a.dtype.kind == "f" or a.dtype == ml_dtypes.bfloat16:
        bits = f"u{a.dtype.itemsize}"
        return (a.view(bits) == b.view(bits)) | (np.isnan(a) & np.isnan(b))
    return a.view(f"u{a.dtype.itemsize}") == b.view(f"u{b.dtype.itemsize}")


def check(label: str, what: str, expected: np.ndarray, actual: dict[str, np.ndarray]) -> list[str]:
    faults = []
    for name, array in actual.items():
        same = is_same(array, expected.reshape(array.shape)) if array.size == expected.size else np.zeros(1, bool)
        if not same.all():
            at = tuple(int(i) for i in np.argwhere(~same)[0])
            got, wanted = array[at], expected.reshape(array.shape)[at]
            faults.append(f"{name}, on {label}: {what} at {at} of {(~same).sum()}: {got!r}, but NumPy {wanted!r}")
    return faults


def find_faults(qcc, folder, module: Module, sets) -> list[str]:
    """Of each set (label, inputs, expected results), compiled once."""
    path = folder / "m.mlir"
    path.write_text(module.print())
    qcc("compile", path, "-o", folder / "m.so", timeout=300)
    compiled = load(folder / "m.so")
    faults = []
    for label, inputs, expected in sets:
        ran = compiled.run(inputs)
        interpreted = interpret(qcc, path, inputs)
        for i, (array, (_, _, element, what)) in enumerate(zip(expected, module.results, strict=True)):
            actual = {"compiled": ran[f"r{i}"], "interpreted": interpreted[f"r{i}"]}
            if element == "bf16":
                array = array.view(ml_dtypes.bfloat16)
                actual = {name: result.view(ml_dtypes.bfloat16) for name, result in actual.items()}
            faults += check(label, what, array, actual)
    return faults


def show(faults: list[str]) -> str:
    return "\n".join([f"{len(faults)} faults:", *faults[:20]])


def test_encode_and_decode_agree(qcc, tmp_path, codec_name):
    codec = reference.get_codec(codec_name)
    cases = make_cases(codec)
    module = Module()
    add_cases(module, cases)
    random = np.random.default_rng(sum(codec_name.encode()))
    constant = next((case.zero for case in cases if isinstance(case.zero, int)), 0)

    def make_sets():
        for label, x in Numbers(codec, random).make_all(constant).items():
            arrays = make_inputs(cases, x, random)
            inputs = {name: to_npy(name, arrays[name], cases) for name in module.inputs}
            yield label, inputs, [array for case in cases for array in expect(case, arrays)]

    faults = find_faults(qcc, tmp_path, module, make_sets())
    if faults:
        pytest.fail(show(faults), pytrace=False)


def make_cast_numbers(element: str) -> np.ndarray:
    """All numbers of the type, what lies halfway between two, the f32 beside those, and what is no number of it."""
    dtype = np.dtype(SCALE_TYPES[element])
    codes = np.arange(1 << ml_dtypes.finfo(dtype).bits, dtype=np.uint8).view(dtype).astype(np.float32)
    numbers = np.unique(np.append(codes[np.isfinite(codes)], 0))
    largest = numbers[-1]
    between = (numbers[1:].astype(np.float64) + numbers[:-1]) / 2
    steps = np.concatenate([numbers, between, [largest * (1 + 2.0**-i) for i in range(1, 8)]]).astype(np.float32)
    special = np.float32([np.inf, np.nan, 0, 1e-45, 2.0**-149, 2.0**-128, 2.0**-127, 1.5 * 2.0**-127, F32_MAX])
    near = [np.nextafter(steps, np.float32(end)) for end in (np.inf, -np.inf)]
    x = np.concatenate([steps, *near, special])
    return np.concatenate([x, -x])


@pytest.mark.parametrize("element", [name for name, dtype in SCALE_TYPES.items() if ml_dtypes.finfo(dtype).bits <= 8])
def test_casts_to_narrow_floats_agree(qcc, tmp_path, element):
    x = make_cast_numbers(element)
    modes = ["up", "down", "nearest"] if element == "f8E8M0FNU" else ["up"]
    module = Module()
    module.add_input("x", x.shape, "f32")
    module.add_input("d", x.shape, "f64")
    keys = [(name, saturate, mode) for name in ("x", "d") for saturate in (True, False) for mode in modes]
    for name, saturate, mode in keys:
        text = f'qnn.cast %{name} {{saturate = {str(saturate).lower()}, round_mode = "{mode}"}}'
        value = module.op(text, f"({module.inputs[name]}) -> {print_type(x.shape, element)}")
        module.add_result(value, x.shape, element, text)
    expected = [carry(reference.cast(x, element, saturate, mode), element) for _, saturate, mode in keys]
    # Wider numbers come by way of f32.
    inputs = {"x": x, "d": x * (1 + np.resize([-1, 0, 1], x.shape) * 2.0**-50)}
    faults = find_faults(qcc, tmp_path, module, [("all numbers", inputs, expected)])
    if faults:
        pytest.fail(show(faults), pytrace=False)
