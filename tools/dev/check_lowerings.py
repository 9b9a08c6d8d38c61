#!/usr/bin/env python3
"""Checks that what a conversion of lib/Conversion lowers is tested, in the folder below test/ that mirrors it.

    check_lowerings.py ROOT

The conversion's Lowering.h declares one function for each op. A lit test that is none of errors has the op; and where
an attribute of the op is an enumeration, the op with each case. Each message of the conversion, whether of the compiler
or of a run, stands in a test.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

LOWERED = re.compile(r"\blower\(qnn::(\w+)Op op\b")
OP = re.compile(r'^def QNN_(\w+)Op\s*:\s*\w+<(?:QNN_Dialect, )?"(\w+)"(.*?)^\}', re.MULTILINE | re.DOTALL)
ENUM = re.compile(r"^def (QNN_\w+) : QNN_Enum<.*?\[(.*?)\]>;", re.MULTILINE | re.DOTALL)
ARGUMENTS = re.compile(r"let arguments = \(ins(.*?)\);", re.DOTALL)
COMMENT = re.compile(r"//.*")
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
NO_MESSAGE = re.compile(r'#include.*|llvm_unreachable\([^)]*\)|&&\s*"[^"]*"')
# The ops' own verifiers refuse these.
IMPOSSIBLE = {("arg_reduce", kind) for kind in ("sum", "prod", "mean")}


@dataclass(frozen=True)
class Op:
    mnemonic: str
    cases: tuple[str, ...]


def find_ops(root: Path) -> dict[str, Op]:
    text = "\n".join(td.read_text() for td in sorted((root / "dialects/QNN/IR").glob("*.td")))
    enums = {name: re.findall(r'"(\w+)"', COMMENT.sub("", cases)) for name, cases in ENUM.findall(text)}
    ops = {}
    for name, mnemonic, body in OP.findall(text):
        arguments = ARGUMENTS.search(body)
        kinds = re.findall(r"(QNN_\w+):\$", arguments[1]) if arguments else []
        cases = [case for kind in kinds for case in enums.get(kind, [])]
        ops[name] = Op(mnemonic, tuple(case for case in cases if (mnemonic, case) not in IMPOSSIBLE))
    return ops


def find_messages(source: Path) -> list[str]:
    text = NO_MESSAGE.sub("", COMMENT.sub("", source.read_text()))
    joined = (
        "".join(part[1:-1] for part in re.findall(r'"(?:[^"\\\n]|\\.)*"', found)) for found in LITERALS.findall(text)
    )
    return [message for message in joined if " " in message.strip()]


def check_ops(ops: dict[str, Op], names: list[str], tests: str) -> list[str]:
    problems = []
    for op in (ops[name] for name in names):
        if not re.search(rf"\bqnn\.{op.mnemonic}\b", tests):
            problems.append(f"no test lowers qnn.{op.mnemonic}")
            continue
        problems += [
            f"no test lowers qnn.{op.mnemonic} of {case}"
            for case in op.cases
            if not re.search(rf"\bqnn\.{op.mnemonic}\b.*\b{case}\b", tests)
        ]
    return problems


def check_conversion(root: Path, header: Path, ops: dict[str, Op]) -> tuple[int, list[str]]:
    names = LOWERED.findall(header.read_text())
    folder = root / "test" / header.parent.relative_to(root)
    texts = {file: file.read_text() for file in sorted(folder.glob("*.mlir"))}
    code = [COMMENT.sub("", text) for file, text in texts.items() if not file.name.endswith("-errors.mlir")]
    problems = check_ops(ops, names, "\n".join(code))
    everything = "\n".join(texts.values())
    for source in sorted(header.parent.glob("*.cpp")):
        problems += [
            f"no test has the message of {source.name}: {message}"
            for message in find_messages(source)
            if message not in everything
        ]
    return len(names), problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    root = parser.parse_args().root
    ops = find_ops(root)
    count, wrong = 0, 0
    for header in sorted((root / "lib/Conversion").glob("*/Lowering.h")):
        lowered, problems = check_conversion(root, header, ops)
        for problem in problems:
            print(f"{header.parent.relative_to(root)}: {problem}")
        count, wrong = count + lowered, wrong + len(problems)
    print(f"{count} lowerings, {wrong} things about them that no test covers")
    return count == 0 or wrong != 0


if __name__ == "__main__":
    sys.exit(main())
