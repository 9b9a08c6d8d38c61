"""Results of single operators, interpreted and compiled, where ONNX's own suite has no test of them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

Arrays = dict[str, np.ndarray]


def make_model(node: onnx.NodeProto, feeds: Arrays, weights: Arrays, opset: int) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in feeds.items()
    ]
    outputs = [onnx.ValueInfoProto(name=node.output[0])]
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    domains = {"": opset, node.domain: 1} if node.domain else {"": opset}
    imports = [helper.make_opsetid(domain, version) for domain, version in domains.items()]
    graph = helper.make_graph([node], "graph", inputs, outputs, tensors)
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


@pytest.fixture(params=["interpreted", "compiled"])
def start(request, qcc, tmp_path):
    """start(node, feeds, weights, opset, check): the process that has run the node, its output in the folder out."""

    def run(node: onnx.NodeProto, feeds: Arrays, weights: Arrays, opset: int, check: bool):
        onnx.save(make_model(node, feeds, weights, opset), tmp_path / "model.onnx")
        options = ["--interpret"] if request.param == "interpreted" else []
        for name, value in feeds.items():
            np.save(tmp_path / f"{name}.npy", value)
            options.append(f"--input={name}={tmp_path / name}.npy")
        (tmp_path / "out").mkdir()
        return qcc("run", tmp_path / "model.onnx", *options, f"--output-dir={tmp_path / 'out'}", check=check)

    return run


@pytest.fixture
def compute(start, tmp_path):
    """compute(node, feeds, weights={}, opset=21): the node's first output."""

    def run(node: onnx.NodeProto, feeds: Arrays, weights: Arrays | None = None, opset: int = 21) -> np.ndarray:
        start(node, feeds, weights or {}, opset, check=True)
        return np.load(tmp_path / "out" / f"{node.output[0]}.npy")

    return run


@pytest.fixture
def fail_to_compute(start):
    """fail_to_compute(node, feeds, opset=21): what qcc says of it."""

    def run(node: onnx.NodeProto, feeds: Arrays, opset: int = 21) -> str:
        done = start(node, feeds, {}, opset, check=False)
        assert done.returncode != 0
        return done.stderr

    return run


# --- Resize


# Where the coordinate is a whole number in f32, and a little less or more in f64.
@pytest.mark.parametrize(
    ("coordinates", "rounding", "extents", "expected"),
    [
        ("asymmetric", "floor", (10, 12), [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]),
        ("asymmetric", "floor", (10, 6), [0, 1, 3, 5, 6, 8]),
        ("half_pixel", "floor", (10, 6), [0, 2, 3, 5, 6, 8]),
        ("pytorch_half_pixel", "floor", (10, 6), [0, 2, 3, 5, 6, 8]),
        ("half_pixel_symmetric", "ceil", (13, 7), [1, 3, 5, 6, 8, 10, 12]),
    ],
)
def test_resize_takes_coordinates_in_single_precision(compute, coordinates, rounding, extents, expected):
    node = helper.make_node(
        "Resize",
        ["x", "", "", "sizes"],
        ["y"],
        coordinate_transformation_mode=coordinates,
        nearest_mode=rounding,
    )
    x = np.arange(extents[0], dtype=np.float32)
    assert compute(node, {"x": x}, {"sizes": np.array([extents[1]])}).tolist() == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(0.5, [0, 2, 4, 6, 8]), (0.6, [0, 2, 4, 5, 7, 9]), (1.2, [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9])],
)
def test_resize_10_takes_the_element_behind_where_it_shrinks(compute, scale, expected):
    node = helper.make_node("Resize", ["x", "scales"], ["y"], mode="nearest")
    x = np.arange(10, dtype=np.float32)
    assert compute(node, {"x": x}, {"scales": np.array([scale], np.float32)}, opset=10).tolist() == expected


@pytest.mark.parametrize("constant", [True, False])
def test_resize_takes_scales_in_the_order_of_its_axes(compute, constant):
    node = helper.make_node(
        "Resize", ["x", "", "scales"], ["y"], axes=[1, 0], coordinate_transformation_mode="asymmetric"
    )
    x = np.arange(4, dtype=np.float32).reshape(2, 2)
    scales = {"scales": np.array([3, 1], np.float32)}
    result = compute(node, {"x": x} if constant else {"x": x} | scales, scales if constant else {})
    assert result.tolist() == [[0, 0, 1, 1, 1, 1], [2, 2, 3, 3, 3, 3]]


# --- Normalizations


@pytest.mark.parametrize("op", ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"])
def test_skip_normalizations_have_an_epsilon_of_1e12(compute, op):
    """With the 1e-5 of LayerNormalization the deviation of such small numbers would be 0.003."""
    node = helper.make_node(op, ["x", "skip", "gamma"], ["y"], domain="com.microsoft")
    x = np.array([[[3e-4, -3e-4, 3e-4, -3e-4]]], np.float32)
    zeros = np.zeros_like(x)
    result = compute(node, {"x": x, "skip": zeros}, {"gamma": np.ones(4, np.float32)})
    np.testing.assert_allclose(result, np.sign(x), rtol=1e-4)


@pytest.mark.parametrize(("opset", "scales"), [(18, [1, 2]), (20, [1, 2]), (21, [1, 1, 2, 2])])
def test_group_normalization_scaled_groups_before_version_21(compute, opset, scales):
    node = helper.make_node("GroupNormalization", ["x", "scale", "bias"], ["y"], num_groups=2, epsilon=0.0)
    x = np.array([[[1], [3], [5], [9]]], np.float32)
    weights = {"scale": np.array(scales, np.float32), "bias": np.zeros(len(scales), np.float32)}
    assert compute(node, {"x": x}, weights, opset=opset).ravel().tolist() == [-1, 1, -2, 2]


def test_rms_normalization_has_the_type_of_its_scale(compute):
    node = helper.make_node("RMSNormalization", ["x", "scale"], ["y"], epsilon=0.0)
    x, scale = np.array([[3, -3]], np.float16), np.array([2, 0.1], np.float32)
    result = compute(node, {"x": x}, {"scale": scale}, opset=23)
    assert result.dtype == np.float32 and result.tolist() == [[2, float(-scale[1])]]


# --- Reductions


@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_that_is_known_at_run_time_is_checked(fail_to_compute, axis):
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"])
    feeds = {"x": np.ones((2, 2), np.float32), "axes": np.array([axis])}
    assert "an axis is not one of a tensor of rank 2" in fail_to_compute(node, feeds)


# --- Quantized


@pytest.mark.parametrize(("precision", "expected"), [("FLOAT16", 10), ("FLOAT", 11), (None, 11)])
def test_quantize_divides_in_the_precision_that_it_names(compute, precision, expected):
    """In f16, 1.05 / 0.1 is 10.5, which rounds to even; in f32 it is a little more."""
    attributes = {} if precision is None else {"precision": onnx.TensorProto.DataType.Value(precision)}
    node = helper.make_node("QuantizeLinear", ["x", "scale"], ["y"], **attributes)
    x, scale = np.array([1.05, 1000], np.float16), np.array(0.1, np.float16)
    assert compute(node, {"x": x}, {"scale": scale}, opset=23).tolist() == [expected, 255]


# --- Contractions


def test_gemm_of_integers_takes_fractions_of_them(compute):
    node = helper.make_node("Gemm", ["a", "b", "c"], ["y"], alpha=0.5, beta=0.25)
    a, b = np.array([[3, 1]], np.int32), np.array([[5], [2]], np.int32)
    assert compute(node, {"a": a, "b": b, "c": np.array([7], np.int32)}).tolist() == [[10]]
