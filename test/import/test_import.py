"""What the importer makes of a graph: `qcc compile --emit=import`. That it computes the right numbers is tested by
ONNX's own suite (test/onnx); here stands what those numbers do not show."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

BUILD = Path(os.environ.get("QCC_BUILD", Path(__file__).parents[2] / "build")).resolve()
FLOAT, INT64, UINT8, INT8, BOOL = (
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.UINT8,
    TensorProto.INT8,
    TensorProto.BOOL,
)


def info(name: str, shape, type_: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, type_, shape)


def weight(name: str, values, dtype=np.float32) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def make_model(nodes, inputs, outputs, weights=(), opset: int = 21, domains=(), functions=()) -> onnx.ModelProto:
    graph = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs), list(weights))
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=imports, functions=list(functions))
    model.ir_version = 10
    return model


def run(model: onnx.ModelProto, folder: Path, *options: str) -> subprocess.CompletedProcess:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    command = [str(BUILD / "bin/qcc"), "compile", str(path), "--emit=import", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def import_model(model: onnx.ModelProto, folder: Path, *options: str) -> str:
    done = run(model, folder, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refuse(model: onnx.ModelProto, folder: Path, *options: str) -> str:
    done = run(model, folder, *options)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    return done.stderr


def count(op: str, ir: str) -> int:
    return len(re.findall(rf"\bqnn\.{op}\b", ir))


# --- Interface


def test_names_and_symbolic_extents_are_kept(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    ir = import_model(make_model(nodes, [info("x", ["batch", 3])], [info("y", ["batch", 3])]), tmp_path)
    assert 'qcc.name = "x"' in ir and 'qcc.name = "y"' in ir
    assert ir.count('qcc.extents = ["batch", 3]') == 2


def test_a_shape_from_the_command_line_fixes_an_extent(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    model = make_model(nodes, [info("x", ["batch", 3])], [info("y", ["batch", 3])])
    assert "tensor<7x3xf32>" in import_model(model, tmp_path, "--shape=x=7x3")
    assert "which cannot be changed to 4" in refuse(model, tmp_path, "--shape=x=7x4")


def make_pair(first, second) -> onnx.ModelProto:
    nodes = [helper.make_node("Relu", [name], [f"r_{name}"]) for name in "xy"]
    outputs = [info("r_x", None), info("r_y", None)]
    return make_model(nodes, [info("x", first), info("y", second)], outputs)


def test_a_symbol_fixed_in_one_input_is_fixed_in_all(tmp_path):
    ir = import_model(make_pair(["batch", 3], ["length", "batch"]), tmp_path, "--shape=y=?x2")
    assert "%arg0: tensor<2x3xf32>" in ir and "%arg1: tensor<?x2xf32>" in ir
    assert 'qcc.extents = ["length", 2]' in ir and "batch" not in ir and "cf.assert" not in ir


def test_a_symbol_cannot_have_two_values(tmp_path):
    model = make_pair(["batch", 3], ["length", "batch"])
    said = refuse(model, tmp_path, "--shape=x=2x3", "--shape=y=3x4")
    assert "make 'batch' 2 (axis 0 of input 'x') and 4 (axis 1 of input 'y')" in said
    import_model(model, tmp_path, "--shape=x=2x3", "--shape=y=3x2")
    said = refuse(make_pair(["batch", "batch"], [1]), tmp_path, "--shape=x=2x3")
    assert "make 'batch' 2 (axis 0 of input 'x') and 3 (axis 1 of input 'x')" in said


def test_names_for_unknown_extents_are_no_symbols(tmp_path):
    ir = import_model(make_pair(["?", 3], ["?", 3]), tmp_path, "--shape=x=2x3")
    assert "%arg0: tensor<2x3xf32>" in ir and "%arg1: tensor<?x3xf32>" in ir


def test_locations_carry_the_node_and_its_op_type(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"], name="act")]
    ir = import_model(make_model(nodes, [info("x", [2])], [info("y", [2])]), tmp_path)
    assert re.search(r'loc\("act"\(#loc\d*\)\)', ir) and re.search(r'loc\("Relu"\(#loc\d*\)\)', ir)


def test_an_initializer_that_is_an_input_too_is_a_constant(tmp_path):
    nodes = [helper.make_node("Add", ["x", "w"], ["y"])]
    model = make_model(nodes, [info("x", [2]), info("w", [2])], [info("y", [2])], [weight("w", [1, 2])])
    ir = import_model(model, tmp_path)
    assert ir.count("qcc.name") == 2 and "arith.constant dense<[1.0" in ir


# --- What is refused


def test_all_unsupported_nodes_are_listed_at_once(tmp_path):
    nodes = [
        helper.make_node("Frobnicate", ["x"], ["a"], name="first", domain="com.example"),
        helper.make_node("Relu", ["a"], ["b"], name="after"),
        helper.make_node("NonMaxSuppression", ["x", "x"], ["c"], name="second"),
        helper.make_node("Add", ["b", "x"], ["y"], name="sum"),
    ]
    error = refuse(make_model(nodes, [info("x", [1, 2, 4])], [info("y", [2])], domains=["com.example"]), tmp_path)
    assert "'first'" in error and "'Frobnicate' of the domain 'com.example'" in error
    assert "'second'" in error and "'NonMaxSuppression'" in error
    assert "'after'" not in error and "'sum'" not in error


@pytest.mark.parametrize("opset", [6, 29])
def test_operator_sets_that_qcc_does_not_know_are_refused(tmp_path, opset):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    error = refuse(make_model(nodes, [info("x", [2])], [info("y", [2])], opset=opset), tmp_path)
    assert f"operator set {opset}" in error


@pytest.mark.parametrize("opset", [6, 99])
def test_the_operator_set_of_a_function_counts_for_its_body(tmp_path, opset):
    """Add of version 6 broadcasts by attributes: what version 7 makes of it is something else."""
    body = helper.make_node("Add", ["a", "b"], ["c"])
    function = helper.make_function("local", "Sum", ["a", "b"], ["c"], [body], [helper.make_opsetid("", opset)])
    calls = [helper.make_node("Sum", ["x", "x"], ["s"], domain="local")]
    calls.append(helper.make_node("Sum", ["x", "s"], ["y"], domain="local"))
    model = make_model(calls, [info("x", [2])], [info("y", [2])], domains=["local"], functions=[function])
    error = refuse(model, tmp_path)
    assert error.count(f"function 'Sum' uses ONNX's operator set {opset}; qcc knows 7 to 28") == 1


def test_a_domain_that_is_imported_and_not_used_does_not_matter(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    import_model(make_model(nodes, [info("x", [2])], [info("y", [2])], domains=["org.example"]), tmp_path)


@pytest.mark.parametrize("kind", ["sequence", "optional"])
def test_types_that_are_no_tensors_are_refused_by_name(tmp_path, kind):
    tensor = helper.make_tensor_type_proto(FLOAT, [2])
    make = {"sequence": helper.make_sequence_type_proto, "optional": helper.make_optional_type_proto}[kind]
    x = helper.make_value_info("x", make(tensor))
    error = refuse(make_model([helper.make_node("Identity", ["x"], ["y"])], [x], [info("y", [2])]), tmp_path)
    assert re.search(f"input 'x' is an? {kind}", error)


# --- Extents


def test_equal_symbols_broadcast_without_expand(tmp_path):
    nodes = [helper.make_node("Add", ["x", "m"], ["y"])]
    inputs = [info("x", ["batch", "length"]), info("m", ["batch", "length"])]
    ir = import_model(make_model(nodes, inputs, [info("y", ["batch", "length"])]), tmp_path)
    assert count("expand", ir) == 0
    assert "are both 'length' in the model and must be equal" in ir


def test_different_symbols_are_expanded_to_what_the_model_computes(tmp_path):
    nodes = [helper.make_node("Add", ["x", "m"], ["y"])]
    ir = import_model(make_model(nodes, [info("x", ["a"]), info("m", ["b"])], [info("y", None)]), tmp_path)
    assert count("expand", ir) == 2


def test_a_reshape_finds_the_extent_that_is_left_open(tmp_path):
    """[b, s, 384] to [0, -1, 12, 32] has the extents b and s: a later Add with [b, s, ...] needs no expand."""
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["r"]),
        helper.make_node("Reshape", ["m", "shape2"], ["n"]),
        helper.make_node("Add", ["r", "n"], ["y"]),
    ]
    weights = [weight("shape", [0, -1, 12, 32], np.int64), weight("shape2", [0, -1, 1, 1], np.int64)]
    inputs = [info("x", ["b", "s", 384]), info("m", ["b", "s", 1])]
    ir = import_model(make_model(nodes, inputs, [info("y", ["b", "s", 12, 32])], weights), tmp_path)
    assert count("expand", ir) == 0 and "another number of elements" not in ir


def test_shapes_computed_by_tensors_are_seen_through(tmp_path):
    """Shape, Gather, Unsqueeze, Concat: the reshape takes extents, and no element is read from a tensor."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["batch"]),
        helper.make_node("Unsqueeze", ["batch", "axes"], ["batch1"]),
        helper.make_node("Concat", ["batch1", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["x", "target"], ["y"]),
    ]
    weights = [weight("zero", 0, np.int64), weight("axes", [0], np.int64), weight("rest", [4, 8], np.int64)]
    ir = import_model(make_model(nodes, [info("x", ["b", 32])], [info("y", ["b", 4, 8])], weights), tmp_path)
    assert re.search(r"qnn\.reshape %\w+ \[%dim, 4, 8\]", ir) and "tensor.extract" not in ir


