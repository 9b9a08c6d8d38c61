#!/usr/bin/env python3
"""Compares the speed of compiled models with ONNX Runtime's, in one run on one machine.

    bench.py --build build [--only PATTERN] [--threads N] [--seconds S] [--json FILE]

Each round runs both, in turn, so that both see the same machine; the figures are medians over rounds. A ratio above 1
means that qcc is faster. Also: the speed-up of two threads, int8 beside f32, and with --memory peak memory. The exit
status is 1 where a figure is below what the project promises (PROMISES and cases.py).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/demo"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import onnxruntime  # noqa: E402
from artifact import Artifact  # noqa: E402
from cases import QUANTIZED_MODELS, REAL_MODELS, Case, make_cases  # noqa: E402

# Of the ratios of real models the geometric mean and the least; two threads by one; int8 by f32; memory by the peer's.
PROMISES = {"mean": 0.5, "least": 0.15, "two threads": 1.5, "int8 by f32": 1.0, "memory": 1.5}
FLAGS = ("avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")


def describe_machine() -> str:
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", text)
    flags = set((re.search(r"flags\s*: (.*)", text) or ["", ""])[1].split())
    return f"{name[1] if name else 'unknown'}, {os.cpu_count()} cores, {' '.join(f for f in FLAGS if f in flags)}"


def compile_model(qcc: Path, case: Case, out: Path, extra: list[str]) -> tuple[Path, float]:
    tag = re.sub(r"\W+", "_", "_".join([case.model.stem, *case.options, *extra]))
    artifact = out / f"{tag}.so"
    start = time.perf_counter()
    command = [qcc, "compile", case.model, "-o", artifact, "--mcpu=native", *case.options, *extra]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit {done.returncode}")
    return artifact, time.perf_counter() - start


def make_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def measure(runs: list, seconds: float) -> list[float]:
    """Median seconds of each of `runs`, taken in turn."""
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def bench(case: Case, artifact: Path, threads: int, seconds: float) -> dict:
    session = make_session(case.peer or case.model, threads)
    with Artifact(artifact, threads) as model:
        arrays = [case.feeds[name] for name in model.inputs]
        ours, peer = measure([lambda: model(*arrays), lambda: session.run(None, case.feeds)], seconds)
        results = model(*arrays)
    expected = session.run(None, case.feeds)
    errors = [
        float(np.abs(a.astype(np.float64) - b).max() / max(np.ptp(b), 1e-30))
        for a, b in zip(results, expected, strict=False)
        if a.size and a.shape == b.shape
    ]
    return {"ours": ours, "peer": peer, "ratio": peer / ours, "error": max(errors, default=float("nan"))}


MEMORY_PROBE = """
import sys
sys.path[:0] = [{tools!r}, {bench!r}]
import numpy as np
{imports}
def read_peak():
    # Not rusage, which begins with the peak of the process that started this one.
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM:"))
before = read_peak()
feeds = dict(np.load({feeds!r}))
{run}
print(read_peak() - before)
"""


def measure_memory(case: Case, artifact: Path, out: Path) -> tuple[int, int]:
    """KiB of peak memory that opening and running adds to a process: ours, the peer's."""
    feeds = out / "feeds.npz"
    np.savez(feeds, **case.feeds)
    runs = (
        ("from artifact import Artifact", f"m = Artifact({str(artifact)!r}, 1)\nm(*[feeds[n] for n in m.inputs])"),
        ("from bench import make_session", f"make_session({str(case.peer or case.model)!r}, 1).run(None, feeds)"),
    )
    figures = []
    for imports, run in runs:
        script = MEMORY_PROBE.format(
            tools=str(ROOT / "tools/demo"),
            bench=str(Path(__file__).resolve().parent),
            imports=imports,
            feeds=str(feeds),
            run=run,
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True)
        figures.append(int(done.stdout.split()[-1]))
    return figures[0], figures[1]


