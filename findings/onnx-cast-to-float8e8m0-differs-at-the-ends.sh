#!/usr/bin/env bash
# Cast of float to FLOAT8E8M0 (powers of two without a sign) by onnx 1.23.2's reference and ONNX Runtime 1.32.0, defaults of
# the operator: the reference drops the sign of -1, makes NaN of +inf and 2^-126 of 2^-127, which the type has; the runtime
# gives 2^-127 for -1, 2^127 for +inf (the operator's table with saturate = 1) and keeps 2^-127. Both round 3 up to 4. So MX scales
# of very small groups differ between the two by a factor of 2.
#
# Seen, of [-1, inf, 2^-127, 3]: reference [1, nan, 2^-126, 4], runtime [2^-127, 2^127, 2^-127, 4].
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
    helper.make_node("Cast", ["x"], ["q"], to=TensorProto.FLOAT8E8M0),
    helper.make_node("Cast", ["q"], ["y"], to=TensorProto.FLOAT),
]
value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes, "g", [value("x", TensorProto.FLOAT, [4])], [value("y", TensorProto.FLOAT, [4])]
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=11)
feeds = {"x": np.array([-1, np.inf, 2.0**-127, 3], np.float32)}
reference = ReferenceEvaluator(model).run(None, feeds)[0]
runtime = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0]
print("reference", reference, "runtime", runtime)
np.testing.assert_array_equal(reference, np.float32([1, np.nan, 2.0**-126, 4]))
np.testing.assert_array_equal(runtime, np.float32([2.0**-127, 2.0**127, 2.0**-127, 4]))
PYTHON
