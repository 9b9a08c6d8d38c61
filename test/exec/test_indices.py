"""Indices whose extents do not fit what they index are an error of the run: no model reads beside its tensors."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "driver"))

from small_models import info, save

# Operator, attributes, shapes of data, indices and updates that do not fit, and the error.
CASES = {
    "GatherElements": ({"axis": 1}, (2, 3), (500000, 3), None, "indices reach over more elements along axis 0"),
    "GatherND": ({"batch_dims": 1}, (2, 3), (5000000, 1), None, "input and indices differ in their batch axes"),
    "ScatterElements reach": ({"axis": 1}, (2, 3), (500000, 3), (500000, 3), "indices reach over more elements"),
    "ScatterElements updates": ({"axis": 1}, (2, 3), (2, 500000), (2, 2), "there is not one update for each index"),
    "ScatterND": ({}, (2, 1), (5000000, 1), (1, 1), "there is not one update for each element"),
}


def make(path: Path, name: str, *, dynamic: bool) -> Path:
    attributes, *shapes, _ = CASES[name]
    names = ("data", "indices", "updates")[: 3 if shapes[2] else 2]
    types = {"indices": TensorProto.INT64}
    inputs = []
    for each, shape in zip(names, shapes, strict=False):
        # The number of positions in a tuple is static.
        extents = [f"{each}{i}" for i in range(len(shape) - 1)] + [shape[-1]] if dynamic else list(shape)
        if dynamic and "Elements" in name:
            extents[-1] = f"{each}n"
        inputs.append(info(each, extents, types.get(each, TensorProto.FLOAT)))
    rank = 1 if name == "GatherND" else 2
    node = helper.make_node(name.split()[0], list(names), ["y"], name="moves", **attributes)
    return save(path, [node], inputs, [info("y", [f"r{i}" for i in range(rank)])])


@pytest.mark.parametrize("name", CASES)
def test_dynamic_extents_are_checked_at_run_time(qcc, tmp_path, name):
    model = make(tmp_path / "m.onnx", name, dynamic=True)
    _, *shapes, message = CASES[name]
    arguments = []
    for each, shape in zip(("data", "indices", "updates"), shapes, strict=True):
        if shape:
            np.save(tmp_path / f"{each}.npy", np.zeros(shape, np.int64 if each == "indices" else np.float32))
            arguments.append(f"--input={each}={tmp_path / each}.npy")
    done = qcc("run", model, *arguments, f"--output-dir={tmp_path}", check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr


@pytest.mark.parametrize("name", CASES)
def test_static_extents_are_checked_by_the_compiler(qcc, tmp_path, name):
    model = make(tmp_path / "m.onnx", name, dynamic=False)
    done = qcc("compile", model, "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "error:" in done.stderr
