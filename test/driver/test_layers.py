"""`qcc inspect`, `compare` and `bench`: what they say about the layers of a model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from onnx import TensorProto, helper
from small_models import info, make_mlp, save


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Elementwise nodes in two layers: both read `a`, so it is in memory."""
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name="first"),
        helper.make_node("Exp", ["a"], ["b"], name="second"),
        helper.make_node("Add", ["b", "a"], ["y"], name="third"),
    ]
    return save(tmp_path_factory.mktemp("model") / "chain.onnx", nodes, [info("x", ["n", 64])], [info("y", ["n", 64])])


@pytest.fixture(scope="module")
def artifact(qcc, chain):
    path = chain.with_suffix(".so")
    qcc("compile", chain, "-o", path, "--report", chain.with_suffix(".json"))
    return path


def test_inspect_counts_what_a_layer_does(qcc, tmp_path):
    report = json.loads(qcc("inspect", make_mlp(tmp_path / "m.onnx"), "--shape", "x=10x32", "--json").stdout)
    layers = {layer["name"]: layer for layer in report["layers"] if layer["macs"]}
    assert layers["first"]["macs"] == 10 * 32 * 64
    assert layers["first"]["weight_bytes"] == 32 * 64 * 4
    assert layers["first"]["outputs"] == ["float32[10,64]"]
    assert layers["second"]["macs"] == 10 * 64 * 8
    assert report["macs"] == 10 * 32 * 64 + 10 * 64 * 8
    assert report["inputs"] == [{"name": "x", "type": "float32[10,32]", "shape": [10, 32]}]


@pytest.mark.parametrize("weights, bits", [("nf4:g64", 4.25), ("fp8_e4m3", 8), ("int4:g32", 4.5)])
def test_inspect_shows_the_format_that_kernels_decode(qcc, tmp_path, weights, bits):
    values = np.random.default_rng(0).standard_normal((128, 64), np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 128])], [info("y", ["n", 64])], {"w": values})
    report = json.loads(qcc("inspect", model, f"--weights={weights}", "--json").stdout)
    (layer,) = [layer for layer in report["layers"] if layer["op"] == "matmul"]
    assert layer["format"] != "float32"
    assert layer["weight_bytes"] == pytest.approx(values.size * bits / 8, rel=0.05)


def test_inspect_marks_open_extents(qcc, tmp_path):
    model = make_mlp(tmp_path / "m.onnx")
    assert json.loads(qcc("inspect", model, "--json").stdout)["macs_are_per_open_extent"]
    assert "2.05k*?" in qcc("inspect", model).stdout


def test_an_artifact_carries_its_report(qcc, chain, artifact):
    report = json.loads(qcc("inspect", artifact, "--json").stdout)
    assert [layer["name"] for layer in report["layers"]] == ["first", "second", "third"]
    assert report["layers"] == json.loads(chain.with_suffix(".json").read_text())["layers"]
    assert report["inputs"][0]["shape"] == ["n", 64]
    table = qcc("inspect", artifact).stdout
    assert "unary.exp" in table and "float32[?,64]" in table


def test_an_artifact_tells_its_peak_of_memory(qcc, tmp_path):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("MatMul", ["a", "w"], ["y"])]
    weights = {"w": np.ones((64, 64), np.float32)}
    model = save(tmp_path / "m.onnx", nodes, [info("x", [3, 64])], [info("y", [3, 64])], weights)
    qcc("compile", model, "-o", tmp_path / "m.so", "--report", tmp_path / "m.json")
    # What is between the products.
    assert 3 * 64 * 4 <= json.loads((tmp_path / "m.json").read_text())["arena_bytes"] < 1 << 20
    assert "bytes of memory for a run" in qcc("inspect", tmp_path / "m.so").stdout


def test_an_artifact_of_a_late_phase_is_described_without_layers(qcc, chain, tmp_path):
    qcc("compile", chain, "--emit=storage", "-o", tmp_path / "m.mlir")
    qcc("compile", tmp_path / "m.mlir", "--from=storage", "-o", tmp_path / "m.so")
    report = json.loads(qcc("inspect", tmp_path / "m.so", "--json").stdout)
    assert report["layers"] is None
    assert report["inputs"][0]["shape"] == ["n", 64]
    assert "compiled from IR behind phase 'decide'" in qcc("inspect", tmp_path / "m.so").stdout


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """Two layers: `a` is in memory, since a product reads it, and the last two nodes are one loop."""
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name="first"),
        helper.make_node("MatMul", ["a", "w"], ["b"], name="second"),
        helper.make_node("Add", ["b", "a"], ["y"], name="third"),
    ]
    weights = {"w": np.random.default_rng(1).standard_normal((64, 64), np.float32)}
    path = tmp_path_factory.mktemp("model") / "layers.onnx"
    return save(path, nodes, [info("x", ["n", 64])], [info("y", ["n", 64])], weights)


