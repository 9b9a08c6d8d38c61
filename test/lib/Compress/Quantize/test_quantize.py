"""--weights and --activations compute what NumPy says that they do, interpreted and compiled."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from fake_quantize import fake_quantize_matrix, fake_quantize_model
from onnx import TensorProto, helper, numpy_helper

MODES = [pytest.param(["--interpret"], id="interpreted"), pytest.param([], id="compiled")]
# Ragged groups, codes that end within a byte, one scale for all, zero points; f16 and f32 scales.
FORMATS = [
    "int4:g32",
    "int4:axis",
    "int8:axis",
    "int8:tensor",
    "int3:g64",
    "int2:g16",
    "int5:axis",
    "uint4:g32",
    "uint8:axis",
    "nf4:g64",
    "nf4:axis",
    "fp8_e4m3:axis",
    "fp8_e4m3:g128",
    "fp8_e5m2:g64",
    "fp6_e2m3:axis",
    "fp6_e3m2:g32",
    "fp4_e2m1:g32",
    "sf4:g128",
    "posit16:tensor",
    "mxfp4",
    "mxfp6_e2m3",
    "mxfp8",
    "mxint8",
]


def make_values(*shape):
    """Of a wide range of magnitudes, with a row and a group of zeros."""
    rng = np.random.default_rng(sum(shape))
    values = rng.standard_normal(shape, dtype=np.float32) * np.exp(
        rng.standard_normal((shape[0], 1), dtype=np.float32)
    ).reshape(-1, *[1] * (len(shape) - 1))
    values[3] = 0
    return values


def save(path, nodes, inputs, output, initializers):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(value, name) for name, value in initializers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def make_matmul(path):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    inputs = [("x", TensorProto.FLOAT, ["n", "l", 150])]
    return save(path, [node], inputs, ["n", "l", 75], {"w": make_values(75, 150).T})


def make_gemm(path):
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)
    weights = {"w": make_values(75, 150), "b": make_values(75)}
    return save(path, [node], [("x", TensorProto.FLOAT, ["n", 150])], ["n", 75], weights)


def make_conv(path):
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], strides=[2, 1], pads=[1, 1, 1, 1])
    weights = {"w": make_values(24, 20, 3, 3), "b": make_values(24)}
    return save(path, [node], [("x", TensorProto.FLOAT, ["n", 20, "h", 9])], ["n", 24, "k", 9], weights)


def make_grouped_conv(path):
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=2, dilations=[2, 1])
    return save(
        path, [node], [("x", TensorProto.FLOAT, ["n", 24, 9, 9])], ["n", 60, 5, 8], {"w": make_values(60, 12, 3, 2)}
    )


def make_pointwise_conv(path):
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    return save(
        path, [node], [("x", TensorProto.FLOAT, ["n", 70, 5, 5])], ["n", 66, 5, 5], {"w": make_values(66, 70, 1, 1)}
    )


def make_gather(path):
    node = helper.make_node("Gather", ["w", "i"], ["y"])
    return save(path, [node], [("i", TensorProto.INT64, ["n", "l"])], ["n", "l", 75], {"w": make_values(100, 75)})


def make_tied(path):
    """Rows of a table that are multiplied by the whole table: one constant, two readers."""
    nodes = [
        helper.make_node("Gather", ["w", "i"], ["x"]),
        helper.make_node("Gemm", ["x", "w"], ["y"], transB=1),
    ]
    return save(path, nodes, [("i", TensorProto.INT64, ["n"])], ["n", 100], {"w": make_values(100, 75)})


MODELS = {
    "matmul": (make_matmul, (2, 3, 150)),
    "gemm": (make_gemm, (5, 150)),
    "conv": (make_conv, (2, 20, 7, 9)),
    "grouped_conv": (make_grouped_conv, (2, 24, 9, 9)),
    "pointwise_conv": (make_pointwise_conv, (2, 70, 5, 5)),
    "gather": (make_gather, (2, 4)),
    "tied": (make_tied, (6,)),
}


def run(qcc, model, feeds, tmp_path, *options):
    inputs = []
    for name, value in feeds.items():
        np.save(tmp_path / f"{name}.npy", value)
        inputs.append(f"--input={name}={tmp_path / name}.npy")
    qcc("run", model, *inputs, "--output-dir", tmp_path / "out", *options)
    return np.load(tmp_path / "out/y.npy")


def make_feeds(model, shape):
    name = onnx.load(model).graph.input[0].name
    rng = np.random.default_rng(1)
    if name == "i":
        return {name: rng.integers(-100, 100, shape)}
    return {name: rng.standard_normal(shape, dtype=np.float32)}


def check_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("weights_format", FORMATS)
@pytest.mark.parametrize("name", MODELS)
def test_weights(qcc, tmp_path, name, weights_format, mode):
    make, shape = MODELS[name]
    model = make(tmp_path / "model.onnx")
    feeds = make_feeds(model, shape)
    actual = run(qcc, model, feeds, tmp_path, f"--weights={weights_format}", *mode)
    assert fake_quantize_model(model, tmp_path / "fake.onnx", weights_format) == 1
    expected = onnxruntime.InferenceSession(tmp_path / "fake.onnx").run(None, feeds)[0]
    check_close(actual, expected)
    # The format did something: f32 weights give another result.
    plain = onnxruntime.InferenceSession(model).run(None, feeds)[0]
    assert np.abs(actual - plain).max() > 1e-5 * np.abs(plain).max()


@pytest.mark.parametrize("mode", [*MODES, pytest.param(["--mcpu=x86-64-v3"], id="avx2")])
@pytest.mark.parametrize("weights_format", ["int4:g32", "int4:axis", "int8:axis", "uint4:g32", "uint8:axis", "nf4:g64"])
@pytest.mark.parametrize("make", [make_matmul, make_gemm])
def test_activations(qcc, tmp_path, make, weights_format, mode):
    model = make(tmp_path / "model.onnx")
    shape = (2, 3, 150) if make is make_matmul else (5, 150)
    feeds = make_feeds(model, shape)
    feeds["x"][0] *= 100  # A scale for each row: the others do not suffer.
    actual = run(qcc, model, feeds, tmp_path, f"--weights={weights_format}", "--activations=int8:dynamic:token", *mode)
    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(model).graph.initializer}
    matrix = fake_quantize_matrix(tensors["w"].T if make is make_matmul else tensors["w"], weights_format)
    x = fake_quantize_matrix(feeds["x"].reshape(-1, 150), "int8:axis").reshape(shape)
    expected = x.astype(np.float64) @ matrix.T.astype(np.float64) + tensors.get("b", 0)
    bound = 2e-5 * (np.abs(x).astype(np.float64) @ np.abs(matrix.T).astype(np.float64) + 1e-6)
    assert np.all(np.abs(actual - expected) <= bound)


def test_activations_need_quantized_weights(qcc, tmp_path):
    model = make_matmul(tmp_path / "model.onnx")
    done = qcc(
        "compile",
        model,
        "--emit=compress",
        "--activations=int8:dynamic:token",
        "-o",
        tmp_path / "out.mlir",
        check=False,
    )
    assert "no matrix product has weights in a format" in done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--weights=int9", "unknown codec 'int9'; known are int2"),
        ("--weights=int8:2of4", "sparsity '2of4' is not built yet"),
        ("--weights=int4:g12", "groups of 12 values are not supported"),
        ("--activations=int8", "known is 'int8:dynamic:token'"),
    ],
)
def test_refuses_what_is_not_built(qcc, tmp_path, option, message):
    model = make_matmul(tmp_path / "model.onnx")
    done = qcc("compile", model, option, "--emit=compress", "-o", tmp_path / "out.mlir", check=False)
    assert done.returncode == 2
    assert message in done.stderr
