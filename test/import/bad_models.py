"""Of what cases of files that qcc must refuse are made: generators write a model into a folder and return its path.

A case is in CASES with what must stand in the message (a regular expression), and whether the file is valid all the
same, so that qcc may also accept it. Cases register themselves when their module is imported: bad_files, bad_graphs,
bad_tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto, helper

FLOAT = TensorProto.FLOAT


@dataclass(frozen=True)
class Case:
    name: str
    build: Callable[[Path], Path]
    message: str
    may_be_valid: bool = False
    # Only ONNX's own checker tells whether the file is valid.
    ask_onnx: bool = False


CASES: list[Case] = []


def case(message: str, may_be_valid: bool = False, name: str | None = None):
    def register(build):
        CASES.append(Case(name or build.__name__, build, message, may_be_valid))
        return build

    return register


def model_case(message: str, may_be_valid: bool = False):
    """Of a function that returns a model."""

    def register(make):
        def build(folder: Path) -> Path:
            return save(make(), folder)

        CASES.append(Case(make.__name__, build, message, may_be_valid))
        return make

    return register


def save(model: onnx.ModelProto | bytes, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def value(name: str, shape: list | None = None, type_: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, type_, [4] if shape is None else shape)


def node(op: str, inputs: str, outputs: str, name: str = "bad_node", **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), name=name, **attributes)


def graph(nodes, initializers=(), inputs=None, outputs=None) -> onnx.GraphProto:
    inputs = [value("x")] if inputs is None else inputs
    outputs = [value("y")] if outputs is None else outputs
    return helper.make_graph(list(nodes), "g", inputs, outputs, list(initializers))


def model(nodes, initializers=(), inputs=None, outputs=None, opset: int = 17, **kwargs) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph(nodes, initializers, inputs, outputs), opset_imports=opsets, ir_version=8, **kwargs)


def add_weight(tensor: TensorProto) -> onnx.ModelProto:
    return model([node("Add", "x bad_weight", "y")], [tensor])


def raw_tensor(dims: list[int], raw: bytes, type_: int = FLOAT) -> TensorProto:
    return TensorProto(name="bad_weight", dims=dims, data_type=type_, raw_data=raw)


WEIGHT = "bad_weight"
NODE = "bad_node"
