"""Small models for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(
    path: Path,
    nodes: list,
    inputs: list,
    outputs: list,
    initializers: dict[str, np.ndarray] | None = None,
    opset: int = 21,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        inputs,
        outputs,
        [numpy_helper.from_array(value, name) for name, value in (initializers or {}).items()],
    )
    domains = sorted({node.domain for node in nodes} - {""})
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    onnx.save(model, path)
    return path


def info(name: str, shape: list, dtype: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def make_mlp(path: Path) -> Path:
    """y = relu(x w1 + b1) w2, batch left open."""
    rng = np.random.default_rng(7)
    return save(
        path,
        [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], name="first"),
            helper.make_node("Relu", ["h"], ["r"], name="act"),
            helper.make_node("MatMul", ["r", "w2"], ["y"], name="second"),
        ],
        [info("x", ["n", 32])],
        [info("y", ["n", 8])],
        {
            "w1": rng.standard_normal((32, 64), dtype=np.float32),
            "b1": rng.standard_normal(64, dtype=np.float32),
            "w2": rng.standard_normal((64, 8), dtype=np.float32),
        },
    )


def run_mlp(path: Path, x: np.ndarray) -> np.ndarray:
    weights = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    return np.maximum(x @ weights["w1"] + weights["b1"], 0) @ weights["w2"]
