"""Weights in a format that no kernel takes as they are: decoded when compiling, with a warning, never when running."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools/demo")]

from artifact import Artifact  # noqa: E402

LIMIT = 256 * 1024


def make_model(path: Path, nodes: list, shape: list[int], weights: list) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info(nodes[-1].output[0])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)
    return path


def make_codes(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-100, 100, shape).astype(np.int8)


def decode(name: str, axis: int) -> onnx.NodeProto:
    return helper.make_node("DequantizeLinear", ["codes", "scales"], [name], axis=axis)


def make_conv_3d(path: Path) -> tuple[Path, list[int]]:
    weights = [
        numpy_helper.from_array(make_codes(64, 64, 3, 3, 3), "codes"),
        numpy_helper.from_array(np.linspace(0.001, 0.002, 64, dtype=np.float32), "scales"),
    ]
    shape = [1, 64, 4, 4, 4]
    return make_model(path, [decode("w", 0), helper.make_node("Conv", ["x", "w"], ["y"])], shape, weights), shape


def make_transposed_conv(path: Path) -> tuple[Path, list[int]]:
    weights = [
        numpy_helper.from_array(make_codes(128, 128, 3, 3), "codes"),
        numpy_helper.from_array(np.linspace(0.001, 0.002, 128, dtype=np.float32), "scales"),
    ]
    shape = [1, 128, 4, 4]
    return make_model(
        path, [decode("w", 1), helper.make_node("ConvTranspose", ["x", "w"], ["y"])], shape, weights
    ), shape


def make_batch_of_matrices(path: Path) -> tuple[Path, list[int]]:
    """Weights that two products read, as they are and transposed."""
    weights = [
        numpy_helper.from_array(make_codes(2, 256, 256), "codes"),
        numpy_helper.from_array(np.array([0.001, 0.002], np.float32), "scales"),
    ]
    nodes = [
        decode("w", 0),
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Transpose", ["w"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["a", "t"], ["y"]),
    ]
    shape = [2, 3, 256]
    return make_model(path, nodes, shape, weights), shape


MAKERS = [make_conv_3d, make_transposed_conv, make_batch_of_matrices]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_no_memory_holds_them_decoded(make, qcc, tmp_path):
    model, shape = make(tmp_path / "m.onnx")
    qcc("compile", model, "-o", tmp_path / "m.mlir", "--emit=lower")
    (arena,) = re.findall(r"qcc.arena_bytes = (\d+)", (tmp_path / "m.mlir").read_text())
    assert int(arena) < LIMIT
    artifact = tmp_path / "m.so"
    assert "is stored decoded" in qcc("compile", model, "-o", artifact).stderr
    x = np.random.default_rng(1).standard_normal(shape, np.float32)
    (expected,) = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    with Artifact(artifact) as compiled:
        (result,) = compiled(x)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5 * float(np.abs(expected).max()))
