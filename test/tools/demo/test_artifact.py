"""tools/demo/artifact.py against the C header it mirrors."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from artifact import Artifact, ArtifactError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("fake") / "fake.so"
    source = Path(__file__).parent / "fake_model.c"
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{ROOT}/include", source, "-o", path], check=True)
    return path


def test_runs_and_frees_results(library):
    with Artifact(library, threads=3) as model:
        assert (model.inputs, model.outputs, model.description.weights_bytes) == (["x"], ["y"], 42)
        x = np.arange(6, dtype=np.float32)
        np.testing.assert_array_equal(model(x)[0], 2 * x)
        np.testing.assert_array_equal(model(x[::2])[0], 2 * x[::2])
        assert model(np.empty(0, np.float32))[0].shape == (0,)
        assert model._library.fake_live() == 0


def test_errors_carry_their_message(library):
    with Artifact(library, threads=3) as model:
        with pytest.raises(ArtifactError, match="x is negative"):
            model(np.array([-1], np.float32))
        with pytest.raises(ArtifactError, match="wants 1 inputs"):
            model()
    with pytest.raises(ArtifactError, match="status 1"):
        Artifact(library, threads=2)
