#!/usr/bin/env python3
"""Shows what each pass changes in the IR.

    ir_diff.py [--context N] [--only PASS] -- build/bin/qcc-opt FILE.mlir --pass-pipeline='...'

Runs the command with MLIR's options that print the IR before the first pass and after each that changed it, and prints
the differences one after another. The command must run its passes on one thread (MLIR demands it for printing whole
modules): `--mlir-disable-threading` is added.
"""

from __future__ import annotations

import argparse
import difflib
import re
import subprocess
import sys

HEADER = re.compile(r"^// -----// IR Dump (Before|After) (.*?) //----- //$", re.MULTILINE)
OPTIONS = [
    "--mlir-print-ir-before-all",
    "--mlir-print-ir-after-all",
    "--mlir-print-ir-after-change",
    "--mlir-print-ir-module-scope",
    "--mlir-disable-threading",
    "--mlir-elide-elementsattrs-if-larger=16",
    "--mlir-elide-resource-strings-if-larger=64",
]


def split_dumps(text: str) -> list[tuple[str, str, list[str]]]:
    """(Before or After, pass, lines of IR) of each dump."""
    headers = list(HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    return [(h[1], h[2], text[h.end() : end].strip().splitlines()) for h, end in zip(headers, ends, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--context", type=int, default=3)
    parser.add_argument("--only", default="", help="a regular expression: passes to show")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        parser.error("give the command after --")
    done = subprocess.run([*command, *OPTIONS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    dumps = split_dumps(done.stderr)
    before: list[str] = []
    for when, name, lines in dumps:
        if when == "After" and re.search(args.only, name):
            diff = list(difflib.unified_diff(before, lines, lineterm="", n=args.context))[2:]
            print(f"==== {name}: {'no change' if not diff else ''}")
            print("\n".join(diff))
        before = lines
    if done.returncode != 0:
        print(HEADER.split(done.stderr)[0].strip() if not dumps else done.stderr[-3000:], file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
