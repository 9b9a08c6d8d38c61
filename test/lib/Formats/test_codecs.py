"""Every codec against an implementation that shares nothing with it: ml_dtypes, NumPy, and QLoRA's published table."""

import subprocess

import ml_dtypes
import numpy as np
import pytest

INTEGERS = [(sign + str(bits), bits) for sign in ("int", "uint") for bits in range(1, 9)]

# Dettmers et al., "QLoRA" (2023), appendix E.
NF4 = [
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
]


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


def test_e4m3fn_decodes_as_ml_dtypes(table):
    expected = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float64)
    np.testing.assert_array_equal(table("decode", "e4m3fn"), expected)


def test_e4m3fn_encodes_as_ml_dtypes(table):
    values = make_floats()
    # ml_dtypes makes NaN of what is too large; ONNX with saturate = 1, and we, the largest number.
    saturated = np.clip(values, np.float32(-448), np.float32(448))
    codes = table("encode", "e4m3fn", 0, values)
    number = ~np.isnan(values)
    expected = saturated[number].astype(ml_dtypes.float8_e4m3fn).view(np.uint8)
    np.testing.assert_array_equal(codes[number], expected)
    assert set(codes[~number] & 0x7F) == {0x7F}


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
