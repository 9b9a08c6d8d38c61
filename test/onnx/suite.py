"""ONNX's backend test-suite as files that qcc can run, and what qcc makes of them. README.md describes the parts."""

from __future__ import annotations

import fcntl
import fnmatch
import json
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, TypeProto, numpy_helper

KINDS = ("node", "simple", "real", "pytorch-converted", "pytorch-operator")
MODES = ("interpreted", "compiled")
TIMEOUT_SECONDS = 60
DATA = Path(onnx.__file__).parent / "backend/test/data"
# Two units in the last place of bfloat16, as ONNX's own runner takes.
BFLOAT16_RTOL = 2**-6


@dataclass(frozen=True)
class Test:
    name: str
    kind: str
    ops: list[str]
    rtol: float
    atol: float
    # Below the folder of prepared tests.
    model: str
    data_sets: list[str]


@dataclass(frozen=True)
class Result:
    name: str
    # pass, refused, differs, defect, crash or timeout
    outcome: str
    message: str
    seconds: float = 0.0


# --- Preparing: the suite makes its node tests in memory.


def serialize(value: object, type_: TypeProto) -> bytes:
    if isinstance(value, TensorProto):
        return value.SerializeToString()
    if type_.HasField("optional_type"):
        return numpy_helper.from_optional(value).SerializeToString()
    if type_.HasField("sequence_type"):
        return numpy_helper.from_list(value).SerializeToString()
    return numpy_helper.from_array(np.asarray(value)).SerializeToString()


def write_values(folder: Path, stem: str, values: Sequence[object], infos: Sequence[onnx.ValueInfoProto]) -> None:
    for index, (value, info) in enumerate(zip(values, infos, strict=False)):
        (folder / f"{stem}_{index}.pb").write_bytes(serialize(value, info.type))


def make_dummy_input(info: onnx.ValueInfoProto) -> np.ndarray:
    """What ONNX's runner feeds its light models."""
    shape = [d.dim_value if d.HasField("dim_value") else 1 for d in info.type.tensor_type.shape.dim]
    count = int(np.prod(shape))
    return (np.arange(count).reshape(shape) / count).astype(np.float32)


def list_ops(graph: onnx.GraphProto) -> set[str]:
    ops = set()
    for node in graph.node:
        ops.add(f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type)
        for attribute in node.attribute:
            for body in [attribute.g, *attribute.graphs]:
                ops |= list_ops(body)
    return ops


def find_rtol(case, graph: onnx.GraphProto) -> float:
    bfloat16 = any(output.type.tensor_type.elem_type == TensorProto.BFLOAT16 for output in graph.output)
    return max(case.rtol, BFLOAT16_RTOL) if bfloat16 else case.rtol


def prepare_light(case, folder: Path) -> tuple[onnx.ModelProto, list[str]]:
    source = DATA / "light" / Path(case.url).name
    model = onnx.load(source)
    shutil.copyfile(source, folder / "model.onnx")
    data = folder / "test_data_set_0"
    data.mkdir(exist_ok=True)
    initializers = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initializers]
    write_values(data, "input", [make_dummy_input(i) for i in inputs], inputs)
    for index in range(len(model.graph.output)):
        shutil.copyfile(f"{source.with_suffix('')}_output_{index}.pb", data / f"output_{index}.pb")
    return model, [data.name]


def prepare_case(case, out: Path) -> Test:
    folder = out / case.kind / case.name
    folder.mkdir(parents=True, exist_ok=True)
    data_sets = []
    if case.model is not None:
        model = case.model
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        for index, (inputs, outputs) in enumerate(case.data_sets):
            data = folder / f"test_data_set_{index}"
            data.mkdir(exist_ok=True)
            write_values(data, "input", inputs, model.graph.input)
            write_values(data, "output", outputs, model.graph.output)
            data_sets.append(data.name)
    elif case.model_dir is not None:
        shutil.copytree(case.model_dir, folder, dirs_exist_ok=True)
        model = onnx.load(folder / "model.onnx")
        data_sets = sorted(path.name for path in folder.glob("test_data_set_*"))
    else:
        model, data_sets = prepare_light(case, folder)
    place = folder.relative_to(out)
    return Test(
        name=case.name,
        kind=case.kind,
        ops=sorted(list_ops(model.graph)),
        rtol=find_rtol(case, model.graph),
        atol=case.atol,
        model=str(place / "model.onnx"),
        data_sets=[str(place / data) for data in data_sets],
    )


