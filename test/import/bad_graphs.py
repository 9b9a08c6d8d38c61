"""Models whose graph, ops or attributes are wrong."""

from __future__ import annotations

import numpy as np
import onnx
from bad_models import NODE, WEIGHT, graph, model, model_case, node, raw_tensor, value
from onnx import TensorProto, helper, numpy_helper

HUGE = 10**12


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


# --- Functions, and chains as long.


def make_functions(bodies: dict[str, list[onnx.NodeProto]]) -> list[onnx.FunctionProto]:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    return [helper.make_function("local", name, ["x"], ["y"], nodes, opsets) for name, nodes in bodies.items()]


def call_functions(bodies: dict[str, list[onnx.NodeProto]], entry: str) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    body = graph([node(entry, "x", "y", domain="local")])
    return helper.make_model(body, opset_imports=opsets, ir_version=8, functions=make_functions(bodies))


@model_case("function 'f0' of the domain 'local' is defined twice")
def two_functions_of_one_name():
    made = call_functions({"f0": [node("Relu", "x", "y")]}, "f0")
    made.functions.append(made.functions[0])
    return made


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
