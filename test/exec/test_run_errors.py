"""An error of a run names the node that it is about, compiled and interpreted: every check that runs make."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "driver"))

from small_models import info, save

TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


class Input(NamedTuple):
    extents: list
    value: np.ndarray


def floats(extents: list, *shape: int) -> Input:
    return Input(extents, np.zeros(shape, np.float32))


def numbers(extents: list, values) -> Input:
    return Input(extents, np.asarray(values, np.int64))


class Case(NamedTuple):
    op: str
    inputs: list[Input]
    message: str
    attributes: Mapping = MappingProxyType({})
    # Of the interpreter, where it says more than the compiled model.
    interpreted: str = ""
    constants: Mapping = MappingProxyType({})
    outputs: int = 1


OPEN = floats(["n", 3], 2, 3)
BIAS = "the bias has not one element for each channel"
ZERO = "an integer is divided by zero"
UPDATES = floats(["u", 3], 1, 3)
OUTSIDE = "an index is out of range"
REACH = "indices reach over more elements along axis 0 than the input has"

CASES = {
    "conv-bias": Case("Conv", [floats([1, 2, 7], 1, 2, 7), floats([4, 2, 3], 4, 2, 3), floats(["b"], 3)], BIAS),
    "conv-bias-of-one": Case("Conv", [floats([1, 2, 7], 1, 2, 7), floats([4, 2, 3], 4, 2, 3), floats(["b"], 1)], BIAS),
    "conv-bias-2d": Case(
        "Conv", [floats(["n", 2, 5, 5], 1, 2, 5, 5), floats([4, 2, 3, 3], 4, 2, 3, 3), floats(["b"], 9)], BIAS
    ),
    "conv-transpose-bias": Case(
        "ConvTranspose", [floats([1, 2, 7], 1, 2, 7), floats([2, 4, 3], 2, 4, 3), floats(["b"], 1)], BIAS
    ),
    "div-by-zero": Case("Div", [numbers(["n"], [4, 5]), numbers(["n"], [1, 0])], ZERO),
    "div-by-one-zero": Case("Div", [numbers(["n", 2], [[4, 5], [6, 7]]), numbers([1], [0])], ZERO),
    "mod-by-zero": Case("Mod", [numbers(["n"], [4, 5]), numbers(["n"], [0, 3])], ZERO),
    "gather": Case("Gather", [OPEN, numbers(["i"], [7])], OUTSIDE, interpreted="index 7 is out of range"),
    "gather-elements": Case(
        "GatherElements", [OPEN, numbers(["i", 3], [[0, 1, 7]])], OUTSIDE, interpreted="index 7 is out of range"
    ),
    "gather-nd": Case("GatherND", [OPEN, numbers(["i", 1], [[7]])], OUTSIDE, interpreted="index 7 is out of range"),
    "scatter-elements": Case(
        "ScatterElements",
        [OPEN, numbers(["i", 3], [[0, 1, 7]]), UPDATES],
        OUTSIDE,
        interpreted="index 7 is out of range",
    ),
    "scatter-nd": Case(
        "ScatterND", [OPEN, numbers(["i", 1], [[7]]), UPDATES], OUTSIDE, interpreted="index 7 is out of range"
    ),
    "gather-reach": Case(
        "GatherElements",
        [OPEN, numbers(["i", 3], np.zeros((4, 3)))],
        REACH,
        {"axis": 1},
        interpreted="indices reach over 4",
    ),
    "scatter-reach": Case(
        "ScatterElements",
        [OPEN, numbers(["i", 3], np.zeros((4, 3))), floats(["u", 3], 4, 3)],
        REACH,
        {"axis": 1},
        interpreted="indices reach over 4",
    ),
    "batch-axes": Case(
        "GatherND",
        [OPEN, numbers(["i", 1], np.zeros((4, 1)))],
        "input and indices differ in their batch axes",
        {"batch_dims": 1},
    ),
    "updates-of-elements": Case(
        "ScatterElements",
        [OPEN, numbers(["i", 3], np.zeros((1, 3))), floats(["u", 3], 2, 3)],
        "there is not one update for each index",
        interpreted="has updates of",
    ),
    "updates-of-slices": Case(
        "ScatterND",
        [OPEN, numbers(["i", 1], [[0]]), floats(["u", 3], 2, 3)],
        "there is not one update for each element that the indices address",
        interpreted="has updates of",
    ),
    "top-k": Case("TopK", [OPEN, numbers([1], [4])], "asks for more elements than there are", outputs=2),
    "top-k-negative": Case(
        "TopK",
        [OPEN, numbers([1], [-1])],
        "k is negative or more than there are elements",
        interpreted="takes -1 of 3",
        outputs=2,
    ),
    "broadcast": Case(
        "Add",
        [OPEN, floats(["m", 3], 4, 3)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [4, 3] cannot be broadcast to [2, 3]",
    ),
    "expand": Case("Expand", [OPEN, numbers([2], [2, 2])], "an extent cannot become the one that is asked for"),
    "expand-open": Case(
        "Expand",
        [OPEN, numbers([2], [4, 3])],
        "a tensor cannot be broadcast",
        interpreted="a tensor of shape [2, 3] cannot be broadcast to [4, 3]",
    ),
    "expand-negative": Case(
        "Expand",
        [floats([1], 1), numbers([1], [-2])],
        "a tensor is expanded to a negative extent",
        interpreted="a tensor cannot have an extent of -2",
    ),
    "fill-negative": Case(
        "ConstantOfShape",
        [numbers([2], [-2, 3])],
        "a tensor is expanded to a negative extent",
        interpreted="a tensor cannot have an extent of -2",
    ),
    "join": Case(
        "Concat",
        [OPEN, floats(["m", 3], 4, 3)],
        "tensors that are joined differ in another extent",
        {"axis": 1},
    ),
    "contract": Case(
        "MatMul",
        [floats(["n", "k"], 2, 4), floats(["l", 3], 5, 3)],
        "extents that are contracted differ",
        interpreted="contracts an extent of 4 with one of 5",
    ),
    "batches": Case(
        "MatMul",
        [floats(["b", 2, 3], 2, 2, 3), floats(["c", 3, 2], 3, 3, 2)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [3, 3, 2] cannot be broadcast to [2, 3, 2]",
    ),
    "second-of-three": Case(
        "Max",
        [OPEN, floats(["m", 3], 3, 3), floats(["k", 3], 2, 3)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [3, 3] cannot be broadcast to [2, 3]",
    ),
    "gemm": Case(
        "Gemm",
        [floats(["n", "k"], 2, 3), floats(["l", 2], 4, 2)],
        "extents that are contracted differ",
        interpreted="contracts an extent of 3 with one of 4",
    ),
    "gemm-addend": Case(
        "Gemm",
        [OPEN, floats([3, 2], 3, 2), floats(["m", 2], 4, 2)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [4, 2] cannot be broadcast to [2, 2]",
    ),
    "einsum": Case(
        "Einsum",
        [floats(["n", "k"], 2, 3), floats(["l", 2], 4, 2)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        {"equation": "ij,jk->ik"},
        interpreted="a tensor of shape [4, 2] cannot be broadcast to [3, 2]",
    ),
    "slope": Case(
        "PRelu",
        [OPEN, floats(["m"], 4)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [4] cannot be broadcast to [3]",
    ),
    "norm-scale": Case(
        "LayerNormalization",
        [floats(["n", "k"], 2, 3), floats(["m"], 4)],
        "a tensor cannot be broadcast: an extent is neither 1 nor that of the result",
        interpreted="a tensor of shape [4] cannot be broadcast to [3]",
    ),
    "join-both-open": Case(
        "Concat",
        [floats(["n", "m"], 2, 3), floats(["k", "l"], 2, 4)],
        "tensors that are joined differ in another extent",
        {"axis": 0},
    ),
    "crop-both-ends": Case("Pad", [OPEN, numbers([4], [0, -2, 0, -2])], "more is cropped than there is"),
    "channels": Case(
        "Conv",
        [floats([1, "c", 6], 1, 3, 6)],
        "the channels of input and weights differ",
        constants={"w": np.ones((4, 2, 3), np.float32)},
    ),
    "squeeze": Case(
        "Squeeze",
        [OPEN],
        "a squeezed axis has an extent other than 1",
        constants={"axes": np.array([0])},
    ),
    "reshape": Case("Reshape", [OPEN, numbers([2], [5, 3])], "the new shape has another number of elements"),
    "reshape-negative": Case("Reshape", [OPEN, numbers([2], [-2, -3])], "the new shape has a negative extent"),
    "split": Case("Split", [OPEN, numbers([2], [1, 5])], "the parts do not sum up to the whole", outputs=2),
    "split-negative": Case("Split", [OPEN, numbers([2], [-1, 3])], "a part has a negative size", outputs=2),
    "blocks-of-depth": Case(
        "DepthToSpace", [floats([1, "c", 2, 2], 1, 3, 2, 2)], "an extent is no multiple of 4", {"blocksize": 2}
    ),
    "blocks-of-space": Case(
        "SpaceToDepth", [floats([1, 1, "h", 2], 1, 1, 3, 2)], "an extent is no multiple of 2", {"blocksize": 2}
    ),
    "range": Case("Range", [numbers([], 0), numbers([], 5), numbers([], 0)], "a step of 0 leads nowhere"),
    "positions": Case(
        "OneHot", [numbers(["n"], [0, 1]), numbers([], -3), floats([2], 2)], "a tensor would have a negative extent"
    ),
    "tile": Case(
        "Tile",
        [OPEN, numbers([2], [-1, 1])],
        "a tensor is repeated a negative number of times",
        interpreted="repeats [-1, 1] are not all positive",
    ),
    "pad": Case(
        "Pad",
        [floats(["n"], 0)],
        "an axis without elements is padded by elements of its own",
        {"mode": "edge"},
        constants={"pads": np.array([1, 1])},
        interpreted="axis 0 has no elements to pad it with",
    ),
    "crop": Case("Pad", [OPEN, numbers([4], [-3, 0, 0, 0])], "more is cropped than there is"),
    "resize-scale": Case(
        "Resize",
        [floats(["n", 3], 2, 3), Input([2], np.array([1, 0], np.float32))],
        "a scale is not positive",
        interpreted="axis 1 of 3 element(s) cannot be scaled to 0",
    ),
    "resize-nothing": Case(
        "Resize",
        [floats(["n", 3], 0, 3), numbers([2], [2, 3])],
        "an axis without elements cannot be scaled",
        interpreted="axis 0 of 0 element(s) cannot be scaled to 2",
    ),
    "grid-sample": Case(
        "GridSample",
        [floats(["n", 1, 2, 2], 2, 1, 2, 2), floats(["m", 2, 2, 2], 3, 2, 2, 2)],
        "input and grid differ in their first extent",
    ),
    "grid-sample-nothing": Case(
        "GridSample",
        [floats([1, 1, "h", 2], 1, 1, 0, 2), floats([1, 2, 2, 2], 1, 2, 2, 2)],
        "an axis has no elements to sample",
        interpreted="an input without elements cannot be sampled",
    ),
    "window-nothing": Case(
        "MaxPool",
        [floats([1, 1, "h"], 1, 1, 0)],
        "an input has no elements for the window that moves over it",
        {"kernel_shape": [3], "strides": [2]},
    ),
    "window-small": Case(
        "MaxPool",
        [floats([1, 1, "h"], 1, 1, 1)],
        "an input is too small for the window that moves over it",
        {"kernel_shape": [3], "strides": [2]},
    ),
    "axes": Case("ReduceSum", [OPEN, numbers([1], [5])], "an axis is not one of a tensor of rank 2"),
    "axis": Case("CumSum", [OPEN, numbers([], 2)], "an axis is not one of a tensor of rank 2"),
    "arg-of-nothing": Case("ArgMax", [floats(["n", 3], 0, 3)], "an axis has no element to look for", {"axis": 0}),
}


def make(folder: Path, case: Case) -> tuple[Path, list[str]]:
    names = ["data", "second", "third"][: len(case.inputs)]
    inputs, arguments = [], []
    for name, (extents, value) in zip(names, case.inputs, strict=True):
        inputs.append(info(name, extents, TYPES[value.dtype.name]))
        np.save(folder / f"{name}.npy", value)
        arguments.append(f"--input={name}={folder / name}.npy")
    given = [*names, *case.constants]
    if case.op == "Resize":  # from scales or sizes, without a region of interest
        given = ["data", "", *([""] if case.inputs[1].value.dtype == np.int64 else []), "second"]
    outputs = [f"y{i}" for i in range(case.outputs)]
    node = helper.make_node(case.op, given, outputs, name="culprit", **case.attributes)
    results = [helper.make_empty_tensor_value_info(y) for y in outputs]
    return save(folder / "m.onnx", [node], inputs, results, case.constants), arguments


def run_wrong(qcc, folder: Path, model: Path, arguments: list[str], mode: tuple[str, ...]) -> str:
    done = qcc("run", model, *arguments, f"--output-dir={folder}", *mode, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr


MODES = pytest.mark.parametrize("mode", [(), ("--interpret",)], ids=["compiled", "interpreted"])


@MODES
@pytest.mark.parametrize("name", CASES)
def test_an_error_names_the_node(qcc, tmp_path, name, mode):
    case = CASES[name]
    message = (mode and case.interpreted) or case.message
    assert f"node 'culprit' ({case.op}): {message}" in run_wrong(qcc, tmp_path, *make(tmp_path, case), mode)


@MODES
def test_the_node_in_a_branch_is_named_and_not_the_if(qcc, tmp_path, mode):
    inside = helper.make_node("Gather", ["data", "second"], ["g"], name="inside")
    other = helper.make_node("Identity", ["data"], ["o"], name="other")
    branches = {
        f"{name}_branch": helper.make_graph([node], name, [], [helper.make_empty_tensor_value_info(node.output[0])])
        for name, node in (("then", inside), ("else", other))
    }
    node = helper.make_node("If", ["condition"], ["y"], name="choice", **branches)
    inputs = [info("condition", [], TensorProto.BOOL), info("data", ["n"]), info("second", ["i"], TensorProto.INT64)]
    model = save(tmp_path / "m.onnx", [node], inputs, [helper.make_empty_tensor_value_info("y")])
    arguments = []
    for name, value in (("condition", np.array(True)), ("data", np.zeros(3, np.float32)), ("second", np.array([7]))):
        np.save(tmp_path / f"{name}.npy", value)
        arguments.append(f"--input={name}={tmp_path / name}.npy")
    said = run_wrong(qcc, tmp_path, model, arguments, mode)
    assert "node 'inside' (Gather): " in said and said.count("node '") == 1


@MODES
def test_each_of_two_nodes_names_itself(qcc, tmp_path, mode):
    nodes = [
        helper.make_node("Gather", ["data", "first"], ["a"], name="one"),
        helper.make_node("Gather", ["data", "second"], ["b"], name="two"),
    ]
    inputs = [info("data", ["n"]), info("first", ["i"], TensorProto.INT64), info("second", ["j"], TensorProto.INT64)]
    model = save(tmp_path / "m.onnx", nodes, inputs, [helper.make_empty_tensor_value_info(y) for y in "ab"])
    np.save(tmp_path / "data.npy", np.zeros(3, np.float32))
    np.save(tmp_path / "good.npy", np.array([0]))
    np.save(tmp_path / "bad.npy", np.array([7]))
    for name, files in (("one", ("bad", "good")), ("two", ("good", "bad"))):
        each = zip(("data", "first", "second"), ("data", *files), strict=True)
        arguments = [f"--input={of}={tmp_path / file}.npy" for of, file in each]
        assert f"node '{name}' (Gather): " in run_wrong(qcc, tmp_path, model, arguments, mode)
