"""A whole target from outside: the toy compiles, runs and refuses through the command line and the C interface."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from small_models import info, make_mlp, run_mlp, save

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def plugin(build_dir):
    return f"--plugin={build_dir / 'lib/ToyTarget.so'}"


@pytest.fixture(scope="module")
def compile_toy(qcc, plugin):
    """compile_toy(model, output, *options): the artifact, made for the toy."""

    def compile_toy(model, output, *options, check=True):
        return qcc("compile", model, plugin, "--target=toy", "-o", output, *options, check=check)

    return compile_toy


@pytest.fixture(scope="module")
def images():
    return np.load(ROOT / "test/models/digits_test.npz")["images"]


def run(qcc, folder, model, values, *options):
    folder.mkdir()
    np.save(folder / "in.npy", values)
    name = "image" if values.ndim == 4 else "x"
    qcc("run", model, f"--input={name}={folder / 'in.npy'}", f"--output-dir={folder}", *options)
    (output,) = [file for file in folder.iterdir() if file.name != "in.npy"]
    return np.load(output)


@pytest.mark.parametrize(("name", "tolerance"), [("digits_int8", 0), ("digits_f32", 2e-5)])
def test_digits_is_what_the_interpreter_says(qcc, compile_toy, model_path, images, tmp_path, name, tolerance):
    model = model_path(name)
    compile_toy(model, tmp_path / "digits.so")
    batch = images[:9]
    ours = run(qcc, tmp_path / "toy", tmp_path / "digits.so", batch)
    reference = run(qcc, tmp_path / "interpreter", model, batch, "--interpret")
    assert np.abs(reference).max() > 1, "the model says nothing"
    np.testing.assert_allclose(ours, reference, rtol=0, atol=tolerance * np.abs(reference).max())


def test_an_artifact_tells_its_devices(qcc, compile_toy, model_path, tmp_path):
    artifact = tmp_path / "digits.so"
    compile_toy(model_path("digits_int8"), artifact)
    (device,) = json.loads(qcc("inspect", artifact, "--json").stdout)["devices"]
    assert device["name"] == "toy0" and device["driver"] == "toy"
    assert device["code_bytes"] > 0 and device["memory_bytes"] > 0
    assert "device toy0: driver toy" in qcc("inspect", artifact).stdout
    assert "runs on device toy0 (driver toy)" in Path(f"{artifact}.h").read_text()
    qcc("compile", model_path("digits_int8"), "-o", artifact)
    assert json.loads(qcc("inspect", artifact, "--json").stdout)["devices"] == []
    assert "device" not in Path(f"{artifact}.h").read_text().split("#ifndef")[0]


def test_digits_are_recognized(qcc, compile_toy, model_path, images, tmp_path):
    compile_toy(model_path("digits_int8"), tmp_path / "digits.so")
    labels = np.load(ROOT / "test/models/digits_test.npz")["labels"]
    logits = run(qcc, tmp_path / "toy", tmp_path / "digits.so", images)
    assert (logits.argmax(1) == labels).mean() >= 0.97


def test_no_samples_is_no_error(qcc, compile_toy, model_path, images, tmp_path):
    compile_toy(model_path("digits_f32"), tmp_path / "digits.so")
    assert run(qcc, tmp_path / "toy", tmp_path / "digits.so", images[:0]).shape == (0, 10)


def make_mixture(path):
    """Products that fit no tile evenly, and each kind of op between them."""
    rng = np.random.default_rng(5)
    weights = {
        "w": rng.standard_normal((21, 5, 3, 2), dtype=np.float32),
        "b": rng.standard_normal(21, dtype=np.float32),
        "scale": rng.standard_normal((21, 1, 1), dtype=np.float32),
        "low": np.float32(-0.25).reshape(()),
        "high": np.float32(4).reshape(()),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["a"], "conv", strides=[1, 2], dilations=[2, 3], pads=[1, 0, 2, 1]),
        helper.make_node("Mul", ["a", "scale"], ["c"], "scaling"),
        helper.make_node("Sub", ["c", "low"], ["d"], "raising"),
        helper.make_node("Div", ["d", "high"], ["e"], "halving"),
        helper.make_node("Max", ["e", "low"], ["f"], "floor"),
        helper.make_node("Min", ["f", "high"], ["g"], "ceiling"),
        helper.make_node("MaxPool", ["g"], ["h"], "pool", kernel_shape=[3, 2], strides=[1, 2], dilations=[2, 1]),
        helper.make_node("Transpose", ["h"], ["y"], "turn", perm=[0, 2, 3, 1]),
    ]
    return save(path, nodes, [info("x", ["n", 5, 11, 17])], [info("y", ["n", 6, 4, 21])], weights)


def test_extents_that_fit_no_tile(qcc, compile_toy, tmp_path):
    model = make_mixture(tmp_path / "mixture.onnx")
    compile_toy(model, tmp_path / "mixture.so")
    x = np.random.default_rng(6).standard_normal((3, 5, 11, 17), dtype=np.float32)
    folder = tmp_path / "in"
    folder.mkdir()
    np.save(folder / "x.npy", x)
    for name, source, options in [("toy", "mixture.so", []), ("interpreter", "mixture.onnx", ["--interpret"])]:
        given = f"--input=x={folder / 'x.npy'}"
        qcc("run", tmp_path / source, given, f"--output-dir={tmp_path / name}", *options)
    ours, reference = (np.load(tmp_path / name / "y.npy") for name in ("toy", "interpreter"))
    assert reference.std() > 0.1
    np.testing.assert_allclose(ours, reference, rtol=1e-4, atol=1e-5)


def test_its_option_changes_what_it_can_do(qcc, compile_toy, model_path, tmp_path):
    x = np.random.default_rng(2).standard_normal((3, 32), dtype=np.float32)
    compile_toy(make_mlp(tmp_path / "mlp.onnx"), tmp_path / "mlp.so", "--machine=planes")
    ours = run(qcc, tmp_path / "toy", tmp_path / "mlp.so", x)
    np.testing.assert_allclose(ours, run_mlp(tmp_path / "mlp.onnx", x), rtol=1e-4, atol=1e-4)
    done = compile_toy(model_path("digits_f32"), tmp_path / "m.so", "--machine=planes", check=False)
    assert done.returncode == 2
    assert "node 'conv1' (Conv): the toy cannot do qnn.conv of planes" in done.stderr


def test_a_value_that_is_no_option(compile_toy, model_path, tmp_path):
    done = compile_toy(model_path("digits_f32"), tmp_path / "m.so", "--machine=sideways", check=False)
    assert done.returncode == 2
    assert "the toy has no machine 'sideways'" in done.stderr


def test_an_unknown_option(compile_toy, model_path, tmp_path):
    done = compile_toy(model_path("digits_f32"), tmp_path / "m.so", "--beads=7", check=False)
    assert done.returncode == 2
    assert "--beads" in done.stderr


def test_its_option_is_no_other_targets(qcc, plugin, model_path, tmp_path):
    model = model_path("digits_f32")
    done = qcc("compile", model, plugin, "--machine=planes", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert "option '--machine' is for target toy, and the model is compiled for cpu" in done.stderr


@pytest.mark.parametrize(("op", "what"), [("Softmax", "qnn.reduce"), ("Exp", "qnn.unary exp")])
def test_an_op_that_it_cannot_do(compile_toy, tmp_path, op, what):
    nodes = [helper.make_node(op, ["x"], ["y"], name="the_node")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 8])], [info("y", ["n", 8])])
    done = compile_toy(model, tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert "the_node" in done.stderr and op in done.stderr
    assert f"the toy cannot do {what}" in done.stderr
    assert "compile the model for another target" in done.stderr
    assert not (tmp_path / "m.so").exists()


def test_a_phase_tells_what_it_cannot_do(qcc, plugin, tmp_path):
    nodes = [helper.make_node("Exp", ["x"], ["y"], name="the_node")]
    model = save(tmp_path / "m.onnx", nodes, [info("x", ["n", 8])], [info("y", ["n", 8])])
    assert "qnn.unary exp" in qcc("compile", model, plugin, "--target=toy", "--emit=fuse").stdout
    done = qcc("compile", model, plugin, "--target=toy", "--emit=place", check=False)
    assert done.returncode == 2
    assert "node 'the_node' (Exp): the toy cannot do qnn.unary exp" in done.stderr


def make_weights(*shape):
    return {"w": np.random.default_rng(3).standard_normal(shape, dtype=np.float32)}


# A node, its inputs, its output, constants, and what of it the toy cannot do.
REFUSED = {
    "extents": ("Relu", {"x": ["n", "m"]}, ["n", "m"], {}, "has no values of type 'tensor<?x?xf32>'"),
    "samples_of_some": ("Add", {"x": ["n", 8], "z": [1, 8]}, ["n", 8], {}, "needs the axis of samples in all"),
    "samples_of_others": ("Add", {"x": ["n", 8], "z": ["m", 8]}, ["n", 8], {}, "needs as many samples in all"),
    "other_samples": (
        "Reshape",
        {"x": ["n", 8]},
        ["k", 4],
        {"w": np.array([-1, 4], np.int64)},
        "cannot do qnn.reshape of samples",
    ),
    "activations": ("MatMul", {"x": [4, 8], "z": [8, 8]}, [4, 8], {}, "as the weights are computed at run time"),
    "batch": ("MatMul", {"x": [2, 4, 8]}, [2, 4, 8], make_weights(2, 8, 8), "one matrix, not by a batch"),
    "window": ("MatMul", {"x": [4, 2000]}, [4, 8], make_weights(2000, 8), "does not fit into the scratchpad"),
    "line": ("Conv", {"x": ["n", 3, 9]}, ["n", 2, 9], make_weights(2, 3, 1), "qnn.conv of other than two spatial axes"),
    "constant": ("Identity", {}, [8], make_weights(8), "gives what it computes, and this output is a constant"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_lowering_would_refuse_is_told_by_place(compile_toy, tmp_path, name):
    op, inputs, output, constants, objection = REFUSED[name]
    node = helper.make_node(op, [*inputs, *constants], ["y"], name="the_node")
    inputs = [info(name, shape) for name, shape in inputs.items()]
    model = save(tmp_path / "m.onnx", [node], inputs, [info("y", output)], constants)
    done = compile_toy(model, tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert objection in done.stderr
    assert "compile the model for another target" in done.stderr or "by --shape" in done.stderr


def test_a_plugin_of_another_version(qcc, build_dir, model_path, tmp_path):
    other = build_dir / "lib/ToyOfAnotherVersion.so"
    done = qcc("compile", model_path("digits_f32"), f"--plugin={other}", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert f"plug-in '{other}' is for version" in done.stderr
    assert "build it again" in done.stderr


PROGRAM = r"""
#include "digits.so.h"
#include <stdio.h>
#include <stdlib.h>

