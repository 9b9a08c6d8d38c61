"""What the command line accepts and refuses, and how: exit 2, and a message that names what is wrong."""

import json
import os
import pty
import resource
import subprocess
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from small_models import info, make_mlp, save

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
    (["compile", "a.mlir", "-j", "2000", "--emit=import"], "option '-j' takes at most 1024 threads, not 2000"),
    (["bench", "a.so", "--threads", "200000"], "option '--threads' takes at most 1024 threads, not 200000"),
    (["compile", "a.mlir", "--emit"], "option '--emit' needs a value"),
    (["compile", "a.mlir", "--emit=nothing"], "unknown phase 'nothing'"),
    (["compile", "missing.mlir", "--emit=import"], "'missing.mlir': No such file"),
    (["compile", "model.txt", "--emit=import"], "'model.txt' is no model that qcc reads"),
    (["compile", "a.mlir"], "say where to write, by -o OUT"),
    (["compile", "a.mlir", "--emit=storage", "-o", "m.so"], "'m.so' has the ending of another kind of file"),
    (
        ["compile", "a.mlir", "--emit=import", "--target=nvptx"],
        "option '--target': unknown target 'nvptx'; known are cpu",
    ),
    (["compile", "a.mlir", "--emit=import", "--weights=int4", "--method=gptq"], "'gptq' is not known; there is: rtn"),
    (["compile", "a.mlir", "--emit=import", "--method=rtn"], "option '--method' is for --weights"),
    (["compile", "a.mlir", "--emit=import", "-O4"], "option '-O' needs 0 to 3, not 4"),
    (["compile", "a.mlir", "--emit=import", "--from=storage"], "--emit=import comes before --from=storage"),
    (["compile", "a.onnx", "--emit=lower", "--from=storage"], "--from is for a module of qcc (.mlir)"),
    (["compile", "a.mlir", "--emit=import", "--shape", "x"], "option '--shape' needs NAME=1x3x224x224"),
    (["compile", "a.mlir", "--emit=import", "--shape", "x=1"], "option '--shape' is for ONNX models"),
    (["check", "a.mlir", "--shape", "x=1"], "option '--shape' is for ONNX models"),
    (["inspect", "a.mlir", "--shape", "x=1"], "option '--shape' is for ONNX models"),
    (["check", "missing.onnx"], "error: missing.onnx: cannot be opened: No such file or directory\n"),
    (["compare", "a.so"], "'a.so' is compiled already, and the results of its layers are no more to be seen; compare"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(a) or "none" for a, _ in REFUSED])
