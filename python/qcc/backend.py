"""qcc as a backend of ONNX: onnx.backend.base.Backend.

rep = qcc.backend.prepare(onnx.load("model.onnx"))
outputs = rep.run([x])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnx.shape_inference
from onnx.backend.base import Backend as OnnxBackend
from onnx.backend.base import BackendRep as OnnxBackendRep
from onnx.backend.base import namedtupledict

import qcc


class BackendRep(OnnxBackendRep):
    def __init__(self, model: qcc.Model) -> None:
        self.model = model

    def run(self, inputs: object, **kwargs: object) -> tuple[np.ndarray, ...]:
        if isinstance(inputs, Mapping):
            results = self.model.run(inputs)
        else:
            arrays = list(inputs) if isinstance(inputs, Sequence) else [inputs]
            results = self.model.run({info.name: array for info, array in zip(self.model.inputs, arrays, strict=True)})
        return namedtupledict("Outputs", list(results))(*results.values())


class Backend(OnnxBackend):
    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: object) -> BackendRep:
        if not cls.supports_device(device):
            raise qcc.Error(f"qcc has no device {device!r}; it compiles for CPU")
        super().prepare(model, device, **kwargs)
        return BackendRep(qcc.compile(model.SerializeToString(), **kwargs))

    @classmethod
    def run_node(cls, node: onnx.NodeProto, inputs: object, device: str = "CPU", **kwargs: object) -> tuple:
        # An input that the node omits has no name, and no value or None.
        arrays = [np.asarray(array) for array in inputs if array is not None]
        infos = [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in zip(filter(None, node.input), arrays, strict=True)
        ]
        types = onnx.shape_inference.infer_node_outputs(
            onnx.defs.get_schema(node.op_type, node.domain), node, {info.name: info.type for info in infos}
        )
        outputs = [onnx.helper.make_value_info(name, types[name]) for name in node.output if name]
        graph = onnx.helper.make_graph([node], "node", infos, outputs)
        return cls.prepare(onnx.helper.make_model(graph), device, **kwargs).run(arrays)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device == "CPU"


prepare = Backend.prepare
run_node = Backend.run_node
run_model = Backend.run_model
supports_device = Backend.supports_device
