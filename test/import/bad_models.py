"""Generators of files that qcc must refuse: each writes a model into a folder and returns its path.

A case is in CASES with what must stand in the message (a regular expression), and whether the file is valid all the
same, so that qcc may also accept it. One file though it is long: it is a flat list, one function a case.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
HUGE = 10**12
OFFSET = r"byte \d+: "


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


# --- Bytes that are no model.


def digits() -> bytes:
    return (Path(__file__).parents[1] / "models/digits_f32.onnx").read_bytes()


# Where nothing but an empty prefix of fields was read, there is no graph: said without an offset, too.
for length in (1, 2, 10, 100, 1000, 20_000, len(digits()) - 1):
    case(OFFSET + r"|graph|conv|fc|weight|bias|node", name=f"truncated_at_{length}")(
        lambda folder, length=length: save(digits()[:length], folder)
    )


def flip(seed: int) -> bytes:
    generator = random.Random(seed)
    data = bytearray(digits())
    # The weights are most of the bytes, and any bits are a float: aim at what lies around them, too.
    limit = len(data) if seed % 2 else 600
    for _ in range(generator.choice([1, 1, 4])):
        start = generator.randrange(limit) if seed % 4 else len(data) - 1 - generator.randrange(500)
        data[start] ^= 1 << generator.randrange(8)
    return bytes(data)


for seed in range(100):
    build = lambda folder, seed=seed: save(flip(seed), folder)  # noqa: E731
    CASES.append(Case(f"bits_flipped_{seed}", build, "", may_be_valid=True, ask_onnx=True))


@case("the file is empty")
def empty_file(folder: Path) -> Path:
    return save(b"", folder)


@case(OFFSET)
def random_bytes(folder: Path) -> Path:
    return save(random.Random(1).randbytes(100_000), folder)


@case(OFFSET)
def text_file(folder: Path) -> Path:
    return save(b"#!/usr/bin/env python3\nprint('hello')\n" * 100, folder)


@case(OFFSET)
def zero_bytes(folder: Path) -> Path:
    return save(bytes(1000), folder)


@case(OFFSET)
def length_beyond_file(folder: Path) -> Path:
    # Field 7 (graph) of 2^60 bytes.
    return save(b"\x08\x08\x3a" + b"\x80" * 8 + b"\x10", folder)


@case("is not a regular file")
def folder_for_file(folder: Path) -> Path:
    path = folder / "model.onnx"
    path.mkdir()
    return path


@case("cannot be opened: No such file")
def no_file(folder: Path) -> Path:
    return folder / "model.onnx"


# --- Nesting. Written as bytes: protobuf itself refuses to make such a message.


def encode_varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def nest(levels: list[tuple[int, bytes]]) -> bytes:
    """Messages inside one another, outermost first: (field number of the child, other fields before it)."""
    size, heads = 0, []
    for field, before in reversed(levels):
        head = before + encode_varint(field << 3 | 2) + encode_varint(size)
        heads.append(head)
        size += len(head)
    return b"".join(reversed(heads))


IF = b"\x22\x02If\x1a\x08bad_node"  # NodeProto: op_type, name
BRANCH = b"\x0a\x0bthen_branch\xa0\x01\x05"  # AttributeProto: name, type GRAPH


@case(OFFSET + "messages are nested deeper than")
def nested_10000_graphs(folder: Path) -> Path:
    levels = [(7, b"\x08\x08")]  # ModelProto.graph
    for _ in range(10_000):
        levels += [(1, b"\x12\x01g"), (5, IF), (6, BRANCH)]  # GraphProto.node, NodeProto.attribute, AttributeProto.g
    return save(nest(levels), folder)


@case("input 'x' is a sequence")
def nested_10000_types(folder: Path) -> Path:
    # ModelProto.graph, GraphProto.input, ValueInfoProto.type, then TypeProto.sequence_type, Sequence.elem_type.
    levels = [(7, b"\x08\x08"), (11, b""), (2, b"\x0a\x01x")] + [(4, b""), (1, b"")] * 10_000
    return save(nest(levels), folder)


def make_functions(bodies: dict[str, list[onnx.NodeProto]]) -> list[onnx.FunctionProto]:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    return [helper.make_function("local", name, ["x"], ["y"], nodes, opsets) for name, nodes in bodies.items()]


def call_functions(bodies: dict[str, list[onnx.NodeProto]], entry: str) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    body = graph([node(entry, "x", "y", domain="local")])
    return helper.make_model(body, opset_imports=opsets, ir_version=8, functions=make_functions(bodies))


@model_case(NODE + ".*function 'f0' calls itself")
def function_calls_itself():
    return call_functions({"f0": [node("f0", "x", "y", domain="local")]}, "f0")


@model_case(NODE + ".*function 'f0' calls itself")
def functions_call_each_other():
    return call_functions(
        {"f0": [node("f1", "x", "y", domain="local")], "f1": [node("f0", "x", "y", domain="local")]}, "f0"
    )


@model_case("more than \\d+ nodes, the limit")
def functions_that_expand_to_2_40_nodes():
    bodies = {"f0": [node("Relu", "x", "y")]}
    for level in range(1, 41):
        inner = f"f{level - 1}"
        bodies[f"f{level}"] = [node(inner, "x", "t", domain="local"), node(inner, "t", "y", domain="local")]
    return call_functions(bodies, "f40")


@model_case(NODE + ".*functions call each other more than \\d+ deep", may_be_valid=True)
def functions_nested_10000_deep():
    bodies = {"f0": [node("Relu", "x", "y")]}
    for level in range(1, 10_000):
        bodies[f"f{level}"] = [node(f"f{level - 1}", "x", "y", domain="local")]
    return call_functions(bodies, "f9999")


@model_case("", may_be_valid=True)
def chain_of_10000_nodes():
    names = ["x", *(f"t{i}" for i in range(9_999)), "y"]
    return model([node("Relu", names[i], names[i + 1], f"node{i}") for i in range(10_000)])


# --- Tensors that are not what they say.


@model_case(WEIGHT)
def raw_data_too_short():
    return add_weight(raw_tensor([4], bytes(12)))


@model_case(WEIGHT)
def raw_data_too_long():
    return add_weight(raw_tensor([4], bytes(20)))


@model_case(WEIGHT)
def raw_data_missing():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT))


@model_case(WEIGHT)
def raw_data_of_a_part_of_an_element():
    return add_weight(raw_tensor([4], bytes(15)))


@model_case(WEIGHT)
def float_data_too_short():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, float_data=[1, 2, 3]))


@model_case(WEIGHT)
def float_data_and_raw_data():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, float_data=[1] * 4, raw_data=bytes(16)))


@model_case(WEIGHT)
def data_of_another_type():
    return add_weight(TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, int64_data=[1] * 4))


@model_case(WEIGHT)
def int4_data_too_short():
    weight = raw_tensor([5], bytes(2), TensorProto.INT4)
    scale = numpy_helper.from_array(np.float32(1), "scale")
    return model(
        [node("DequantizeLinear", "bad_weight scale", "y")],
        [weight, scale],
        inputs=[],
        outputs=[value("y", [5])],
        opset=21,
    )


@model_case(WEIGHT)
def element_count_overflows_64_bits():
    return add_weight(raw_tensor([1 << 40, 1 << 40], bytes(16)))


@model_case(WEIGHT)
def element_count_overflows_to_4():
    return add_weight(raw_tensor([1 << 62, 4, 1, 1], bytes(16)))


@model_case(WEIGHT)
def byte_count_overflows_to_16():
    return add_weight(raw_tensor([(1 << 62) + 4], bytes(16)))


@model_case(WEIGHT)
def extent_negative():
    return add_weight(raw_tensor([-4], bytes(16)))


@model_case(WEIGHT)
def extents_negative_with_positive_product():
    return add_weight(raw_tensor([-2, -2], bytes(16)))


@model_case(WEIGHT)
def extent_1e12_of_initializer():
    return add_weight(raw_tensor([HUGE], bytes(16)))


@model_case(WEIGHT)
def element_type_undefined():
    return add_weight(raw_tensor([4], bytes(16), 0))


@model_case(WEIGHT)
def element_type_unknown():
    return add_weight(raw_tensor([4], bytes(16), 99))


@model_case(WEIGHT)
def rank_of_100000():
    return add_weight(raw_tensor([1] * 100_000, bytes(4)))


# --- Sparse files: a few bytes on the disk, and zeros without end.

ZEROS = 3 << 29


def end_in_zeros(fields: list[tuple[int, bytes]], folder: Path) -> Path:
    """A model whose last field, within messages given by field number and what stands before it, is of zeros alone."""
    size, head = ZEROS, b""
    for field, before in reversed(fields):
        head = before + encode_varint(field << 3 | 2) + encode_varint(size) + head
        size = ZEROS + len(head)
    path = save(head, folder)
    os.truncate(path, size)
    return path


@case(OFFSET + ".*larger than the importer accepts")
def name_of_a_gigabyte_of_zeros(folder: Path) -> Path:
    return end_in_zeros([(7, b"\x08\x08"), (2, b"")], folder)  # ModelProto.graph, GraphProto.name


@case(WEIGHT + ".*more than 4 numbers")
def data_of_a_gigabyte_of_zeros(folder: Path) -> Path:
    body = graph([node("Add", "x bad_weight", "y")]).SerializeToString()
    weight = TensorProto(name=WEIGHT, dims=[4], data_type=TensorProto.INT32).SerializeToString()
    # ModelProto.graph, GraphProto.initializer, TensorProto.int32_data.
    return end_in_zeros([(7, b"\x08\x08"), (5, body), (5, weight)], folder)


# --- Extents of 1e12 that the graph computes.


@model_case(NODE, may_be_valid=True)
def extent_1e12_of_constant_of_shape():
    shape = numpy_helper.from_array(np.array([HUGE], np.int64), "shape")
    return model([node("ConstantOfShape", "shape", "y")], [shape], inputs=[], outputs=[value("y", [HUGE])])


@model_case(NODE, may_be_valid=True)
def extent_1e12_of_expand():
    shape = numpy_helper.from_array(np.array([HUGE, 4], np.int64), "shape")
    return model([node("Expand", "x shape", "y")], [shape], outputs=[value("y", [HUGE, 4])])


@model_case(NODE)
def extents_1e12_whose_product_overflows():
    shape = numpy_helper.from_array(np.array([HUGE, HUGE, 4], np.int64), "shape")
    return model([node("Expand", "x shape", "y")], [shape], outputs=[value("y", [HUGE, HUGE, 4])])


@model_case(NODE, may_be_valid=True)
def extent_1e12_of_range():
    bounds = [numpy_helper.from_array(np.array(v, np.int64), n) for n, v in (("a", 0), ("b", HUGE), ("c", 1))]
    return model([node("Range", "a b c", "y")], bounds, inputs=[], outputs=[value("y", [HUGE], TensorProto.INT64)])


@model_case(NODE, may_be_valid=True)
def extent_1e12_of_pad():
    pads = numpy_helper.from_array(np.array([0, HUGE], np.int64), "pads")
    return model([node("Pad", "x pads", "y")], [pads], outputs=[value("y", [HUGE + 4])])


@model_case(NODE, may_be_valid=True)
def extent_1e12_of_tile():
    repeats = numpy_helper.from_array(np.array([HUGE], np.int64), "repeats")
    return model([node("Tile", "x repeats", "y")], [repeats], outputs=[value("y", [4 * HUGE])])


@model_case("input 'x' takes more than", may_be_valid=True)
def extent_1e12_of_input():
    return model([node("Relu", "x", "y")], inputs=[value("x", [HUGE])], outputs=[value("y", [HUGE])])


@model_case("input 'x' takes more than")
def extents_1e12_of_input_overflow():
    shape = [HUGE, HUGE]
    return model([node("Relu", "x", "y")], inputs=[value("x", shape)], outputs=[value("y", shape)])


@model_case(NODE)
def kernel_of_1e12():
    shape = [1, 1, 8, 8]
    return model(
        [node("MaxPool", "x", "y", kernel_shape=[HUGE, HUGE])], inputs=[value("x", shape)], outputs=[value("y", shape)]
    )


@model_case(NODE + ".*window of .* more than 16777216 elements")
def window_of_2_40_elements():
    shape = [1, 1, 8, 8]
    half = 1 << 19
    body = [node("MaxPool", "x", "y", kernel_shape=[2 * half] * 2, pads=[half] * 4)]
    return model(body, inputs=[value("x", shape)], outputs=[value("y", None)])


@model_case(NODE + ".*window of .* more than 16777216 elements")
def window_of_2_36_channels():
    return model([node("LRN", "x", "y", size=1 << 36)], inputs=[value("x", [1, 8, 2, 2])], outputs=[value("y", None)])


# --- Graphs that are none.


@model_case(NODE)
def node_reads_itself():
    return model([node("Add", "x y", "y")])


@model_case("cycle.*'first'.*'second'")
def two_nodes_read_each_other():
    return model([node("Add", "x b", "a", "first"), node("Relu", "a", "b", "second"), node("Relu", "b", "y", "third")])


# Not what ONNX says, but its meaning is clear, and ONNX Runtime takes it, too.
@model_case(NODE, may_be_valid=True)
def nodes_out_of_order():
    return model([node("Relu", "t", "y"), node("Relu", "x", "t", "other")])


@model_case(NODE)
def input_that_nothing_makes():
    return model([node("Add", "x nowhere", "y")])


@model_case("output 'nowhere'")
def output_that_nothing_makes():
    return model([node("Relu", "x", "y")], outputs=[value("nowhere")])


@model_case(NODE)
def initializer_missing():
    shape = [1, 1, 4, 4]
    return model([node("Conv", "x weight", "y")], inputs=[value("x", shape)], outputs=[value("y", shape)])


@model_case(NODE)
def required_input_omitted():
    return model([helper.make_node("Add", ["x", ""], ["y"], name=NODE)])


@model_case(NODE)
def too_few_inputs():
    return model([node("Add", "x", "y")])


@model_case(NODE)
def too_many_inputs():
    return model([node("Relu", "x x x", "y")])


@model_case(NODE)
def two_nodes_make_one_value():
    return model([node("Relu", "x", "y", "other"), node("Neg", "x", "y")])


@model_case(NODE)
def node_makes_an_input():
    return model([node("Relu", "x", "x", NODE), node("Relu", "x", "y", "other")])


@model_case(WEIGHT)
def two_initializers_of_one_name():
    weight = raw_tensor([4], bytes(16))
    return model([node("Add", "x bad_weight", "y")], [weight, weight])


@model_case("input 'x' is defined twice")
def two_inputs_of_one_name():
    return model([node("Relu", "x", "y")], inputs=[value("x"), value("x")])


@model_case("output 'y'", may_be_valid=True)
def two_outputs_of_one_name():
    return model([node("Relu", "x", "y")], outputs=[value("y"), value("y")])


@model_case("function 'f0' of the domain 'local' is defined twice")
def two_functions_of_one_name():
    made = call_functions({"f0": [node("Relu", "x", "y")]}, "f0")
    made.functions.append(made.functions[0])
    return made


@model_case("holds no graph")
def model_without_graph():
    return onnx.ModelProto(ir_version=8, opset_import=[helper.make_opsetid("", 17)])


@model_case("the graph has no outputs", may_be_valid=True)
def graph_with_nothing():
    return model([], inputs=[], outputs=[])


@model_case("the graph has no outputs", may_be_valid=True)
def graph_without_outputs():
    return model([node("Relu", "x", "y")], outputs=[])


@model_case(NODE + ".*imports no operator set of the domain ''")
def no_opset():
    made = model([node("Relu", "x", "y")])
    made.ClearField("opset_import")
    return made


@model_case("the model uses ONNX's operator set 5;")
def opset_too_old():
    return model([node("Relu", "x", "y")], opset=5)


@model_case("the model uses ONNX's operator set 1000;")
def opset_of_the_future():
    return model([node("Relu", "x", "y")], opset=1000)


# --- Ops and types.


@model_case(NODE + ".*no operator 'Frobnicate'")
def op_unknown():
    return model([node("Frobnicate", "x", "y")])


@model_case("node 'y' .*no operator 'Frobnicate'")
def op_without_name_is_named_by_its_output():
    return model([node("Frobnicate", "x", "y", name="")])


@model_case("(?s)no operator 'Frobnicate'.*no operator 'Quux'")
def ops_unknown_are_listed_at_once():
    return model([node("Frobnicate", "x", "t", "one"), node("Quux", "t", "y", "two")])


@model_case(NODE + ".*no operator 'Relu' of the domain 'example.com'")
def domain_unknown():
    made = model([node("Relu", "x", "y", domain="example.com")])
    made.opset_import.append(helper.make_opsetid("example.com", 1))
    return made


@model_case(NODE + ".*imports no operator set of the domain 'example.com'")
def domain_not_imported():
    return model([node("Relu", "x", "y", domain="example.com")])


@model_case(NODE)
def op_newer_than_the_opset():
    return model([node("Gelu", "x", "y")], opset=17)


@model_case(NODE + ".*inputs are of 'f32' and 'i64'; .* insert a Cast")
def operand_types_differ():
    return model([node("Add", "x i", "y")], inputs=[value("x"), value("i", [4], TensorProto.INT64)])


@model_case(NODE + ".*inputs are of 'f32' and 'i64'; .* insert a Cast")
def compared_types_differ():
    return model([node("Less", "x i", "y")], inputs=[value("x"), value("i", [4], TensorProto.INT64)])


@model_case(NODE + ".*the condition is of numbers, not of bool; insert a Cast")
def condition_is_a_number():
    return model([node("Where", "x x x", "y")])


@model_case(NODE)
def operand_type_not_allowed():
    string = TensorProto.BOOL
    return model([node("Neg", "x", "y")], inputs=[value("x", [4], string)], outputs=[value("y", [4], string)])


@model_case("output 'y' is declared as INT64")
def output_type_differs_from_declared():
    return model([node("Relu", "x", "y")], outputs=[value("y", [4], TensorProto.INT64)])


# As before: exporters are often wrong about it.
@model_case("output 'y' has the shape of", may_be_valid=True)
def output_shape_differs_from_declared():
    return model([node("Relu", "x", "y")], outputs=[value("y", [5])])


@model_case(NODE)
def shapes_do_not_broadcast():
    return model([node("Add", "x z", "y")], inputs=[value("x"), value("z", [3])])


@model_case(NODE)
def matmul_of_unequal_extents():
    return model(
        [node("MatMul", "x z", "y")], inputs=[value("x", [2, 3]), value("z", [4, 5])], outputs=[value("y", [2, 5])]
    )


@model_case(NODE)
def attribute_of_another_type():
    made = model([node("Softmax", "x", "y", axis=0.5)])
    return made


@model_case(NODE)
def attribute_unknown():
    return model([node("Relu", "x", "y", slope=0.5)])


@model_case(NODE)
def too_many_outputs():
    return model([node("Relu", "x", "y z")])


@model_case(NODE)
def attribute_missing():
    return model([node("Cast", "x", "y")])


@model_case(NODE)
def attribute_out_of_range():
    return model([node("Softmax", "x", "y", axis=7)])


@model_case(NODE)
def convolution_with_stride_zero():
    shape = [1, 1, 4, 4]
    weight = numpy_helper.from_array(np.zeros((1, 1, 1, 1), np.float32), "w")
    return model(
        [node("Conv", "x w", "y", strides=[0, 0])], [weight], inputs=[value("x", shape)], outputs=[value("y", shape)]
    )


@model_case(NODE)
def permutation_that_is_none():
    return model([node("Transpose", "x", "y", perm=[0, 0])], inputs=[value("x", [2, 2])], outputs=[value("y", [2, 2])])


@model_case(NODE)
def reshape_to_another_count():
    shape = numpy_helper.from_array(np.array([3], np.int64), "shape")
    return model([node("Reshape", "x shape", "y")], [shape], outputs=[value("y", [3])])


@model_case("node 'reshape'", may_be_valid=True)
def division_of_constants_by_zero():
    zero = numpy_helper.from_array(np.array([0], np.int64), "zero")
    four = numpy_helper.from_array(np.array([4], np.int64), "four")
    return model([node("Div", "four zero", "shape"), node("Reshape", "x shape", "y", "reshape")], [zero, four])


# --- Parameters that make no sense.


@model_case(NODE + ".*step of 0")
def range_with_a_computed_step_of_zero():
    start = numpy_helper.from_array(np.array(0, np.int64), "start")
    zero = numpy_helper.from_array(np.array([0], np.int64), "zero")
    axes = numpy_helper.from_array(np.array([0], np.int64), "axes")
    nodes = [node("Squeeze", "zero axes", "delta", "squeeze"), node("Range", "start limit delta", "y")]
    int64 = TensorProto.INT64
    return model(nodes, [start, zero, axes], inputs=[value("limit", [], int64)], outputs=[value("y", [None], int64)])


def move_blocks(op: str) -> onnx.ModelProto:
    body = [node(op, "x", "y", blocksize=1 << 32)]
    return model(body, inputs=[value("x", [1, 4, 4, 4])], outputs=[value("y", [1, 1, 1, 1])])


# The square of 2^32 is 0 in 64 bits.
@model_case(NODE + ".*blocksize")
def depth_to_space_by_2_32():
    return move_blocks("DepthToSpace")


@model_case(NODE + ".*blocksize")
def space_to_depth_by_2_32():
    return move_blocks("SpaceToDepth")


@model_case(NODE + ".*the parts do not sum up to the whole")
def split_into_parts_of_another_sum():
    parts = numpy_helper.from_array(np.array([1, 2], np.int64), "parts")
    return model([node("Split", "x parts", "y z")], [parts], outputs=[value("y", [1]), value("z", [2])])


# --- Scales and zero points.


def array(name: str, type_, values) -> TensorProto:
    return numpy_helper.from_array(np.array(values, type_), name)


def dequantize(codes, scale: TensorProto, zero: TensorProto, **attributes) -> onnx.ModelProto:
    body = [node("DequantizeLinear", "codes scale zero", "y", **attributes)]
    return model(body, [array("codes", *codes), scale, zero], inputs=[], outputs=[value("y", None)], opset=21)


@model_case(NODE + ".*scales of 'i64'")
def dequantize_by_integer_scales():
    return dequantize((np.uint8, [1, 2]), array("scale", np.int64, 2), array("zero", np.uint8, 0))


@model_case(NODE + ".*zero points of 'i8' for codes of 'ui8'")
def dequantize_by_zero_points_of_another_type():
    return dequantize((np.uint8, [1, 2]), array("scale", np.float32, 2), array("zero", np.int8, -3))


@model_case(NODE + ".*zero point -3 is not among")
def convolution_by_zero_points_of_another_type():
    weights = [array("s", np.float32, 1), array("z", np.int8, -3), array("w", np.uint8, [[[[1]]]])]
    body = [node("QLinearConv", "x s z w s z s z", "y")]
    shape = [1, 1, 2, 2]
    codes = TensorProto.UINT8
    return model(body, weights, inputs=[value("x", shape, codes)], outputs=[value("y", shape, codes)])


@model_case(NODE + ".*zero points of 'tensor<3xi4>' for scales of 'tensor<f32>'")
def more_zero_points_than_scales():
    zero = helper.make_tensor("zero", TensorProto.INT4, [3], [1, 2, 3])
    inputs = [value("codes", [2, 3], TensorProto.INT4)]
    body = [node("DequantizeLinear", "codes scale zero", "y")]
    return model(body, [array("scale", np.float32, 2), zero], inputs=inputs, outputs=[value("y", None)], opset=21)


@model_case(NODE + ".*zero points of 'tensor<3xi4>' for scales of 'tensor<f32>'")
def more_zero_points_than_a_scalar_has_axes():
    zero = helper.make_tensor("zero", TensorProto.INT4, [3], [1, 2, 3])
    body = [node("QuantizeLinear", "x scale zero", "y")]
    inputs = [value("x", [])]
    return model(body, [array("scale", np.float32, 2), zero], inputs=inputs, outputs=[value("y", None, 22)], opset=21)


@model_case(NODE + ".*scales of 'tensor<3x5xf32>' for values of 'tensor<3x4xf32>', which need 'tensor<3x2xf32>'")
def more_scales_than_blocks():
    body = [node("QuantizeLinear", "x scale", "y", block_size=2)]
    scale = array("scale", np.float32, np.ones((3, 5)))
    return model(body, [scale], inputs=[value("x", [3, 4])], outputs=[value("y", [3, 4], 2)], opset=21)


@model_case(NODE + ".*scales of 'tensor<2x2xf32>' for values of 'tensor<3x4xf32>', which need 'tensor<3x2xf32>'")
def fewer_scales_than_rows_of_blocks():
    body = [node("QuantizeLinear", "x scale", "y", block_size=2)]
    scale = array("scale", np.float32, np.ones((2, 2)))
    return model(body, [scale], inputs=[value("x", [3, 4])], outputs=[value("y", [3, 4], 2)], opset=21)


# --- Scalars where vectors belong.


def scalars(names: str) -> list[TensorProto]:
    return [numpy_helper.from_array(np.array(1, np.float32), name) for name in names.split()]


def normalize_by_scalars(op: str, names: str, **attributes) -> onnx.ModelProto:
    image = value("x", [1, 2, 3, 3])
    body = [node(op, f"x {names}", "y", **attributes)]
    return model(body, scalars(names), inputs=[image], outputs=[value("y", [1, 2, 3, 3])], opset=21)


@model_case(NODE + ".*vector as input 1, 'scale'")
def batch_normalization_by_scalars():
    return normalize_by_scalars("BatchNormalization", "scale bias mean var")


@model_case(NODE + ".*vector as input 1, 'scale'")
def instance_normalization_by_scalars():
    return normalize_by_scalars("InstanceNormalization", "scale bias")


@model_case(NODE + ".*vector as input 1, 'scale'")
def group_normalization_by_scalars():
    return normalize_by_scalars("GroupNormalization", "scale bias", num_groups=1)


@model_case(NODE + ".*vector as input 2, 'bias'")
def transposed_convolution_with_a_scalar_bias():
    weight = numpy_helper.from_array(np.zeros((2, 2, 2, 2), np.float32), "w")
    body = [node("ConvTranspose", "x w bias", "y", strides=[2, 2])]
    return model(
        body, [weight, *scalars("bias")], inputs=[value("x", [1, 2, 3, 3])], outputs=[value("y", [1, 2, 6, 6])]
    )


@model_case(NODE + ".*vector as input 1, 'lengths'")
def sequence_reversed_by_a_scalar():
    lengths = numpy_helper.from_array(np.array(1, np.int64), "lengths")
    body = [node("ReverseSequence", "x lengths", "y")]
    return model(body, [lengths], inputs=[value("x", [4, 4])], outputs=[value("y", [4, 4])])


@model_case(NODE + ".*vector as input 6, 'length'")
def attention_of_a_scalar_length():
    length = numpy_helper.from_array(np.array(1, np.int64), "length")
    shape = [1, 1, 2, 2]
    body = [helper.make_node("Attention", ["x", "x", "x", "", "", "", "length"], ["y"], name=NODE)]
    return model(body, [length], inputs=[value("x", shape)], outputs=[value("y", shape)], opset=24)


@model_case(NODE + ".*caches of rank 3")
def rotary_embedding_by_scalars():
    body = [node("RotaryEmbedding", "x cosines sines", "y")]
    shape = [1, 1, 2, 4]
    return model(body, scalars("cosines sines"), inputs=[value("x", shape)], outputs=[value("y", shape)], opset=23)


# --- External data.


def external(folder: Path, location: str, offset: int | None = None, length: int | None = 16) -> Path:
    weight = TensorProto(name=WEIGHT, dims=[4], data_type=FLOAT, data_location=TensorProto.EXTERNAL)
    for key, entry in (("location", location), ("offset", offset), ("length", length)):
        if entry is not None:
            weight.external_data.add(key=key, value=str(entry))
    inner = folder / "inner"
    inner.mkdir()
    return save(add_weight(weight), inner)


def write_data(path: Path) -> Path:
    path.write_bytes(np.arange(4, dtype=np.float32).tobytes())
    return path


@case(WEIGHT)
def external_data_in_parent(folder: Path) -> Path:
    write_data(folder / "data.bin")
    return external(folder, "../data.bin")


@case(WEIGHT)
def external_data_in_parent_by_detour(folder: Path) -> Path:
    write_data(folder / "data.bin")
    path = external(folder, "sub/../../data.bin")
    (path.parent / "sub").mkdir()
    return path


@case(WEIGHT)
def external_data_absolute(folder: Path) -> Path:
    return external(folder, str(write_data(folder / "data.bin")))


@case(WEIGHT)
def external_data_by_symlink(folder: Path) -> Path:
    path = external(folder, "link.bin")
    (path.parent / "link.bin").symlink_to(write_data(folder / "data.bin"))
    return path


@case(WEIGHT)
def external_data_by_symlinked_folder(folder: Path) -> Path:
    (folder / "other").mkdir()
    write_data(folder / "other/data.bin")
    path = external(folder, "link/data.bin")
    (path.parent / "link").symlink_to(folder / "other")
    return path


@case(WEIGHT)
def external_data_by_hard_link(folder: Path) -> Path:
    path = external(folder, "link.bin")
    os.link(write_data(folder / "data.bin"), path.parent / "link.bin")
    return path


@case(WEIGHT)
def external_data_absent(folder: Path) -> Path:
    return external(folder, "nowhere.bin")


@case(WEIGHT)
def external_data_too_short(folder: Path) -> Path:
    path = external(folder, "data.bin")
    (path.parent / "data.bin").write_bytes(bytes(15))
    return path


@case(WEIGHT)
def external_data_too_short_by_offset(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=4)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_overflows(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=(1 << 64) - 16)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_negative(folder: Path) -> Path:
    path = external(folder, "data.bin", offset=-16)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_offset_no_number(folder: Path) -> Path:
    path = external(folder, "data.bin", length=None)
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].external_data.add(key="offset", value="sixteen")
    write_data(path.parent / "data.bin")
    return save(made, path.parent)


@case(WEIGHT)
def external_length_differs_from_shape(folder: Path) -> Path:
    path = external(folder, "data.bin", length=12)
    write_data(path.parent / "data.bin")
    return path


@case(WEIGHT)
def external_data_without_location(folder: Path) -> Path:
    path = external(folder, "")
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].ClearField("external_data")
    return save(made, path.parent)


@case(WEIGHT)
def external_data_is_a_folder(folder: Path) -> Path:
    path = external(folder, "data.bin")
    (path.parent / "data.bin").mkdir()
    return path


@case(WEIGHT)
def external_data_is_a_pipe(folder: Path) -> Path:
    path = external(folder, "data.bin")
    os.mkfifo(path.parent / "data.bin")  # whoever opens it to read waits for a writer
    return path


@case(WEIGHT)
def external_data_of_device(folder: Path) -> Path:
    return external(folder, "/dev/zero")
