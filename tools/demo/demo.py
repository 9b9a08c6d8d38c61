#!/usr/bin/env python3
"""The demo: compiles a small image classifier in five number formats, runs all, and prints one table.

    demo.py [--build build]

The model recognizes handwritten digits (test/models/train_digits.py trained it). Each variant is compiled by
`qcc compile` to a shared object and run by the Python package on the held-out images; ONNX Runtime runs the same model
beside it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from artifact import Artifact

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "test/models"
# A model that loses more than this was compiled wrongly, not just coarsely.
LARGEST_LOSS = 0.03


@dataclass(frozen=True)
class Variant:
    title: str
    model: str
    options: tuple[str, ...] = ()


VARIANTS = [
    Variant("f32", "digits_f32"),
    Variant("int8 (QDQ)", "digits_int8"),
    Variant("int4:g32", "digits_f32", ("--weights=int4:g32",)),
    Variant("nf4:g64", "digits_f32", ("--weights=nf4:g64",)),
    Variant("fp8_e4m3", "digits_f32", ("--weights=fp8_e4m3",)),
]


@dataclass(frozen=True)
class Row:
    variant: Variant
    accuracy: float
    reference_accuracy: float
    weight_bytes: int
    file_bytes: int
    latency: float
    reference_latency: float
    path: Path


def compile_variant(qcc: Path, variant: Variant, out: Path) -> Path:
    path = out / f"{variant.model}{''.join(variant.options).replace('--weights=', '_').replace(':', '_')}.so"
    command = [str(qcc), "compile", str(MODELS / f"{variant.model}.onnx"), "-o", str(path), *variant.options]
    print("$", " ".join(display(part) for part in command), flush=True)
    done = subprocess.run(command, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"demo: qcc compile failed with exit status {done.returncode}: its message is above")
    return path


def display(path: str) -> str:
    return path.removeprefix(f"{ROOT}/")


def measure_latency(run: Callable[[], object]) -> float:
    """Median seconds of one call."""
    for _ in range(20):
        run()
    times = []
    for _ in range(200):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def make_session(model: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(MODELS / f"{model}.onnx", options, providers=["CPUExecutionProvider"])


def measure_sizes(path: Path) -> tuple[int, int]:
    """Bytes of the weights, and of the files."""
    with Artifact(path, threads=1) as artifact:
        weight_bytes = artifact.description.weights_bytes
        side_file = artifact.description.weights_file
    size = path.stat().st_size
    if side_file:
        size += (path.parent / side_file.decode()).stat().st_size
    return weight_bytes, size


def measure(variant: Variant, path: Path, images: np.ndarray, labels: np.ndarray) -> Row:
    import qcc  # of the build that main() found

    session = make_session(variant.model)
    model = qcc.load(path, threads=1)
    one = images[:1]
    latency = measure_latency(lambda: model(one))
    weight_bytes, size = measure_sizes(path)
    return Row(
        variant,
        float((model(images).argmax(1) == labels).mean()),
        float((session.run(None, {"image": images})[0].argmax(1) == labels).mean()),
        weight_bytes,
        size,
        latency,
        measure_latency(lambda: session.run(None, {"image": one})),
        path,
    )


def print_table(rows: list[Row], count: int) -> None:
    print()
    print(
        f"Digits, {count} held-out images; latency of one image, one thread. ORT: ONNX Runtime on the same model file,"
    )
    print("which for the last three is the f32 model: it has no such weights.")
    print()
    header = ("format", "accuracy", "ORT", "weights", "file", "latency", "ORT", "artifact")
    layout = "{:11} {:>8} {:>7}   {:>9} {:>9}   {:>9} {:>9}   {}"
    print(layout.format(*header))
    for row in rows:
        print(
            layout.format(
                row.variant.title,
                f"{row.accuracy:.1%}",
                f"{row.reference_accuracy:.1%}",
                f"{row.weight_bytes / 1000:.1f} kB",
                f"{row.file_bytes / 1000:.1f} kB",
                f"{row.latency * 1e6:.0f} us",
                f"{row.reference_latency * 1e6:.0f} us",
                display(str(row.path)),
            )
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    build = parser.parse_args().build.resolve()
    qcc = build / "bin/qcc"
    if not qcc.exists():
        sys.exit(f"demo: no {qcc}; `make demo` builds it first")
    sys.path.insert(0, str(build / "python"))
    out = build / "demo"
    out.mkdir(parents=True, exist_ok=True)
    data = np.load(MODELS / "digits_test.npz")
    images, labels = data["images"], data["labels"]
    paths = [compile_variant(qcc, variant, out) for variant in VARIANTS]
    rows = [measure(variant, path, images, labels) for variant, path in zip(VARIANTS, paths, strict=True)]
    print_table(rows, len(labels))
    lossy = [row for row in rows if row.accuracy < row.reference_accuracy - LARGEST_LOSS]
    for row in lossy:
        print(f"demo: {row.variant.title} lost more than {LARGEST_LOSS:.0%} of accuracy: something is wrong")
    return bool(lossy)


if __name__ == "__main__":
    sys.exit(main())
