"""The Python package: what it takes, gives, and says when something is wrong."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
import qcc
from onnx import TensorProto, helper
from qcc import backend
from qcc._arguments import translate
from small_models import info, save


def make_elementwise(path: Path, dtype: int = TensorProto.FLOAT) -> Path:
    nodes = [helper.make_node("Add", ["x", "z"], ["y"], name="add")]
    return save(path, nodes, [info("x", ["n", 5], dtype), info("z", ["n", 5], dtype)], [info("y", ["n", 5], dtype)])


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return qcc.compile(make_elementwise(tmp_path_factory.mktemp("model") / "m.onnx"))


@pytest.fixture
def arrays():
    x = np.arange(10, dtype=np.float32).reshape(2, 5)
    return x, 2 * x


def test_interface(model):
    assert [str(i) for i in model.inputs] == ["x: float32[n,5]", "z: float32[n,5]"]
    assert model.outputs[0] == qcc.TensorInfo("y", np.dtype(np.float32), ("n", 5))


def test_warnings_of_the_compiler(tmp_path):
    with pytest.warns(UserWarning, match="weights"):
        qcc.compile(make_elementwise(tmp_path / "m.onnx"), weights="int8")


def test_shapes_fix_symbols(tmp_path):
    path = make_elementwise(tmp_path / "m.onnx")
    fixed = qcc.compile(path, shapes={"z": (2, None)})
    assert [str(i) for i in fixed.inputs] == ["x: float32[2,5]", "z: float32[2,5]"]
    with pytest.raises(qcc.Error, match=r"make 'n' 2 \(axis 0 of input 'x'\) and 4 \(axis 0 of input 'z'\)"):
        qcc.compile(path, shapes={"x": (2, 5), "z": (4, 5)})


def test_call_and_run(model, arrays):
    x, z = arrays
    np.testing.assert_array_equal(model(x, z), x + z)
    results = model.run({"z": z, "x": x})
    assert list(results) == ["y"]
    np.testing.assert_array_equal(results["y"], x + z)


def test_strided_and_read_only_arrays(model, arrays):
    x, z = arrays
    wide = np.zeros((2, 10), np.float32)
    wide[:, ::2] = x
    z.flags.writeable = False
    np.testing.assert_array_equal(model(wide[:, ::2], z), x + z)


class Tensor:
    """Another library's: all that is known of it is DLPack."""

    def __init__(self, array, device=(1, 0)):
        self._array, self._device = array, device

    def __dlpack__(self, **options):
        if self._device[0] != 1:
            raise BufferError("not on the CPU")
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._device


def test_arrays_of_other_kinds(model, arrays):
    x, z = arrays
    np.testing.assert_array_equal(model(Tensor(x), z), x + z)
    np.testing.assert_array_equal(model(np.ma.masked_array(x), memoryview(z)), x + z)
    with pytest.raises(qcc.Error, match="'x' is of float64, but the model takes x: float32"):
        model(x.tolist(), z)
    with pytest.raises(qcc.Error, match=r"input 0 \('x'\) is float64"):
        model(Tensor(x.astype(np.float64)), z)
    with pytest.raises(qcc.Error, match="'z' cannot be read through DLPack"):
        model(x, Tensor(z, device=(2, 0)))


def test_inputs_and_outputs_are_not_copied(tmp_path):
    # An output lies in memory that the model allocated: it owns none of its own.
    model = qcc.compile(make_elementwise(tmp_path / "m.onnx"))
    big = np.ones((1 << 16, 5), np.float32)
    y = model(big, big)
    assert not y.flags.owndata
    assert y.flags.writeable and y.flags.c_contiguous
    # It outlives the model.
    del model
    gc.collect()
    assert y.sum() == 2 * big.size


def test_bytes_and_output_path(tmp_path, arrays):
    x, z = arrays
    path = make_elementwise(tmp_path / "m.onnx")
    model = qcc.compile(path.read_bytes(), output=tmp_path / "out.so", opt_level=1, jobs=1)
    np.testing.assert_array_equal(model(x, z), x + z)
    assert (tmp_path / "out.so").exists()
    np.testing.assert_array_equal(qcc.load(tmp_path / "out.so", threads=1)(x, z), x + z)


