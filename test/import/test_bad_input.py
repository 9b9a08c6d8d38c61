"""No file can make qcc crash, hang, read outside its folder, or allocate without bound: it is refused with exit
status 2 and a message that names the node, the tensor or the byte, in under 5 seconds and 1 GB."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import bad_files  # noqa: F401
import bad_graphs  # noqa: F401
import bad_tensors  # noqa: F401
import onnx
import pytest
from bad_models import CASES

BUILD = Path(os.environ.get("QCC_BUILD", Path(__file__).parents[2] / "build")).resolve()
SECONDS = 5
BYTES = 1 << 30
# Keeps the machine alive when a limit is broken; LLVM alone maps much that it never touches.
ADDRESS_SPACE = 16 << 30


@dataclass
class Outcome:
    status: int
    message: str
    peak_bytes: int
    late: bool


def run_limited(command: list[str], folder: Path) -> Outcome:
    log = folder / "log.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE)),
        )
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(SECONDS, stop)
    timer.start()
    # Not Popen.wait: only wait4 tells this child's memory.
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Outcome(process.returncode, log.read_text(errors="replace"), usage.ru_maxrss * 1024, late.is_set())


def is_valid(path: Path) -> bool:
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception:
        return False
    return True


def run_accepted(path: Path, folder: Path) -> None:
    """What is accepted may still ask for too much, or divide by zero, when it runs."""
    outcome = run_limited([str(BUILD / "bin/qcc"), "run", str(path), "--interpret", "--random-inputs"], folder)
    said = f"exit {outcome.status}: {outcome.message[-2000:]}"
    assert outcome.status in (0, 2), said
    assert not outcome.late, f"not run within {SECONDS} s: {said}"
    assert outcome.peak_bytes < BYTES, said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(case, tmp_path):
    path = case.build(tmp_path)
    outcome = run_limited([str(BUILD / "bin/qcc"), "check", str(path)], tmp_path)
    said = f"exit {outcome.status}: {outcome.message[-2000:]}"
    assert not outcome.late, f"not done after {SECONDS} s: {said}"
    assert outcome.peak_bytes < BYTES, said
    if outcome.status == 0:
        assert case.may_be_valid, said
        assert not case.ask_onnx or is_valid(path), f"accepted, and ONNX's own checker refuses it: {said}"
        run_accepted(path, tmp_path)
        return
    assert outcome.status == 2, said
    assert path.name in outcome.message, f"does not name the file: {said}"
    # The path holds the name of the case, which says nothing of what qcc found.
    assert re.search(case.message, outcome.message.replace(str(path), "")), f"does not match /{case.message}/: {said}"
