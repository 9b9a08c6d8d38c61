"""What the benchmark measures: models made here, and those of test/models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Feeds = dict[str, np.ndarray]


@dataclass
class Case:
    name: str
    model: Path
    feeds: Feeds
    options: tuple[str, ...] = ()
    # What ONNX Runtime runs; None: the same model.
    peer: Path | None = None
    # The least ratio (peer's time by ours) that the project promises; None: only the mean counts.
    wanted: float | None = None


def _save(path: Path, nodes: list, inputs: list, outputs: list, weights: list) -> Path:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def _tensor(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def make_gemm(out: Path, m: int, k: int, n: int) -> Case:
    random = np.random.default_rng(0)
    weights = random.standard_normal((k, n), np.float32) / np.sqrt(k, dtype=np.float32)
    path = _save(
        out / f"gemm_{m}x{k}x{n}.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        [_tensor("x", [m, k])],
        [_tensor("y", [m, n])],
        [numpy_helper.from_array(weights, "w")],
    )
    return Case(f"GEMM {m}x{n}x{k} f32", path, {"x": random.standard_normal((m, k), np.float32)}, wanted=0.9)


def make_conv(out: Path, channels: int, size: int) -> Case:
    random = np.random.default_rng(0)
    weights = random.standard_normal((channels, channels, 3, 3), np.float32) / np.float32(3 * np.sqrt(channels))
    bias = random.standard_normal(channels, np.float32)
    shape = [1, channels, size, size]
    path = _save(
        out / f"conv_{channels}_{size}.onnx",
        [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
        [_tensor("x", shape)],
        [_tensor("y", shape)],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    feeds = {"x": random.standard_normal(shape, np.float32)}
    return Case(f"conv 3x3 {channels}ch {size}x{size} f32", path, feeds, wanted=0.9)


def make_gemv(out: Path, k: int, n: int) -> list[Case]:
    """4-bit weights in groups of 32: ours made by --weights, the peer's MatMulNBits of the same values."""
    random = np.random.default_rng(0)
    weights = random.standard_normal((n, k), np.float32) / np.sqrt(k, dtype=np.float32)
    io = [_tensor("x", [1, k])], [_tensor("y", [1, n])]
    ours = _save(
        out / f"gemv_{k}x{n}.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        *io,
        [numpy_helper.from_array(np.ascontiguousarray(weights.T), "w")],
    )
    groups = weights.reshape(n, k // 32, 32)
    scales = np.abs(groups).max(2) / 7
    codes = (np.clip(np.rint(groups / scales[..., None]), -7, 7) + 8).astype(np.uint8)
    packed = (codes[..., 0::2] | codes[..., 1::2] << 4).astype(np.uint8)
    feeds = {"x": random.standard_normal((1, k), np.float32)}
    cases = []
    for level, options in ((4, ("--activations=int8:dynamic:token",)), (1, ())):
        node = helper.make_node(
            "MatMulNBits",
            ["x", "w", "s"],
            ["y"],
            domain="com.microsoft",
            K=k,
            N=n,
            bits=4,
            block_size=32,
            accuracy_level=level,
        )
        initializers = [numpy_helper.from_array(packed, "w"), numpy_helper.from_array(scales.ravel(), "s")]
        peer = _save(out / f"nbits_{k}x{n}_{level}.onnx", [node], *io, initializers)
        name = f"GEMV {k}x{n} int4:g32, MatMulNBits level {level}"
        cases.append(Case(name, ours, feeds, ("--weights=int4:g32", *options), peer, 0.8))
    return cases


def make_layer(out: Path, k: int, hidden: int) -> list[Case]:
    """A transformer layer of f32 with heads of 64, for 1 and 128 tokens: quantized weights, activations by token."""
    random = np.random.default_rng(0)
    nodes: list = []
    weights: list = []

    def add(kind: str, *inputs: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [f"t{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    def constant(values: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(np.asarray(values), f"c{len(weights)}"))
        return weights[-1].name

    def project(x: str, rows: int, columns: int) -> str:
        matrix = random.standard_normal((rows, columns), np.float32) / np.sqrt(rows, dtype=np.float32)
        bias = random.standard_normal(columns, np.float32)
        return add("Add", add("MatMul", x, constant(matrix)), constant(bias))

    def normalize(x: str) -> str:
        return add(
            "LayerNormalization", x, constant(np.ones(k, np.float32)), constant(np.zeros(k, np.float32)), axis=-1
        )

    def split(x: str, order: list[int]) -> str:
        heads = add("Reshape", x, constant(np.array([0, 0, k // 64, 64])))
        return add("Transpose", heads, perm=order)

    x = normalize("x")
    query, key, value = (split(project(x, k, k), order) for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
    scores = add("Mul", add("MatMul", query, key), constant(np.array(0.125, np.float32)))
    mixed = add("MatMul", add("Softmax", scores, axis=-1), value)
    joined = add("Reshape", add("Transpose", mixed, perm=[0, 2, 1, 3]), constant(np.array([0, 0, k])))
    x = add("Add", "x", project(joined, k, k))
    inner = project(normalize(x), k, hidden)
    root = constant(np.array(np.sqrt(2), np.float32))
    gate = add("Add", add("Erf", add("Div", inner, root)), constant(np.array(1, np.float32)))
    half = add("Mul", add("Mul", inner, gate), constant(np.array(0.5, np.float32)))
    nodes.append(helper.make_node("Add", [x, project(half, hidden, k)], ["y"]))
    io = [_tensor("x", [1, "t", k])], [_tensor("y", [1, "t", k])]
    path = _save(out / f"layer_{k}.onnx", nodes, *io, weights)
    return [
        Case(
            f"layer {k}, {tokens} token(s), {form}",
            path,
            {"x": random.standard_normal((1, tokens, k), np.float32)},
            (f"--weights={form}", "--activations=int8:dynamic:token", f"--shape=x=1x{tokens}x{k}"),
        )
        for tokens in (1, 128)
        for form in ("int8", "int4:g32")
    ]


# Extents of dynamic inputs; a static extent stays.
SHAPES = {
    "ppocr_det": {"x": (1, 3, 640, 640)},
    "ppocr_rec": {"x": (1, 3, 48, 320)},
    "ppocr_cls": {"x": (1, 3, 48, 192)},
}
NUMBERS = {TensorProto.FLOAT: np.float32, TensorProto.INT64: np.int64, TensorProto.INT32: np.int32}


def make_feeds(model: Path, batch: int = 1, length: int = 128, shapes: dict | None = None) -> Feeds:
    """Seeded inputs: images standard normal, tokens anything in the vocabulary, masks 1."""
    random = np.random.default_rng(0)
    proto = onnx.load(model, load_external_data=False)
    initializers = {tensor.name for tensor in proto.graph.initializer}
    feeds: Feeds = {}
    for value in proto.graph.input:
        if value.name in initializers:
            continue
        kind = value.type.tensor_type
        dynamic = iter((batch, length))
        shape = (shapes or SHAPES.get(model.stem, {})).get(value.name) or [
            dim.dim_value or next(dynamic, 1) for dim in kind.shape.dim
        ]
        dtype = NUMBERS[kind.elem_type]
        if dtype is np.float32:
            feeds[value.name] = random.standard_normal(shape, np.float32)
        elif "mask" in value.name:
            feeds[value.name] = np.ones(shape, dtype)
        elif "type" in value.name:
            feeds[value.name] = np.zeros(shape, dtype)
        else:
            feeds[value.name] = random.integers(0, 30000, shape).astype(dtype)
    return feeds


REAL_MODELS = [
    "resnet50",
    "squeezenet",
    "shufflenet",
    "densenet121",
    "alexnet",
    "inception_v1",
    "inception_v2",
    "zfnet512",
    "vgg19",
    "ppocr_det",
    "ppocr_rec",
    "ppocr_cls",
    "minilm",
]
QUANTIZED_MODELS = ["resnet50_qdq", "resnet50_qoperator", "minilm_qdq", "minilm_qoperator"]


def make_cases(out: Path, find: Callable[[str], Path | None]) -> list[Case]:
    """All cases; `find` gives a model's file or None where it was not made."""
    cases = [make_gemm(out, 1024, 1024, 1024), make_conv(out, 64, 56), make_conv(out, 256, 14)]
    cases += make_gemv(out, 4096, 4096)
    cases += make_layer(out, 768, 3072) + make_layer(out, 4096, 8192)
    for name in REAL_MODELS + QUANTIZED_MODELS:
        path = find(name)
        if path is None:
            print(f"left out: {name}, which `make models` makes", flush=True)
            continue
        wanted = 0.5 if name == "resnet50_qdq" else 0.15
        cases.append(Case(name, path, make_feeds(path), wanted=wanted))
    return cases