def test_refuses(qcc, arguments, message):
    done = qcc(*arguments, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("qcc: error: ")
    assert done.stdout == ""


def test_progress_is_for_terminals(qcc, build_dir, tmp_path):
    model = make_mlp(tmp_path / "mlp.onnx")
    assert qcc("compile", model, "-o", tmp_path / "m.so").stderr == ""
    terminal, other = pty.openpty()
    command = [build_dir / "bin/qcc", "compile", model, "-o", tmp_path / "m.so"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=other, timeout=60)
    os.close(other)
    text = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert "qcc: reading the model ..." in text and "qcc: emitting code ..." in text
    # Nothing of it stays.
    assert text.endswith("\r\033[K") and "\n" not in text


def test_version_is_quick(qcc):
    # Of the processor, and the fastest of several: other processes may use the machine.
    def measure() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(5):
        start = measure()
        done = qcc("--version")
        times.append(measure() - start)
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


@pytest.mark.parametrize(("opening", "closing"), [('"a"() ({', "}) : () -> ()"), ("tuple<", ">"), ("[", "]")])
def test_deep_nesting_is_refused(qcc, tmp_path, opening, closing):
    model = tmp_path / "deep.mlir"
    text = opening * 20000 + closing * 20000
    model.write_text(text if "(" in opening else f"module attributes {{a = {text}}} {{}}")
    done = qcc("compile", model, "--emit=import", check=False)
    assert done.returncode == 2
    assert "deep.mlir' nests more than 256 brackets" in done.stderr
    # Brackets of strings, comments and arrows are none, and siblings are not nested.
    model.write_text('module attributes {a = "\\"[[{"} {} // [[\nfunc.func private @f() -> (i32)\n' * 300)
    done = qcc("compile", model, "--emit=import", check=False)
    assert "nests" not in done.stderr


def test_unwritable_output_is_named(qcc, tmp_path):
    model = tmp_path / "empty.mlir"
    model.write_text("module {}\n")
    done = qcc("compile", model, "--emit=import", "-o", tmp_path / "no/such/out.mlir", check=False)
    assert done.returncode == 2
    assert "cannot write" in done.stderr


def test_what_is_the_default_may_be_said(qcc, tmp_path):
    model = make_mlp(tmp_path / "mlp.onnx")
    plain = qcc("compile", model, "--weights=int4", "--emit=compress").stdout
    assert qcc("compile", model, "--weights=int4", "--method=rtn", "--target=cpu", "--emit=compress").stdout == plain


def test_a_full_disk_is_named(qcc, tmp_path):
    # The name decides what is written, and the device has no room.
    (tmp_path / "full.json").symlink_to("/dev/full")
    command = ["compile", make_mlp(tmp_path / "mlp.onnx"), "-o", tmp_path / "m.so", "--report", tmp_path / "full.json"]
    done = qcc(*command, check=False)
    assert done.returncode == 2
    assert "full.json': No space left on device" in done.stderr


def test_check_prints_the_interface(qcc, tmp_path):
    done = qcc("check", make_mlp(tmp_path / "mlp.onnx"))
    assert done.stdout.splitlines() == ["input x: float32[n,32]", "output y: float32[n,8]"]
    done = qcc("check", tmp_path / "mlp.onnx", "--shape", "x=5x32")
    assert done.stdout.splitlines() == ["input x: float32[5,32]", "output y: float32[5,8]"]


def test_a_node_is_named_by_file_name_and_op(qcc, tmp_path):
    nodes = [helper.make_node("NoSuchOp", ["x"], ["y"], name="culprit")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", [2])], [info("y", [2])])
    done = qcc("check", model, check=False)
    assert done.returncode == 2
    assert f"{model}: node 'culprit' (NoSuchOp): " in done.stderr


@pytest.mark.parametrize("phase", ["import", "compress", "fuse", "place", "layout", "decide", "storage"])
def test_phases_can_be_stopped_after_and_started_from(qcc, tmp_path, phase):
    model = make_mlp(tmp_path / "mlp.onnx")
    direct = qcc("compile", model, "--emit=storage").stdout
    qcc("compile", model, f"--emit={phase}", "-o", tmp_path / "part.mlir")
    resumed = qcc("compile", tmp_path / "part.mlir", f"--from={phase}", "--emit=storage").stdout
    assert "qcc.name" in direct
    assert resumed == direct


@pytest.fixture(scope="module")
def artifact(qcc, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifact")
    qcc("compile", make_mlp(folder / "mlp.onnx"), "-o", folder / "mlp.so")
    return folder / "mlp.so"


IGNORED = [
    (["run", "--weights=int4"], "option '--weights' is for models"),
    (["run", "-O3"], "option '-O' is for models"),
    (["bench", "--mcpu=haswell"], "option '--mcpu' is for models"),
    (["inspect", "--weights=int4"], "option '--weights' is for models"),
    (["inspect", "--shape", "x=2x32"], "option '--shape' is for models"),
    (["run", "--random-inputs", "--shape", "z=3"], "'--shape=z=...': the model has no input 'z'; its inputs are: x"),
    (["bench", "--shape", "z=3"], "'--shape=z=...': the model has no input 'z'; its inputs are: x"),
    (["bench", "--input", "z=z.npy"], "'--input=z=z.npy': the model has no input 'z'; its inputs are: x"),
    (["bench", "--runs=5", "--seconds=1"], "option '--seconds' has no say beside --runs"),
    (["run", "--seed=1"], "option '--seed' is for --random-inputs"),
    (["run", "--random-inputs", "--rtol=1"], "option '--rtol' is for --expect"),
    (["run", "--expect=data", "--random-inputs"], "option '--random-inputs' has no inputs to make up"),
]


@pytest.mark.parametrize(("arguments", "message"), IGNORED, ids=[" ".join(a) for a, _ in IGNORED])
def test_refuses_what_it_would_ignore(qcc, artifact, arguments, message):
    done = qcc(arguments[0], artifact, *arguments[1:], check=False)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("option", ["--threads=2", "--mcpu=haswell", "-O1"])
def test_interpreter_refuses_options_of_the_compiler(qcc, artifact, option):
    done = qcc("run", artifact.with_suffix(".onnx"), "--interpret", "--random-inputs", option, check=False)
    assert done.returncode == 2
    assert "is for compiled models" in done.stderr


def test_a_module_says_what_it_is_made_for(qcc, tmp_path):
    module, artifact = tmp_path / "m.mlir", tmp_path / "m.so"
    qcc("compile", make_mlp(tmp_path / "mlp.onnx"), "--mcpu=haswell", "--emit=storage", "-o", module)
    qcc("compile", module, "--from=storage", "-o", artifact)
    assert json.loads(qcc("inspect", artifact, "--json").stdout)["cpu"] == "haswell"
    qcc("compile", module, "--from=storage", "--mcpu=haswell", "-o", artifact)
    for option in ("--mcpu=skylake-avx512", "--mcpu=native", "--mattr=+avx512f", "--mtriple=aarch64-linux-gnu"):
        done = qcc("compile", module, "--from=storage", option, "-o", artifact, check=False)
        assert done.returncode == 2
        assert f"option '{option}': the module is made for" in done.stderr
    qcc("compile", tmp_path / "mlp.onnx", "--emit=storage", "-o", module)
    done = qcc("compile", module, "--from=storage", "--mcpu=haswell", "-o", artifact, check=False)
    assert done.returncode == 2 and "is made for the default" in done.stderr
    done = qcc("compile", tmp_path / "mlp.onnx", "--emit=import", "--mcpu=nonsense", check=False)
    assert done.returncode == 2 and "option '--mcpu=nonsense': LLVM knows no such processor" in done.stderr


def make_quantized(path):
    """A product of uint8 activations and int8 weights, as ONNX quantizes it."""
    scalars = {"s": np.float32(0.1), "zx": np.uint8(3), "zw": np.int8(0)}
    nodes = [helper.make_node("QLinearMatMul", ["x", "s", "zx", "w", "s", "zw", "s", "zx"], ["y"], name="product")]
    weights = np.arange(64, dtype=np.int8).reshape(8, 8)
    scalars = {name: np.array(value) for name, value in scalars.items()}
    ports = [info("x", [2, 8], TensorProto.UINT8)], [info("y", [2, 8], TensorProto.UINT8)]
    return save(path, nodes, *ports, {"w": weights, **scalars})


@pytest.mark.parametrize("machine", ["aarch64-linux-gnu", "riscv64-linux-gnu"])
@pytest.mark.parametrize("make", [make_mlp, make_quantized])
def test_code_for_another_architecture(qcc, tmp_path, machine, make):
    model = make(tmp_path / "m.onnx")
    qcc("compile", model, f"--mtriple={machine}", "-o", tmp_path / "m.s")
    assert "qcc_model" in (tmp_path / "m.s").read_text()
    done = qcc("compile", model, f"--mtriple={machine}", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2 and "cannot link a shared object for" in done.stderr
    done = qcc("compile", model, f"--mtriple={machine}", "-o", tmp_path / "m.o", check=False)
    if Path(f"/usr/{machine}/include/stdio.h").exists():
        assert done.returncode == 0, done.stderr
        elf = (tmp_path / "m.o").read_bytes()
        assert int.from_bytes(elf[18:20], "little") == {"aarch64-linux-gnu": 183, "riscv64-linux-gnu": 243}[machine]
        assert b"qccrt_run_model" in elf and (tmp_path / "m.o.h").exists()
    else:  # built without that architecture's C library headers
        assert done.returncode == 2 and "carries no runtime for" in done.stderr
    cpu = {"aarch64-linux-gnu": "neoverse-n1", "riscv64-linux-gnu": "sifive-u74"}[machine]
    qcc("compile", model, f"--mtriple={machine}", f"--mcpu={cpu}", "-o", tmp_path / "m.s")


def test_a_crash_leaves_the_artifact_of_before(qcc, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    weights = np.ones((200, 200), np.float32)
    for value in (1, 2):
        nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
        ports = [info("x", [1, 200])], [info("y", [1, 200])]
        save(tmp_path / f"{value}.onnx", nodes, *ports, {"w": value * weights})
    qcc("compile", tmp_path / "1.onnx", "-o", tmp_path / "m.so")
    done = qcc("compile", tmp_path / "2.onnx", "-o", tmp_path / "m.so", "--crash-in=emit", check=False)
    assert done.returncode == 3
    (path,) = tmp_path.glob("qcc-reproducer-*.mlir")
    assert str(path) in done.stderr
    np.save(tmp_path / "x.npy", weights[:1])
    qcc("run", tmp_path / "m.so", "--input", f"x={tmp_path / 'x.npy'}", "--output-dir", tmp_path / "out")
    assert np.load(tmp_path / "out/y.npy")[0, 0] == 200
    assert not list(tmp_path.glob("*.tmp"))


def test_a_crash_leaves_a_reproducer(qcc, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = qcc("compile", make_mlp(tmp_path / "mlp.onnx"), "--emit=storage", "--crash-in=fuse", check=False)
    assert done.returncode == 3
    assert "qcc: defect: crashed while fuse" in done.stderr
    (path,) = tmp_path.glob("qcc-reproducer-*.mlir")
    assert str(path) in done.stderr
    text = path.read_text()
    assert "--crash-in=fuse" in text and "func.func @main" in text


@pytest.mark.parametrize("options", [[], ["--from=place"]], ids=["import", "place"])
def test_what_is_written_by_hand_is_its_authors_doing(qcc, tmp_path, options):
    (tmp_path / "m.mlir").write_text("""
      func.func @main(%x: tensor<4x64xf32>) -> tensor<4x8xf32> {
        %w = arith.constant dense<1.0> : tensor<8x64xf32>
        %0 = qnn.matmul %x, %w {transpose_b, kernel = #qnn.kernel<"no such", acc = f32>}
          : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
        return %0 : tensor<4x8xf32>
      }""")
    done = qcc("compile", tmp_path / "m.mlir", "-o", tmp_path / "m.so", *options, check=False)
    assert done.returncode == 2
    assert "cannot be computed by kernel 'no such'" in done.stderr and "defect" not in done.stderr


@pytest.fixture(scope="module")
def pair(qcc, tmp_path_factory):
    """z = concatenation of x and y along axis 1; both have as many rows."""
    folder = tmp_path_factory.mktemp("pair")
    nodes = [helper.make_node("Concat", ["x", "y"], ["z"], axis=1)]
    inputs = [info("x", ["n", 3]), info("y", ["n", "m"])]
    model = save(folder / "pair.onnx", nodes, inputs, [info("z", ["n", None])])
    qcc("compile", model, "-o", folder / "pair.so")
    return folder


@pytest.mark.parametrize("file", ["pair.onnx", "pair.so"])
@pytest.mark.parametrize("shapes", [["y=2x4"], ["x=2x3", "y=?x4"]], ids=" ".join)
def test_a_symbol_of_one_shape_serves_all_inputs(qcc, pair, tmp_path, file, shapes):
    options = [f"--shape={shape}" for shape in shapes]
    qcc("run", pair / file, "--random-inputs", *options, "--output-dir", tmp_path)
    assert np.load(tmp_path / "z.npy").shape == (2, 7)


def test_a_symbol_of_a_file_serves_random_inputs(qcc, pair, tmp_path):
    np.save(tmp_path / "y.npy", np.ones((5, 2), np.float32))
    options = ["--input", f"y={tmp_path / 'y.npy'}", "--random-inputs", "--output-dir", tmp_path]
    qcc("run", pair / "pair.so", *options)
    assert np.load(tmp_path / "z.npy").shape == (5, 5)


@pytest.mark.parametrize("command", [["run", "--random-inputs"], ["bench"]], ids=" ".join)
@pytest.mark.parametrize("file", ["pair.onnx", "pair.so"])
def test_shapes_that_contradict_each_other(qcc, pair, file, command):
    shapes = ["--shape", "x=2x3", "--shape", "y=4x3"]
    done = qcc(command[0], pair / file, *command[1:], *shapes, check=False)
    assert done.returncode == 2
    assert "'n' 2 (" in done.stderr and "input 'x') and 4 (" in done.stderr and "input 'y')" in done.stderr
    assert "it is one extent in the model, so give it one value" in done.stderr
