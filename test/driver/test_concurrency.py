"""PP-OCR's classifier through its C header, in several threads at once; all of its code under ThreadSanitizer too."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

pytestmark = pytest.mark.xdist_group("ppocr_cls")
ROOT = Path(__file__).resolve().parents[2]
CLANG = "/usr/lib/llvm-22/bin/clang"
THREADS = 3


@pytest.fixture(scope="module")
def folder(qcc, model_path, tmp_path_factory):
    """cls.so with its header and weights."""
    folder = tmp_path_factory.mktemp("concurrency")
    qcc("compile", model_path("ppocr_cls"), "-o", folder / "cls.so", timeout=300)
    return folder


def make_input(folder: Path, n: int, width: int) -> np.ndarray:
    x = np.random.default_rng(n).standard_normal((n, 3, 48, width), dtype=np.float32)
    (folder / "x.bin").write_bytes(x.tobytes())
    return x


def run(program: Path, weights: Path, n: int, width: int) -> np.ndarray:
    command = [program, weights, program.parent / "x.bin", n, width, THREADS]
    environment = {**os.environ, "TSAN_OPTIONS": "halt_on_error=1"}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    return np.array(done.stdout.split(), np.float32).reshape(n, 2)


def test_c_header_at_two_sizes(folder, model_path):
    program = folder / "program"
    command = [
        "cc",
        "-Wall",
        "-Wextra",
        "-Werror",
        ROOT / "test/examples/concurrent_cls.c",
        f"-I{folder}",
        folder / "cls.so",
    ]
    subprocess.run([*command, "-o", program, f"-Wl,-rpath,{folder}", "-lpthread"], check=True)
    session = onnxruntime.InferenceSession(model_path("ppocr_cls"), providers=["CPUExecutionProvider"])
    for n, width in ((1, 192), (3, 100)):
        (expected,) = session.run(None, {"x": make_input(folder, n, width)})
        np.testing.assert_allclose(run(program, folder / "cls.so.weights", n, width), expected, atol=1e-3)


def build_instrumented(folder: Path, ir: Path) -> Path:
    """The program, the runtime's sources and the model's code, each access to memory checked."""
    # Clang instruments the functions that ask for it.
    ir.write_text(
        re.sub(r'^(attributes #\d+ = \{)(.*"target-cpu")', r"\1 sanitize_thread\2", ir.read_text(), flags=re.M)
    )
    program = folder / "instrumented"
    sources = sorted((ROOT / "lib/Runtime").glob("*.c"))
    includes = [f"-I{folder}", f"-I{ROOT}", f"-I{ROOT}/include"]
    flags = ["-fsanitize=thread", "-g1", "-O1", "-D_GNU_SOURCE", "-Wno-override-module"]
    subprocess.run(
        [
            CLANG,
            *flags,
            *includes,
            ROOT / "test/examples/concurrent_cls.c",
            *sources,
            ir,
            "-o",
            program,
            "-lm",
            "-lpthread",
        ],
        check=True,
        timeout=300,
    )
    return program


def compile_ir(qcc, folder: Path, model: Path) -> Path:
    ir = folder / "cls.ll"
    qcc("compile", model, "-o", ir, "--mcpu=x86-64-v3", timeout=300)
    return ir


def test_no_data_races(qcc, folder, model_path):
    program = build_instrumented(folder, compile_ir(qcc, folder, model_path("ppocr_cls")))
    make_input(folder, 2, 96)
    scores = run(program, folder / "cls.ll.weights", 2, 96)
    assert np.allclose(scores.sum(1), 1, atol=1e-5)


def test_a_data_race_is_found(qcc, folder, model_path):
    """What all runs share is read only: with one arena for all of them, the instrumented code reports a race."""
    ir = compile_ir(qcc, folder, model_path("ppocr_cls"))
    text = ir.read_text()
    shared = "@shared_arena = internal global [67108864 x i8] zeroinitializer, align 64\n"
    broken = re.sub(r"(= (?:tail )?call ptr )@qccrt_arena\([^)]*\)", r"\1@get_shared_arena()", text)
    assert broken != text
    ir.write_text(broken + shared + "define ptr @get_shared_arena() { ret ptr @shared_arena }\n")
    program = build_instrumented(folder, ir)
    make_input(folder, 2, 96)
    with pytest.raises(AssertionError, match="data race"):
        run(program, folder / "cls.ll.weights", 2, 96)
