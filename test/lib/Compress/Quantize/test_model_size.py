"""Weights in a format, in real models: what artifacts weigh, and that they compute what NumPy's emulation does."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from fake_quantize import MIN_VALUES, fake_quantize_model

# Bits per value of initializers of at least MIN_VALUES values.
BUDGETS = {"int4:g32": 4.6, "nf4:g64": 4.6, "fp8_e4m3": 8.3}


def count_values(model):
    sizes = [int(np.prod(tensor.dims)) for tensor in onnx.load(model).graph.initializer]
    large = sum(size for size in sizes if size >= MIN_VALUES)
    return large, sum(sizes) - large


@pytest.mark.parametrize("weights_format", BUDGETS)
@pytest.mark.parametrize("name", ["resnet50", "minilm"])
def test_artifact_keeps_the_budget(qcc, model_path, tmp_path, name, weights_format):
    model = model_path(name)
    artifact = tmp_path / "model.so"
    qcc("compile", model, f"--weights={weights_format}", "-o", artifact, timeout=300)
    large, small = count_values(model)
    stored = artifact.with_name("model.so.weights").stat().st_size
    # Small constants stay f32; none of the weights can hide among them.
    assert (stored - 4 * small) * 8 / large <= BUDGETS[weights_format]
    assert artifact.stat().st_size < 2 << 20


@pytest.mark.parametrize("weights_format", ["int4:g32", "nf4:g64", "fp8_e4m3:axis"])
def test_minilm_computes_what_numpy_emulates(qcc, model_path, tmp_path, weights_format):
    model = model_path("minilm")
    feeds = {
        "input_ids": np.random.default_rng(0).integers(0, 30522, (2, 13)),
        "attention_mask": np.ones((2, 13), np.int64),
        "token_type_ids": np.zeros((2, 13), np.int64),
    }
    inputs = []
    for name, value in feeds.items():
        np.save(tmp_path / f"{name}.npy", value)
        inputs.append(f"--input={name}={tmp_path / name}.npy")
    qcc("run", model, *inputs, f"--weights={weights_format}", "--output-dir", tmp_path / "out", timeout=300)
    assert fake_quantize_model(model, tmp_path / "fake.onnx", weights_format) == 38
    session = onnxruntime.InferenceSession(tmp_path / "fake.onnx")
    expected = session.run(["last_hidden_state"], feeds)[0]
    actual = np.load(tmp_path / "out/last_hidden_state.npy")
    assert np.abs(actual - expected).max() <= 1e-4 * (expected.max() - expected.min())
