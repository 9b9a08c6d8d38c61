"""`qcc tune`, and the costs that it writes: what they decide, and what is refused.

How far costs are from what is measured is no test's matter, since machines that run tests are not idle: the figures are
those of `qcc tune` itself.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINES = ROOT / "lib/Target/CPU/machines"
SHIPPED = json.loads((MACHINES / "avx2.json").read_text())["parameters"]
MODULE = """
func.func @main(%x: tensor<96x256xf32>) -> tensor<96x512xf32> {
  %w = arith.constant dense<0.01> : tensor<512x256xf32>
  %0 = qnn.matmul %x, %w {transpose_b} : (tensor<96x256xf32>, tensor<512x256xf32>) -> tensor<96x512xf32>
  return %0 : tensor<96x512xf32>
}
"""


@pytest.fixture
def decide(qcc, tmp_path):
    """The tile that is chosen for MODULE, for AVX2, with costs in which parameters have other values."""
    (tmp_path / "m.mlir").write_text(MODULE)

    def decide(**changes: float) -> list[int]:
        costs = json.loads((MACHINES / "avx2.json").read_text())
        for name, value in changes.items():
            assert name.replace("__", ".") in costs["parameters"]
            costs["parameters"][name.replace("__", ".")] = value
        (tmp_path / "costs.json").write_text(json.dumps(costs))
        options = ["--mcpu=haswell", f"--costs={tmp_path / 'costs.json'}", "--emit=decide"]
        text = qcc("compile", tmp_path / "m.mlir", *options).stdout
        return [int(part) for part in re.search(r"tile = \[([\d, ]+)\]", text)[1].split(",")]

    return decide


def test_costs_decide(decide):
    few_rows = decide(f32__input=1e3)
    few_vectors = decide(f32__weights=1e3)
    large_items = decide(item=1e6)
    assert few_rows[1] > few_vectors[1] and few_rows[0] < few_vectors[0]
    assert large_items[4] >= max(few_rows[4], few_vectors[4])


@pytest.fixture(scope="module")
def tune(qcc):
    def tune(*options):
        # On a busy machine short repeats differ, and are left out.
        for seconds in (0.01, 0.1, 0.5, 2):
            done = qcc("tune", "--only=i8 4x512x512", "--kernels=3", f"--seconds={seconds}", *options, check=False)
            if "so that repeats agree" not in done.stderr:
                break
        assert done.returncode == 0, done.stderr
        return done

    return tune


@pytest.fixture(scope="module")
def tuned(tune, tmp_path_factory):
    path = tmp_path_factory.mktemp("tuned") / "costs.json"
    return path, json.loads(tune("--json", "-o", path).stdout)


def test_tune_says_what_it_did_and_how_little_that_is(tune, tmp_path):
    path = tmp_path / "costs.json"
    done = tune("--mcpu=haswell", "-o", path)
    end = done.stdout.splitlines()[-1]
    assert end.startswith("measured 3 kernels of 1 computation on ")
    assert end.endswith(f"; wrote {path}, for 'qcc compile --mcpu=haswell --costs={path}'")
    assert re.search(r"warning: \d+ costs were fitted to [123] times?: fewer times than costs", done.stderr)
    assert tune().stdout.splitlines()[-1].endswith("; wrote nothing, which -o FILE does")


def test_tune_measures_and_writes(qcc, tuned):
    path, result = tuned
    assert {pair["computation"] for pair in result["pairs"]} == {"i8 4x512x512"}
    assert len(result["pairs"]) == 3
    assert all(pair["seconds"] > 0 and pair["predicted_seconds"] > 0 for pair in result["pairs"])
    assert len({(pair["kernel"], *pair["tile"]) for pair in result["pairs"]}) == 3
    costs = json.loads(path.read_text())
    shipped = json.loads((MACHINES / f"{costs['instructions']}.json").read_text())
    assert costs["parameters"].keys() == shipped["parameters"].keys()
    assert all(value > 0 for value in costs["parameters"].values())
    # What it has fitted is what it has measured, and nothing else.
    changed = {name for name, value in costs["parameters"].items() if value != shipped["parameters"][name]}
    assert any(name.startswith("i8.") for name in changed)
    assert not any(name.startswith("depthwise") for name in changed)


def test_a_model_is_compiled_with_what_was_tuned(qcc, tuned, tmp_path):
    path, _ = tuned
    artifact = tmp_path / "m.so"
    qcc("compile", ROOT / "test/models/digits_f32.onnx", f"--costs={path}", "-o", artifact)
    report = json.loads(qcc("inspect", artifact, "--json").stdout)
    assert report["predicted_seconds"] > 0
    kernels = [layer for layer in report["layers"] if layer["kernel"]]
    assert kernels and all(layer["predicted_seconds"] > 0 for layer in kernels)


def test_shipped_costs_are_those_of_their_instructions():
    for path in MACHINES.glob("*.json"):
        costs = json.loads(path.read_text())
        assert costs["instructions"] == path.stem and costs["measured_on"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (None, "No such file"),
        ("{", "option '--costs="),
        ("[]", "the file is no JSON object"),
        ({"instructions": "mmx"}, "'instructions' names no instruction set: 'mmx'"),
        (
            {"instructions": "generic"},
            "it was measured with instructions 'generic', and the processor compiled for has 'avx2'; "
            "`qcc tune --mcpu=haswell -o FILE` makes a file for those",
        ),
        ({"cache_bytes": {"l1": 0, "l2": 1, "l3": 1}}, "'cache_bytes' needs a positive number 'l1'"),
        ({"parameters": {}}, "'parameters' needs a positive number 'l2_rate'"),
        ({"parameters": None}, "there is no object 'parameters'"),
        ({"parameters": dict.fromkeys(SHIPPED, 1.0) | {"l2_rate": 1e-300}}, "'l2_rate' is no time or rate"),
    ],
    ids=str,
)
def test_wrong_costs_are_refused(qcc, tmp_path, change, message):
    path = tmp_path / "costs.json"
    if isinstance(change, dict):
        path.write_text(json.dumps(json.loads((MACHINES / "avx2.json").read_text()) | change))
    elif change:
        path.write_text(change)
    model = ROOT / "test/models/digits_f32.onnx"
    done = qcc("compile", model, "--mcpu=haswell", f"--costs={path}", "-o", tmp_path / "m.so", check=False)
    assert done.returncode == 2
    assert str(path) in done.stderr and message in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--only=no such"],
            "option '--only=no such': no computation has that in its name; there are: f32 1x768x768, ",
        ),
        (["--kernels=1"], "--kernels"),
        (["--kernels=9223372036854775807"], "--kernels"),
        (["--seconds=inf"], "--seconds"),
        (["--target=toy"], "unknown target 'toy'"),
        (["--mcpu=no-such"], "no-such"),
        (["-o", "/no such folder/costs.json"], "'/no such folder/costs.json' cannot be written"),
        (["--mtriple=aarch64-linux-gnu", "--only=f32 4x"], "cannot link a shared object for aarch64"),
    ],
    ids=str,
)
def test_tune_refuses(qcc, options, message):
    done = qcc("tune", *options, check=False)
    assert done.returncode == 2 and message in done.stderr


def test_a_target_without_costs_is_told(qcc, build_dir):
    done = qcc("tune", f"--plugin={build_dir / 'lib/ToyTarget.so'}", "--target=toy", check=False)
    assert done.returncode == 2 and "target 'toy' has no costs that could be fitted" in done.stderr
