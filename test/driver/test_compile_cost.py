"""What compiling costs: ResNet-50 in less than 20 s on two cores and four times its file of memory, three times the
file where weights are quantized in it or by the compiler."""

from __future__ import annotations

import resource
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from small_models import info, make_mlp, save

SECONDS = 20
TIMES_THE_FILE = 4
TIMES_A_QUANTIZED_FILE = 3
STARTUP_SECONDS = 0.1


def read_peak(process: int) -> int:
    """Bytes of the high-water mark, 0 when the process is gone. Rusage would begin with the parent's."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def measure(*command: object) -> tuple[float, int]:
    """Seconds of processors, which other work does not add to, and bytes of peak memory, of a command that succeeds."""

    def get_seconds() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    start = get_seconds()
    child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        peak = max(peak, read_peak(child.pid))
        time.sleep(0.002)
    assert child.returncode == 0
    return get_seconds() - start, peak


@pytest.fixture(scope="module")
def program(build_dir):
    return build_dir / "bin/qcc"


def test_version_is_quick(program):
    assert min(measure(program, "--version")[0] for _ in range(10)) < STARTUP_SECONDS


@pytest.mark.parametrize("name", ["resnet50", "resnet50_qdq"])
def test_resnet50(name, program, model_path, tmp_path):
    model = model_path(name)
    _, base = measure(program, "--version")
    seconds, peak = measure(program, "compile", model, "-O2", "-o", tmp_path / "m.so")
    print(f"{name}: {seconds:.1f} s, {(peak - base) / model.stat().st_size:.2f} times the file")
    assert seconds < SECONDS
    # The quantized file is so small that LLVM's own memory exceeds it: see below for such weights.
    if name == "resnet50":
        assert peak - base < TIMES_THE_FILE * model.stat().st_size


LAYERS, EXTENT, BLOCK = 2, 4096, 32


def make_layer(kind: str, i: int) -> tuple[list, dict[str, np.ndarray]]:
    """x_{i+1} = x_i w_i with a w_i of EXTENT x EXTENT, and the w_i as the file has it."""
    rng = np.random.default_rng(i)
    name, x, y = f"w{i}", f"x{i}", f"x{i + 1}"
    if kind == "f32":
        return [helper.make_node("MatMul", [x, name], [y])], {name: rng.standard_normal((EXTENT, EXTENT), np.float32)}
    scale = f"s{i}"
    if kind == "int8":
        nodes = [
            helper.make_node("DequantizeLinear", [name, scale], [f"d{i}"], axis=1),
            helper.make_node("MatMul", [x, f"d{i}"], [y]),
        ]
        codes = rng.integers(-127, 128, (EXTENT, EXTENT), np.int8)
        return nodes, {name: codes, scale: np.full(EXTENT, 0.01, np.float32)}
    sizes = {"K": EXTENT, "N": EXTENT, "bits": 4, "block_size": BLOCK}
    node = helper.make_node("MatMulNBits", [x, name, scale], [y], domain="com.microsoft", **sizes)
    codes = rng.integers(0, 256, (EXTENT, EXTENT // BLOCK, BLOCK // 2), np.uint8)
    return [node], {name: codes, scale: np.full(EXTENT * EXTENT // BLOCK, 0.01, np.float32)}


@pytest.mark.parametrize(
    ("kind", "options"),
    [("int8", []), ("int4", []), ("f32", ["--weights=int4:g32"]), ("f32", ["--weights=int8:axis"])],
    ids=["int8", "int4", "f32 as int4", "f32 as int8"],
)
def test_memory_of_quantized_weights(kind, options, program, tmp_path):
    nodes, constants = [], {}
    for i in range(LAYERS):
        more, weights = make_layer(kind, i)
        nodes += more
        constants |= weights
    ends = [info("x0", ["n", EXTENT])], [info(f"x{LAYERS}", ["n", EXTENT])]
    model = save(tmp_path / "m.onnx", nodes, *ends, constants)
    _, base = measure(program, "compile", make_mlp(tmp_path / "small.onnx"), "-o", tmp_path / "small.so")
    _, peak = measure(program, "compile", model, *options, "-o", tmp_path / "m.so")
    print(f"{(peak - base) / model.stat().st_size:.2f} times the file of {model.stat().st_size >> 20} MiB")
    assert peak - base < TIMES_A_QUANTIZED_FILE * model.stat().st_size