def make_binary(path: Path, op: str) -> Path:
    return save(path, [helper.make_node(op, ["x", "x"], ["y"])], [info("x", [3])], [info("y", [3])])


def test_recompiled_to_the_same_path(tmp_path):
    x = np.array([1, 2, 3], np.float32)
    added = qcc.compile(make_binary(tmp_path / "m.onnx", "Add"), output=tmp_path / "m.so")
    multiplied = qcc.compile(make_binary(tmp_path / "m.onnx", "Mul"), output=tmp_path / "m.so")
    np.testing.assert_array_equal(multiplied(x), [1, 4, 9])
    np.testing.assert_array_equal(added(x), [2, 4, 6])
    np.testing.assert_array_equal(qcc.load(tmp_path / "m.so")(x), [1, 4, 9])


@pytest.mark.parametrize("phase", ["fuse", "emit"])
def test_a_crash_is_an_error(tmp_path, phase):
    path = make_binary(tmp_path / "m.onnx", "Add")
    with pytest.raises(qcc.Error, match="a crash was asked for"):
        qcc.compile(path, crash_in=phase)
    # No lock is left held.
    np.testing.assert_array_equal(qcc.compile(path)(np.ones(3, np.float32)), [2, 2, 2])


def test_bfloat16(tmp_path):
    model = qcc.compile(make_elementwise(tmp_path / "m.onnx", TensorProto.BFLOAT16))
    x = np.arange(5).astype(ml_dtypes.bfloat16).reshape(1, 5)
    y = model(x, x)
    assert y.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(y.astype(np.float32), 2 * x.astype(np.float32))


def test_int4(tmp_path):
    nodes = [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)]
    model = qcc.compile(save(tmp_path / "m.onnx", nodes, [info("x", [3], TensorProto.INT4)], [info("y", [3])], {}))
    x = np.array([-8, -1, 7]).astype(ml_dtypes.int4)
    np.testing.assert_array_equal(model(x), [-8, -1, 7])
    nodes = [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.INT4)]
    model = qcc.compile(save(tmp_path / "m.onnx", nodes, [info("x", [3])], [info("y", [3], TensorProto.INT4)]))
    y = model(np.array([-8, -1, 7], np.float32))
    assert y.dtype == ml_dtypes.int4
    np.testing.assert_array_equal(y.astype(np.int32), [-8, -1, 7])


OPENED_ELSEWHERE = """
import ctypes, os
library = ctypes.CDLL("./m.so")
os.chdir("/")
instance, error = ctypes.c_void_p(), ctypes.POINTER(ctypes.c_int32)()
assert library.m_open(None, None, ctypes.byref(instance), ctypes.byref(error)) == 0
"""


def test_weights_are_found_from_another_folder(tmp_path):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    w = np.ones((200, 200), np.float32)
    model = save(tmp_path / "m.onnx", nodes, [info("x", [1, 200])], [info("y", [1, 200])], {"w": w})
    qcc.compile(model, output=tmp_path / "m.so")
    assert (tmp_path / "m.so.weights").exists()
    subprocess.run([sys.executable, "-c", OPENED_ELSEWHERE], cwd=tmp_path, check=True)


def test_concurrent_runs(model, arrays):
    x, z = arrays
    results = [None] * 8

    def run(index):
        for _ in range(50):
            results[index] = model(x + index, z)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, result in enumerate(results):
        np.testing.assert_array_equal(result, x + index + z)


