"""`cmake --install` makes a folder that works anywhere, without the build or the source.

What the folder is for, building on qcc from outside, is tested by the example in test/examples/out-of-tree.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("install")

INCLUDE = re.compile(r'^\s*#?\s*include\s+"((?:dialects|lib|qcc)/[^"]+)"', re.MULTILINE)


def find_programs_and_libraries(prefix: Path) -> list[Path]:
    files = [file for file in prefix.rglob("*") if file.is_file() and not file.is_symlink()]
    found = [file for file in files if file.open("rb").read(4) == b"\x7fELF"]
    assert len(found) >= 10
    return found


def test_libraries_are_the_installed_ones(prefix, build_dir):
    for file in find_programs_and_libraries(prefix):
        done = subprocess.run(["ldd", file], capture_output=True, text=True, check=True)
        assert "not found" not in done.stdout, f"{file}:\n{done.stdout}"
        for name, where in re.findall(r"(\S*[Qq]cc\S*) => (\S+)", done.stdout):
            assert Path(where).resolve().is_relative_to(prefix), f"{file} takes {name} from {where}"
        header = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=True).stdout
        for path in re.search(r"R(?:UN)?PATH.*\[(.*)\]", header)[1].split(":"):
            assert path.startswith("$ORIGIN") or not Path(path).is_relative_to(ROOT), f"{file} looks into {path}"


def test_no_text_names_the_build_or_the_source(prefix, build_dir):
    texts = [file for file in prefix.rglob("*") if file.suffix in (".cmake", ".h", ".inc", ".td", ".py")]
    assert texts
    for file in texts:
        text = file.read_text()
        for folder in (ROOT, build_dir):
            assert str(folder) not in text, f"{file} names {folder}"


def test_headers_include_only_what_is_installed(prefix):
    include = prefix / "include/qcc-0.1"
    headers = [file for file in include.rglob("*") if file.suffix in (".h", ".td", ".inc")]
    for name in ("qcc/CAPI/Compiler.h", "dialects/QNN/IR/Ops.h", "dialects/QNN/IR/Ops.h.inc", "lib/Formats/Codec.h"):
        assert include / name in headers
    missing = [
        f"{header.relative_to(include)} includes {spelling}"
        for header in headers
        for spelling in INCLUDE.findall(header.read_text())
        if not (include / spelling).exists()
    ]
    assert not missing


def test_the_command_compiles(prefix, tmp_path):
    output = tmp_path / "digits.so"
    command = [prefix / "bin/qcc", "compile", ROOT / "test/models/digits_f32.onnx", "-o", output]
    subprocess.run(command, check=True, timeout=120)
    assert output.exists()


def test_the_python_package_compiles_and_runs(prefix, tmp_path):
    (packages,) = prefix.glob("lib/python3*/site-packages")
    script = (
        "import sys, numpy, qcc; assert qcc.__file__.startswith(sys.argv[1]), qcc.__file__\n"
        "print(qcc.compile(sys.argv[2])(numpy.zeros((1, 1, 8, 8), numpy.float32)).shape)"
    )
    command = [sys.executable, "-c", script, prefix, ROOT / "test/models/digits_f32.onnx"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120)
    assert done.stdout == "(1, 10)\n", done.stderr


def test_stock_mlir_opt_loads_the_plugin(prefix, tmp_path):
    """By the command that the documentation gives."""
    module = tmp_path / "exp.mlir"
    module.write_text(
        "func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
        "  %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>\n"
        "  return %0 : tensor<4xf32>\n"
        "}\n"
    )
    page = (ROOT / "docs/extending.md").read_text()
    command = re.search(r"^    (mlir-opt-22 .*\\\n.*)$", page, re.MULTILINE)[1]
    command = command.replace("PREFIX", str(prefix)).replace("in.mlir", str(module))
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert "math.exp" in done.stdout, done.stderr
