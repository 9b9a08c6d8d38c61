"""The models that the other tests rely on are what they promise to be."""

from __future__ import annotations

from pathlib import Path

import light_models
import numpy as np
import onnxruntime
import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["digits_f32", "digits_int8"])
def test_digits_accuracy(name):
    data = np.load(HERE / "digits_test.npz")
    path = HERE / f"{name}.onnx"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    logits = session.run(None, {"image": data["images"]})[0]
    assert (logits.argmax(1) == data["labels"]).mean() >= 0.97
    assert path.stat().st_size < 1 << 20


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "inception_v1"])
def test_light_model_depends_on_its_input(name, tmp_path):
    session = onnxruntime.InferenceSession(light_models.make(name, tmp_path), providers=["CPUExecutionProvider"])
    first, second = (session.run(None, light_models.random_inputs(session, seed))[0] for seed in (0, 1))
    assert np.abs(first - second).max() > 0.01 * first.max()
    assert first.max() < 0.9, "softmax is saturated"


def test_light_model_is_reproducible(tmp_path):
    once = light_models.make("squeezenet", tmp_path).read_bytes()
    assert light_models.make("squeezenet", tmp_path).read_bytes() == once
