"""Compiles neural networks (ONNX) to native code and runs them on NumPy arrays.

model = qcc.compile("model.onnx", weights="int4:g32")
y = model(x)
outputs = model.run({"x": x})
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qcc import _qcc
from qcc._arguments import make_options, translate
from qcc._qcc import Error

__all__ = ["Error", "Model", "TensorInfo", "__version__", "compile", "load"]
__version__ = _qcc.version.removeprefix("qcc ")

# DLPack's type codes.
_INT, _UINT, _FLOAT, _BFLOAT, _BOOL = 0, 1, 2, 4, 6
_ML_DTYPES = {
    (_BFLOAT, 16): "bfloat16",
    (7, 8): "float8_e3m4",
    (8, 8): "float8_e4m3",
    (9, 8): "float8_e4m3b11fnuz",
    (10, 8): "float8_e4m3fn",
    (11, 8): "float8_e4m3fnuz",
    (12, 8): "float8_e5m2",
    (13, 8): "float8_e5m2fnuz",
    (14, 8): "float8_e8m0fnu",
    (15, 6): "float6_e2m3fn",
    (16, 6): "float6_e3m2fn",
    (17, 4): "float4_e2m1fn",
    (_INT, 4): "int4",
    (_UINT, 4): "uint4",
    (_INT, 2): "int2",
    (_UINT, 2): "uint2",
}


def _make_dtype(code: int, bits: int) -> np.dtype:
    name = _ML_DTYPES.get((code, bits))
    if name:
        # Only who has such values needs the package.
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    if code == _BOOL:
        return np.dtype(np.bool_)
    kind = {_INT: "i", _UINT: "u", _FLOAT: "f"}[code]
    return np.dtype(f"{kind}{bits // 8}")


@dataclass(frozen=True)
class TensorInfo:
    """An input or output. An extent is a number, or where it is known at run time only its symbol or None."""

    name: str
    dtype: np.dtype
    shape: tuple[int | str | None, ...]

    def __str__(self) -> str:
        extents = ",".join("?" if extent is None else str(extent) for extent in self.shape)
        return f"{self.name}: {self.dtype}[{extents}]"


def _is_native(dtype: np.dtype) -> bool:
    """Whether NumPy itself has the type; ml_dtypes' types have no kind of its own in DLPack."""
    return dtype.isbuiltin == 1


class Model:
    """A compiled model. It may be run by several threads at once."""

    def __init__(self, path: str | os.PathLike, threads: int = 0, name: str | None = None) -> None:
        """Messages call the model by `name`, and without one by its path."""
        self._loaded = _qcc.Loaded(os.fspath(path), name or os.fspath(path), threads, _make_dtype)
        self.path = Path(path)
        self.inputs = tuple(TensorInfo(*info) for info in self._loaded.inputs)
        self.outputs = tuple(TensorInfo(*info) for info in self._loaded.outputs)
        self._input_names = [info.name for info in self.inputs]
        self._output_names = [info.name for info in self.outputs]

    def __call__(self, *arrays: object) -> np.ndarray | tuple[np.ndarray, ...]:
        """Runs the model on one array for each input, in order. One output comes as it is, several as a tuple."""
        results = self._loaded.run(arrays, self._carry)
        return results[0] if len(results) == 1 else tuple(results)

    def run(self, inputs: Mapping[str, object]) -> dict[str, np.ndarray]:
        """Runs the model on arrays by the names of its inputs; outputs are by name, too."""
        names = self._input_names
        if not isinstance(inputs, Mapping):
            raise Error(
                f"run() takes arrays by the names of the inputs, {names}; calling the model takes them in order"
            )
        if inputs.keys() != set(names):
            missing = [name for name in names if name not in inputs]
            unknown = sorted(set(inputs) - set(names))
            raise Error(f"the model's inputs are {names}; missing: {missing}, unknown: {unknown}")
        results = self._loaded.run(tuple(inputs[name] for name in names), self._carry)
        return dict(zip(self._output_names, results, strict=True))

    def _carry(self, index: int, array: object) -> object:
        """What the runtime can read of an input, if not an array of a type that NumPy and the model share."""
        info = self.inputs[index]
        if not hasattr(array, "__dlpack__"):
            array = np.asarray(array)
        if not isinstance(array, np.ndarray):
            return array
        if array.dtype != info.dtype:
            raise Error(f"input '{info.name}' is of {array.dtype}, but the model takes {info}")
        if _is_native(array.dtype):
            return array
        if array.dtype.name in ("int2", "int4"):
            # The model wants the sign in the whole byte.
            array = array.astype(np.int8)
        return array.view(f"u{array.dtype.itemsize}")


def _compile(function: Callable[..., str], *arguments: object) -> str:
    try:
        return translate(function(*arguments))
    except Error as error:
        raise Error(translate(str(error))) from None


def compile(
    model: str | os.PathLike | bytes,
    *,
    output: str | os.PathLike | None = None,
    threads: int = 0,
    **options: object,
) -> Model:
    """Compiles an ONNX model, a file or its bytes, and loads it.

    Options are those of `qcc compile`, with '_' for '-': weights="int4:g32", mcpu="haswell", opt_level=3,
    shapes={"x": (1, 3, None, None)}. The shared object is written to `output`; without it, to a folder that is removed
    together with the model. `threads` of a run: 0 for one on each core. What the command would warn of is a warning.
    """
    words = make_options(options)
    folder = None
    is_file = not isinstance(model, (bytes, bytearray, memoryview))
    # A path that is not the user's own would say nothing to him.
    name = os.fspath(output or model) if output or is_file else "<bytes>"
    if output is None:
        folder = tempfile.mkdtemp(prefix="qcc-")
        output = Path(folder) / "model.so"
    try:
        if is_file:
            told = _compile(_qcc.compile_file, os.fspath(model), os.fspath(output), words)
        else:
            told = _compile(_qcc.compile_bytes, bytes(model), "<bytes>", os.fspath(output), words)
        if told:
            warnings.warn(told, stacklevel=2)
        loaded = Model(output, threads, name)
    except BaseException:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if folder:
        weakref.finalize(loaded, shutil.rmtree, folder, ignore_errors=True)
    return loaded


def load(path: str | os.PathLike, threads: int = 0) -> Model:
    """Loads a shared object that qcc compiled before."""
    if Path(path).suffix in (".onnx", ".mlir"):
        raise Error(
            f"'{os.fspath(path)}' is a model, not what was compiled of one: qcc.compile() compiles and loads it"
        )
    return Model(path, threads)