def test_errors_carry_qccs_messages(model, arrays, tmp_path):
    x, z = arrays
    with pytest.raises(qcc.Error, match="takes 2 inputs, not 1"):
        model(x)
    with pytest.raises(qcc.Error, match=r"missing: \['z'\], unknown: \['w'\]"):
        model.run({"x": x, "w": z})
    with pytest.raises(qcc.Error, match="is of float64, but the model takes x: float32"):
        model(x.astype(np.float64), z)
    with pytest.raises(qcc.Error, match="the model takes float32"):
        model(x[:, :3], z)
    with pytest.raises(qcc.Error, match=r"no\.onnx"):
        qcc.compile(tmp_path / "no.onnx")
    with pytest.raises(qcc.Error, match="unknown argument 'frobnicate'"):
        qcc.compile(tmp_path / "no.onnx", frobnicate=1)
    bad = save(
        tmp_path / "bad.onnx",
        [helper.make_node("NoSuchOp", ["x"], ["y"], name="culprit")],
        [info("x", [2])],
        [info("y", [2])],
    )
    with pytest.raises(qcc.Error, match=r"node 'culprit' \(NoSuchOp\)"):
        qcc.compile(bad)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": "int4:dynamic"}, "argument 'weights': .*'dynamic' is for 'activations'$"),
        ({"weigths": "int4"}, "unknown argument 'weigths' for 'qcc compile'; did you mean 'weights'"),
        ({"method": "rtn"}, "argument 'method' is for 'weights'"),
        ({"opt_level": 7}, "argument 'opt_level' needs 0 to 3, not 7"),
        ({"jobs": 0}, "argument 'jobs' needs an integer of at least 1, not '0'"),
        ({"mcpu": "no-such"}, "argument 'mcpu=no-such': LLVM knows no such processor"),
        ({"shapes": {"": (2, 5)}}, "argument 'shapes' needs"),
        ({"emit": "import"}, "argument 'emit': "),
        ({"shapes": "x=2x5"}, "argument 'shapes' needs the extents of inputs by their names"),
        ({"shape": {"x": (2, 5)}}, "argument 'shape': it is 'shapes'"),
    ],
    ids=str,
)
def test_errors_name_arguments(tmp_path, arguments, message):
    with pytest.raises(qcc.Error, match=message) as error:
        qcc.compile(make_elementwise(tmp_path / "m.onnx"), **arguments)
    assert " --" not in str(error.value).replace("'qcc compile --emit'", "")


def test_inputs_by_name_and_models_to_compile_are_told_apart(tmp_path):
    path = make_elementwise(tmp_path / "m.onnx")
    with pytest.raises(qcc.Error, match="run\\(\\) takes arrays by the names of the inputs"):
        qcc.compile(path).run(np.zeros((2, 5), np.float32))
    with pytest.raises(qcc.Error, match="is a model, not what was compiled of one"):
        qcc.load(path)


def test_warnings_name_arguments(tmp_path):
    with pytest.warns(UserWarning, match="has weights in a format; 'weights' gives them one"):
        qcc.compile(make_elementwise(tmp_path / "m.onnx"), activations="int8:dynamic:token")


def test_messages_leave_commands_as_they_are():
    assert (
        translate("'qcc compile --help' lists '-O9' and --a-b=1")
        == "'qcc compile --help' lists 'opt_level=9' and 'a_b=1'"
    )
    assert translate("`qcc tune --mcpu=x -o FILE` x--y a-j") == "`qcc tune --mcpu=x -o FILE` x--y a-j"
    assert translate("--weights=int4:g32; then my -o file") == "'weights=int4:g32'; then my -o file"
    assert translate("give it one with --shape x=...") == "give it one with shapes={'x': (...)}"
    assert translate("option '--costs=/a b/c': no") == "argument 'costs=/a b/c': no"


def test_errors_name_the_users_model(tmp_path, arrays):
    path = make_elementwise(tmp_path / "m.onnx")
    for model, name in (
        (qcc.compile(path), path),
        (qcc.compile(path.read_bytes()), "<bytes>"),
        (qcc.compile(path, output=tmp_path / "m.so"), tmp_path / "m.so"),
        (qcc.load(tmp_path / "m.so"), tmp_path / "m.so"),
    ):
        with pytest.raises(qcc.Error) as error:
            model(arrays[0], arrays[0][:, :3])
        assert str(error.value).startswith(f"'{name}': ")
    with pytest.raises(qcc.Error, match="<bytes>: "):
        qcc.compile(b"no model")


def test_backend(tmp_path, arrays):
    x, z = arrays
    model = onnx.load(make_elementwise(tmp_path / "m.onnx"))
    assert backend.supports_device("CPU") and not backend.supports_device("CUDA")
    np.testing.assert_array_equal(backend.prepare(model).run([x, z]).y, x + z)
    np.testing.assert_array_equal(backend.run_node(helper.make_node("Relu", ["a"], ["b"]), [-x])[0], np.maximum(-x, 0))
    clip = helper.make_node("Clip", ["x", "", "most"], ["y"])
    most = np.float32(3)
    for inputs in ([x, most], [x, None, most]):
        np.testing.assert_array_equal(backend.run_node(clip, inputs)[0], np.minimum(x, most))