static int fail(qcc_error *error) {
  printf("%d: %s\n", error->code, error->message);
  digits_free_error(error);
  return 1;
}

int main(void) {
  const qcc_description *model = digits_describe();
  for (int i = 0; i < model->num_devices; ++i)
    printf("device %s: %s\n", model->devices[i].name, model->devices[i].driver);
  qcc_error *error;
  qcc_instance *digits;
  if (digits_open(NULL, NULL, &digits, &error))
    return fail(error);
  static float pixels[2 * 64];
  int64_t shape[] = {2, 1, 8, 8};
  DLTensor image = {pixels, {kDLCPU, 0}, 4, {kDLFloat, 32, 1}, shape, NULL, 0};
  const DLTensor *inputs[] = {&image};
  for (int i = 0; i < 3; ++i) {
    if (i == 1)
      setenv("QCC_TOY", "broken-at=conv2", 1);
    else
      unsetenv("QCC_TOY");
    DLManagedTensorVersioned *outputs[] = {NULL};
    if (digits_run(digits, inputs, outputs, &error)) {
      fail(error);
      continue;
    }
    printf("%.6f\n", ((float *)outputs[0]->dl_tensor.data)[19]);
    outputs[0]->deleter(outputs[0]);
  }
  digits_close(digits);
  return 0;
}
"""


@pytest.fixture(scope="module")
def host_program(compile_toy, model_path, tmp_path_factory):
    """A program in C that runs the model three times; the toy breaks in the second."""
    folder = tmp_path_factory.mktemp("toy")
    compile_toy(model_path("digits_f32"), folder / "digits.o")
    (folder / "digits.so.h").write_text((folder / "digits.o.h").read_text())
    (folder / "main.c").write_text(PROGRAM)
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("g++")
    command = [compiler, "-x", "c", "main.c", "-x", "none", "digits.o", "-lm", "-o", "main"]
    subprocess.run(command, check=True, cwd=folder, timeout=60)
    return folder / "main"


def test_a_device_that_fails_in_a_program(host_program):
    done = subprocess.run([host_program], capture_output=True, text=True, timeout=60)
    device, first, error, again = done.stdout.splitlines()
    assert done.returncode == 0
    assert device == "device toy0: toy"
    assert first == again
    assert error == "9: model 'digits', device 'toy0': conv2: the toy is broken (QCC_TOY)"


def test_a_device_that_is_absent(host_program):
    environment = {**os.environ, "QCC_TOY": "absent"}
    done = subprocess.run([host_program], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 1
    assert "9: model 'digits', device 'toy0': it does not open: there is no toy here (QCC_TOY)" in done.stdout
