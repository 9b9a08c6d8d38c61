"""What the passes make of a graph is what the importer made: every phase that the interpreter knows gives the outputs
of ONNX Runtime, or, with formats of the user's choice, those of the phase that put the formats in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

MODELS = ("digits_f32", "digits_int8")
PHASES = ("import", "compress", "fuse", "decide", "place", "storage")
# Of phase compress on; within the numeric contract of the codec and scaling.
FORMATS = {
    "int8": ["--weights=int8"],
    "int4:g32": ["--weights=int4:g32"],
    "int8, int8:dynamic:token": ["--weights=int8", "--activations=int8:dynamic:token"],
    "nf4:g64": ["--weights=nf4:g64"],
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> Path:
    """A few images of handwritten digits as the models take them."""
    data = np.load(Path(__file__).parents[1] / "models/digits_test.npz")
    path = tmp_path_factory.mktemp("digits") / "x.npy"
    np.save(path, data["images"][:8])
    return path


@pytest.fixture
def interpret(qcc, model_path, digits, tmp_path):
    def run(model: str, phase: str, *options: str) -> np.ndarray:
        source = model_path(model)
        name = onnxruntime.InferenceSession(source).get_inputs()[0].name
        module = tmp_path / f"{phase}.mlir"
        qcc("compile", source, f"--emit={phase}", "-o", module, *options)
        out = tmp_path / phase
        qcc("run", module, "--interpret", f"--input={name}={digits}", "--output-dir", out)
        (output,) = out.iterdir()
        return np.load(output)

    return run


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("model", MODELS)
def test_every_phase_gives_the_models_outputs(interpret, model_path, digits, model, phase):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(model_path(model), options)
    (expected,) = session.run(None, {session.get_inputs()[0].name: np.load(digits)})
    np.testing.assert_allclose(interpret(model, phase), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("phase", PHASES[2:])
@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_formats_mean_the_same_in_every_phase(interpret, options, phase):
    expected = interpret("digits_f32", "compress", *options)
    plain = interpret("digits_f32", "import")
    assert not np.array_equal(expected, plain), "the formats have no effect"
    np.testing.assert_allclose(interpret("digits_f32", phase, *options), expected, rtol=1e-4, atol=1e-5)
