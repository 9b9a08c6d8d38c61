#!/usr/bin/env bash
# ONNX Runtime 1.32.0, Cast of float to INT4: rounds half away from zero and then keeps the low four bits, so 7.5 becomes -8
# and -8.5 becomes 7; 2.5 becomes 3. onnx 1.23.2's reference truncates and stays in range, as Cast does for other integers.
# A model that makes its codes by Cast instead of QuantizeLinear has other codes in the two, and far ones at the ends.
#
# Seen, of [7.5, -8.5, 2.5, -2.5, 0.5, 1.5]: runtime [-8, 7, 3, -3, 1, 2], reference [7, -8, 2, -2, 0, 1].
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

nodes = [
    helper.make_node("Cast", ["x"], ["q"], to=TensorProto.INT4),
    helper.make_node("Cast", ["q"], ["y"], to=TensorProto.FLOAT),
]
value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes, "g", [value("x", TensorProto.FLOAT, [6])], [value("y", TensorProto.FLOAT, [6])]
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=11)
feeds = {"x": np.array([7.5, -8.5, 2.5, -2.5, 0.5, 1.5], np.float32)}
runtime = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0].tolist()
reference = ReferenceEvaluator(model).run(None, feeds)[0].tolist()
print("runtime", runtime, "reference", reference)
assert runtime == [-8, 7, 3, -3, 1, 2]
assert reference == [7, -8, 2, -2, 0, 1]
PYTHON
