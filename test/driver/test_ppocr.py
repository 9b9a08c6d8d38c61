"""Each command on a real model with open extents: PP-OCR's classifier of a text's direction."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
import qcc as qcc_package

pytestmark = pytest.mark.xdist_group("ppocr_cls")
SHAPE = ["--shape", "x=1x3x48x192"]


@pytest.fixture(scope="module")
def model(model_path):
    return model_path("ppocr_cls")


@pytest.fixture(scope="module")
def artifact(qcc, model, tmp_path_factory):
    path = tmp_path_factory.mktemp("ppocr") / "cls.so"
    qcc("compile", model, "-o", path, timeout=300)
    return path


@pytest.fixture(scope="module")
def layers(qcc, model):
    return json.loads(qcc("inspect", model, *SHAPE, "--json", timeout=120).stdout)["layers"]


def test_check(qcc, model):
    lines = qcc("check", model).stdout.splitlines()
    assert lines[0] == "input x: float32[?,3,?,?]"
    assert lines[1].endswith("float32[?,2]")


def test_inspect_model(layers):
    contractions = [layer for layer in layers if layer["op"] in ("conv", "matmul")]
    assert len(contractions) == 54
    assert all(layer["kernel"] for layer in contractions)
    first = contractions[0]
    # 3x3, stride 2, 3 to 8 channels.
    assert first["macs"] == 24 * 96 * 8 * 27
    assert first["weight_bytes"] >= 8 * 27 * 4


def test_inspect_artifact(qcc, artifact):
    report = json.loads(qcc("inspect", artifact, "--json").stdout)
    assert report["inputs"][0]["shape"][1] == 3
    assert sum(layer["op"] == "conv" for layer in report["layers"]) == 53
    assert report["artifact_weight_bytes"] >= 0.9 * report["weight_bytes"]


def test_compare_accepts_the_program(qcc, model):
    report = json.loads(qcc("compare", model, *SHAPE, "--json", timeout=300).stdout)
    assert report["first_bad"] is None
    assert len(report["layers"]) > 50
    assert all(layer["max_abs_error"] < 1e-2 for layer in report["layers"])


def test_compare_finds_a_fault_in_one_layer(qcc, model):
    done = qcc("compare", model, *SHAPE, "--json", "--plant-fault=Conv@20", check=False, timeout=300)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    bad = [layer for layer in report["layers"] if layer["bad"]]
    assert "Conv@20" in bad[0]["nodes"]
    before = report["layers"][: report["layers"].index(bad[0])]
    assert before and all(layer["sqnr_db"] is None or layer["sqnr_db"] > 60 for layer in before)


def test_bench(qcc, model):
    result = json.loads(qcc("bench", model, *SHAPE, "--runs", "5", "--json", timeout=300).stdout)
    # 16 million multiply-accumulates.
    assert result["gflop_per_second"] * result["median_seconds"] == pytest.approx(2 * 0.0163, rel=0.05)
    # A busy machine may be faster in one measurement than in the other.
    assert 0 < result["gflop_share_of_peak"] < 2


def test_python_at_three_sizes(artifact, model):
    compiled = qcc_package.load(artifact)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for shape in ((1, 3, 48, 192), (2, 3, 48, 100), (3, 3, 48, 320)):
        x = rng.standard_normal(shape, dtype=np.float32)
        (expected,) = session.run(None, {"x": x})
        np.testing.assert_allclose(compiled(x), expected, atol=1e-3)