def prepare(out: Path) -> list[Test]:
    """All tests, sorted by name; writes their files below `out` if that was not done before."""
    out.mkdir(parents=True, exist_ok=True)
    index = out / f"index-{onnx.__version__}.json"
    with open(out / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not index.exists():
            from onnx.backend.test.loader import load_model_tests

            warnings.filterwarnings("ignore")
            cases = [case for kind in KINDS for case in load_model_tests(kind=kind)]
            tests = sorted((prepare_case(case, out) for case in cases), key=lambda test: test.name)
            partial = index.with_suffix(".partial")
            partial.write_text(json.dumps([asdict(test) for test in tests]))
            partial.rename(index)
    return [Test(**entry) for entry in json.loads(index.read_text())]


# --- Running.


def classify(exit_code: int, message: str) -> str:
    if exit_code < 0:
        return "crash"
    return {0: "pass", 1: "differs", 2: "refused", 3: "defect"}.get(exit_code, "crash")


def run_one_by_one(build: Path, out: Path, tests: Iterable[Test], mode: str, jobs: int) -> list[Result]:
    def run(test: Test) -> Result:
        for data in test.data_sets:
            command = [build / "bin/qcc", "run", out / test.model, "--expect", out / data]
            command += ["--rtol", repr(test.rtol), "--atol", repr(test.atol)]
            command += ["--interpret"] if mode == "interpreted" else []
            try:
                done = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=TIMEOUT_SECONDS,
                    stdin=subprocess.DEVNULL,
                )
            except subprocess.TimeoutExpired:
                return Result(test.name, "timeout", f"not done after {TIMEOUT_SECONDS} s")
            if done.returncode != 0:
                message = (done.stderr + done.stdout).strip()
                return Result(test.name, classify(done.returncode, message), message[:4000])
        return Result(test.name, "pass", "")

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(run, tests))


def run_batch(build: Path, out: Path, tests: list[Test], mode: str, jobs: int) -> list[Result]:
    """By qcc-suite, which forks a child for each test and so saves the start of a process: see README.md."""
    lines, pending = [], {}
    for test in tests:
        for index, data in enumerate(test.data_sets):
            key = f"{test.name}#{index}"
            pending[key] = test.name
            lines.append(
                "\t".join([key, str(out / test.model), str(out / data), repr(test.rtol), repr(test.atol), mode])
            )
    listing = out / f".list-{mode}-{os.getpid()}"
    listing.write_text("\n".join(lines) + "\n")
    command = [build / "bin/qcc-suite", listing, "--jobs", str(jobs), "--timeout", str(TIMEOUT_SECONDS)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace", stdin=subprocess.DEVNULL)
    listing.unlink()
    results: dict[str, Result] = {}
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        name = pending.pop(entry["name"])
        outcome = "timeout" if entry.get("timeout") else classify(entry["exit"], entry["message"])
        # Of several data sets the first that fails counts.
        if name not in results or results[name].outcome == "pass":
            results[name] = Result(name, outcome, entry["message"][:4000], entry.get("seconds", 0.0))
    for name in pending.values():
        results[name] = Result(name, "crash", f"qcc-suite ended without a line for it (exit {done.returncode})")
    return [results[test.name] for test in tests]


def run(build: Path, out: Path, tests: list[Test], mode: str, jobs: int) -> dict[str, Result]:
    runner = run_batch if (build / "bin/qcc-suite").exists() else run_one_by_one
    return {result.name: result for result in runner(build, out, tests, mode, jobs)}


# --- Exclusions.


@dataclass(frozen=True)
class Exclusion:
    pattern: str
    mode: str
    reason: str
    line: int

    @property
    def outcome(self) -> str:
        """What is expected of the tests that it covers."""
        return "differs" if self.reason.startswith("differs:") else "refused"

    def covers(self, name: str, mode: str) -> bool:
        return self.mode in ("both", mode) and fnmatch.fnmatchcase(name, self.pattern)


def read_exclusions(path: Path) -> list[Exclusion]:
    exclusions = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        fields = text.split(maxsplit=2)
        if len(fields) != 3 or fields[1] not in ("both", *MODES):
            raise ValueError(f"{path}:{number}: want GLOB both|{'|'.join(MODES)} REASON")
        exclusions.append(Exclusion(*fields, line=number))
    return exclusions


# Parts of a file, other than its ops, that it may be refused for: what the exclusion says, and what the message must.
PARTS = {"operator set": "operator set", "optional": "optional", "sequences": "sequence", "strings": "STRING"}


def names_reason(result: Result, test: Test, reason: str) -> bool:
    """A refusal says which op it is about, or which other part of the file. The path says nothing: it holds the test's
    name, and that often the op's."""
    message = re.sub(rf"\S*{re.escape(test.model)}", "", result.message)
    words = [op.rsplit(".", 1)[-1] for op in test.ops]
    words += [word for part, word in PARTS.items() if part in reason]
    return any(re.search(rf"\b{re.escape(word)}\b", message) for word in words)


def find_problem(test: Test, result: Result, mode: str, exclusions: list[Exclusion]) -> str | None:
    """Why this result fails the suite, or None."""
    covering = [exclusion for exclusion in exclusions if exclusion.covers(test.name, mode)]
    what = f"{result.outcome}: {result.message}"
    if not covering:
        return None if result.outcome == "pass" else what
    line = covering[0].line
    if result.outcome == "pass":
        return f"passes, and is excluded: take it out of exclusions.txt, line {line}"
    if result.outcome != covering[0].outcome:
        return f"exclusions.txt, line {line}, says that it is {covering[0].outcome}, and it is not: {what}"
    if result.outcome == "refused" and not names_reason(result, test, covering[0].reason):
        return f"refused without naming an op of {', '.join(test.ops)}: {result.message}"
    return None
