"""Every codec against an implementation that shares nothing with it: ml_dtypes, NumPy, and QLoRA's published table."""

import subprocess

import ml_dtypes
import numpy as np
import pytest
from format_reference import NF4, Posit16, make_sf4

INTEGERS = [(sign + str(bits), bits) for sign in ("int", "uint") for bits in range(1, 9)]


@pytest.fixture(scope="session")
def table(build_dir):
    """table(kind, codec, zero, values): what the test program codec-table prints, as an array."""

    def run(kind, codec, zero=0, values=()):
        done = subprocess.run(
            [build_dir / "bin/codec-table", kind, codec, str(zero)],
            input=np.asarray(values, np.float32).tobytes(),
            capture_output=True,
            check=True,
            timeout=120,
        )
        return np.frombuffer(done.stdout, np.float64 if kind == "decode" else np.uint32)

    return run


def make_floats():
    """f32 of every sign, exponent and upper 7 bits of fraction, and their neighbours: all ties of 8-bit codes, both
    infinities, NaN, subnormals."""
    high = np.arange(1 << 16, dtype=np.uint32) << 16
    bits = np.concatenate([high, high | 1, high | 0x8000, high | 0xFFFF])
    return bits.view(np.float32)


def make_numbers(limit):
    """Halves, and what lies next to them, from -limit to limit; infinities and NaN."""
    halves = np.arange(-2 * limit, 2 * limit + 1, dtype=np.float32) / 2
    near = [np.nextafter(halves, np.float32(np.inf)), np.nextafter(halves, np.float32(-np.inf))]
    return np.concatenate([halves, *near, np.float32([np.inf, -np.inf, np.nan, 3e38, -3e38, -0.0])])


# The type of ml_dtypes, its largest number, and what NaN becomes: a code, and the bits of it that are compared.
MINIFLOATS = {
    "e2m1": (ml_dtypes.float4_e2m1fn, 6, 0x7, 0xF),
    "e2m3": (ml_dtypes.float6_e2m3fn, 7.5, 0x1F, 0x3F),
    "e3m2": (ml_dtypes.float6_e3m2fn, 28, 0x1F, 0x3F),
    "e4m3fn": (ml_dtypes.float8_e4m3fn, 448, 0x7F, 0x7F),
    "e5m2": (ml_dtypes.float8_e5m2, 57344, 0x7E, 0x7F),
}


@pytest.mark.parametrize("name", MINIFLOATS)
def test_minifloats_decode_as_ml_dtypes(table, name):
    kind = MINIFLOATS[name][0]
    decoded = table("decode", name)
    expected = np.arange(len(decoded), dtype=np.uint8).view(kind).astype(np.float64)
    np.testing.assert_array_equal(decoded, expected)
    np.testing.assert_array_equal(np.signbit(decoded), np.signbit(expected))


@pytest.mark.parametrize("name", MINIFLOATS)
def test_minifloats_encode_as_ml_dtypes(table, name):
    kind, largest, nan, mask = MINIFLOATS[name]
    values = make_floats()
    # ml_dtypes makes NaN or infinity of what is too large; ONNX with saturate = 1, and we, the largest number.
    saturated = np.clip(values, np.float32(-largest), np.float32(largest))
    codes = table("encode", name, 0, values)
    number = ~np.isnan(values)
    expected = saturated[number].astype(kind).view(np.uint8)
    np.testing.assert_array_equal(codes[number], expected)
    assert set(codes[~number] & mask) == {nan}


def test_posit16_decodes_as_its_bits_read(table):
    np.testing.assert_array_equal(table("decode", "posit16"), [Posit16.read(code) for code in range(1 << 16)])


def test_posit16_encodes_to_the_nearest_number(table):
    """In the middle between two numbers, to the even code; of what is beyond the last, to the last."""
    codes = np.arange(-0x7FFF, 0x8000)
    numbers = np.array([Posit16.read(int(code) & 0xFFFF) for code in codes])
    middles = (numbers[1:] + numbers[:-1]) / 2
    assert (middles.astype(np.float32) == middles).all()
    even = np.where(codes[1:] % 2 == 0, codes[1:], codes[:-1])
    singles = middles.astype(np.float32)
    for values, expected in [
        (numbers, codes),
        (singles, even),
        (np.nextafter(singles, np.float32(np.inf)), codes[1:]),
        (np.nextafter(singles, np.float32(-np.inf)), codes[:-1]),
        ([1e30, np.inf, -1e30, -np.inf, np.nan], [0x7FFF, 0x7FFF, 0x8001, 0x8001, 0x8000]),
    ]:
        np.testing.assert_array_equal(table("encode", "posit16", 0, values), np.asarray(expected) & 0xFFFF)


def test_sf4_is_students_distribution(table):
    """Dotzel et al. (2024): the inverse of Student's distribution function with 5 degrees of freedom."""
    np.testing.assert_allclose(table("decode", "sf4"), make_sf4(), rtol=0, atol=6e-8)


@pytest.mark.parametrize("name", ["int2", "uint2", "int4", "uint4"])
def test_narrow_integers_decode_as_ml_dtypes(table, name):
    numbers = table("decode", name)
    codes = np.arange(len(numbers), dtype=np.uint8)
    np.testing.assert_array_equal(numbers, codes.view(np.int8).astype(getattr(ml_dtypes, name)).astype(np.float64))


@pytest.mark.parametrize(("name", "bits"), INTEGERS)
def test_integers_encode_as_numpy(table, name, bits):
    is_signed = name.startswith("int")
    low = -(1 << (bits - 1)) if is_signed else 0
    high = low + (1 << bits) - 1
    values = make_numbers(600)
    for zero in (low, 0, high):
        integers = np.clip(np.rint(values).astype(np.float64) + zero, low, high)
        integers[np.isnan(values)] = low
        expected = integers.astype(np.int64) & ((1 << bits) - 1)
        np.testing.assert_array_equal(table("encode", name, zero, values), expected)


def test_nf4_has_the_published_levels(table):
    np.testing.assert_array_equal(table("decode", "nf4"), NF4)


def test_nf4_encodes_to_the_nearest_level(table):
    floats = make_floats()
    middles = (np.float64(NF4[1:]) + np.float64(NF4[:-1])) / 2
    near = np.float32(middles)
    values = np.concatenate(
        [
            floats[np.isfinite(floats)],
            near,
            np.nextafter(near, np.float32(2)),
            np.nextafter(near, np.float32(-2)),
            np.linspace(-1.1, 1.1, 100_001, dtype=np.float32),
        ]
    )
    distances = np.abs(values[:, None].astype(np.float64) - np.float64(NF4)[None, :])
    codes = table("encode", "nf4", 0, values)
    # No level is nearer than the one chosen; where two are as near it is the even one.
    chosen = distances[np.arange(len(values)), codes]
    np.testing.assert_array_equal(chosen, distances.min(axis=1))
    tied = (distances == distances.min(axis=1, keepdims=True)).sum(axis=1) == 2
    inside = tied & (np.abs(values) <= 1)
    assert np.all(codes[inside] % 2 == 0)
    np.testing.assert_array_equal(table("encode", "nf4", 0, np.float32([np.inf, -np.inf, np.nan])), [15, 0, 0])