def measure_two_threads(case: Case, artifact: Path, seconds: float) -> float:
    """How many times as fast two threads are as one."""
    with Artifact(artifact, 1) as one, Artifact(artifact, 2) as two:
        arrays = [case.feeds[name] for name in one.inputs]
        alone, together = measure([lambda: one(*arrays), lambda: two(*arrays)], seconds)
    return alone / together


def summarize(rows: dict[str, dict], two_threads: float | None) -> list[str]:
    """Prints what follows from several rows; returns what is below what is promised."""
    short = [name for name, row in rows.items() if row["wanted"] and row["ratio"] < row["wanted"]]

    def judge(name: str, figure: float, text: str) -> None:
        print(f"{text}: {figure:.2f} (wanted: {PROMISES[name]})")
        if figure < PROMISES[name]:
            short.append(text)

    real = [rows[name]["ratio"] for name in REAL_MODELS + QUANTIZED_MODELS if name in rows]
    if real:
        judge("mean", statistics.geometric_mean(real), "real models, geometric mean of the ratios")
        judge("least", min(real), "real models, least ratio")
    if "resnet50" in rows and "resnet50_qdq" in rows:
        judge("int8 by f32", rows["resnet50"]["ours"] / rows["resnet50_qdq"]["ours"], "int8 ResNet-50 by our f32")
    if two_threads is not None:
        judge("two threads", two_threads, "ResNet-50, two threads by one")
    for name, row in rows.items():
        if "memory" in row and row["memory"] > PROMISES["memory"] * row["peer_memory"]:
            short.append(f"{name}: memory {row['memory'] / row['peer_memory']:.2f} of the peer's")
    print(f"below what is promised: {', '.join(short) or 'none'}")
    return short


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--models", type=Path, help="where the large models lie; default: BUILD/models")
    parser.add_argument("--only", default="", help="a regular expression of names")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each case")
    parser.add_argument("--memory", action="store_true", help="measure peak memory too")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--compile-option", action="append", default=[], help="handed to qcc compile")
    args = parser.parse_args()
    build = args.build.resolve()
    models = args.models or build / "models"
    out = build / "bench"
    out.mkdir(parents=True, exist_ok=True)

    print(describe_machine())
    print(f"{args.threads} thread(s); ONNX Runtime {onnxruntime.__version__}; medians; ratio = its time by ours")
    print(f"{'':48s} {'compile':>8s} {'ours':>9s} {'peer':>9s} {'ratio':>6s} {'wanted':>6s} {'error':>8s}  memory")
    rows: dict[str, dict] = {}
    two_threads = None
    failed = 0
    for case in make_cases(out, lambda name: p if (p := models / f"{name}.onnx").exists() else None):
        if not re.search(args.only, case.name):
            continue
        try:
            artifact, seconds = compile_model(build / "bin/qcc", case, out, args.compile_option)
            row = bench(case, artifact, args.threads, args.seconds)
        except Exception as error:  # one model's failure is a row, not the end
            print(f"{case.name:48s} failed: {str(error)[:200]}", flush=True)
            failed += 1
            continue
        if case.name == "resnet50" and args.threads == 1 and (os.cpu_count() or 1) > 1:
            two_threads = measure_two_threads(case, artifact, args.seconds)
        row |= {"wanted": case.wanted, "compile": seconds}
        rows[case.name] = row
        memory = ""
        if args.memory:
            row["memory"], row["peer_memory"] = measure_memory(case, artifact, out)
            memory = f"{row['memory'] / 1024:.0f} / {row['peer_memory'] / 1024:.0f} MiB"
        wanted = f"{case.wanted:.2f}" if case.wanted else ""
        print(
            f"{case.name:48s} {seconds:7.1f}s {row['ours'] * 1e3:7.2f}ms {row['peer'] * 1e3:7.2f}ms "
            f"{row['ratio']:6.2f} {wanted:>6s} {row['error']:8.1e}  {memory}",
            flush=True,
        )
    short = summarize(rows, two_threads)
    if args.json:
        figures = {"machine": describe_machine(), "threads": args.threads, "two_threads": two_threads, "rows": rows}
        args.json.write_text(json.dumps(figures))
    return 1 if failed or short else 0


if __name__ == "__main__":
    sys.exit(main())
