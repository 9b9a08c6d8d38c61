#!/usr/bin/env python3
"""Prints the time of a build and the five files that took longest, from ninja's log.

    ninja_times.py build/.ninja_log [--after BYTES] [--count N]

With --after, only what the log gained after its first BYTES bytes counts: the last build. Ninja rewrites a log that
has grown large; then it is read from its beginning.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def read_steps(log: str) -> dict[str, tuple[int, int]]:
    """Output -> (start, end) in milliseconds. A command with several outputs stands for its first."""
    steps = {}
    for line in log.splitlines():
        fields = line.split("\t")
        if len(fields) == 5:
            start, end, _, output, command_hash = fields
            steps.setdefault(command_hash, (output, (int(start), int(end))))
    return dict(steps.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("--count", type=int, default=5)
    args = parser.parse_args()
    log = args.log.read_bytes() if args.log.exists() else b""
    steps = read_steps(log[args.after :].decode() if args.after <= len(log) else log.decode())
    if not steps:
        print("build: nothing to do")
        return
    total = max(end for _, end in steps.values()) / 1000
    work = sum(end - start for start, end in steps.values()) / 1000
    print(f"build: {len(steps)} steps in {total:.0f} s, {work:.0f} s of work; the slowest:")
    slowest = sorted(steps.items(), key=lambda step: step[1][0] - step[1][1])
    for output, (start, end) in slowest[: args.count]:
        print(f"  {(end - start) / 1000:6.1f} s  {output}")


if __name__ == "__main__":
    main()
