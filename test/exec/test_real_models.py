"""Compiled real models against ONNX Runtime: point by point what the README promises of agreement.

Float models: the largest error is at most 1e-3 of the output's range, and labels agree where ONNX Runtime's two best
are farther apart than twice that. Quantized models, end to end: signal to noise of at least 30 dB, since a code that
rounds the other way once is carried on by every layer after it; the layers themselves are held to the numeric contract
by test_quantized_nodes.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test/bench"), str(ROOT / "tools/demo")]

from artifact import Artifact  # noqa: E402
from cases import make_feeds  # noqa: E402

RANGE_ERROR = 1e-3
LIGHT = [
    "alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
    "zfnet512",
]
PPOCR_SHAPES = {
    "ppocr_det": [(1, 3, 64, 96), (1, 3, 320, 320), (2, 3, 160, 224)],
    "ppocr_rec": [(1, 3, 48, 320), (2, 3, 48, 160), (1, 3, 48, 100)],
    "ppocr_cls": [(1, 3, 48, 192), (3, 3, 48, 192), (1, 3, 48, 96)],
}


def draw_page(shape: tuple[int, ...]) -> np.ndarray:
    """White pages with dark strokes in lines: on noise the detector finds nothing, and its output has no range."""
    random = np.random.default_rng(0)
    page = np.full(shape, 2.2, np.float32)
    for top in range(8, shape[2] - 24, 40):
        for left in range(8, shape[3] - 12, 12):
            height, shift = random.integers(8, 16), random.integers(0, 6)
            page[:, :, top : top + 16, left + shift : left + shift + 2] = -2
            page[:, :, top + height : top + height + 2, left : left + 8] = -2
    return page


def run_peer(model: Path, feeds: dict, optimize: bool = True) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimize:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Exact products of codes on processors without VNNI.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, feeds)


def check_close(results: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for result, wanted in zip(results, expected, strict=True):
        assert result.shape == wanted.shape
        assert np.isfinite(result).all()
        limit = RANGE_ERROR * float(np.ptp(wanted))
        assert float(np.abs(result - wanted).max()) <= limit
        best = np.sort(wanted, axis=-1)
        if wanted.shape[-1] > 1:
            clear = best[..., -1] - best[..., -2] > 2 * limit
            assert (result.argmax(-1) == wanted.argmax(-1))[clear].all()


def get_sqnr(result: np.ndarray, wanted: np.ndarray) -> float:
    noise = float(np.square(result.astype(np.float64) - wanted).sum())
    return 10 * np.log10(float(np.square(wanted.astype(np.float64)).sum()) / max(noise, 1e-300))


@pytest.fixture(scope="session")
def compile_model(qcc, model_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifacts")

    def compile_one(name: str, *options: str) -> tuple[Path, Path]:
        model = model_path(name)
        artifact = folder / f"{name}.so"
        qcc("compile", model, "-o", artifact, *options, timeout=300)
        return model, artifact

    return compile_one


@pytest.mark.parametrize("name", LIGHT)
def test_light_model(name, compile_model):
    model, artifact = compile_model(name)
    feeds = make_feeds(model)
    with Artifact(artifact) as compiled:
        check_close(compiled(*[feeds[key] for key in compiled.inputs]), run_peer(model, feeds))


@pytest.mark.parametrize("name", PPOCR_SHAPES)
def test_ppocr_at_three_sizes_with_one_artifact(name, compile_model):
    model, artifact = compile_model(name)
    with Artifact(artifact) as compiled:
        for shape in PPOCR_SHAPES[name]:
            feeds = make_feeds(model, shapes={compiled.inputs[0]: shape})
            if name == "ppocr_det":
                feeds = dict.fromkeys(feeds, draw_page(shape))
            check_close(compiled(*feeds.values()), run_peer(model, feeds))


@pytest.mark.parametrize("processor", ["x86-64-v3", "native"])
def test_minilm_at_all_sizes_with_one_artifact(processor, compile_model):
    model, artifact = compile_model("minilm", f"--mcpu={processor}")
    with Artifact(artifact) as compiled:
        for batch in (1, 2, 7):
            for length in (1, 13, 128):
                feeds = make_feeds(model, batch, length)
                check_close(compiled(*[feeds[key] for key in compiled.inputs]), run_peer(model, feeds))


@pytest.mark.parametrize("name", ["resnet50_qdq", "resnet50_qoperator"])
def test_quantized_model(name, compile_model):
    model, artifact = compile_model(name)
    feeds = make_feeds(model)
    with Artifact(artifact) as compiled:
        results = compiled(*[feeds[key] for key in compiled.inputs])
    for result, wanted in zip(results, run_peer(model, feeds), strict=True):
        assert get_sqnr(result, wanted) >= 30


@pytest.mark.parametrize("name", ["minilm_qdq", "minilm_qoperator"])
def test_quantized_minilm(name, compile_model):
    """Eight bits of MiniLM's activations are so few (5 dB against f32) that one code that rounds the other way is
    carried to the end: ONNX Runtime with and without its optimizations agrees with itself to no more than 11 dB at some
    lengths. So the closer of the two counts, and the median over lengths."""
    model, artifact = compile_model(name)
    sqnrs = []
    with Artifact(artifact) as compiled:
        for batch, length in ((1, 1), (1, 13), (2, 13), (1, 64), (1, 128)):
            feeds = make_feeds(model, batch, length)
            (result,) = compiled(*[feeds[key] for key in compiled.inputs])
            peers = [run_peer(model, feeds, optimize)[0] for optimize in (True, False)]
            sqnrs.append(max(get_sqnr(result, peer) for peer in peers))
    assert sorted(sqnrs)[len(sqnrs) // 2] >= 30, sqnrs
