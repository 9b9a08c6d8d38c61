#!/usr/bin/env python3
"""Trains the small image classifier of `make demo` on scikit-learn's digits (8x8 pixels) and writes it as ONNX.

    train_digits.py [--out DIR]

conv 3x3 (16) - relu - maxpool - conv 3x3 (32) - relu - maxpool - gemm (64) - relu - gemm (10), by Adam on NumPy alone.
Writes digits_f32.onnx, digits_int8.onnx (QDQ, per channel, by onnxruntime.quantization) and digits_test.npz: the 360
held-out images and their labels. The files are committed; this script tells where they come from.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SEED = 7
EPOCHS = 40
BATCH = 64
HELD_OUT = 360
CHANNELS = (1, 16, 32)
HIDDEN = 64
FEATURES = CHANNELS[2] * 2 * 2

Array = np.ndarray


def load_digits() -> tuple[Array, Array, Array, Array]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    images = (digits.images[order] / 16).astype(np.float32)[:, None]
    labels = digits.target[order].astype(np.int64)
    return images[HELD_OUT:], labels[HELD_OUT:], images[:HELD_OUT], labels[:HELD_OUT]


def init_parameters(random: np.random.Generator) -> dict[str, Array]:
    shapes = {
        "conv1.weight": (CHANNELS[1], CHANNELS[0], 3, 3),
        "conv2.weight": (CHANNELS[2], CHANNELS[1], 3, 3),
        "fc1.weight": (HIDDEN, FEATURES),
        "fc2.weight": (10, HIDDEN),
    }
    parameters = {}
    for name, shape in shapes.items():
        deviation = np.sqrt(2 / np.prod(shape[1:]))
        parameters[name] = (random.standard_normal(shape) * deviation).astype(np.float32)
        parameters[name.replace("weight", "bias")] = np.zeros(shape[0], np.float32)
    return parameters


def unfold(x: Array) -> Array:
    """[n, c, h, w] to the 3x3 neighbourhoods [n, h, w, c, 3, 3], zeros outside."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5)


def fold(columns: Array, shape: tuple[int, ...]) -> Array:
    """The transpose of unfold: adds each neighbourhood's values to where they came from."""
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2, w + 2), np.float32)
    for i in range(3):
        for j in range(3):
            padded[:, :, i : i + h, j : j + w] += columns[..., i, j].transpose(0, 3, 1, 2)
    return padded[:, :, 1:-1, 1:-1]


class Convolution:
    def forward(self, x: Array, weight: Array, bias: Array) -> Array:
        self.shape, self.weight = x.shape, weight
        self.columns = unfold(x).reshape(-1, weight[0].size)
        n, _, h, w = x.shape
        y = self.columns @ weight.reshape(len(weight), -1).T + bias
        return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        n, c, h, w = self.shape
        rows = dy.transpose(0, 2, 3, 1).reshape(-1, len(self.weight))
        dx = (rows @ self.weight.reshape(len(self.weight), -1)).reshape(n, h, w, c, 3, 3)
        return fold(dx, self.shape), (rows.T @ self.columns).reshape(self.weight.shape), rows.sum(0)