def test_compare_accepts_a_right_program(qcc, layers):
    report = json.loads(qcc("compare", layers, "--shape", "x=3x64", "--json").stdout)
    assert report["first_bad"] is None
    assert [layer["nodes"] for layer in report["layers"]] == [["first"], ["second", "third"]]
    assert not any(layer["fused_otherwise"] for layer in report["layers"])


def test_compare_shows_what_fusion_made(qcc, chain):
    """Two nodes read `a`, and yet all is one loop once they are one: not for a reader of the graph to guess."""
    report = json.loads(qcc("compare", chain, "--shape", "x=3x64", "--json").stdout)
    assert [layer["nodes"] for layer in report["layers"]] == [["first", "second", "third"]]


def test_an_artifact_tells_what_was_fused(qcc, layers, tmp_path):
    qcc("compile", layers, "-o", tmp_path / "m.so", "--report", tmp_path / "m.json")
    (group,) = json.loads((tmp_path / "m.json").read_text())["fused"]
    assert sorted(group) == ["second", "third"]


@pytest.mark.parametrize(("fault", "found"), [("first", "first"), ("second", "second"), ("third", "second")])
def test_compare_finds_the_layer_of_a_planted_fault(qcc, layers, fault, found):
    done = qcc("compare", layers, "--shape", "x=3x64", "--json", f"--plant-fault={fault}", check=False)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["first_bad"] == found
    bad = next(layer for layer in report["layers"] if layer["bad"])
    assert fault in bad["nodes"] and bad["max_abs_error"] >= 0.9


@pytest.fixture
def quantized(tmp_path):
    """A convolution of codes, and what is no arithmetic behind it."""
    nodes = [
        helper.make_node("QLinearConv", ["x", "s", "z", "w", "s", "z", "s", "z"], ["y"], name="qconv"),
        helper.make_node("Flatten", ["y"], ["flat"], name="flatten"),
        helper.make_node("ArgMax", ["flat"], ["index"], name="best", axis=1, keepdims=0),
    ]
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 255, (4, 3, 3, 3), dtype=np.uint8)
    scalars = {"s": np.array(0.05, np.float32), "z": np.array(128, np.uint8)}
    inputs = [info("x", [1, 3, 6, 6], TensorProto.UINT8)]
    outputs = [info("flat", [1, 64], TensorProto.UINT8), info("index", [1], TensorProto.INT64)]
    return save(tmp_path / "q.onnx", nodes, inputs, outputs, {"w": weights, **scalars})


def test_compare_observes_integers(qcc, quantized):
    report = json.loads(qcc("compare", quantized, "--json").stdout)
    assert [(layer["name"], layer["type"]) for layer in report["layers"]] == [
        ("qconv", "QLinearConv"),
        ("best", "ArgMax"),
        ("flat", "output"),
    ]
    assert [layer["differing"] for layer in report["layers"]] == [0, 0, 0]


@pytest.mark.parametrize("fault", ["qconv", "flatten", "best"])
def test_compare_finds_a_fault_in_integers(qcc, quantized, fault):
    done = qcc("compare", quantized, "--json", f"--plant-fault={fault}", check=False)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    shown = {"flatten": "flat"}.get(fault, fault)
    assert next(layer for layer in report["layers"] if layer["name"] == shown)["bad"]


def test_compare_tells_layers_of_one_node_apart(qcc, tmp_path):
    nodes = [helper.make_node("LayerNormalization", ["x", "s"], ["y"], name="norm")]
    weights = {"s": np.full(8, 2, np.float32)}
    model = save(tmp_path / "m.onnx", nodes, [info("x", [2, 8])], [info("y", [2, 8])], weights)
    report = json.loads(qcc("compare", model, "--json").stdout)
    assert [layer["label"] for layer in report["layers"]] == ["norm: reduce.mean", "norm: binary.mul"]
    assert "norm (LayerNormalization: reduce.mean)" in qcc("compare", model).stdout
    done = qcc("compare", model, "--json", "--plant-fault=norm", check=False)
    assert json.loads(done.stdout)["first_bad"] == "norm: binary.mul"


