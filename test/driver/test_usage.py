"""What the command line accepts and refuses, and how: exit 2, and a message that names what is wrong."""

import time

import pytest

REFUSED = [
    ([], "no command was given"),
    (["frobnicate"], "unknown command 'frobnicate'"),
    (["--frobnicate"], "unknown option '--frobnicate'"),
    (["compile"], "needs a MODEL"),
    (["compile", "a.mlir", "b.mlir"], "unexpected argument 'b.mlir'"),
    (["compile", "a.mlir", "--emitt=import"], "unknown option '--emitt' for 'qcc compile'; did you mean '--emit'?"),
    # Not built yet, so not accepted either.
    (["compile", "a.mlir", "--kv-cache=int8"], "unknown option '--kv-cache'"),
    (["compile", "a.mlir", "-j", "0", "--emit=import"], "option '-j' needs an integer of at least 1, not '0'"),
    (["compile", "a.mlir", "-jx", "--emit=import"], "option '-j' needs an integer of at least 1, not 'x'"),
    (["compile", "a.mlir", "-j", "1", "-j", "2"], "option '-j' was given twice"),
    (["compile", "a.mlir", "--emit"], "option '--emit' needs a value"),
    (["compile", "a.mlir", "--emit=nothing"], "unknown phase 'nothing'"),
    (["compile", "missing.mlir", "--emit=import"], "'missing.mlir': No such file"),
    (["compile", "model.txt", "--emit=import"], "'model.txt' is no model that qcc reads"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(a) or "none" for a, _ in REFUSED])
def test_refuses(qcc, arguments, message):
    done = qcc(*arguments, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("qcc: error: ")
    assert done.stdout == ""


def test_version_is_quick(qcc):
    # The fastest of several: other processes may use the machine.
    times = []
    for _ in range(5):
        start = time.monotonic()
        done = qcc("--version")
        times.append(time.monotonic() - start)
    assert done.stdout.startswith("qcc 0.1")
    assert min(times) < 0.1


def test_help_lists_every_command_and_no_option_of_llvm(qcc):
    text = qcc("--help").stdout
    commands = [line.split()[0] for line in text.split("commands:")[1].split("\n\n")[0].splitlines() if line.strip()]
    assert "compile" in commands
    for command in commands:
        page = qcc(command, "--help").stdout
        assert page.startswith(f"usage: qcc {command}")
        assert "--print-after-all" not in page and "--debug" not in page


def test_broken_ir_is_named(qcc, tmp_path):
    model = tmp_path / "broken.mlir"
    model.write_text("func.func @main() {\n  %0 = nothing.such\n}\n")
    done = qcc("compile", model, "--emit=import", check=False)
    assert done.returncode == 2
    assert "broken.mlir:2:" in done.stderr


def test_unwritable_output_is_named(qcc, tmp_path):
    model = tmp_path / "empty.mlir"
    model.write_text("module {}\n")
    done = qcc("compile", model, "--emit=import", "-o", tmp_path / "no/such/out.mlir", check=False)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
