"""The example out-of-tree, built against the installed qcc: a codec, a pass, and a program that has the compiler."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLE = HERE / "out-of-tree"
DIGITS = ROOT / "test/models/digits_f32.onnx"
pytestmark = pytest.mark.xdist_group("install")


def run(*command: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def example(prefix) -> Path:
    """Its build folder."""
    folder = prefix.parent / "out-of-tree"
    for command in (
        ["cmake", "-S", EXAMPLE, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug"],
        ["cmake", "--build", folder, "--parallel", "2"],
    ):
        done = run(*command, timeout=300)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return folder


@pytest.fixture
def qcc(prefix):
    """qcc(*arguments): runs the installed command."""
    return lambda *arguments: run(prefix / "bin/qcc", *arguments)


@pytest.fixture
def foreign_plugin(tmp_path):
    """foreign_plugin(version, llvm): a plug-in of that version of the interface, built with that LLVM."""

    def build(version: int, llvm: str) -> Path:
        source = tmp_path / "foreign.c"
        source.write_text(
            "static struct { unsigned version; const char *name, *llvm; void *function; } info = "
            f'{{{version}, "foreign", "{llvm}", 0}};\nconst void *qccGetPluginInfo(void) {{ return &info; }}\n'
        )
        done = run("cc", "-shared", "-fPIC", source, "-o", tmp_path / "foreign.so")
        assert done.returncode == 0, done.stderr
        return tmp_path / "foreign.so"

    return build


def test_is_short():
    lines = [line for file in EXAMPLE.iterdir() for line in file.read_text().splitlines()]
    assert len(lines) < 200


def test_the_documentation_shows_it_as_it_is():
    blocks = re.findall(r"^```\w+\n(.*?)^```", (ROOT / "docs/extending.md").read_text(), re.MULTILINE | re.DOTALL)
    files = [file.read_text() for file in EXAMPLE.iterdir()]
    assert len(blocks) == 3
    for block in blocks:
        assert any(block in file for file in files), block


def test_the_command_loads_codec_and_pass(qcc, example, tmp_path):
    output = tmp_path / "digits.so"
    done = qcc("compile", DIGITS, "-o", output, f"--plugin={example}/Pow2.so")
    assert (done.returncode, done.stderr) == (0, "")
    layers = qcc("inspect", output).stdout
    # Both matrix products read the plug-in's codes by a kernel of qcc.
    assert (
        len(re.findall(r"^fc\d +matmul .* pow2, tensor<f32>, dense .* blocked_f32dec_", layers, re.MULTILINE)) == 2
    ), layers
    assert "pow2" not in qcc("inspect", DIGITS).stdout


def test_compiled_as_interpreted(qcc, example, tmp_path):
    plugin, module = f"--plugin={example}/Pow2.so", tmp_path / "digits.mlir"
    assert qcc("compile", DIGITS, "-o", module, "--emit=compress", plugin).returncode == 0
    logits = []
    for how in ([], ["--interpret"]):
        inputs = ["--random-inputs", "--seed=1", "--shape=image=3x1x8x8", f"--output-dir={tmp_path}"]
        done = qcc("run", module, plugin, *inputs, *how)
        assert done.returncode == 0, done.stderr
        logits.append(np.load(tmp_path / "logits.npy"))
    np.testing.assert_allclose(logits[0], logits[1], rtol=0, atol=1e-5 * np.abs(logits[1]).max())


def test_the_program_has_the_compiler_in_it(example, tmp_path):
    done = run(example / "embed", DIGITS, tmp_path / "digits.so", f"--plugin={example}/Pow2.so", "-j1")
    assert (done.stdout, done.stderr) == ("This is a 2.\n", "")


def test_a_c_compiler_alone_builds_the_program(prefix, tmp_path):
    include, library, program = prefix / "include/qcc-0.1", prefix / "lib", tmp_path / "embed"
    source = EXAMPLE / "embed.c"
    links = [f"-L{library}", "-lqcc", f"-Wl,-rpath,{library}"]
    done = run("cc", "-Wall", "-Werror", f"-I{include}", source, *links, "-o", program)
    assert done.returncode == 0, done.stderr
    assert run(program, DIGITS, tmp_path / "digits.so").stdout == "This is a 2.\n"


def test_without_the_plugin_its_codec_is_unknown(qcc, example, tmp_path):
    module = tmp_path / "digits.mlir"
    done = qcc("compile", DIGITS, "-o", module, "--emit=compress", f"--plugin={example}/Pow2.so")
    assert done.returncode == 0, done.stderr
    done = qcc("compile", module, "--from=compress", "-o", tmp_path / "digits.so")
    assert done.returncode == 2
    assert "unknown codec 'pow2'" in done.stderr


@pytest.mark.parametrize(
    ("version", "llvm", "sentence"),
    [
        (77, "22.1.8", "is for version 77 of qcc's plug-in interface, and this qcc has version 4: build it again"),
        (4, "21.0.0", "was built with LLVM 21.0.0, and this qcc with 22.1"),
    ],
)
def test_a_plugin_of_another_version_is_refused(qcc, example, foreign_plugin, tmp_path, version, llvm, sentence):
    plugin = foreign_plugin(version, llvm)
    done = qcc("compile", DIGITS, "-o", tmp_path / "digits.so", f"--plugin={plugin}")
    assert done.returncode == 2
    assert f"plug-in '{plugin}' {sentence}" in done.stderr
    embedded = run(example / "embed", DIGITS, tmp_path / "digits.so", f"--plugin={plugin}")
    assert embedded.returncode == 2
    assert f"plug-in '{plugin}' {sentence}" in embedded.stderr


def test_what_is_no_plugin_is_refused(qcc, prefix, tmp_path):
    other = prefix / "lib/QccPlugin.so"
    done = qcc("compile", DIGITS, "-o", tmp_path / "digits.so", f"--plugin={other}")
    assert done.returncode == 2
    assert f"'{other}' is no plug-in of qcc: it exports no function qccGetPluginInfo" in done.stderr
    done = qcc("compile", DIGITS, "-o", tmp_path / "digits.so", "--plugin=absent.so")
    assert done.returncode == 2
    assert "cannot load plug-in 'absent.so'" in done.stderr


def test_an_unknown_option_is_an_error_of_the_program_too(example, tmp_path):
    done = run(example / "embed", DIGITS, tmp_path / "digits.so", f"--plugin={example}/Pow2.so", "--pow3")
    assert done.returncode == 2
    assert "unknown option '--pow3'" in done.stderr


def test_another_version_of_the_package_is_not_found(prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(other C CXX)\nfind_package(qcc 0.2 REQUIRED CONFIG)\n"
    )
    done = run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert done.returncode != 0
    assert "qccConfig.cmake, version: 0.1" in done.stderr  # as what was not accepted