def test_a_constant_graph_of_shapes_is_static(tmp_path):
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Slice", ["shape", "one", "three", "zero"], ["tail"]),
        helper.make_node("Mul", ["tail", "two"], ["target"]),
        helper.make_node("Expand", ["scalar", "target"], ["y"]),
    ]
    weights = [weight(n, [v], np.int64) for n, v in (("zero", 0), ("one", 1), ("two", 2), ("three", 3))]
    weights.append(weight("scalar", 1.5))
    ir = import_model(make_model(nodes, [info("x", [2, 3, 4])], [info("y", [6, 8])], weights), tmp_path)
    assert "-> (tensor<6x8xf32>" in ir


# --- Weights


def test_large_weights_are_resources_and_small_ones_are_not(tmp_path):
    nodes = [helper.make_node("Add", ["x", "big"], ["a"]), helper.make_node("Add", ["a", "small"], ["y"])]
    big = np.arange(2000, dtype=np.float32)
    ir = import_model(
        make_model(nodes, [info("x", [2000])], [info("y", [2000])], [weight("big", big), weight("small", [3.0])]),
        tmp_path,
    )
    assert "dense_resource<big>" in ir and "dense<3.0" in ir


def test_external_data_lie_beside_the_model(tmp_path):
    big = np.arange(2000, dtype=np.float32)
    nodes = [helper.make_node("Add", ["x", "big"], ["y"])]
    model = make_model(nodes, [info("x", [2000])], [info("y", [2000])], [weight("big", big)])
    (tmp_path / "data").write_bytes(b"abc" + big.tobytes())
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "data"), ("offset", "3"), ("length", str(big.nbytes))):
        tensor.external_data.add(key=key, value=value)
    assert "dense_resource<big>" in import_model(model, tmp_path)


