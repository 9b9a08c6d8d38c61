"""Sums of products of codes are exact however many and wide they are, and what scales make of them is defined.

The contract: y = fl(fl(acc) * fl(s * s)) of the exact sum acc. So compiled models must give what the interpreter gives
for phase fuse, in which contractions read codes, bit for bit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "driver"))

from small_models import info, save


@pytest.fixture
def run(qcc, tmp_path):
    """run(model, inputs, *options, check=True): the outputs, or the finished command where check is off."""

    def run(model, inputs, *options, check=True):
        arguments = []
        for name, array in inputs.items():
            np.save(tmp_path / f"{name}.npy", array)
            arguments.append(f"--input={name}={tmp_path / name}.npy")
        out = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        out.mkdir()
        done = qcc("run", model, *arguments, f"--output-dir={out}", *options, check=check)
        return {path.stem: np.load(path) for path in out.glob("*.npy")} if check else done

    return run


@pytest.fixture
def run_both(qcc, run, tmp_path):
    """The outputs of the compiled model, and of the interpreter from phase fuse."""

    def run_both(model, inputs):
        fused = tmp_path / "fused.mlir"
        qcc("compile", model, "--emit=fuse", "-o", fused)
        return run(model, inputs), run(fused, inputs, "--interpret")

    return run_both


def make_matmul(path, lhs: np.ndarray, rhs: np.ndarray, zeros=(0, 0)):
    """x + decode(lhs) decode(rhs) of codes that are constants, but not to the compiler: x is an input."""
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "one", "lz"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "ls", "lz"], ["xf"]),
        helper.make_node("DequantizeLinear", ["w", "rs", "rz"], ["wf"]),
        helper.make_node("MatMul", ["xf", "wf"], ["y"]),
    ]
    initializers = {
        "one": np.float32(1),
        "ls": np.float32(0.001),
        "lz": np.array(zeros[0], lhs.dtype),
        "rs": np.float32(0.01),
        "rz": np.array(zeros[1], rhs.dtype),
        "w": rhs,
    }
    initializers = {name: np.asarray(value) for name, value in initializers.items()}
    return save(path, nodes, [info("x", list(lhs.shape))], [info("y", [lhs.shape[0], rhs.shape[1]])], initializers)


def find_kernels(qcc, model, tmp_path) -> str:
    module = tmp_path / "decide.mlir"
    qcc("compile", model, "--emit=decide", "-o", module)
    return module.read_text()


def test_sums_of_wide_codes(qcc, run_both, tmp_path):
    lhs = np.full((2, 1024), 60000, np.uint16)
    rhs = np.full((1024, 3), 125, np.int8)
    model = make_matmul(tmp_path / "m.onnx", lhs, rhs)
    compiled, interpreted = run_both(model, {"x": lhs.astype(np.float32)})
    assert interpreted["y"][0, 0] == pytest.approx(1024 * 60 * 1.25, rel=1e-6)
    np.testing.assert_array_equal(compiled["y"], interpreted["y"])


def test_convolution_of_wide_codes(run_both, tmp_path):
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "s", "z"], ["xf"]),
        helper.make_node("DequantizeLinear", ["w", "ws"], ["wf"], axis=0),
        helper.make_node("Conv", ["xf", "wf", "b"], ["y"], pads=[1, 1, 1, 1], group=2),
    ]
    initializers = {
        "s": np.array(1, np.float32),
        "z": np.array(3, np.uint16),
        "w": np.full((4, 64, 3, 3), 125, np.int8),
        "ws": np.array([0.5, 0.25, 1, 2], np.float32),
        "b": np.array([1, 2, 3, 4], np.float32),
    }
    model = save(tmp_path / "m.onnx", nodes, [info("x", [1, 128, 4, 4])], [info("y", [1, 4, 4, 4])], initializers)
    compiled, interpreted = run_both(model, {"x": np.full((1, 128, 4, 4), 60003, np.float32)})
    assert interpreted["y"][0, 2, 1, 1] == pytest.approx(64 * 9 * 60003 * 125, rel=1e-6)
    np.testing.assert_array_equal(compiled["y"], interpreted["y"])


LENGTHS = [33025, 33026, 70000]
SCALE = np.float32(np.float32(0.001) * np.float32(0.01))


def scale_sums(lhs: np.ndarray, rhs: np.ndarray, scale: np.float32) -> np.ndarray:
    """fl(fl(acc) * s) of exact sums."""
    return (lhs.astype(np.int64) @ rhs.astype(np.int64)).astype(np.float32) * scale


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    "codes",
    [(255, 255, 0, 0), (255, 0, 0, 255), (-128, -128, 0, 0), (255, -128, 0, 0), (127, -128, 0, 0)],
    ids=["u8u8", "u8 less 255", "s8s8", "u8s8", "s8 of both signs"],
)
def test_long_sums_of_bytes_have_a_kernel(qcc, run, tmp_path, length, codes):
    """Sums of the largest products, which 32 bits hold up to a length that depends on the codes."""
    left, right, *zeros = codes
    dtypes = [np.int8 if code in (-128, 127) else np.uint8 for code in (left, right)]
    lhs = np.full((5, length), left, dtypes[0])
    rhs = np.full((length, 67), right, dtypes[1])
    rhs[: length // 7, 1::2] = np.iinfo(dtypes[1]).max
    model = make_matmul(tmp_path / "m.onnx", lhs, rhs, zeros)
    assert "kernel = #qnn.kernel" in find_kernels(qcc, model, tmp_path)
    expected = scale_sums(lhs.astype(np.int64) - zeros[0], rhs.astype(np.int64) - zeros[1], SCALE)
    # The values that become the codes of the left operand.
    values = lhs.astype(np.float32) - zeros[0]
    for processor in ("native", "x86-64-v3"):
        np.testing.assert_array_equal(run(model, {"x": values}, f"--mcpu={processor}")["y"], expected)


def test_sums_too_long_for_the_packed_weights(qcc, run_both, tmp_path):
    lhs = np.full((1, 140000), 255, np.uint8)
    rhs = np.full((140000, 3), 127, np.int8)
    model = make_matmul(tmp_path / "m.onnx", lhs, rhs)
    assert "add up at most 131071 products" in find_kernels(qcc, model, tmp_path)
    compiled, interpreted = run_both(model, {"x": lhs.astype(np.float32)})
    assert interpreted["y"][0, 0] == pytest.approx(140000 * 0.255 * 1.27, rel=1e-6)
    np.testing.assert_array_equal(compiled["y"], interpreted["y"])


def test_sums_just_within_32_bits_have_a_kernel(qcc, run_both, tmp_path):
    lhs = np.full((1, 65793), 255, np.uint8)  # 255 * 128 * 65793 < 2^31
    rhs = np.full((65793, 3), -128, np.int8)
    model = make_matmul(tmp_path / "m.onnx", lhs, rhs)
    assert "kernel = #qnn.kernel" in find_kernels(qcc, model, tmp_path)
    compiled, interpreted = run_both(model, {"x": lhs.astype(np.float32)})
    np.testing.assert_array_equal(compiled["y"], interpreted["y"])


def make_product(path, dtype=TensorProto.UINT8):
    """decode(a) decode(b) of two inputs of codes, extents left open."""
    nodes = [
        helper.make_node("DequantizeLinear", ["a", "s", "z"], ["af"]),
        helper.make_node("DequantizeLinear", ["b", "s", "z"], ["bf"]),
        helper.make_node("MatMul", ["af", "bf"], ["y"]),
    ]
    inputs = [info("a", ["m", "k"], dtype), info("b", ["k", "n"], dtype)]
    zero = np.array(255, helper.tensor_dtype_to_np_dtype(dtype))
    initializers = {"s": np.array(0.5, np.float32), "z": zero}
    return save(path, nodes, inputs, [info("y", ["m", "n"])], initializers)


@pytest.mark.parametrize("length", [0, 3, *LENGTHS])
def test_products_of_activations_have_sums_of_any_length(run, tmp_path, length):
    model = make_product(tmp_path / "m.onnx")
    a, b = np.zeros((2, length), np.uint8), np.full((length, 67), 255, np.uint8)
    b[: length // 3 * 2] = 0
    a[1, ::2] = 255
    expected = scale_sums(a.astype(np.int64) - 255, b.astype(np.int64) - 255, np.float32(0.25))
    np.testing.assert_array_equal(run(model, {"a": a, "b": b})["y"], expected)


def test_wide_codes_have_sums_of_any_length(run_both, tmp_path):
    model = make_product(tmp_path / "m.onnx", TensorProto.UINT16)
    codes = np.full((3, 3), 65535, np.uint16)
    compiled, interpreted = run_both(model, {"a": codes, "b": codes})
    assert interpreted["y"][0, 0] == pytest.approx(3 * 65280**2 / 4, rel=1e-6)
    np.testing.assert_array_equal(compiled["y"], interpreted["y"])


@pytest.mark.parametrize("scales", [(np.nan, 1, 1), (0, 1, 0), (np.inf, 1, 1)], ids=["nan", "0/0", "inf"])
def test_nan_is_the_lowest_code(run, tmp_path, scales):
    a_scale, b_scale, y_scale = (np.array(scale, np.float32) for scale in scales)
    nodes = [helper.make_node("QLinearMatMul", ["a", "as", "az", "b", "bs", "bz", "ys", "yz"], ["y"])]
    inputs = [info("a", [2, 4], TensorProto.UINT8)]
    zero = np.array(0, np.uint8)
    weights = np.zeros((4, 3), np.uint8)
    initializers = {"as": a_scale, "bs": b_scale, "ys": y_scale, "az": zero, "bz": zero, "yz": np.array(7, np.uint8)}
    model = save(
        tmp_path / "m.onnx", nodes, inputs, [info("y", [2, 3], TensorProto.UINT8)], {**initializers, "b": weights}
    )
    feeds = {"a": np.full((2, 4), 3, np.uint8)}
    np.testing.assert_array_equal(run(model, feeds, "--interpret")["y"], 0)
    np.testing.assert_array_equal(run(model, feeds)["y"], 0)
