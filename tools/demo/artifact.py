"""Runs a compiled model through its C interface (include/qcc/Runtime/Model.h), with ctypes and NumPy alone."""

from __future__ import annotations

import ctypes
import itertools
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from pathlib import Path

import numpy as np

MAGIC = 0x006C65646F6D6371
ABI_VERSION = 1
CPU = 1
KINDS = {"i": 0, "u": 1, "f": 2, "b": 6}
LETTERS = {code: kind for kind, code in KINDS.items()}


class DataType(ctypes.Structure):
    _fields_ = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]

    @classmethod
    def of(cls, dtype: np.dtype) -> DataType:
        return cls(KINDS[dtype.kind], dtype.itemsize * 8, 1)

    def to_numpy(self) -> np.dtype:
        return np.dtype(bool) if LETTERS[self.code] == "b" else np.dtype(f"{LETTERS[self.code]}{self.bits // 8}")


class Tensor(ctypes.Structure):
    """DLTensor."""

    _fields_ = [
        ("data", c_void_p),
        ("device_type", c_int32),
        ("device_id", c_int32),
        ("ndim", c_int32),
        ("dtype", DataType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class ManagedTensor(ctypes.Structure):
    """DLManagedTensorVersioned."""


DELETER = ctypes.CFUNCTYPE(None, POINTER(ManagedTensor))
ManagedTensor._fields_ = [
    ("major", c_uint32),
    ("minor", c_uint32),
    ("manager_ctx", c_void_p),
    ("deleter", DELETER),
    ("flags", c_uint64),
    ("dl_tensor", Tensor),
]


class Error(ctypes.Structure):
    _fields_ = [("code", c_int32), ("message", c_char_p)]


class Dim(ctypes.Structure):
    _fields_ = [("extent", c_int64), ("symbol", c_char_p)]


class TensorInfo(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p),
        ("dtype", DataType),
        ("rank", c_int32),
        ("dims", POINTER(Dim)),
        ("format", c_char_p),
        ("component", c_char_p),
        ("alias_input", c_int32),
    ]


class Description(ctypes.Structure):
    _fields_ = [
        ("size", c_uint64),
        *((name, c_char_p) for name in ("name", "compiler", "triple", "cpu", "features")),
        ("num_inputs", c_int32),
        ("num_outputs", c_int32),
        ("inputs", POINTER(TensorInfo)),
        ("outputs", POINTER(TensorInfo)),
        ("weights_file", c_char_p),
        ("weights_bytes", c_uint64),
    ]


class Environment(ctypes.Structure):
    _fields_ = [
        ("size", c_uint64),
        *((name, c_void_p) for name in ("user", "alloc", "free", "parallel_for")),
        ("num_threads", c_int32),
    ]


class Interface(ctypes.Structure):
    """What the symbol qcc_model names."""

    _fields_ = [
        ("magic", c_uint64),
        ("abi_version", c_uint32),
        ("size", c_uint32),
        (
            "open",
            ctypes.CFUNCTYPE(c_int32, c_char_p, POINTER(Environment), POINTER(c_void_p), POINTER(POINTER(Error))),
        ),
        (
            "run",
            ctypes.CFUNCTYPE(
                c_int32, c_void_p, POINTER(POINTER(Tensor)), POINTER(POINTER(ManagedTensor)), POINTER(POINTER(Error))
            ),
        ),
        ("close", ctypes.CFUNCTYPE(None, c_void_p)),
        ("describe", ctypes.CFUNCTYPE(POINTER(Description))),
        ("free_error", ctypes.CFUNCTYPE(None, POINTER(Error))),
    ]


class ArtifactError(Exception):
    pass


_loads = itertools.count(1)


def _spell_anew(path: Path) -> str:
    """Another spelling of the path for each load: glibc takes a library that is loaded already for the file that has
    its name by now."""
    steps = (("/", "./")[int(bit)] for bit in reversed(f"{next(_loads):b}"))
    return f"{path.parent}/{''.join(steps)}{path.name}"


class Artifact:
    """An opened shared object. Inputs and outputs go by position, in the order of `inputs` and `outputs`."""

    def __init__(self, path: Path | str, threads: int = 0):
        self._instance = c_void_p()
        self._library = ctypes.CDLL(_spell_anew(Path(path).resolve()))
        self._api = Interface.in_dll(self._library, "qcc_model")
        if self._api.magic != MAGIC or self._api.abi_version != ABI_VERSION:
            raise ArtifactError(f"{path}: no model of qcc, or of another version of its interface")
        self.description = self._api.describe().contents
        self.inputs = [self.description.inputs[i].name.decode() for i in range(self.description.num_inputs)]
        self.outputs = [self.description.outputs[i].name.decode() for i in range(self.description.num_outputs)]
        environment = Environment(size=ctypes.sizeof(Environment), num_threads=threads)
        error = POINTER(Error)()
        self._check(self._api.open(None, environment, ctypes.byref(self._instance), ctypes.byref(error)), error)

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        if len(arrays) != len(self.inputs):
            raise ArtifactError(f"wants {len(self.inputs)} inputs ({', '.join(self.inputs)}), got {len(arrays)}")
        tensors = [_describe(array) for array in arrays]
        inputs = (POINTER(Tensor) * max(1, len(tensors)))(*(ctypes.pointer(tensor) for tensor in tensors))
        outputs = (POINTER(ManagedTensor) * max(1, len(self.outputs)))()
        error = POINTER(Error)()
        self._check(self._api.run(self._instance, inputs, outputs, ctypes.byref(error)), error)
        return [_take(outputs[i]) for i in range(len(self.outputs))]

    def close(self) -> None:
        if self._instance:
            self._api.close(self._instance)
            self._instance = c_void_p()

    def __enter__(self) -> Artifact:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, status: int, error) -> None:
        if status == 0:
            return
        message = error.contents.message.decode() if error else f"status {status}"
        if error:
            self._api.free_error(error)
        raise ArtifactError(message)


def _describe(array: np.ndarray) -> Tensor:
    """A view: valid as long as the array is."""
    shape = (c_int64 * max(1, array.ndim))(*array.shape)
    strides = (c_int64 * max(1, array.ndim))(*(stride // array.itemsize for stride in array.strides))
    return Tensor(array.ctypes.data, CPU, 0, array.ndim, DataType.of(array.dtype), shape, strides, 0)


def _take(managed) -> np.ndarray:
    """Copies a dense result and frees it."""
    tensor = managed.contents.dl_tensor
    shape = [tensor.shape[i] for i in range(tensor.ndim)]
    result = np.empty(shape, tensor.dtype.to_numpy())
    if result.nbytes:
        ctypes.memmove(result.ctypes.data, tensor.data + tensor.byte_offset, result.nbytes)
    if managed.contents.deleter:
        managed.contents.deleter(managed)
    return result