TYPES = [
    (TensorProto.FLOAT16, "f16"),
    (TensorProto.BFLOAT16, "bf16"),
    (TensorProto.DOUBLE, "f64"),
    (TensorProto.UINT16, "ui16"),
    (TensorProto.UINT64, "ui64"),
    (TensorProto.BOOL, "i1"),
    (TensorProto.FLOAT8E4M3FN, "f8E4M3FN"),
    (TensorProto.FLOAT8E5M2FNUZ, "f8E5M2FNUZ"),
    (TensorProto.FLOAT8E8M0, "f8E8M0FNU"),
    (TensorProto.FLOAT4E2M1, "f4E2M1FN"),
    (TensorProto.INT4, "i4"),
    (TensorProto.UINT2, "ui2"),
    (TensorProto.FLOAT6E2M3, "f6E2M3FN"),
]


@pytest.mark.parametrize(("type_", "name"), TYPES, ids=[name for _, name in TYPES])
def test_element_types(tmp_path, type_, name):
    tensor = helper.make_tensor("w", type_, [3], [0, 1, 1])
    nodes = [helper.make_node("Identity", ["w"], ["y"])]
    model = make_model(nodes, [], [info("y", [3], type_)], [tensor], opset=25)
    assert f"tensor<3x{name}>" in import_model(model, tmp_path)


