"""The examples of the README do what it says, and it shows them as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_readme_shows_the_c_example():
    assert (HERE / "main.c").read_text() in (ROOT / "README.md").read_text()


def test_c(qcc, tmp_path):
    qcc("compile", ROOT / "test/models/digits_f32.onnx", "-o", tmp_path / "digits.so")
    command = [
        "cc",
        "-Wall",
        "-Werror",
        HERE / "main.c",
        f"-I{tmp_path}",
        tmp_path / "digits.so",
        "-o",
        tmp_path / "main",
    ]
    subprocess.run([*command, f"-Wl,-rpath,{tmp_path}"], check=True)
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "This is a 2.\n"


def test_python_reads_text(build_dir, model_path):
    command = [sys.executable, HERE / "read_text.py", model_path("ppocr_rec"), "HELLO"]
    environment = {**os.environ, "PYTHONPATH": str(build_dir / "python")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.stdout == "HELLO\n", done.stderr
