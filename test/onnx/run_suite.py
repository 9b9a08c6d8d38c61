#!/usr/bin/env python3
"""Runs ONNX's backend test-suite by hand, to see where qcc stands.

    run_suite.py --build build --mode compiled                    run all, print the pass rate of each op
    run_suite.py --build build --mode interpreted 'test_conv*'    only these, and print each that does not pass
    run_suite.py --build build --suggest                          lines for exclusions.txt that fit what qcc refuses

Results are kept in build/test-results; --suggest reads those of the last run of both modes.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import sys
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path

import suite

ROOT = Path(__file__).resolve().parents[2]


def print_rates(tests: list[suite.Test], results: dict[str, suite.Result]) -> None:
    by_op = defaultdict(list)
    for test in tests:
        for op in test.ops:
            by_op[op].append(results[test.name].outcome == "pass")
    print(f"{'op':40} passed   of")
    for op, passed in sorted(by_op.items(), key=lambda item: (sum(item[1]) / len(item[1]), item[0])):
        print(f"{op:40} {sum(passed):6} {len(passed):4}")


def print_summary(tests: list[suite.Test], results: dict[str, suite.Result], mode: str) -> None:
    for kind in suite.KINDS:
        outcomes = Counter(results[test.name].outcome for test in tests if test.kind == kind)
        if outcomes:
            share = outcomes["pass"] / outcomes.total()
            others = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()) if outcome != "pass")
            print(
                f"{mode}: {kind}: {outcomes['pass']} of {outcomes.total()} pass ({share:.1%}); {others or 'no other'}"
            )


def print_failures(tests: list[suite.Test], results: dict[str, suite.Result], outcomes: set[str]) -> None:
    for test in tests:
        result = results[test.name]
        if result.outcome in outcomes:
            first = result.message.splitlines()[:3]
            print(f"{result.outcome:8} {test.name}: " + " | ".join(first))


def suggest_patterns(refused: list[str], others: list[str]) -> list[str]:
    """Few globs that cover all of `refused` and none of `others`."""
    patterns, left = [], sorted(refused)
    while left:
        words = left[0].split("_")
        # Never wider than an op's name: what a later version of the suite adds should not be excluded unseen.
        for length in range(2, len(words) + 1):
            pattern = "_".join(words[:length])
            if length < len(words):
                pattern += "_*"
            if not any(fnmatch.fnmatchcase(name, pattern) for name in others):
                break
        patterns.append(pattern)
        left = [name for name in left if not fnmatch.fnmatchcase(name, pattern)]
    return patterns


def suggest(tests: list[suite.Test], results: dict[str, dict[str, suite.Result]]) -> None:
    def refused_in(name: str) -> set[str]:
        return {mode for mode in suite.MODES if results[mode][name].outcome == "refused"}

    for label, modes in [("both", set(suite.MODES)), *((mode, {mode}) for mode in suite.MODES)]:
        by_reason = defaultdict(list)
        for test in tests:
            if refused_in(test.name) == modes:
                message = results[min(modes)][test.name].message
                by_reason[(message.splitlines() or ["no message"])[0]].append(test.name)
        refused = {name for names in by_reason.values() for name in names}
        reasons = {name: reason for reason, names in by_reason.items() for name in names}
        others = [test.name for test in tests if test.name not in refused]
        for pattern in suggest_patterns(sorted(refused), others):
            first = next(name for name in sorted(refused) if fnmatch.fnmatchcase(name, pattern))
            print(f"{pattern:60} {label:12} {reasons[first]}")


def load(path: Path) -> dict[str, suite.Result]:
    return {entry["name"]: suite.Result(**entry) for entry in json.loads(path.read_text())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="GLOB", help="names of tests")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--mode", choices=suite.MODES, default="interpreted")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--suggest", action="store_true")
    args = parser.parse_args()
    build = args.build.resolve()
    out = build / "onnx-suite"
    tests = suite.prepare(out)
    report = build / "test-results"
    if args.suggest:
        suggest(tests, {mode: load(report / f"onnx-{mode}.json") for mode in suite.MODES})
        return 0
    if args.patterns:
        tests = [t for t in tests if any(fnmatch.fnmatchcase(t.name, pattern) for pattern in args.patterns)]
    results = suite.run(build, out, tests, args.mode, args.jobs)
    if args.patterns:
        print_failures(tests, results, {"refused", "differs", "defect", "crash", "timeout"})
    else:
        report.mkdir(parents=True, exist_ok=True)
        (report / f"onnx-{args.mode}.json").write_text(json.dumps([asdict(r) for r in results.values()], indent=0))
        print_rates(tests, results)
        print_failures(tests, results, {"differs", "defect", "crash", "timeout"})
    print_summary(tests, results, args.mode)
    return 0


if __name__ == "__main__":
    sys.exit(main())
