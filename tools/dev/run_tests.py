#!/usr/bin/env python3
"""Runs every test: ctest (unit tests and checks of the tree), lit (IR) and pytest (execution).

    run_tests.py --build build [--only ctest|lit|pytest]

Prints each skipped test with its reason, then as the last line the sums over all three: N passed, N failed, N skipped.
Every suite runs, whatever failed before it; the exit status is 0 only if nothing failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A test that hangs is a failure; each has a shorter limit of its own, and this one ends what ignored it.
LIMIT_SECONDS = 2400


@dataclass
class Tally:
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, report: Path) -> None:
        for case in ElementTree.parse(report).iter("testcase"):
            name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.append(name)
            elif skip is not None or case.get("status") in ("notrun", "disabled"):
                reason = skip.get("message") if skip is not None else None
                self.skipped[reason or "no reason given"].append(name)
            else:
                self.passed += 1

    @property
    def skip_count(self) -> int:
        return sum(map(len, self.skipped.values()))


def make_commands(build: Path, reports: Path) -> dict[str, list[str]]:
    jobs = str(os.cpu_count() or 1)
    python = str(build / "venv/bin/python")
    ctest = ["ctest", "--test-dir", str(build), "-j", jobs, "--output-on-failure", "--timeout", "600"]
    return {
        # lit is one of ctest's tests for who calls ctest alone; here its own counts are wanted.
        "ctest": [*ctest, "-E", "^lit$", "--output-junit", str(reports / "ctest.xml")],
        "lit": [
            str(build / "venv/bin/lit"),
            "-sv",
            "-j",
            jobs,
            f"--xunit-xml-output={reports}/lit.xml",
            f"{build}/test",
        ],
        "pytest": [
            python,
            "-m",
            "pytest",
            "-q",
            "-n",
            jobs,
            "-rs",
            f"--junitxml={reports}/pytest.xml",
            str(ROOT / "test"),
        ],
    }


def run_suite(name: str, command: list[str], build: Path, report: Path, tally: Tally) -> None:
    report.unlink(missing_ok=True)
    print(f"== test: {name}: {' '.join(command)}", flush=True)
    start = time.monotonic()
    try:
        status = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "QCC_BUILD": str(build)},
            timeout=LIMIT_SECONDS,
            stdin=subprocess.DEVNULL,
        ).returncode
    except subprocess.TimeoutExpired:
        status = -1
        tally.failed.append(f"{name}: not done after {LIMIT_SECONDS} s")
    failed_before = len(tally.failed)
    if report.exists():
        tally.add(report)
    # A suite that fails without a failed test did not come so far as to run them.
    if status != 0 and len(tally.failed) == failed_before:
        tally.failed.append(f"{name}: exit status {status}")
    print(f"== test: {name}: {time.monotonic() - start:.0f} s", flush=True)


def print_tally(tally: Tally) -> None:
    for reason, names in sorted(tally.skipped.items()):
        print(f"skipped ({len(names)}): {reason}")
        for name in names:
            print(f"  {name}")
    if tally.failed:
        print(f"failed ({len(tally.failed)}):")
        for name in tally.failed:
            print(f"  {name}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {tally.skip_count} skipped", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--only", choices=["ctest", "lit", "pytest"])
    args = parser.parse_args()
    build = args.build.resolve()
    reports = build / "test-results"
    reports.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    for name, command in make_commands(build, reports).items():
        if args.only in (None, name):
            run_suite(name, command, build, reports / f"{name}.xml", tally)
    print_tally(tally)
    return bool(tally.failed)


if __name__ == "__main__":
    sys.exit(main())
