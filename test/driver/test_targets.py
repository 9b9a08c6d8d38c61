"""Targets and plug-ins on the command line: what a module is for, and whose an option is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from onnx import helper
from small_models import info, make_mlp, save


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_mlp(tmp_path_factory.mktemp("targets") / "mlp.onnx")


@pytest.mark.parametrize("command", ["compile", "run", "inspect", "compare", "bench"])
def test_an_unknown_target_is_an_error(qcc, model, command):
    arguments = ["-o", model.with_suffix(".so")] if command == "compile" else []
    done = qcc(command, model, "--target=abacus", *arguments, check=False)
    assert done.returncode == 2
    assert "option '--target': unknown target 'abacus'; known are cpu" in done.stderr


@pytest.mark.parametrize("phase", ["compress", "layout", "storage"])
def test_a_module_for_an_unknown_target_is_an_error(qcc, model, tmp_path, phase):
    module = tmp_path / "m.mlir"
    text = qcc("compile", model, f"--emit={phase}").stdout
    module.write_text(text.replace('#qnn.target<"cpu">', '#qnn.target<"abacus">'))
    done = qcc("compile", module, f"--from={phase}", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert "unknown target 'abacus'; known are cpu" in done.stderr
    assert not (tmp_path / "m.so").exists()


def test_a_module_keeps_its_target(qcc, model, tmp_path):
    module = tmp_path / "m.mlir"
    text = qcc("compile", model, "--emit=storage").stdout
    module.write_text(text.replace('#qnn.target<"cpu">', '#qnn.target<"cpu", beads = "7">'))
    done = qcc("compile", module, "--from=storage", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert "target 'cpu' has no option 'beads'; it has mcpu, mattr, mtriple" in done.stderr


def test_a_part_for_another_target_is_an_error(qcc, model, tmp_path):
    module = tmp_path / "m.mlir"
    text = qcc("compile", model, "--emit=storage").stdout
    inner = '#qnn.target<"cpu", mcpu = "haswell">'
    module.write_text(re.sub(r"(func\.func @main\(.*\)) \{\n", rf"\1 attributes {{qnn.target = {inner}}} {{\n", text))
    done = qcc("compile", module, "--from=storage", "--mcpu=znver4", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert inner in module.read_text()
    assert "is made for the default" in done.stderr
    done = qcc("compile", module, "--from=storage", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert "is for target 'cpu' in a module for 'cpu'; a module is lowered for one target" in done.stderr


def test_an_unknown_phase_is_an_error(qcc, model):
    done = qcc("compile", model, "--emit=placement", check=False)
    assert done.returncode == 2
    assert "unknown phase 'placement' in --emit" in done.stderr
    names = "import, compress, fuse, place, layout, decide, storage, lower"
    assert f"there are: {names}" in done.stderr


def test_plugins_that_are_none(qcc, model, tmp_path, monkeypatch):
    done = qcc("compile", model, f"--plugin={tmp_path}/none.so", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert f"cannot load plug-in '{tmp_path}/none.so': cannot open shared object file" in done.stderr
    done = qcc("formats", "--plugin", "libm.so.6", check=False)
    assert done.returncode == 2
    assert "'libm.so.6' is no plug-in of qcc: it exports no function qccGetPluginInfo" in done.stderr
    # A file of the current folder needs no path.
    (tmp_path / "here.so").write_bytes(b"no library")
    monkeypatch.chdir(tmp_path)
    done = qcc("formats", "--plugin=here.so", check=False)
    assert "cannot load plug-in 'here.so': file too short" in done.stderr
    done = qcc("compile", model, "--plugin", check=False)
    assert done.returncode == 2
    assert "option '--plugin' needs a value: --plugin=FILE.so" in done.stderr


def make_wide(path):
    """Constants enough for a side file, and functions enough for several parts of code."""
    rng = np.random.default_rng(3)
    nodes, weights, value = [], {}, "x"
    for i in range(12):
        extent = 64 + 8 * i
        weights[f"w{i}"] = rng.standard_normal((extent, extent + 8), dtype=np.float32)
        nodes.append(helper.make_node("MatMul", [value, f"w{i}"], [f"h{i}"], name=f"product{i}"))
        activation = ["Relu", "Tanh", "Sigmoid", "Erf"][i % 4]
        nodes.append(helper.make_node(activation, [f"h{i}"], [f"y{i}"], name=f"activation{i}"))
        value = f"y{i}"
    return save(path, nodes, [info("x", ["n", 64])], [info(value, ["n", 160])], weights)


@pytest.mark.parametrize(
    "options", [[], ["--weights=int4:g32"], ["--weights=int8", "--activations=int8:dynamic:token"]]
)
def test_artifacts_are_the_same_at_any_number_of_threads(qcc, tmp_path, options):
    model = make_wide(tmp_path / "wide.onnx")
    made = []
    for jobs in (1, 2, 7):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        qcc("compile", model, *options, "-j", jobs, "-o", folder / "m.so")
        made.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert {"m.so", "m.so.h", "m.so.weights"} <= made[0].keys()
    assert made[0] == made[1] == made[2]
