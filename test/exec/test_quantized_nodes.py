"""Each node of quantized models against ONNX Runtime, on ONNX Runtime's own input tensors.

The model is cut at every tensor of codes: what reads it reads a new graph input instead, and what makes it becomes an
output. So one compiled model runs every quantized node by itself, and errors do not add up. DESIGN's contract: at most
one code differs, on at most 0.1 % of a tensor's elements.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test/bench"), str(ROOT / "tools/demo")]

from artifact import Artifact  # noqa: E402
from cases import make_feeds  # noqa: E402

MAKES_CODES = ("QuantizeLinear", "QLinear", "DynamicQuantizeLinear")


def find_codes(model: onnx.ModelProto) -> list[str]:
    """Names of the tensors of codes that nodes compute, in the order of the graph."""
    return [node.output[0] for node in model.graph.node if node.op_type.startswith(MAKES_CODES) and node.output[0]]


def run_peer(model: onnx.ModelProto, names: list[str], feeds: dict) -> dict[str, np.ndarray]:
    """The values of `names`, as ONNX Runtime computes them node by node."""
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    del probed.graph.output[:]
    probed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(probed.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, feeds), strict=True))


def cut(model: onnx.ModelProto, values: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The model with each tensor of `values` read from an input "cut:NAME" and written to an output NAME."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name in values:
                node.input[i] = f"cut:{name}"

    def describe(prefix: str) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(prefix + name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in values.items()
        ]

    graph.input.extend(describe("cut:"))
    del graph.output[:]
    graph.output.extend(describe(""))
    del graph.value_info[:]
    return result


@pytest.mark.parametrize("name", ["resnet50_qdq", "resnet50_qoperator", "minilm_qdq", "minilm_qoperator"])
def test_nodes(name, qcc, model_path, tmp_path):
    path = model_path(name)
    model = onnx.load(path)
    feeds = make_feeds(path, batch=1, length=32)
    values = run_peer(model, find_codes(model), feeds)
    assert len(values) > 20, "a quantized model has many tensors of codes"
    pieces = tmp_path / "pieces.onnx"
    onnx.save(cut(model, values), pieces)
    artifact = tmp_path / "pieces.so"
    qcc("compile", pieces, "-o", artifact, timeout=300)
    inputs = feeds | {f"cut:{key}": value for key, value in values.items()}
    wrong = []
    with Artifact(artifact) as compiled:
        results = compiled(*[inputs[key] for key in compiled.inputs])
        for key, result in zip(compiled.outputs, results, strict=True):
            difference = np.abs(result.astype(np.int32) - values[key].astype(np.int32))
            if difference.max(initial=0) > 1 or np.count_nonzero(difference) > 1e-3 * difference.size:
                wrong.append(f"{key}: {difference.max()} codes, {np.count_nonzero(difference)} of {difference.size}")
    assert not wrong, f"{len(wrong)} of {len(values)} tensors: " + "; ".join(wrong[:10])