def test_compare_numbers_equal_parts_of_a_node(qcc, tmp_path):
    shape = [1, 2, 4, 4]
    nodes = [helper.make_node("Attention", ["x", "x", "x"], ["y"], name="heads")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", shape)], [info("y", shape)], opset=23)
    labels = [layer["label"] for layer in json.loads(qcc("compare", model, "--json").stdout)["layers"]]
    assert "heads: matmul 1" in labels and "heads: matmul 2" in labels


def test_inspect_says_what_its_total_leaves_out(qcc, quantized, chain):
    report = json.loads(qcc("inspect", quantized, "--json").stdout)
    without = [layer for layer in report["layers"] if layer["predicted_seconds"] is None]
    assert report["layers_without_prediction"] == len(without) > 1
    table = qcc("inspect", quantized).stdout
    assert f"predicted for one core (less {len(without)} layers without a predicted time)" in table
    qcc("compile", quantized, "-o", quantized.with_suffix(".so"))
    assert f"(less {len(without)} layers without" in qcc("inspect", quantized.with_suffix(".so")).stdout
    assert "(less" not in qcc("inspect", chain).stdout


def test_compare_needs_something_to_compare(qcc, tmp_path):
    (tmp_path / "m.mlir").write_text("func.func @main() { return }\n")
    done = qcc("compare", tmp_path / "m.mlir", check=False)
    assert done.returncode == 2
    assert "neither a layer nor an output" in done.stderr


def test_bench_measures(qcc, artifact):
    shape = ["--shape", "x=5x64"]
    result = json.loads(qcc("bench", artifact, *shape, "--runs", "20", "--json").stdout)
    assert result["runs"] == 20 and result["threads"] == 1
    assert 0 < result["min_seconds"] <= result["median_seconds"] <= result["p90_seconds"]
    assert result["items_per_second"] == pytest.approx(5 / result["median_seconds"])
    assert result["peak_gflop_per_second"] > 1 and result["peak_gb_per_second"] > 0.5
    assert "latency  median" in qcc("bench", artifact, *shape, "--runs", "5").stdout


@pytest.fixture(scope="module")
def image(qcc, tmp_path_factory):
    """A convolution over open extents, a product over what they become, y[batch * h * w, 5], and that twice."""
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["a"], name="conv", strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Transpose", ["a"], ["b"], name="last", perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["b", "shape"], ["c"], name="rows"),
        helper.make_node("MatMul", ["c", "w"], ["d"], name="product"),
        helper.make_node("Concat", ["d", "d"], ["y"], name="twice", axis=0),
    ]
    rng = np.random.default_rng(2)
    weights = {"k": rng.standard_normal((8, 3, 3, 3), np.float32), "w": rng.standard_normal((8, 5), np.float32)}
    path = tmp_path_factory.mktemp("image") / "image.onnx"
    inputs, outputs = [info("x", ["batch", 3, 32, "width"])], [info("y", [None, 5])]
    save(path, nodes, inputs, outputs, {"shape": np.array([-1, 8]), **weights})
    qcc("compile", path, "-o", path.with_suffix(".so"))
    return path


@pytest.mark.parametrize("ending", [".onnx", ".so"])
def test_bench_counts_with_the_extents_of_the_run(qcc, image, ending):
    model = image.with_suffix(ending)
    result = json.loads(qcc("bench", model, "--shape", "x=2x3x32x21", "--runs", "5", "--json").stdout)
    pixels = 2 * 16 * 11
    assert result["macs"] == pixels * (8 * 27 + 8 * 5)
    assert result["gflop_per_second"] == pytest.approx(2e-9 * result["macs"] / result["median_seconds"])
    assert 0 < result["gflop_share_of_peak"] < 1
    text = qcc("bench", model, "--shape", "x=2x3x32x21", "--runs", "1").stdout
    assert "(1 run, 1 thread)" in text and "compute  90.1k MACs, " in text


def test_bench_counts_nothing_that_data_decides(qcc, tmp_path):
    nodes = [
        helper.make_node("NonZero", ["x"], ["at"]),
        helper.make_node("Cast", ["at"], ["a"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["a"], ["b"], perm=[1, 0]),
        helper.make_node("MatMul", ["b", "w"], ["y"]),
    ]
    weights = {"w": np.ones((1, 4), np.float32)}
    model = save(tmp_path / "m.onnx", nodes, [info("x", [9])], [info("y", [None, 4])], weights)
    assert json.loads(qcc("bench", model, "--runs", "2", "--json").stdout)["macs"] is None
    assert "compute  unknown: extents of the inputs do not tell" in qcc("bench", model, "--runs", "2").stdout


def test_bench_says_what_it_needs(qcc, artifact):
    done = qcc("bench", artifact, check=False)
    assert done.returncode == 2
    assert "say its extents by --shape x=" in done.stderr


def test_inspect_refuses_what_is_no_artifact(qcc, tmp_path):
    (tmp_path / "no.so").write_bytes(b"nothing")
    done = qcc("inspect", tmp_path / "no.so", check=False)
    assert done.returncode == 2
    assert "no.so" in done.stderr