# --- Functions and control flow


def make_function(nodes, inputs, outputs, attributes=(), defaults=()):
    function = helper.make_function(
        "local", "Scale", inputs, outputs, nodes, [helper.make_opsetid("", 21)], list(attributes)
    )
    function.attribute_proto.extend(defaults)
    return function


def test_a_function_stands_in_place_of_its_call(tmp_path):
    body = helper.make_node("LeakyRelu", ["a"], ["b"])
    reference = body.attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    assert reference.ref_attr_name
    function = make_function([body], ["a"], ["b"], attributes=["slope"])
    call = helper.make_node("Scale", ["x"], ["y"], domain="local", slope=0.25)
    model = make_model([call], [info("x", [2])], [info("y", [2])], domains=["local"], functions=[function])
    assert "dense<2.500000e-01>" in import_model(model, tmp_path)


def test_a_function_uses_its_default_attribute(tmp_path):
    body = helper.make_node("LeakyRelu", ["a"], ["b"])
    body.attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    function = make_function([body], ["a"], ["b"], defaults=[helper.make_attribute("slope", 0.75)])
    call = helper.make_node("Scale", ["x"], ["y"], domain="local")
    model = make_model([call], [info("x", [2])], [info("y", [2])], domains=["local"], functions=[function])
    assert "dense<7.500000e-01>" in import_model(model, tmp_path)


def branch(name: str, op: str) -> onnx.GraphProto:
    return helper.make_graph([helper.make_node(op, ["x"], [name])], name, [], [info(name, None)])


def test_an_if_becomes_an_scf_if_whose_branches_see_the_graph(tmp_path):
    node = helper.make_node("If", ["c"], ["y"], then_branch=branch("t", "Relu"), else_branch=branch("e", "Neg"))
    ir = import_model(make_model([node], [info("c", [], BOOL), info("x", ["n"])], [info("y", ["n"])]), tmp_path)
    assert "scf.if" in ir and "relu" in ir and "neg" in ir


def test_an_if_on_a_constant_is_its_branch(tmp_path):
    node = helper.make_node("If", ["c"], ["y"], then_branch=branch("t", "Relu"), else_branch=branch("e", "Neg"))
    model = make_model([node], [info("x", [2])], [info("y", [2])], [weight("c", False, np.bool_)])
    ir = import_model(model, tmp_path)
    assert "scf.if" not in ir and "relu" not in ir and "neg" in ir


def test_a_branch_that_would_fail_may_stay_when_it_need_not_be_taken(tmp_path):
    """What PyTorch exports of squeeze(): which branch fits is known only when the model runs."""
    split = helper.make_node("Split", ["x", "parts"], ["t", "rest"])
    bad = helper.make_graph([split], "bad", [], [info("t", None)])
    node = helper.make_node("If", ["c"], ["y"], then_branch=bad, else_branch=branch("e", "Neg"))
    weights = [weight("parts", [1, 2], np.int64)]
    ir = import_model(make_model([node], [info("c", [], BOOL), info("x", [4])], [info("y", None)], weights), tmp_path)
    assert re.search(r"cf.assert %false.*the parts do not sum up to the whole", ir)


