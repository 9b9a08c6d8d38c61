"""`qcc run`: where inputs come from, where outputs go, and how they are compared."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from small_models import info, make_mlp, run_mlp, save

MODES = [pytest.param(["--interpret"], id="interpreted"), pytest.param([], id="compiled")]


@pytest.fixture
def mlp(tmp_path):
    return make_mlp(tmp_path / "mlp.onnx")


def write_expectation(folder, inputs, outputs):
    folder.mkdir()
    for stem, arrays in (("input", inputs), ("output", outputs)):
        for index, array in enumerate(arrays):
            (folder / f"{stem}_{index}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())
    return folder


@pytest.mark.parametrize("mode", MODES)
def test_npy_in_and_out(qcc, mlp, tmp_path, mode):
    x = np.random.default_rng(0).standard_normal((3, 32), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    qcc("run", mlp, "--input", f"x={tmp_path / 'x.npy'}", "--output-dir", tmp_path / "out", *mode)
    y = np.load(tmp_path / "out/y.npy")
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, run_mlp(mlp, x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_column_major_npy_is_read_as_numpy_reads_it(qcc, mlp, tmp_path, mode):
    x = np.random.default_rng(0).standard_normal((3, 32), dtype=np.float32)
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    qcc("run", mlp, "--input", f"x={tmp_path / 'x.npy'}", "--output-dir", tmp_path / "out", *mode)
    np.testing.assert_allclose(np.load(tmp_path / "out/y.npy"), run_mlp(mlp, x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_expect_accepts_equal_outputs(qcc, mlp, tmp_path, mode):
    x = np.ones((2, 32), np.float32)
    folder = write_expectation(tmp_path / "data", [x], [run_mlp(mlp, x)])
    done = qcc("run", mlp, "--expect", folder, *mode)
    assert "output 'y' float32[2,8]: agrees" in done.stdout


@pytest.mark.parametrize("mode", MODES)
def test_expect_shows_what_differs(qcc, mlp, tmp_path, mode):
    x = np.ones((2, 32), np.float32)
    y = run_mlp(mlp, x)
    y[1, 3] += 100
    y[1, 5] = np.nan
    folder = write_expectation(tmp_path / "data", [x], [y])
    done = qcc("run", mlp, "--expect", folder, *mode, check=False)
    assert done.returncode == 1
    assert "2 of 16 elements differ, max abs error 100" in done.stdout
    assert "the first is at [1, 3]" in done.stdout
    # The same difference is none within a large tolerance, except for the NaN.
    done = qcc("run", mlp, "--expect", folder, "--atol", "200", *mode, check=False)
    assert "1 of 16 elements differ" in done.stdout


@pytest.mark.parametrize("mode", MODES)
def test_expect_compares_shapes(qcc, mlp, tmp_path, mode):
    x = np.ones((2, 32), np.float32)
    folder = write_expectation(tmp_path / "data", [x], [run_mlp(mlp, x)[:1]])
    done = qcc("run", mlp, "--expect", folder, *mode, check=False)
    assert done.returncode == 1
    assert "is float32[2,8], not float32[1,8]" in done.stdout


@pytest.mark.parametrize("mode", MODES)
def test_random_inputs_depend_on_the_seed_alone(qcc, mlp, tmp_path, mode):
    def run(seed):
        out = tmp_path / f"out{seed}"
        qcc("run", mlp, "--random-inputs", "--seed", seed, "--shape", "x=2x32", "--output-dir", out, *mode)
        return np.load(out / "y.npy")

    np.testing.assert_array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))


REFUSED = [
    ([], "input 'x' (float32[n,32]) has no value"),
    (["--random-inputs"], "say its extents by --shape x="),
    (["--input", "z=a.npy"], "option '--input=z=a.npy': the model has no input 'z'; its inputs are: x"),
    (["--input", "x"], "option '--input' needs NAME=FILE, not 'x'"),
    (["--input", "=a.npy"], "option '--input' needs NAME=FILE, not '=a.npy'"),
    (["--input", "x=missing.npy"], "cannot read 'missing.npy'"),
    (["--input", "x=a.txt"], "must end in .npy or .pb"),
    (["--random-inputs", "--shape", "x=2xa"], "'a' is no extent"),
    (["--random-inputs", "--shape", "x=2x33"], "x"),
    (["--expect", "nowhere"], "cannot read 'nowhere/input_0.pb'"),
    (["--rtol", "-1", "--expect", "nowhere"], "option '--rtol' needs a number"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(a) or "none" for a, _ in REFUSED])
def test_refuses(qcc, mlp, arguments, message):
    done = qcc("run", mlp, "--interpret", *arguments, check=False)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_an_input_of_the_wrong_type_is_refused(qcc, mlp, tmp_path, mode):
    np.save(tmp_path / "x.npy", np.ones((2, 32), np.float64))
    done = qcc("run", mlp, "--input", f"x={tmp_path / 'x.npy'}", *mode, check=False)
    assert done.returncode == 2
    assert "float64" in done.stderr and "float32" in done.stderr


def test_damaged_npy_is_refused(qcc, mlp, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 32), np.float32))
    whole = (tmp_path / "x.npy").read_bytes()
    for damaged in (b"", whole[:5], whole[:40], whole[:-1], whole.replace(b"(2, 32)", b"(9999999999999, 32)")):
        (tmp_path / "x.npy").write_bytes(damaged)
        done = qcc("run", mlp, "--interpret", "--input", f"x={tmp_path / 'x.npy'}", check=False)
        assert done.returncode == 2, damaged
        assert "x.npy'" in done.stderr


TYPES = [
    (TensorProto.BFLOAT16, ml_dtypes.bfloat16, "pb"),
    (TensorProto.FLOAT8E4M3FN, ml_dtypes.float8_e4m3fn, "pb"),
    (TensorProto.INT4, ml_dtypes.int4, "pb"),
    (TensorProto.UINT4, ml_dtypes.uint4, "pb"),
    (TensorProto.BOOL, np.bool_, "npy"),
    (TensorProto.FLOAT16, np.float16, "npy"),
    (TensorProto.INT64, np.int64, "npy"),
    (TensorProto.UINT8, np.uint8, "npy"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("number", "dtype", "ending"), TYPES, ids=[np.dtype(t).name for _, t, _ in TYPES])
def test_every_type_goes_through_unchanged(qcc, tmp_path, number, dtype, ending, mode):
    model = save(
        tmp_path / "m.onnx",
        [helper.make_node("Transpose", ["x"], ["a/y"], perm=[1, 0])],
        [info("x", [3, 2], number)],
        [info("a/y", [2, 3], number)],
    )
    x = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    (tmp_path / "x.pb").write_bytes(numpy_helper.from_array(x).SerializeToString())
    qcc("run", model, "--input", f"x={tmp_path / 'x.pb'}", "--output-dir", tmp_path / "out", *mode)
    path = tmp_path / f"out/a_y.{ending}"
    if ending == "npy":
        y = np.load(path)
    else:
        proto = onnx.TensorProto.FromString(path.read_bytes())
        assert proto.name == "a/y"
        y = numpy_helper.to_array(proto)
    assert y.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(y.astype(np.float32), x.T.astype(np.float32))


@pytest.mark.parametrize("mode", [["--interpret"], []], ids=["interpreted", "compiled"])
def test_one_value_as_two_outputs(qcc, tmp_path, mode):
    nodes = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Identity", ["y"], ["z"])]
    model = save(tmp_path / "m.onnx", nodes, [info("x", [2, 3])], [info("y", [2, 3]), info("z", [2, 3])])
    qcc("run", model, "--random-inputs", "--output-dir", tmp_path / "out", *mode)
    np.testing.assert_array_equal(np.load(tmp_path / "out/y.npy"), np.load(tmp_path / "out/z.npy"))
