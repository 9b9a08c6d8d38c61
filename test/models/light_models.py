"""The light models of the onnx package with weights that make their output depend on their input.

Those models fill every weight by ConstantOfShape with one value, so that any input gives the same output. Here each
such node becomes an initializer: convolution and Gemm weights He-normal (K. He et al., 2015: standard deviation
sqrt(2 / fan_in)) from a seed, BatchNorm scale and variance 1, every bias and mean 0. The last layer is then scaled by
a power of two so that its logits have a standard deviation of about 2 and no softmax saturates.
"""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

NAMES = {
    "resnet50": "light_resnet50",
    "squeezenet": "light_squeezenet",
    "shufflenet": "light_shufflenet",
    "densenet121": "light_densenet121",
    "alexnet": "light_bvlc_alexnet",
    "inception_v1": "light_inception_v1",
    "inception_v2": "light_inception_v2",
    "zfnet512": "light_zfnet512",
    "vgg19": "light_vgg19",
}

LOGIT_DEVIATION = 2.0
WEIGHTED = ("Conv", "Gemm")
# What an operand of these ops holds, by its position.
ROLES = {
    **{op: {1: "weight", 2: "zero"} for op in WEIGHTED},
    "BatchNormalization": {1: "one", 2: "zero", 3: "zero", 4: "one"},
    "Mul": {1: "one"},
    "Add": {1: "zero"},
}


def source_path(name: str) -> Path:
    return Path(onnx.__file__).parent / "backend/test/data/light" / f"{NAMES[name]}.onnx"


def find_role(graph: onnx.GraphProto, value: str) -> tuple[str, onnx.NodeProto] | None:
    """What the first reader of `value` takes it for, looking through what only changes its shape."""
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name != value:
                continue
            if node.op_type in ("Unsqueeze", "Reshape") and index == 0:
                return find_role(graph, node.output[0])
            role = ROLES.get(node.op_type, {}).get(index)
            if role:
                return role, node
    return None


def attribute(node: onnx.NodeProto, name: str, default: int) -> int:
    return next((a.i for a in node.attribute if a.name == name), default)


def make_values(name: str, role: str, node: onnx.NodeProto, shape: list[int], seed: int) -> np.ndarray:
    if role in ("one", "zero"):
        return np.full(shape, 1 if role == "one" else 0, np.float32)
    if node.op_type == "Gemm":
        fan_in = shape[-1] if attribute(node, "transB", 0) else shape[-2]
    else:
        fan_in = math.prod(shape[1:])
    # A seed of its own for each weight: the values do not depend on the order of nodes.
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return random.standard_normal(shape, np.float32) * np.float32(math.sqrt(2 / fan_in))


def fill_weights(model: onnx.ModelProto, seed: int) -> None:
    graph = model.graph
    shapes = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    dropped, made = set(), {}
    for node in list(graph.node):
        if node.op_type != "ConstantOfShape" or node.input[0] not in shapes:
            continue
        shape = [int(extent) for extent in shapes[node.input[0]]]
        dropped.add(node.input[0])
        made[node.output[0]] = shape
        graph.node.remove(node)
    for initializer in list(graph.initializer):
        if initializer.name in dropped:
            graph.initializer.remove(initializer)
        elif initializer.data_type == onnx.TensorProto.FLOAT and find_role(graph, initializer.name):
            made[initializer.name] = list(initializer.dims)
            graph.initializer.remove(initializer)
    for name, shape in made.items():
        role = find_role(graph, name)
        if role is None:
            raise ValueError(f"{name}: no reader tells what it holds")
        graph.initializer.append(numpy_helper.from_array(make_values(name, *role, shape, seed), name))
    # From IR version 4 on an initializer is a constant unless it is listed as an input, too.
    model.ir_version = 8
    constants = dropped | {i.name for i in graph.initializer}
    for value in list(graph.input):
        if value.name in constants:
            graph.input.remove(value)


def drop_unused(graph: onnx.GraphProto) -> None:
    """Inputs and initializers that no node reads: rests of the conversion from Caffe2."""
    used = {name for node in graph.node for name in node.input}
    for values in (graph.input, graph.initializer):
        for value in list(values):
            if value.name not in used:
                values.remove(value)


def scale_last_layer(model: onnx.ModelProto, seed: int) -> None:
    graph = model.graph
    last = [node for node in graph.node if node.op_type in WEIGHTED][-1]
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.append(onnx.helper.make_tensor_value_info(last.output[0], onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    logits = session.run([last.output[0]], random_inputs(session, seed))[0]
    # A power of two: what the machine rounds differently does not change it.
    scale = np.float32(2.0 ** round(math.log2(LOGIT_DEVIATION / logits.std())))
    name = last.input[1]
    makers = {node.output[0]: node for node in graph.node}
    while name in makers:  # a reshaped weight
        name = makers[name].input[0]
    weight = next(i for i in graph.initializer if i.name == name)
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * scale, weight.name))


def random_inputs(session: onnxruntime.InferenceSession, seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {i.name: random.standard_normal(i.shape, np.float32) for i in session.get_inputs()}


def make(name: str, out: Path, seed: int = 0) -> Path:
    model = onnx.load(source_path(name))
    fill_weights(model, seed)
    drop_unused(model.graph)
    scale_last_layer(model, seed)
    onnx.checker.check_model(model)
    # Renamed into place: a file that exists is whole.
    partial = out / f".{name}.onnx.{os.getpid()}"
    onnx.save(model, partial)
    path = out / f"{name}.onnx"
    partial.rename(path)
    return path
