"""Random small graphs with encodes in odd places: compiled at every -O they equal the interpreter bit for bit, since
contractions are of integer codes and everything else is exactly rounded (docs/numerics.md)."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

ROWS, CHANNELS = 5, 8


class Graph:
    """Grows a function of values [?, 8] of f32, one random op after the other."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.values = ["%x"]

    def emit(self, text: str) -> str:
        name = f"%{len(self.lines)}"
        self.lines.append(f"    {name} = {text}")
        return name

    def constant(self, value: str, type_: str) -> str:
        return self.emit(f"arith.constant dense<{value}> : {type_}")

    def real(self) -> str:
        return "tensor<?x8xf32>"

    def pick(self) -> str:
        return self.random.choice(self.values[-3:])

    def encode(self, value: str) -> tuple[str, str]:
        """Codes of `value` and their type: signed or not, with a zero point or none, by rule or by given scales."""
        codec = self.random.choice(["int8", "uint8"])
        if self.random.random() < 0.3:
            type_ = f"!qnn.tensor<?x8xf32, {codec}, axis<0, f32>, dense>"
            return self.emit(f"qnn.encode_auto {value} : ({self.real()}) -> {type_}"), type_
        scale = self.constant(f"{self.random.choice([0.01, 0.0371, 0.25])}", "tensor<f32>")
        if self.random.random() < 0.5:
            zero = self.constant(str(self.random.randrange(-100, 100)), "tensor<i8>")
            type_ = f"!qnn.tensor<?x8xf32, {codec}, tensor<f32, zero>, dense>"
            code = f"qnn.encode {value}, {scale}, {zero} : ({self.real()}, tensor<f32>, tensor<i8>) -> {type_}"
        else:
            type_ = f"!qnn.tensor<?x8xf32, {codec}, tensor<f32>, dense>"
            code = f"qnn.encode {value}, {scale} : ({self.real()}, tensor<f32>) -> {type_}"
        return self.emit(code), type_

    def decode(self, value: str, type_: str) -> str:
        return self.emit(f"qnn.decode {value} : ({type_}) -> {self.real()}")

    def add_requantized(self) -> str:
        return self.decode(*self.encode(self.pick()))

    def add_product(self) -> str:
        """Of codes by constant codes, perhaps through decodes that the compiler absorbs."""
        x, x_type = self.encode(self.pick())
        codes = [[self.random.randrange(-127, 128) for _ in range(CHANNELS)] for _ in range(CHANNELS)]
        scales = [self.random.choice([0.004, 0.0113, 0.031]) for _ in range(CHANNELS)]
        w_type = "!qnn.tensor<8x8xf32, int8, axis<0, f32>, dense>"
        wc, ws = self.constant(str(codes), "tensor<8x8xi8>"), self.constant(str(scales), "tensor<8xf32>")
        w = self.emit(f"qnn.wrap {wc}, {ws} : (tensor<8x8xi8>, tensor<8xf32>) -> {w_type}")
        return self.emit(f"qnn.matmul {x}, {w} {{transpose_b}} : ({x_type}, {w_type}) -> {self.real()}")

    def add_binary(self) -> str:
        kind = self.random.choice(["add", "sub", "mul", "max", "min"])
        return self.emit(
            f"qnn.binary {kind} {self.pick()}, {self.pick()} : ({self.real()}, {self.real()}) -> {self.real()}"
        )

    def add_unary(self) -> str:
        kind = self.random.choice(["relu", "neg", "abs", "round"])
        return self.emit(f"qnn.unary {kind} {self.pick()} : ({self.real()}) -> {self.real()}")

    def build(self, ops: int) -> str:
        makers = [self.add_requantized, self.add_product, self.add_product, self.add_binary, self.add_unary]
        for _ in range(ops):
            self.values.append(self.random.choice(makers)())
        body = "\n".join(self.lines)
        return f"""func.func @main(%x: {self.real()} {{qcc.name = "x", qcc.extents = ["n", 8]}})
    -> ({self.real()} {{qcc.name = "y", qcc.extents = ["n", 8]}}) {{
{body}
    return {self.values[-1]} : {self.real()}
}}
"""


@pytest.mark.parametrize("seed", range(6))
def test_equals_the_interpreter(qcc, tmp_path: Path, seed: int) -> None:
    model, x = tmp_path / "model.mlir", tmp_path / "x.npy"
    model.write_text(Graph(seed).build(ops=9))
    np.save(x, np.random.default_rng(seed).standard_normal((ROWS, CHANNELS)).astype(np.float32))

    def run(name: str, *options: str) -> np.ndarray:
        qcc("run", model, f"--input=x={x}", "--output-dir", tmp_path / name, *options)
        return np.load(tmp_path / name / "y.npy")

    expected = run("interpreted", "--interpret")
    assert np.isfinite(expected).all()
    for level in range(4):
        np.testing.assert_array_equal(run(f"O{level}", f"-O{level}"), expected, err_msg=f"at -O{level}")