def test_pads_of_a_pool_that_depend_on_an_extent_say_what_to_do(tmp_path):
    nodes = [helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER")]
    model = make_model(nodes, [info("x", [1, 1, "n"])], [info("y", None)])
    assert "fix the extent with --shape" in refuse(model, tmp_path)
    import_model(model, tmp_path, "--shape=x=1x1x5")


# --- Versions of operators


@pytest.mark.parametrize(("opset", "axes"), [(12, "array<i64: 1, 2>"), (13, "array<i64: 2>")])
def test_softmax_ran_over_all_inner_axes_before_version_13(tmp_path, opset, axes):
    nodes = [helper.make_node("Softmax", ["x"], ["y"])]
    ir = import_model(make_model(nodes, [info("x", [2, 3, 4])], [info("y", [2, 3, 4])], opset=opset), tmp_path)
    assert f"axes = {axes}" in ir


def test_an_empty_name_is_an_absent_input(tmp_path):
    nodes = [helper.make_node("Clip", ["x", "", "high"], ["y"])]
    model = make_model(nodes, [info("x", [2])], [info("y", [2])], [weight("high", 6.0)])
    ir = import_model(model, tmp_path)
    assert "binary min" in ir and "binary max" not in ir


def test_constant_scales_of_some_axes_keep_extents_static(tmp_path):
    nodes = [helper.make_node("Resize", ["x", "", "scales"], ["y"], axes=[2])]
    model = make_model(nodes, [info("x", [1, 3, 4])], [info("y", None)], [weight("scales", [2])])
    assert "-> (tensor<1x3x8xf32>" in import_model(model, tmp_path)


@pytest.mark.parametrize("constant", [True, False])
def test_nearest_of_resize_10_is_refused_where_its_direction_is_not_one(tmp_path, constant):
    nodes = [helper.make_node("Resize", ["x", "scales"], ["y"], name="up_down", mode="nearest")]
    inputs = [info("x", [4, 4])] + ([] if constant else [info("scales", [2])])
    weights = [weight("scales", [0.5, 2])] if constant else []
    error = refuse(make_model(nodes, inputs, [info("y", None)], weights, opset=10), tmp_path)
    assert "'up_down' (Resize)" in error and "convert the model to operator set 11" in error


# --- Quantized


def test_quantize_and_dequantize_are_encode_and_decode(tmp_path):
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    weights = [weight("s", 0.5), weight("z", 128, np.uint8)]
    ir = import_model(make_model(nodes, [info("x", [4])], [info("y", [4])], weights), tmp_path)
    assert [count(op, ir) for op in ("encode", "unwrap", "wrap", "decode")] == [1, 1, 1, 1]
    assert "!qnn.tensor<4xf32, uint8, tensor<f32, zero = 128>, dense>" in ir


def test_int4_weights_keep_the_bytes_of_the_file(tmp_path):
    codes = helper.make_tensor("w", TensorProto.INT4, [2, 4], bytes([0x21, 0x43, 0x65, 0x07]), raw=True)
    nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["y"], axis=0)]
    model = make_model(nodes, [], [info("y", [2, 4])], [codes, weight("s", [0.5, 0.25])])
    ir = import_model(model, tmp_path)
    assert "dense<[[33, 67], [101, 7]]> : tensor<2x2xi8>" in ir
    assert "!qnn.tensor<2x4xf32, int4, axis<0, f32>, dense>" in ir


