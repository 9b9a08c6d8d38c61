"""Small models at the edges of what compiled code handles: it gives what the interpreter gives, errors included."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "driver"))

from small_models import info, save

RNG = np.random.default_rng(11)
QUANTIZE = [
    helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
    helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
]
SCALES = {"s": np.float32(0.05), "z": np.uint8(128), "ws": np.float32(0.01), "wz": np.int8(0)}


def floats(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape, dtype=np.float32)


def node(kind: str, inputs: str, outputs: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


@pytest.fixture
def run_both(qcc, tmp_path):
    """run_both(model, **inputs): exit status, outputs and messages, compiled and interpreted.

    Interpreted is the IR after phase fuse, where sums of codes are exact, as they are in compiled code.
    """

    def run(model: Path, **inputs: np.ndarray) -> tuple[tuple[int, dict, str], tuple[int, dict, str]]:
        arguments = []
        for name, value in inputs.items():
            np.save(tmp_path / f"in-{name}.npy", value)
            arguments.append(f"--input={name}={tmp_path / f'in-{name}.npy'}")
        fused = tmp_path / "fused.mlir"
        qcc("compile", model, "--emit=fuse", "-o", fused)
        results = []
        for mode, source, options in (("compiled", model, []), ("interpreted", fused, ["--interpret"])):
            out = tmp_path / mode
            done = qcc("run", source, *arguments, f"--output-dir={out}", *options, check=False, timeout=120)
            outputs = {path.stem: np.load(path) for path in out.glob("*.npy")} if out.exists() else {}
            results.append((done.returncode, outputs, done.stderr))
        return results[0], results[1]

    return run


@pytest.fixture
def expect_same(run_both):
    """Both succeed with the same outputs."""

    def expect(model: Path, rtol: float = 0, atol: float = 0, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        compiled, interpreted = run_both(model, **inputs)
        assert interpreted[0] == 0, interpreted[2]
        assert compiled[0] == 0, compiled[2]
        assert compiled[1].keys() == interpreted[1].keys()
        for name, expected in interpreted[1].items():
            np.testing.assert_allclose(compiled[1][name], expected, rtol=rtol, atol=atol, err_msg=name)
        return compiled[1]

    return expect


@pytest.fixture
def expect_error(run_both):
    """Both refuse the inputs, and neither calls it a defect of its own."""

    def expect(model: Path, **inputs: np.ndarray) -> None:
        compiled, interpreted = run_both(model, **inputs)
        assert (compiled[0], interpreted[0]) == (2, 2), f"compiled: {compiled[2]}\ninterpreted: {interpreted[2]}"

    return expect


# Weights that several contractions share, each in a geometry of its own.


def test_shared_weights_with_two_dilations(expect_same, tmp_path):
    w = RNG.integers(-127, 128, (8, 6, 3, 3)).astype(np.int8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "d wd", "y1", pads=[1] * 4),
        node("Conv", "d wd", "y2", pads=[2] * 4, dilations=[2, 2]),
    ]
    outputs = [info("y1", ["n", 8, 12, 12]), info("y2", ["n", 8, 12, 12])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 6, 12, 12])], outputs, SCALES | {"w": w})
    expect_same(model, rtol=1e-5, atol=1e-4, x=floats(1, 6, 12, 12))


def test_shared_codes_with_two_zero_points(expect_same, tmp_path):
    w = RNG.integers(0, 256, (64, 8)).astype(np.uint8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws z0", "wa"),
        node("DequantizeLinear", "w ws z", "wb"),
        node("MatMul", "d wa", "y1"),
        node("MatMul", "d wb", "y2"),
    ]
    outputs = [info("y1", ["n", 8]), info("y2", ["n", 8])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 64])], outputs, SCALES | {"w": w, "z0": np.uint8(0)})
    expect_same(model, rtol=1e-5, atol=1e-3, x=floats(2, 64))


def test_shared_weights_with_two_groupings(expect_same, tmp_path):
    nodes = [node("Conv", "a w", "y1", pads=[1] * 4), node("Conv", "b w", "y2", pads=[1] * 4, group=2)]
    inputs = [info("a", ["n", 4, 6, 6]), info("b", ["n", 8, 6, 6])]
    outputs = [info("y1", ["n", 8, 6, 6]), info("y2", ["n", 8, 6, 6])]
    model = save(tmp_path / "m.onnx", nodes, inputs, outputs, {"w": floats(8, 4, 3, 3)})
    expect_same(model, rtol=1e-5, atol=1e-5, a=floats(1, 4, 6, 6), b=floats(1, 8, 6, 6))


# Extents that do not fit, known only when the model runs.


def broadcast_model(path: Path, kind: str) -> Path:
    nodes = [node(kind, "x y", "z")]
    return save(path, nodes, [info("x", ["n"]), info("y", ["m"])], [info("z", ["k"])])


def test_extents_that_cannot_be_broadcast(expect_same, expect_error, tmp_path):
    constant = save(
        tmp_path / "c.onnx", [node("Add", "x w", "y")], [info("x", ["n"])], [info("y", [4])], {"w": floats(4)}
    )
    expect_error(constant, x=floats(3))
    expect_same(constant, x=floats(1))
    expect_same(constant, x=floats(4))
    dynamic = broadcast_model(tmp_path / "d.onnx", "Add")
    expect_error(dynamic, x=floats(3), y=floats(2))
    expect_same(dynamic, x=floats(3), y=floats(1))
    expect_same(dynamic, x=floats(1), y=floats(3))


def test_where_that_cannot_be_broadcast(expect_error, tmp_path):
    inputs = [info("c", ["n"], TensorProto.BOOL), info("x", ["m"])]
    model = save(
        tmp_path / "m.onnx", [node("Where", "c x w", "y")], inputs, [info("y", ["k"])], {"w": np.zeros(5, np.float32)}
    )
    expect_error(model, c=np.ones(3, bool), x=floats(2))


@pytest.mark.parametrize("target", [[6], [2], [-2], [2, 3], [1]])
def test_expand(run_both, tmp_path, target):
    inputs = [info("x", [3]), info("t", [len(target)], TensorProto.INT64)]
    shape = ["m", "k"][: len(target)]
    model = save(tmp_path / "m.onnx", [node("Expand", "x t", "y")], inputs, [info("y", shape)])
    compiled, interpreted = run_both(model, x=floats(3), t=np.array(target, np.int64))
    fits = target[-1] in (1, 3)
    assert (compiled[0], interpreted[0]) == ((0, 0) if fits else (2, 2)), compiled[2]


@pytest.mark.parametrize("kind", ["Tile", "ConstantOfShape"])
def test_negative_extents(expect_error, tmp_path, kind):
    inputs = [info("x", ["n"])] if kind == "Tile" else []
    operands = "x t" if kind == "Tile" else "t"
    model = save(
        tmp_path / "m.onnx",
        [node(kind, operands, "y")],
        [*inputs, info("t", [1], TensorProto.INT64)],
        [info("y", ["m"])],
    )
    feeds = {"x": floats(3)} if kind == "Tile" else {}
    expect_error(model, t=np.array([-2], np.int64), **feeds)


MISMATCHES = {
    "matmul": ([node("MatMul", "x y", "z")], {"x": (2, 3), "y": (4, 5)}),
    "matmul_batch": ([node("MatMul", "x y", "z")], {"x": (2, 4, 3), "y": (3, 3, 5)}),
    "concat": ([node("Concat", "x y", "z", axis=0)], {"x": (2, 3), "y": (2, 4)}),
    "gemm_bias": ([node("MatMul", "x y", "m"), node("Add", "m m2", "z")], {"x": (2, 3), "y": (3, 5), "m2": (3, 5)}),
    "mul": ([node("Mul", "x y", "z")], {"x": (2, 3), "y": (2, 4)}),
    "prelu": ([node("PRelu", "x y", "z")], {"x": (2, 3), "y": (4,)}),
    "sum": ([node("Sum", "x y x", "z")], {"x": (2, 3), "y": (5, 3)}),
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_mismatching_extents_are_errors_in_both(expect_error, tmp_path, name):
    nodes, shapes = MISMATCHES[name]
    inputs = [info(key, [f"{key}{axis}" for axis in range(len(shape))]) for key, shape in shapes.items()]
    rank = max(len(shape) for shape in shapes.values())
    model = save(tmp_path / "m.onnx", nodes, inputs, [info("z", [f"z{axis}" for axis in range(rank)])])
    expect_error(model, **{key: floats(*shape) for key, shape in shapes.items()})


# Windows and pads where there are no elements, or too few.

POOLS = {
    "max": ("MaxPool", {"kernel_shape": [3, 3], "pads": [2] * 4}),
    "average": ("AveragePool", {"kernel_shape": [3, 3], "pads": [2] * 4, "count_include_pad": 1}),
    "strided": ("MaxPool", {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [2, 2]}),
}


@pytest.mark.parametrize("name", POOLS)
def test_pool_of_nothing(expect_error, tmp_path, name):
    kind, attributes = POOLS[name]
    model = save(
        tmp_path / "m.onnx",
        [node(kind, "x", "y", **attributes)],
        [info("x", ["n", 1, "h", "w"])],
        [info("y", ["n", 1, "a", "b"])],
    )
    expect_error(model, x=floats(1, 1, 0, 4))


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("kind", ["MaxPool", "Conv"])
def test_window_larger_than_the_image(expect_error, expect_same, tmp_path, kind, stride):
    if kind == "MaxPool":
        nodes = [node(kind, "x", "y", kernel_shape=[5, 5], strides=[stride, stride])]
        initializers = {}
    else:
        nodes = [node(kind, "x w", "y", strides=[stride, stride])]
        initializers = {"w": floats(2, 1, 5, 5)}
    outputs = [info("y", ["n", "c", "a", "b"])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 1, "h", "w"])], outputs, initializers)
    expect_error(model, x=floats(1, 1, 3, 3))
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(1, 1, 5, 6))


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
def test_pad_of_nothing(expect_error, tmp_path, mode):
    pads = {"p": np.array([2, 1], np.int64)}
    model = save(
        tmp_path / "m.onnx", [node("Pad", "x p", "y", mode=mode)], [info("x", ["n"])], [info("y", ["m"])], pads
    )
    expect_error(model, x=floats(0))


# Elementwise consumers of a contraction.


def test_product_with_a_number_for_each_row(expect_same, tmp_path):
    nodes = [node("MatMul", "x w", "m"), node("Add", "m b", "a"), node("Mul", "a k", "y")]
    inputs = [info("x", ["n", 8]), info("k", ["n", 1])]
    model = save(tmp_path / "m.onnx", nodes, inputs, [info("y", ["n", 16])], {"w": floats(8, 16), "b": floats(1, 16)})
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(3, 8), k=floats(3, 1))


def test_consumer_reads_every_second_column(expect_same, tmp_path):
    index = {"b": np.array([0]), "e": np.array([1000]), "a": np.array([1]), "p": np.array([2])}
    nodes = [node("Slice", "k b e a p", "t"), node("MatMul", "x w", "m"), node("Add", "m t", "y")]
    inputs = [info("x", ["n", 8]), info("k", ["n", 10])]
    model = save(tmp_path / "m.onnx", nodes, inputs, [info("y", ["n", 5])], {"w": floats(8, 5)} | index)
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(3, 8), k=floats(3, 10))


# Contractions of unusual operands.


def test_matmul_with_an_axis_of_one(expect_same, tmp_path):
    model = save(
        tmp_path / "m.onnx",
        [node("MatMul", "x w", "y")],
        [info("x", ["n", 1, 8, 8])],
        [info("y", ["n", 1, 8, 3])],
        {"w": floats(8, 3)},
    )
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(2, 1, 8, 8))


def test_matmul_of_every_second_channel(expect_same, tmp_path):
    index = {"b": np.array([0]), "e": np.array([1000]), "a": np.array([1]), "p": np.array([2])}
    nodes = [node("Slice", "x b e a p", "t"), node("MatMul", "t w", "y")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 16])], [info("y", ["n", 3])], {"w": floats(8, 3)} | index)
    expect_same(model, rtol=1e-5, atol=1e-5, x=floats(2, 16))


def test_integer_conv_of_half_the_channels(expect_same, tmp_path):
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "v ws wz", "vd"),
        node("Conv", "d vd", "c"),
        node("QuantizeLinear", "c s z", "cq"),
        node("Split", "cq", "aq bq", axis=1, num_outputs=2),
        node("DequantizeLinear", "aq s z", "ad"),
        node("DequantizeLinear", "bq s z", "b"),
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "ad wd", "y"),
    ]
    codes = {
        "v": RNG.integers(-127, 128, (10, 4, 1, 1)).astype(np.int8),
        "w": RNG.integers(-127, 128, (8, 5, 3, 3)).astype(np.int8),
    }
    outputs = [info("y", ["n", 8, 10, 10]), info("b", ["n", 5, 12, 12])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 4, 12, 12])], outputs, SCALES | codes)
    expect_same(model, rtol=1e-4, atol=1e-3, x=floats(1, 4, 12, 12))


def test_integer_depthwise_conv_with_a_large_window(expect_same, tmp_path):
    w = RNG.integers(-127, 128, (24, 1, 7, 7)).astype(np.int8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "d wd", "y", pads=[3] * 4, group=24),
    ]
    model = save(
        tmp_path / "m.onnx", nodes, [info("x", ["n", 24, 9, 9])], [info("y", ["n", 24, 9, 9])], SCALES | {"w": w}
    )
    expect_same(model, rtol=1e-5, atol=1e-4, x=floats(1, 24, 9, 9))


def test_conv_without_outputs(expect_same, tmp_path):
    model = save(
        tmp_path / "m.onnx",
        [node("Conv", "x w", "y")],
        [info("x", ["n", 3, 8, 8])],
        [info("y", ["n", 0, 6, 6])],
        {"w": np.zeros((0, 3, 3, 3), np.float32)},
    )
    expect_same(model, x=floats(2, 3, 8, 8))


def test_matmul_without_a_sum(expect_same, tmp_path):
    model = save(
        tmp_path / "m.onnx",
        [node("MatMul", "x w", "y")],
        [info("x", ["n", 0])],
        [info("y", ["n", 3])],
        {"w": np.zeros((0, 3), np.float32)},
    )
    expect_same(model, x=floats(2, 0))


def get_kernels(qcc, model: Path) -> list[str]:
    layers = json.loads(qcc("inspect", model, "--json").stdout)["layers"]
    return [layer["kernel"] for layer in layers if layer.get("kernel")]


@pytest.mark.parametrize("zero_point", [0, 100, 129, 255])
def test_integer_weights_with_any_zero_point(expect_same, qcc, tmp_path, zero_point):
    w = RNG.integers(0, 256, (16, 6, 3, 3)).astype(np.uint8)
    v = RNG.integers(0, 256, (16, 1, 3, 3)).astype(np.uint8)
    nodes = [
        *QUANTIZE,
        node("DequantizeLinear", "w ws uz", "wd"),
        node("Conv", "d wd", "c", pads=[1] * 4),
        node("QuantizeLinear", "c s z", "cq"),
        node("DequantizeLinear", "cq s z", "cd"),
        node("DequantizeLinear", "v ws uz", "vd"),
        node("Conv", "cd vd", "y", group=16),
    ]
    codes = SCALES | {"w": w, "v": v, "uz": np.uint8(zero_point)}
    outputs = [info("c", ["n", 16, 9, 9]), info("y", ["n", 16, 7, 7])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 6, 9, 9])], outputs, codes)
    expect_same(model, rtol=1e-4, atol=1e-2, x=floats(1, 6, 9, 9))
    assert len(get_kernels(qcc, model)) == 2


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16], ids=["f16", "bf16"])
def test_contractions_of_half_floats(expect_same, qcc, tmp_path, kind):
    nodes = [
        node("Cast", "x", "h", to=kind),
        node("Cast", "w", "wh", to=kind),
        node("Conv", "h wh", "c", pads=[1] * 4),
        node("Relu", "c", "r"),
        node("Cast", "r", "y", to=TensorProto.FLOAT),
    ]
    model = save(
        tmp_path / "m.onnx",
        nodes,
        [info("x", ["n", 8, 9, 9])],
        [info("y", ["n", 16, 9, 9])],
        {"w": floats(16, 8, 3, 3)},
    )
    expect_same(model, rtol=2**-7, atol=1e-2, x=floats(1, 8, 9, 9))
    assert len(get_kernels(qcc, model)) == 1


@pytest.mark.parametrize("is_integer", [False, True], ids=["f32", "i8"])
def test_convolutions_over_one_axis(expect_same, qcc, tmp_path, is_integer):
    codes = RNG.integers(-127, 128, (16, 4, 3)).astype(np.int8)
    attributes = {"pads": [1, 1], "strides": [2], "group": 2}
    if is_integer:
        nodes = [
            *QUANTIZE,
            node("DequantizeLinear", "w ws wz", "wd"),
            node("Conv", "d wd b", "y", **attributes),
        ]
        initializers = SCALES | {"w": codes, "b": floats(16)}
    else:
        nodes = [node("Conv", "x w b", "c", **attributes), node("Relu", "c", "r"), node("Conv", "r v", "y")]
        initializers = {"w": codes.astype(np.float32) / 100, "b": floats(16), "v": floats(16, 16, 1)}
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 8, "l"])], [info("y", ["n", 16, "m"])], initializers)
    expect_same(model, rtol=1e-5, atol=1e-4, x=floats(2, 8, 11))
    assert len(get_kernels(qcc, model)) == (1 if is_integer else 2)


# NaN, padding, and numbers that are hardly one.


@pytest.mark.parametrize("size", [2, 6], ids=["unrolled", "loops"])
def test_max_pool_keeps_nan(expect_same, tmp_path, size):
    model = save(
        tmp_path / "m.onnx",
        [node("MaxPool", "x", "y", kernel_shape=[size, size], strides=[size, size])],
        [info("x", [1, 2, 2 * size, 2 * size])],
        [info("y", [1, 2, 2, 2])],
    )
    x = floats(1, 2, 2 * size, 2 * size)
    x[0, 0, 0, 1] = x[0, 0, size, size] = x[0, 0, 0, -1] = np.nan
    x[0, 1] = np.nan
    assert np.isnan(expect_same(model, x=x)["y"]).sum() == 7


def test_max_pool_with_more_padding_than_window(qcc, tmp_path):
    """A window of pads alone has no largest element."""
    model = save(
        tmp_path / "m.onnx",
        [node("MaxPool", "x", "y", kernel_shape=[2, 2], pads=[0, 0, 3, 3])],
        [info("x", ["n", 1, 4, 4])],
        [info("y", ["n", 1, 6, 6])],
    )
    done = qcc("check", model, check=False)
    assert done.returncode == 2 and "one could hold pads alone" in done.stderr


@pytest.mark.parametrize("largest", [0, 1])
def test_top_k_of_nan(expect_same, tmp_path, largest):
    model = save(
        tmp_path / "m.onnx",
        [node("TopK", "x k", "y i", largest=largest)],
        [info("x", ["n"])],
        [info("y", [3]), info("i", [3], TensorProto.INT64)],
        {"k": np.array([3])},
    )
    expect_same(model, x=np.array([1, np.nan, 3, 2, np.nan], np.float32))


def test_log_of_subnormal_numbers(expect_same, tmp_path):
    model = save(tmp_path / "m.onnx", [node("Log", "x", "y")], [info("x", ["n"])], [info("y", ["n"])])
    x = np.array([1e-40, 1e-44, 1.2e-38, 0, -0.0, -1e-40, -1, np.inf, np.nan, 1, 3e38], np.float32)
    expect_same(model, rtol=1e-6, x=x)


@pytest.mark.parametrize("processor", ["x86-64", "x86-64-v2"])
def test_functions_without_fused_multiply_add(qcc, tmp_path, processor):
    nodes = [node("Exp", "x", "a"), node("Tanh", "a", "b"), node("Erf", "b", "y")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n"])], [info("y", ["n"])])
    qcc("compile", model, f"--mcpu={processor}", "-o", tmp_path / "m.s")
    assert not re.findall(r"\bfmaf?\b", (tmp_path / "m.s").read_text()), "calls libm for each element"


# Weights in ONNX's own layout: codes [K, N], a scale for each block along K.


def save_blocks(path: Path, kind: int, channels: int, outputs: int, block: int, zero_points: bool) -> Path:
    low, high = {
        TensorProto.INT4: (-8, 8),
        TensorProto.UINT4: (0, 16),
        TensorProto.INT8: (-128, 128),
        TensorProto.UINT8: (0, 256),
    }[kind]
    blocks = -(-channels // block)

    def codes(name: str, rows: int) -> TensorProto:
        return helper.make_tensor(name, kind, [rows, outputs], RNG.integers(low, high, rows * outputs).tolist())

    scales = (RNG.random((blocks, outputs), dtype=np.float32) + 0.5) * 0.01
    initializers = [codes("w", channels), numpy_helper.from_array(scales, "s")]
    if zero_points:
        initializers.append(codes("z", blocks))
    operands = "w s z" if zero_points else "w s"
    nodes = [
        node("DequantizeLinear", operands, "wd", axis=0, block_size=block),
        node("MatMul", "x wd", "y"),
    ]
    graph = helper.make_graph(nodes, "g", [info("x", ["n", channels])], [info("y", ["n", outputs])], initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)
    return path


@pytest.mark.parametrize("zero_points", [False, True], ids=["symmetric", "zero"])
@pytest.mark.parametrize("kind", ["INT4", "UINT4", "INT8"])
def test_blocks_of_a_model(expect_same, qcc, tmp_path, kind, zero_points):
    model = save_blocks(tmp_path / "m.onnx", getattr(TensorProto, kind), 1024, 513, 32, zero_points)
    for rows in (1, 5):
        expect_same(model, rtol=1e-4, atol=1e-3, x=floats(rows, 1024))
    qcc("compile", model, "--emit=lower", "-o", tmp_path / "m.mlir")
    arena = re.search(r"qcc\.arena_bytes = (\d+)", (tmp_path / "m.mlir").read_text())
    assert arena is None or int(arena[1]) < 1024 * 513, "weights are decoded into the arena"


@pytest.mark.parametrize("zero_points", [False, True], ids=["symmetric", "zero"])
@pytest.mark.parametrize("kind", ["INT4", "UINT8", "INT8"])
def test_blocks_that_cover_the_sum(expect_same, tmp_path, kind, zero_points):
    """Codes by such blocks have exact sums, with a kernel and without one."""
    path = tmp_path / "m.onnx"
    model = onnx.load(save_blocks(path, getattr(TensorProto, kind), 64, 33, 64, zero_points))
    graph = model.graph
    graph.initializer.append(numpy_helper.from_array(np.float32(0.03), "sx"))
    graph.initializer.append(numpy_helper.from_array(np.int8(0), "zx"))
    graph.node[-1].input[0] = "xd"
    graph.node.insert(0, node("QuantizeLinear", "x sx zx", "xq"))
    graph.node.insert(1, node("DequantizeLinear", "xq sx zx", "xd"))
    onnx.save(model, path)
    for rows in (1, 5):
        expect_same(path, x=floats(rows, 64))


@pytest.mark.parametrize("kind", ["INT8", "INT4", "UINT4", "INT2", "UINT2"])
def test_nan_becomes_the_lowest_code(run_both, tmp_path, kind):
    """As in ONNX Runtime, also where codes are so narrow that arithmetic makes them."""
    nodes = [
        node("QuantizeLinear", "x s", "q", output_dtype=getattr(TensorProto, kind)),
        node("Cast", "q", "y", to=TensorProto.FLOAT),
    ]
    inputs = [info("x", ["n"]), info("s", [])]
    graph = helper.make_graph(nodes, "g", inputs, [info("y", ["n"])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=11), tmp_path / "m.onnx")
    x = np.array([np.nan, -np.inf, 1, np.inf, -np.nan], np.float32)
    bits = int(kind[-1])
    low = 0 if kind.startswith("U") else -(2 ** (bits - 1))
    for status, outputs, messages in run_both(tmp_path / "m.onnx", x=x, s=np.float32(1)):
        assert status == 0, messages
        np.testing.assert_array_equal(outputs["y"], [low, low, 1, low + 2**bits - 1, low])
