"""Weight formats in NumPy, written from docs/formats.md and docs/numerics.md: what a model computes whose weights went
into a format and back."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper

MIN_VALUES = 4096
NF4 = np.float32(
    [
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0,
    ]
)


def to_codec(codec: str, scaled: np.ndarray) -> np.ndarray:
    """The numbers of a symmetric codec that are nearest to `scaled`."""
    if codec == "nf4":
        return NF4[np.abs(scaled[..., None].astype(np.float64) - NF4.astype(np.float64)).argmin(axis=-1)]
    if codec == "fp8_e4m3":
        return np.clip(scaled, -448, 448).astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    bits = int(codec.removeprefix("int"))
    return np.clip(np.rint(scaled), -(1 << (bits - 1)), (1 << (bits - 1)) - 1).astype(np.float32)


def get_largest(codec: str) -> np.float32:
    if codec == "nf4":
        return np.float32(1)
    return np.float32(448 if codec == "fp8_e4m3" else (1 << (int(codec.removeprefix("int")) - 1)) - 1)


def fake_quantize_group(values: np.ndarray, codec: str, scale_type: type) -> np.ndarray:
    """Rows of groups: each row shares a scale."""
    absmax = np.abs(values).max(axis=1, keepdims=True)
    scales = (absmax / get_largest(codec)).astype(scale_type).astype(np.float32)
    scales[scales == 0] = 1
    return to_codec(codec, values / scales) * scales


def fake_quantize_asymmetric(values: np.ndarray, bits: int, scale_type: type) -> np.ndarray:
    """uintN: a zero point for each scale, by the rule of ONNX's DynamicQuantizeLinear."""
    low = np.minimum(values.min(axis=1, keepdims=True), 0)
    high = np.maximum(values.max(axis=1, keepdims=True), 0)
    largest = np.float32((1 << bits) - 1)
    scales = ((high - low) / largest).astype(scale_type).astype(np.float32)
    scales[scales == 0] = 1
    zeros = np.clip(np.rint(-low / scales), 0, largest)
    return (np.clip(np.rint(values / scales) + zeros, 0, largest) - zeros) * scales


def fake_quantize_matrix(matrix: np.ndarray, weights_format: str) -> np.ndarray:
    """[outputs, reduction], in CODEC:gN, CODEC:axis or CODEC:tensor."""
    codec, scaling = weights_format.split(":")

    def quantize(rows: np.ndarray, scale_type: type) -> np.ndarray:
        if codec.startswith("uint"):
            return fake_quantize_asymmetric(rows, int(codec.removeprefix("uint")), scale_type)
        return fake_quantize_group(rows, codec, scale_type)

    if scaling == "tensor":
        return quantize(matrix.reshape(1, -1), np.float32).reshape(matrix.shape)
    if scaling == "axis":
        return quantize(matrix, np.float32)
    size = int(scaling.removeprefix("g"))
    groups = [quantize(matrix[:, i : i + size], np.float16) for i in range(0, matrix.shape[1], size)]
    return np.concatenate(groups, axis=1)


def fake_quantize_model(source: Path, target: Path, weights_format: str) -> int:
    """Writes the model with the weights of MatMul, Gemm, Conv and Gather in the format and back; how many there are."""
    model = onnx.load(source)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    done = set()
    for node in model.graph.node:
        position = 0 if node.op_type == "Gather" else 1
        if node.op_type not in ("MatMul", "Gemm", "Conv", "Gather") or node.input[position] not in tensors:
            continue
        tensor = tensors[node.input[position]]
        values = numpy_helper.to_array(tensor)
        if values.size < MIN_VALUES or values.dtype != np.float32 or tensor.name in done:
            continue
        if node.op_type == "Conv":
            last = np.moveaxis(values, 1, -1)
            matrix = fake_quantize_matrix(last.reshape(len(values), -1), weights_format)
            values = np.moveaxis(matrix.reshape(last.shape), -1, 1)
        elif node.op_type == "Gather" or any(a.name == "transB" and a.i for a in node.attribute):
            values = fake_quantize_matrix(values, weights_format)
        else:
            values = fake_quantize_matrix(values.T, weights_format).T
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
        done.add(tensor.name)
    onnx.save(model, target)
    return len(done)
