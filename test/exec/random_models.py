"""Random small models with quantization in odd places, all of whose results are exact.

Only what docs/numerics.md defines to the bit is used: elementwise arithmetic of f32, encode and decode, contractions of
integer codes with scales that are constant along the reduction, and movement of values and of codes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int8): TensorProto.INT8}
TYPES |= {np.dtype(np.uint8): TensorProto.UINT8, np.dtype(np.int32): TensorProto.INT32}
FLOAT = np.dtype(np.float32)


@dataclass(frozen=True)
class Value:
    name: str
    # Of one sample; axis 0 is the batch.
    shape: tuple[int, ...]
    dtype: np.dtype
    # Names of constants, if the value is codes.
    scale: str = ""
    zero: str = ""


class Builder:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.values: list[Value] = []

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op: str, inputs: list[str], **attributes) -> str:
        name = f"{op.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def add(self, name: str, shape, dtype=FLOAT, like: Value | None = None) -> None:
        self.values.append(
            Value(name, tuple(shape), np.dtype(dtype), like.scale if like else "", like.zero if like else "")
        )

    def pick(self, kind: str = "", rank: int = 0) -> Value | None:
        fits = [v for v in self.values if (not kind or v.dtype.kind == kind) and rank in (0, len(v.shape))]
        # The latest are the likeliest, so that graphs grow deep.
        return fits[-1 - min(int(self.random.expovariate(0.7)), len(fits) - 1)] if fits else None

    def draw_scale(self, count: int = 0) -> np.ndarray:
        # Some are powers of two, so that ties occur.
        choices = [0.125, 0.25, 0.03125, 0.1, 0.037, 0.0071]
        drawn = [self.random.choice(choices) for _ in range(count or 1)]
        return np.array(drawn if count else drawn[0], np.float32)

    def draw_zero(self, dtype: np.dtype) -> np.ndarray:
        low, high = (-128, 127) if dtype == np.int8 else (0, 255)
        return np.array(self.random.choice([0, 0, self.random.randint(low, high), high]), dtype)

    # One step each: adds a value, or does nothing where nothing fits.

    def unary(self) -> None:
        if x := self.pick("f"):
            op = self.random.choice(["Relu", "Neg", "Abs", "Floor", "Clip"])
            bounds = [self.constant(np.float32(-1.5)), self.constant(np.float32(2.25))] if op == "Clip" else []
            self.add(self.node(op, [x.name, *bounds]), x.shape)

    def binary(self) -> None:
        x = self.pick("f")
        if not x:
            return
        op = self.random.choice(["Add", "Sub", "Mul", "Div", "Max", "Min"])
        if op != "Div" and self.random.random() < 0.5:
            y = self.random.choice([v for v in self.values if v.dtype.kind == "f" and v.shape == x.shape]).name
        else:
            shape = [extent if self.random.random() < 0.6 else 1 for extent in x.shape[1:]]
            y = self.constant((self.numpy.integers(1, 40, shape) * 0.0713).astype(np.float32))
        self.add(self.node(op, [x.name, y]), x.shape)

    def encode(self) -> None:
        if x := self.pick("f"):
            dtype = np.dtype(self.random.choice([np.int8, np.uint8]))
            scale, zero = self.constant(self.draw_scale()), self.constant(self.draw_zero(dtype))
            codes = self.node("QuantizeLinear", [x.name, scale, zero])
            self.values.append(Value(codes, x.shape, dtype, scale, zero))

    def decode(self) -> None:
        if codes := [v for v in self.values if v.scale]:
            x = self.random.choice(codes[-3:])
            self.add(self.node("DequantizeLinear", [x.name, x.scale, x.zero]), x.shape)

    def move(self) -> None:
        """Of values as of codes."""
        x = self.pick()
        if not x or len(x.shape) < 3:
            return
        op = self.random.choice(["Transpose", "Slice", "Concat", "Flatten"])
        shape = list(x.shape)
        if op == "Transpose":
            order = [0, *self.random.sample(range(1, len(shape)), len(shape) - 1)]
            name, shape = self.node(op, [x.name], perm=order), [shape[axis] for axis in order]
        elif op == "Slice":
            axis = self.random.randrange(1, len(shape))
            if shape[axis] < 3:
                return
            bounds = [self.constant(np.array([v], np.int64)) for v in (1, shape[axis], axis)]
            name = self.node(op, [x.name, *bounds])
            shape[axis] -= 1
        elif op == "Concat":
            name = self.node(op, [x.name, x.name], axis=1)
            shape[1] *= 2
        else:
            name, shape = self.node(op, [x.name]), [shape[0], int(np.prod(shape[1:]))]
        self.add(name, shape, x.dtype, like=x)

    def pool(self) -> None:
        x = self.pick("f", 4)
        if x and min(x.shape[2:]) >= 3:
            self.add(self.node("MaxPool", [x.name], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), x.shape)

    def decode_weights(self, shape: list[int], axis: int) -> str:
        codes = self.constant(self.numpy.integers(-127, 128, shape).astype(np.int8))
        count = shape[axis] if self.random.random() < 0.5 else 0
        zero = self.constant(np.zeros(count or (), np.int8))
        attributes = {"axis": axis} if count else {}
        return self.node("DequantizeLinear", [codes, self.constant(self.draw_scale(count)), zero], **attributes)

    def contraction(self) -> None:
        rank = self.random.choice([0, 4])
        codes = [v for v in self.values if v.scale and rank in (0, len(v.shape))]
        if not codes:
            return
        x = self.random.choice(codes)
        name = self.node("DequantizeLinear", [x.name, x.scale, x.zero])
        outputs, shape = self.random.choice([1, 3, 8, 17]), list(x.shape)
        if rank == 4:
            kernel = self.random.choice([1, 3])
            weights = self.decode_weights([outputs, shape[1], kernel, kernel], 0)
            result = self.node("Conv", [name, weights], pads=[kernel // 2] * 4)
            shape[1] = outputs
        else:
            result = self.node("MatMul", [name, self.decode_weights([shape[-1], outputs], 1)])
            shape[-1] = outputs
        self.add(result, shape)

    def integer_product(self) -> None:
        """MatMulInteger: the accumulators themselves."""
        x = next((v for v in reversed(self.values) if v.scale and v.dtype == np.uint8), None)
        if x:
            weights = self.constant(self.numpy.integers(-128, 128, (x.shape[-1], 5)).astype(np.int8))
            sums = self.node("MatMulInteger", [x.name, weights, x.zero])
            self.add(self.node("Cast", [sums], to=TensorProto.FLOAT), (*x.shape[:-1], 5))

    def build(self) -> onnx.ModelProto:
        shape = self.random.choice([(1, 6, 10), (1, 3, 7, 5), (1, 4, 8, 8), (1, 16)])
        self.add("x", shape)
        steps = [self.unary, self.binary, self.encode, self.encode, self.decode, self.move, self.pool]
        steps += [self.contraction, self.contraction, self.integer_product]
        for _ in range(self.random.randint(4, 16)):
            self.random.choice(steps)()
        self.unary()
        # Every value that nobody reads is an output, and one more.
        read = {name for node in self.nodes for name in node.input}
        outputs = [v for v in self.values[1:] if v.name not in read]
        outputs += [v for v in self.values[1:] if v not in outputs][:1]
        infos = [helper.make_tensor_value_info(v.name, TYPES[v.dtype], ["n", *v.shape[1:]]) for v in outputs]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape[1:]])]
        graph = helper.make_graph(self.nodes, "random", inputs, infos, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model

    def make_input(self, batch: int) -> np.ndarray:
        """Multiples of small steps, so that many fall between two codes."""
        shape = (batch, *self.values[0].shape[1:])
        values = self.numpy.integers(-80, 80, shape) * self.random.choice([0.0625, 0.05, 0.5])
        return values.astype(np.float32)