def test_odd_rows_of_int4_start_at_a_byte_each(tmp_path):
    # 1 2 3 / 4 5 6, low bits first, in one run of the file.
    codes = helper.make_tensor("w", TensorProto.INT4, [2, 3], bytes([0x21, 0x43, 0x65]), raw=True)
    nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["y"], axis=0)]
    model = make_model(nodes, [], [info("y", [2, 3])], [codes, weight("s", [0.5, 0.25])])
    assert "dense<[[33, 3], [84, 6]]> : tensor<2x2xi8>" in import_model(model, tmp_path)


def test_a_quantized_convolution_accumulates_codes(tmp_path):
    nodes = [helper.make_node("QLinearConv", ["x", "s", "z", "w", "s", "wz", "s", "z"], ["y"])]
    weights = [
        weight("s", 0.5),
        weight("z", 3, np.uint8),
        weight("wz", 0, np.int8),
        weight("w", np.ones((2, 1, 3, 3)), np.int8),
    ]
    model = make_model(nodes, [info("x", [1, 1, 5, 5], UINT8)], [info("y", [1, 2, 3, 3], UINT8)], weights)
    ir = import_model(model, tmp_path)
    assert "accumulators" in ir and count("requantize", ir) == 1 and count("decode", ir) == 0


@pytest.mark.parametrize(("k", "columns"), [(64, 32), (40, 20)])
def test_weights_of_4_bits_in_blocks_are_a_format(tmp_path, k, columns):
    """K = 40 has a last block of 8, which the file pads to 32."""
    blocks = -(-k // 32)
    node = helper.make_node(
        "MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=k, N=2, bits=4, block_size=32
    )
    weights = [
        weight("w", np.arange(2 * blocks * 16).reshape(2, blocks, 16) % 256, np.uint8),
        weight("s", np.linspace(1, 2, 2 * blocks)),
    ]
    model = make_model([node], [info("x", ["b", k])], [info("y", ["b", 2])], weights, domains=["com.microsoft"])
    ir = import_model(model, tmp_path)
    assert f"tensor<2x{columns}xi8>" in ir
    assert f"!qnn.tensor<2x{k}xf32, uint4, block<1x32, f32, zero = 8>, dense>" in ir


@pytest.mark.parametrize("type_", ["STRING", "INT8"])
def test_an_output_type_without_real_numbers_is_refused(tmp_path, type_):
    nodes = [helper.make_node("DequantizeLinear", ["x", "s"], ["y"], output_dtype=TensorProto.DataType.Value(type_))]
    model = make_model(nodes, [info("x", [2], INT8)], [info("y", [2])], [weight("s", 0.5)], opset=23)
    assert f"output_dtype is {type_}; real numbers are FLOAT" in refuse(model, tmp_path)


def test_a_precision_that_qcc_does_not_divide_in_is_refused(tmp_path):
    nodes = [helper.make_node("QuantizeLinear", ["x", "s"], ["y"], precision=TensorProto.DOUBLE)]
    model = make_model(nodes, [info("x", [2])], [info("y", [2], UINT8)], [weight("s", 0.5)], opset=23)
    assert "precision is DOUBLE; x is divided by its scale in FLOAT" in refuse(model, tmp_path)


# --- Elementwise


@pytest.mark.parametrize("op", ["And", "Or", "Xor", "Not"])
def test_logic_is_of_bool(tmp_path, op):
    nodes = [helper.make_node(op, ["x"] if op == "Not" else ["x", "x"], ["y"])]
    model = make_model(nodes, [info("x", [2], INT64)], [info("y", [2], INT64)])
    assert f"input 0 is of 'i64', not of bool; for the bits of integers there is Bitwise{op}" in refuse(model, tmp_path)


@pytest.mark.parametrize(("exponent", "op"), [(2.0, "mul"), (3.0, "pow")])
def test_a_square_is_a_product(tmp_path, exponent, op):
    nodes = [helper.make_node("Pow", ["x", "e"], ["y"])]
    model = make_model(nodes, [info("x", [2])], [info("y", [2])], [weight("e", exponent)])
    assert re.findall(r"qnn\.binary (\w+)", import_model(model, tmp_path)) == [op]