class Pool:
    """Maximum over 2x2 of the positive part."""

    def forward(self, x: Array) -> Array:
        n, c, h, w = x.shape
        self.tiles = np.maximum(x, 0).reshape(n, c, h // 2, 2, w // 2, 2)
        self.maximum = self.tiles.max(axis=(3, 5), keepdims=True)
        return self.maximum[:, :, :, 0, :, 0]

    def backward(self, dy: Array) -> Array:
        taken = (self.tiles == self.maximum) & (self.tiles > 0)
        dx = taken * dy[:, :, :, None, :, None]
        n, c, h, _, w, _ = dx.shape
        return dx.reshape(n, c, 2 * h, 2 * w)


def compute_gradients(p: dict[str, Array], x: Array, labels: Array) -> dict[str, Array]:
    """Of the mean cross entropy."""
    conv1, pool1, conv2, pool2 = Convolution(), Pool(), Convolution(), Pool()
    a = pool1.forward(conv1.forward(x, p["conv1.weight"], p["conv1.bias"]))
    b = pool2.forward(conv2.forward(a, p["conv2.weight"], p["conv2.bias"]))
    flat = b.reshape(len(x), -1)
    hidden = np.maximum(flat @ p["fc1.weight"].T + p["fc1.bias"], 0)
    logits = hidden @ p["fc2.weight"].T + p["fc2.bias"]

    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    d_logits = exponentials / exponentials.sum(1, keepdims=True)
    d_logits[np.arange(len(x)), labels] -= 1
    d_logits /= len(x)
    g = {"fc2.weight": d_logits.T @ hidden, "fc2.bias": d_logits.sum(0)}
    d_hidden = (d_logits @ p["fc2.weight"]) * (hidden > 0)
    g |= {"fc1.weight": d_hidden.T @ flat, "fc1.bias": d_hidden.sum(0)}
    d_b = (d_hidden @ p["fc1.weight"]).reshape(b.shape)
    d_a, g["conv2.weight"], g["conv2.bias"] = conv2.backward(pool2.backward(d_b))
    _, g["conv1.weight"], g["conv1.bias"] = conv1.backward(pool1.backward(d_a))
    return g


def shift(images: Array, random: np.random.Generator) -> Array:
    """By up to one pixel, so that 1,437 images are enough."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    offsets = random.integers(0, 3, (len(images), 2))
    return np.stack([image[:, i : i + 8, j : j + 8] for image, (i, j) in zip(padded, offsets, strict=True)])


def train(images: Array, labels: Array) -> dict[str, Array]:
    random = np.random.default_rng(SEED)
    parameters = init_parameters(random)
    mean = {name: np.zeros_like(value) for name, value in parameters.items()}
    square = {name: np.zeros_like(value) for name, value in parameters.items()}
    steps = EPOCHS * (len(images) // BATCH)
    for step in range(steps):
        picked = random.integers(0, len(images), BATCH)
        gradients = compute_gradients(parameters, shift(images[picked], random), labels[picked])
        rate = 3e-3 * (1 - step / steps)
        for name, gradient in gradients.items():
            mean[name] = 0.9 * mean[name] + 0.1 * gradient
            square[name] = 0.999 * square[name] + 0.001 * gradient**2
            corrected = mean[name] / (1 - 0.9 ** (step + 1))
            deviation = np.sqrt(square[name] / (1 - 0.999 ** (step + 1)))
            parameters[name] = (parameters[name] - rate * corrected / (deviation + 1e-8)).astype(np.float32)
    return parameters


def make_model(parameters: dict[str, Array]) -> onnx.ModelProto:
    def convolve(number: int, x: str) -> list[onnx.NodeProto]:
        weights = [f"conv{number}.weight", f"conv{number}.bias"]
        return [
            helper.make_node("Conv", [x, *weights], [f"conv{number}"], f"conv{number}", pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"conv{number}"], [f"relu{number}"], f"relu{number}"),
            helper.make_node(
                "MaxPool", [f"relu{number}"], [f"pool{number}"], f"pool{number}", kernel_shape=[2, 2], strides=[2, 2]
            ),
        ]

    nodes = [
        *convolve(1, "image"),
        *convolve(2, "pool1"),
        helper.make_node("Flatten", ["pool2"], ["features"], "flatten"),
        helper.make_node("Gemm", ["features", "fc1.weight", "fc1.bias"], ["fc1"], "fc1", transB=1),
        helper.make_node("Relu", ["fc1"], ["relu3"], "relu3"),
        helper.make_node("Gemm", ["relu3", "fc2.weight", "fc2.bias"], ["logits"], "fc2", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(value, name) for name, value in parameters.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def quantize(source: Path, target: Path, images: Array) -> None:
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process
    from quantized_models import Batches

    batches = [{"image": images[start : start + 64]} for start in range(0, 512, 64)]
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(source, prepared)
        quantization.quantize_static(prepared, target, Batches(batches), per_channel=True)


def measure_accuracy(path: Path, images: Array, labels: Array) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return float((session.run(None, {"image": images})[0].argmax(1) == labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    images, labels, test_images, test_labels = load_digits()
    onnx.save(make_model(train(images, labels)), out / "digits_f32.onnx")
    quantize(out / "digits_f32.onnx", out / "digits_int8.onnx", images)
    np.savez_compressed(out / "digits_test.npz", images=test_images, labels=test_labels)
    for name in ("digits_f32.onnx", "digits_int8.onnx"):
        path = out / name
        print(f"{path}: {path.stat().st_size} bytes, accuracy {measure_accuracy(path, test_images, test_labels):.4f}")


if __name__ == "__main__":
    main()
