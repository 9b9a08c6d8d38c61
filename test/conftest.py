"""What the tests of execution share: the build under test, the qcc command, and models made on demand.

QCC_BUILD names the build folder (default: build). Large models are made once, in its folder models (or QCC_MODELS).
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("QCC_BUILD", ROOT / "build")).resolve()
MODELS = Path(os.environ.get("QCC_MODELS", BUILD / "models")).resolve()

sys.path.insert(0, str(BUILD / "python"))

QCC = BUILD / "bin/qcc"


@pytest.fixture(scope="session")
def build_dir() -> Path:
    return BUILD


@pytest.fixture(scope="session")
def qcc() -> Callable[..., subprocess.CompletedProcess[str]]:
    """qcc(*arguments, timeout=60, check=True): runs the command; with check, any exit status but 0 fails the test."""

    def run(*arguments: object, timeout: float = 60, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(QCC), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout, stdin=subprocess.DEVNULL
        )
        if check and done.returncode != 0:
            pytest.fail(f"exit {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)
        return done

    return run


@pytest.fixture(scope="session")
def model_path() -> Callable[[str], Path]:
    """model_path("resnet50"): the file of a model; makes it if it is not there and needs no PyTorch."""

    def find(name: str) -> Path:
        small = ROOT / "test/models" / f"{name}.onnx"
        if small.exists():
            return small
        path = MODELS / f"{name}.onnx"
        if path.exists():
            return path
        if name.startswith("minilm"):
            pytest.skip(f"{name}.onnx is made by `make models`, with PyTorch")
        MODELS.mkdir(parents=True, exist_ok=True)
        # Other workers may want it at the same time.
        with open(MODELS / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            script = ROOT / "test/models/make_models.py"
            subprocess.run([sys.executable, script, "--out", MODELS, name], check=True, timeout=300)
        return path

    return find


@pytest.fixture(scope="session")
def prefix(build_dir, tmp_path_factory) -> Path:
    """Where `cmake --install` put qcc, and then moved: nothing may remember where it was installed first.

    Tests that use it bear the xdist_group "install".
    """
    folder = tmp_path_factory.mktemp("install")
    first = folder / "first"
    command = ["cmake", "--install", build_dir, "--prefix", first]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    moved = folder / "qcc"
    first.rename(moved)
    return moved
