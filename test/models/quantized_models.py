"""Quantizes models by onnxruntime.quantization as its users do: static, int8, per channel, in both of its styles."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import version_converter
from onnxruntime import quantization
from onnxruntime.quantization import QuantFormat, QuantType
from onnxruntime.quantization.shape_inference import quant_pre_process

STYLES = {"qdq": QuantFormat.QDQ, "qoperator": QuantFormat.QOperator}


class Batches(quantization.CalibrationDataReader):
    def __init__(self, batches: list[dict[str, np.ndarray]]):
        self.iterator: Iterator[dict[str, np.ndarray]] = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.iterator, None)


def modernize(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """The quantizer knows Add and not Sum, and per-channel scales need opset 13."""
    for node in model.graph.node:
        if node.op_type == "Sum" and len(node.input) == 2:
            node.op_type = "Add"
    if model.opset_import[0].version < opset:
        model = version_converter.convert_version(model, opset)
    return model


def quantize(
    source: Path,
    target: Path,
    style: str,
    batches: list[dict[str, np.ndarray]],
    activations: QuantType = QuantType.QUInt8,
    op_types: list[str] | None = None,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        modern, prepared = Path(folder) / "modern.onnx", Path(folder) / "prepared.onnx"
        onnx.save(modernize(onnx.load(source), 17), modern)
        # Folds BatchNorm into convolutions. Symbolic shape inference refuses some models; ONNX's own is enough.
        quant_pre_process(modern, prepared, skip_symbolic_shape=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        quantization.quantize_static(
            prepared,
            partial,
            Batches(batches),
            quant_format=STYLES[style],
            per_channel=True,
            activation_type=activations,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=op_types,
        )
        partial.rename(target)
