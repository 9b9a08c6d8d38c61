"""Small models at the edges of what compiled code handles: it gives what the interpreter gives, errors included."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "driver"))

from small_models import info, save

RNG = np.random.default_rng(11)
QUANTIZE = [
    helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
    helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
]
SCALES = {"s": np.float32(0.05), "z": np.uint8(128), "ws": np.float32(0.01), "wz": np.int8(0)}


def floats(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape, dtype=np.float32)


def node(kind: str, inputs: str, outputs: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


@pytest.fixture
def run_both(qcc, tmp_path):
    """run_both(model, **inputs): exit status, outputs and messages, compiled and interpreted.

    Interpreted is the IR after phase fuse, where sums of codes are exact, as they are in compiled code.
    """

    def run(model: Path, **inputs: np.ndarray) -> tuple[tuple[int, dict, str], tuple[int, dict, str]]:
        arguments = []
        for name, value in inputs.items():
            np.save(tmp_path / f"in-{name}.npy", value)
            arguments.append(f"--input={name}={tmp_path / f'in-{name}.npy'}")
        fused = tmp_path / "fused.mlir"
        qcc("compile", model, "--emit=fuse", "-o", fused)
        results = []
        for mode, source, options in (("compiled", model, []), ("interpreted", fused, ["--interpret"])):
            out = tmp_path / mode
            done = qcc("run", source, *arguments, f"--output-dir={out}", *options, check=False, timeout=120)
            outputs = {path.stem: np.load(path) for path in out.glob("*.npy")} if out.exists() else {}
            results.append((done.returncode, outputs, done.stderr))
        return results[0], results[1]

    return run


@pytest.fixture
def expect_same(run_both):
    """Both succeed with the same outputs."""

    def expect(model: Path, rtol: float = 0, atol: float = 0, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        compiled, interpreted = run_both(model, **inputs)
        assert interpreted[0] == 0, interpreted[2]
        assert compiled[0] == 0, compiled[2]
        assert compiled[1].keys() == interpreted[1].keys()
        for name, expected in interpreted[1].items():
            np.testing.assert_allclose(compiled[1][name], expected, rtol=rtol, atol=atol, err_msg=name)
        return compiled[1]

    return expect


@pytest.fixture
def expect_error(run_both):
    """Both refuse the inputs, and neither calls it a defect of its own."""

    def expect(model: Path, **inputs: np.ndarray) -> None:
        compiled, interpreted = run_both(model, **inputs)
        assert (compiled[0], interpreted[0]) == (2, 2), f"compiled: {compiled[2]}\ninterpreted: {interpreted[2]}"

    return expect


# Weights that several contractions share, each in a geometry of its own.


def test_shared_weights_with_two_dilations(expect_same, tmp_path):
    w = RNG.integers(-127, 128, (8, 6, 3, 3)).astype(np.int8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "d wd", "y1", pads=[1] * 4),
        node("Conv", "d wd", "y2", pads=[2] * 4, dilations=[2, 2]),
    ]
    outputs = [info("y1", ["n", 8, 12, 12]), info("y2", ["n", 8, 12, 12])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 6, 12, 12])], outputs, SCALES | {"w": w})
    expect_same(model, rtol=1e-5, atol=1e-4, x=floats(1, 6, 12, 12))


def test_shared_codes_with_two_zero_points(expect_same, tmp_path):
    w = RNG.integers(0, 256, (64, 8)).astype(np.uint8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws z0", "wa"),
        node("DequantizeLinear", "w ws z", "wb"),
        node("MatMul", "d wa", "y1"),
        node("MatMul", "d wb", "y2"),
    ]
    outputs = [info("y1", ["n", 8]), info("y2", ["n", 8])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 64])], outputs, SCALES | {"w": w, "z0": np.uint8(0)})
    expect_same(model, rtol=1e-5, atol=1e-3, x=floats(2, 64))


def test_shared_weights_with_two_groupings(expect_same, tmp_path):
    nodes = [node("Conv", "a w", "y1", pads=[1] * 4), node("Conv", "b w", "y2", pads=[1] * 4, group=2)]
    inputs = [info("a", ["n", 4, 6, 6]), info("b", ["n", 8, 6, 6])]
    outputs = [info("y1", ["n", 8, 6, 6]), info("y2", ["n", 8, 6, 6])]
    model = save(tmp_path / "m.onnx", nodes, inputs, outputs, {"w": floats(8, 4, 3, 3)})
    expect_same(model, rtol=1e-5, atol=1e-5, a=floats(1, 4, 6, 6), b=floats(1, 8, 6, 6))


# Elementwise consumers of a contraction.


def test_consumer_reads_every_second_column(expect_same, tmp_path):
    index = {"b": np.array([0]), "e": np.array([1000]), "a": np.array([1]), "p": np.array([2])}
    nodes = [node("Slice", "k b e a p", "t"), node("MatMul", "x w", "m"), node("Add", "m t", "y")]
    inputs = [info("x", ["n", 8]), info("k", ["n", 10])]
    model = save(tmp_path / "m.onnx", nodes, inputs, [info("y", ["n", 5])], {"w": floats(8, 5)} | index)
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(3, 8), k=floats(3, 10))


# Contractions of unusual operands.


def test_matmul_of_every_second_channel(expect_same, tmp_path):
    index = {"b": np.array([0]), "e": np.array([1000]), "a": np.array([1]), "p": np.array([2])}
    nodes = [node("Slice", "x b e a p", "t"), node("MatMul", "t w", "y")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 16])], [info("y", ["n", 3])], {"w": floats(8, 3)} | index)
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(2, 16))


def test_integer_conv_of_half_the_channels(expect_same, tmp_path):
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "v ws wz", "vd"),
        node("Conv", "d vd", "c"),
        node("QuantizeLinear", "c s z", "cq"),
        node("Split", "cq", "aq bq", axis=1, num_outputs=2),
        node("DequantizeLinear", "aq s z", "ad"),
        node("DequantizeLinear", "bq s z", "b"),
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "ad wd", "y"),
    ]
    codes = {
        "v": RNG.integers(-127, 128, (10, 4, 1, 1)).astype(np.int8),
        "w": RNG.integers(-127, 128, (8, 5, 3, 3)).astype(np.int8),
    }
    outputs = [info("y", ["n", 8, 10, 10]), info("b", ["n", 5, 12, 12])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 4, 12, 12])], outputs, SCALES | codes)
    expect_same(model, rtol=1e-4, atol=1e-3, x=floats(1, 4, 12, 12))
