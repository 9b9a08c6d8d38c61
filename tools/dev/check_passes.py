#!/usr/bin/env python3
"""Checks that each pass in a Passes.td is described and tested.

    check_passes.py ROOT

A pass has a summary, and a description of which an example of IR is a part unless the pass changes none (print,
verify). A lit test in the folder below test/ that mirrors the Passes.td runs it, by its flag; and where the pass's
code emits errors, so does one whose name ends in -errors.mlir.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

DEFINITION = re.compile(r'^def (\w+)\s*:\s*\w*Pass<"([\w-]+)"', re.MULTILINE)
READS_ONLY = re.compile(r"(^|-)(print|verify|check)(-|$)")
RUN = re.compile(r"^// RUN:.*", re.MULTILINE)


@dataclass(frozen=True)
class Pass:
    name: str
    flag: str
    body: str


def find_passes(td: Path) -> list[Pass]:
    text = td.read_text()
    starts = list(DEFINITION.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return [Pass(start[1], start[2], text[start.start() : end]) for start, end in zip(starts, ends, strict=True)]


def find_sources(folder: Path, name: str) -> str:
    """The code that defines the pass, and that of its folder's files named like it."""
    texts = [file.read_text() for file in folder.rglob("*.cpp")]
    return "\n".join(text for text in texts if f"GEN_PASS_DEF_{name.upper()}\n" in text)


def runs(test: Path, flag: str) -> bool:
    return any(re.search(rf"[\s'\"(,]-{{0,2}}{flag}(?![\w-])", line) for line in RUN.findall(test.read_text()))


def check_pass(root: Path, td: Path, found: Pass) -> list[str]:
    problems = []
    if not re.search(r'let summary = "\w', found.body):
        problems.append("no summary")
    description = re.search(r"let description = \[\{(.*?)\}\];", found.body, re.DOTALL)
    if not description or not description[1].strip():
        problems.append("no description")
    elif "```mlir" not in description[1] and not READS_ONLY.search(found.flag):
        problems.append("its description has no example (```mlir) of the IR before and after")
    folder = root / "test" / td.parent.relative_to(root)
    tests = [test for test in sorted(folder.rglob("*.mlir")) if runs(test, found.flag)]
    if not tests:
        problems.append(f"no lit test in {folder.relative_to(root)} runs --{found.flag}")
    emits = re.search(r"\bemit(Op)?Error\(", find_sources(td.parent, found.name))
    if emits and not any(test.name.endswith("-errors.mlir") for test in tests):
        problems.append(f"it emits errors, and no *-errors.mlir in {folder.relative_to(root)} runs --{found.flag}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    root = parser.parse_args().root
    count, wrong = 0, 0
    for top in ("dialects", "lib"):
        for td in sorted((root / top).rglob("Passes.td")):
            for found in find_passes(td):
                problems = check_pass(root, td, found)
                for problem in problems:
                    print(f"{td.relative_to(root)}: {found.flag}: {problem}")
                count, wrong = count + 1, wrong + bool(problems)
    print(f"{count - wrong} of {count} passes are described and tested")
    return count == 0 or wrong != 0


if __name__ == "__main__":
    sys.exit(main())
