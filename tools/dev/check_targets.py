#!/usr/bin/env python3
"""Checks that nobody but a target's own folder, its tests, the session's registration and the docs names a target.

check_targets.py ROOT           every source and build file
check_targets.py --self-test    the rule below, on examples

A target is a folder of lib/Target or of test/lib/Target. Refused are an include of its headers, its name as a word
("cpu", cpu::, cpu-lower, CPU) or as the beginning of one (CPUTarget).
"""

import argparse
import re
import sys
from pathlib import Path

TOPS = ("dialects", "include", "lib", "python", "tools", "cmake", "CMakeLists.txt", "Makefile")
ENDINGS = {".c", ".cpp", ".h", ".td", ".py", ".sh", ".cmake", ".txt", ""}

# Files that may name targets: (path, why).
OWNERS = [
    (r"lib/Target/.*", "the targets themselves"),
    (r"lib/Driver/(Targets\.cpp|CMakeLists\.txt)", "the session's registration"),
    (r"CMakeLists\.txt", "the list of folders"),
    (r"include/qcc/Runtime/dlpack/.*", "other people's"),
    (r"tools/dev/check_(formats|layers|targets)\.py", "the rules, with examples"),
]
# Lines that speak of the processor that runs the host's code, or of somebody's API: (path, line, why).
OTHERS = [
    (r"(include/qcc/Runtime|lib/(Runtime|Host))/.*", r"\bCpu\.c\b|\bdescription\.cpu\b|\*cpu;", "the host's processor"),
    (r"(lib/(Runtime|Host)|python/qcc)/.*", r"\bCPU's memory\b", "DLPack's word for the host's memory"),
    (r"lib/Driver/InspectCommand\.cpp", r'\["cpu"\].*description\.cpu', "a key of the report"),
    (r"tools/demo/demo\.py", r"CPUExecutionProvider", "ONNX Runtime's"),
    (r"tools/demo/artifact\.py", r'^CPU = 1|"cpu", "features"|, CPU, 0,', "DLPack's and Model.h's"),
    (r"python/qcc/_qcc\.cpp", r"nb::device::cpu", "nanobind's"),
    (r"python/qcc/backend\.py", r'"CPU"|it compiles for CPU', "ONNX's names of devices"),
    (r"dialects/QNN/IR/Format\.td", r"let summary = .*#qnn\.target<", "an example of the attribute"),
]


def find_names(root: Path) -> list[str]:
    folders = [root / "lib/Target", root / "test/lib/Target"]
    return sorted({path.name for folder in folders for path in folder.iterdir() if path.is_dir()})


def make_pattern(names: list[str]) -> re.Pattern[str]:
    words = "|".join(names)
    return re.compile(rf"\blib/Target/\w+|(?<!\w)(?i:{words})(?!\w)|(?<!\w)(?:Qcc\w*)?(?:{words})(?=[A-Z]|\b)")


def find_problem(path: str, line: str, pattern: re.Pattern[str]) -> str | None:
    """What of `line` names a target where the file must not, or None."""
    if any(re.fullmatch(owner, path) for owner, _ in OWNERS):
        return None
    if any(re.fullmatch(file, path) and re.search(text, line) for file, text, _ in OTHERS):
        return None
    match = pattern.search(line)
    return match[0] if match else None


def check_tree(root: Path) -> int:
    pattern = make_pattern(find_names(root))
    files = [file for top in TOPS for file in ([root / top] if (root / top).is_file() else (root / top).rglob("*"))]
    problems = 0
    for file in sorted(files):
        if not file.is_file() or file.suffix not in ENDINGS or "__pycache__" in file.parts:
            continue
        path = file.relative_to(root).as_posix()
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if problem := find_problem(path, line, pattern):
                print(f"{path}:{number}: names the target '{problem}'; ask its Target or TargetModel instead")
                problems += 1
    return problems != 0


REFUSED = [
    ("lib/Pipelines/P.cpp", '#include "lib/Target/CPU/Pipeline.h"'),
    ("lib/Driver/Compile.cpp", "  cpu::writeModel(module);"),
    ("lib/Driver/Compile.cpp", 'if (name == "cpu")'),
    ("dialects/QNN/Transforms/T.cpp", "// What the CPU likes."),
    ("lib/Host/Passes.td", "marked by `cpu-bufferize`"),
    ("tools/qcc-opt/CMakeLists.txt", "LINKS QccCPUKernels QccTargetCPU"),
    ("include/qcc/Target/Target.h", "class ToyTarget;"),
]
ALLOWED = [
    ("lib/Target/CPU/Pipeline.cpp", '#include "lib/Target/CPU/Pipeline.h"'),
    ("lib/Driver/Targets.cpp", "registry.add(cpu::makeCPUTarget())"),
    ("lib/Host/Descriptor.cpp", '{QCCRT_CPU_AVX, "+avx"},'),
    ("lib/Runtime/Cpu.c", "desc->description.cpu,"),
    ("lib/Host/LowerEntry.cpp", "the model is called mcpu"),
]


def self_test() -> int:
    pattern = make_pattern(["CPU", "Toy"])
    wrong = [f"{p}: {s}: not refused" for p, s in REFUSED if not find_problem(p, s, pattern)]
    wrong += [f"{p}: {s}: refused: {find_problem(p, s, pattern)}" for p, s in ALLOWED if find_problem(p, s, pattern)]
    print("\n".join(wrong) or f"{len(REFUSED) + len(ALLOWED)} examples hold")
    return bool(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, nargs="?")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if not args.self_test and not args.root:
        parser.error("name ROOT or --self-test")
    return self_test() if args.self_test else check_tree(args.root)


if __name__ == "__main__":
    sys.exit(main())
