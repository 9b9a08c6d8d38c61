"""Weight formats in NumPy, written from docs/formats.md and docs/numerics.md: what a model computes whose weights went
into a format and back."""

from __future__ import annotations

from pathlib import Path

import format_reference
import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper

MIN_VALUES = 4096
# The codec, as format_reference.py has it, of a name that is not intN.
CODECS = {
    "nf4": "nf4",
    "sf4": "sf4",
    "fp4_e2m1": "e2m1",
    "fp6_e2m3": "e2m3",
    "fp6_e3m2": "e3m2",
    "fp8_e4m3": "e4m3fn",
    "fp8_e5m2": "e5m2",
    "posit16": "posit16",
}
# Groups of 32 with a power of two each: OCP MX.
MICROSCALING = {
    "mxfp4": "fp4_e2m1",
    "mxfp6_e2m3": "fp6_e2m3",
    "mxfp6_e3m2": "fp6_e3m2",
    "mxfp8": "fp8_e4m3",
    "mxfp8_e5m2": "fp8_e5m2",
    "mxint8": "int8",
}


def to_codec(name: str, scaled: np.ndarray) -> np.ndarray:
    """The numbers of a symmetric codec that are nearest to `scaled`."""
    if name in CODECS:
        codec = format_reference.get_codec(CODECS[name])
        return codec.decode(codec.encode(scaled)).astype(np.float32)
    bits = int(name.removeprefix("int"))
    return np.clip(np.rint(scaled), -(1 << (bits - 1)), (1 << (bits - 1)) - 1).astype(np.float32)


def get_largest(name: str) -> np.float32:
    if name in CODECS:
        return np.float32(format_reference.get_codec(CODECS[name]).get_largest(0))
    return np.float32((1 << (int(name.removeprefix("int")) - 1)) - 1)


def fake_quantize_group(values: np.ndarray, codec: str, scale_type: type) -> np.ndarray:
    """Rows of groups: each row shares a scale."""
    absmax = np.abs(values).max(axis=1, keepdims=True)
    if scale_type is ml_dtypes.float8_e8m0fnu:
        exponents = np.frexp(absmax)[1] - np.frexp(get_largest(codec))[1]
        scales = np.where(absmax == 0, np.float32(1), np.ldexp(np.float32(1), exponents))
    else:
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
    """[outputs, reduction], in CODEC:gN, CODEC:axis, CODEC:tensor or microscaling."""
    if weights_format in MICROSCALING:
        codec, scaling, group_type = MICROSCALING[weights_format], "g32", ml_dtypes.float8_e8m0fnu
    else:
        codec, scaling = weights_format.split(":")
        group_type = np.float16

    def quantize(rows: np.ndarray, scale_type: type) -> np.ndarray:
        if codec.startswith("uint"):
            return fake_quantize_asymmetric(rows, int(codec.removeprefix("uint")), scale_type)
        return fake_quantize_group(rows, codec, scale_type)

    if scaling == "tensor":
        return quantize(matrix.reshape(1, -1), np.float32).reshape(matrix.shape)
    if scaling == "axis":
        return quantize(matrix, np.float32)
    size = int(scaling.removeprefix("g"))
    groups = [quantize(matrix[:, i : i + size], group_type) for i in range(0, matrix.shape[1], size)]
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
