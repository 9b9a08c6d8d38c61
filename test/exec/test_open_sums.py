"""Weights are constant, but how many elements a sum has is known only when the model runs."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper


def make_model(path, node, x_shape, w_shape):
    weights = np.random.default_rng(0).standard_normal(w_shape, np.float32)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x_shape)],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


CASES = {
    "matmul": (helper.make_node("MatMul", ["x", "w"], ["y"]), ["n", "k"], (80, 64), (3, 80)),
    "conv": (helper.make_node("Conv", ["x", "w"], ["y"]), [1, "c", 6, 6], (64, 8, 3, 3), (1, 8, 6, 6)),
    "groups": (helper.make_node("Conv", ["x", "w"], ["y"], group=2), [1, "c", 6, 6], (64, 8, 3, 3), (1, 16, 6, 6)),
}


@pytest.mark.parametrize("options", [(), ("--weights=int8:axis",)], ids=["f32", "int8"])
@pytest.mark.parametrize("case", CASES)
def test_open_sum(case, options, qcc, tmp_path):
    node, x_shape, w_shape, shape = CASES[case]
    model = make_model(tmp_path / "m.onnx", node, x_shape, w_shape)
    x = np.random.default_rng(1).standard_normal(shape, np.float32)
    np.save(tmp_path / "x.npy", x)
    qcc("run", model, f"--input=x={tmp_path / 'x.npy'}", "--output-dir", tmp_path / "out", *options)
    (expected,) = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    tolerance = (1e-2 if options else 1e-5) * float(np.abs(expected).max())
    np.testing.assert_allclose(np.load(tmp_path / "out/y.npy"), expected, rtol=0, atol=tolerance)


def test_extents_that_do_not_meet_are_an_error(qcc, tmp_path):
    node, x_shape, w_shape, _ = CASES["matmul"]
    model = make_model(tmp_path / "m.onnx", node, x_shape, w_shape)
    np.save(tmp_path / "x.npy", np.zeros((3, 79), np.float32))
    done = qcc("run", model, f"--input=x={tmp_path / 'x.npy'}", "--output-dir", tmp_path / "out", check=False)
    assert done.returncode == 2, done.stderr
