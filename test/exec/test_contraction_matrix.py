"""Contractions of codes with all scalings and zero points: compiled and interpreted give what NumPy does.

All of one shape stand in one module. Scales that are constant along the sum make results exact (docs/numerics.md).
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import format_reference as reference
import numpy as np
import pytest
from format_reference import Scaling, make_scalings
from interpret import interpret
from qcc import load

OUTPUTS, ODD = 16, 37
# A component is "zero", or "none" where all of them are 0.
CODES = [("int8", None), ("uint8", 3), ("uint8", "zero")]


def print_type(array: np.ndarray) -> str:
    kind = {"f": "f", "i": "i"}[array.dtype.kind]
    return f"tensor<{''.join(f'{extent}x' for extent in array.shape)}{kind}{array.dtype.itemsize * 8}>"


class Operand:
    """A value of codes, and what they are: integers, and for each element its scale."""

    def __init__(self, shape, scaling: Scaling, codec_name: str, zero, random: np.random.Generator) -> None:
        codec = reference.get_codec(codec_name)
        self.shape, self.scaling = shape, scaling
        codes = random.integers(0, 1 << codec.bits, shape, np.uint64)
        self.scales = random.uniform(0.01, 1, scaling.scale_shape).astype(np.float32)
        self.parts = [reference.pack(codes, codec.bits).view(np.int8), self.scales]
        zeros = np.full(scaling.scale_shape, zero if isinstance(zero, int) else 0, np.uint64)
        text = f"f32, zero = {zero}" if isinstance(zero, int) else "f32, zero" if zero else "f32"
        if zero == "zero":
            zeros = random.integers(0, 256, scaling.scale_shape, np.uint64)
        if isinstance(zero, str):
            self.parts.append(zeros.astype(np.uint8).view(np.int8))
        groups = reference.get_groups(shape, scaling)
        self.integers = (codec.decode(codes) - codec.decode(zeros).ravel()[groups]).astype(np.int64)
        self.factors = self.scales.ravel()[groups]
        self.type = f"!qnn.tensor<{'x'.join(map(str, shape))}xf32, {codec_name}, {scaling.text.format(text)}, dense>"

    def is_constant_along_sum(self, kept: int) -> bool:
        extents = zip(self.scaling.block, self.shape, strict=True)
        return all(axis == kept or block >= extent for axis, (block, extent) in enumerate(extents))


class Module:
    def __init__(self) -> None:
        self.inputs: dict[str, np.ndarray] = {}
        self.lines: list[str] = []
        self.results: list[tuple[str, str]] = []
        self.cases: list[tuple[str, np.ndarray, np.ndarray]] = []

    def add(self, operand: Operand, is_constant: bool) -> str:
        names = []
        for part in operand.parts:
            name = f"a{len(self.lines)}" if is_constant else f"i{len(self.inputs)}"
            names.append(f"%{name}")
            if is_constant:
                text = f'dense<"0x{part.tobytes().hex().upper()}">'
                self.lines.append(f"%{name} = arith.constant {text} : {print_type(part)}")
            else:
                self.inputs[name] = part
        value = f"%v{len(self.lines)}"
        types = ", ".join(map(print_type, operand.parts))
        self.lines.append(f"{value} = qnn.wrap {', '.join(names)} : ({types}) -> {operand.type}")
        return value

    def add_case(self, text: str, types: list[str], expected: np.ndarray, bound: np.ndarray, what: str = "") -> None:
        result, type_ = f"%r{len(self.results)}", print_type(expected)
        self.lines.append(f"{result} = {text} : ({', '.join(types)}) -> {type_}")
        self.results.append((result, type_))
        self.cases.append((f"{text} of {what or ' and '.join(types)}", expected, bound))

    def print(self) -> str:
        inputs = ", ".join(f'%{name}: {print_type(x)} {{qcc.name = "{name}"}}' for name, x in self.inputs.items())
        types = ", ".join(f'{type_} {{qcc.name = "r{i}"}}' for i, (_, type_) in enumerate(self.results))
        names, plain = (", ".join(parts) for parts in zip(*self.results, strict=True))
        body = "\n".join([*self.lines, f"return {names} : {plain}"])
        return f"func.func @main({inputs}) -> ({types}) {{\n{body}\n}}\n"


def expect(x: Operand, w: Operand, kept: tuple[int, int], contract, scale) -> tuple[np.ndarray, np.ndarray]:
    """What comes out, and how far from it a result may be: `contract` sums products of what elements are; of the
    scales of all elements `scale` makes one for each result, where they are constant along the sum."""
    if x.is_constant_along_sum(kept[0]) and w.is_constant_along_sum(kept[1]):
        exact = contract(x.integers, w.integers).astype(np.float32) * scale(x.factors, w.factors)
        return exact, np.zeros_like(exact)
    a, b = (operand.integers * operand.factors.astype(np.float64) for operand in (x, w))
    return contract(a, b).astype(np.float32), 1e-5 * contract(np.abs(a), np.abs(b))


def make_matmuls(rows: int, length: int) -> Module:
    """Weights are constants [N, K], and arguments [K, N]."""
    random = np.random.default_rng(rows * 100 + length)
    module = Module()

    def add(shape, kinds, is_constant: bool) -> list[tuple[Operand, str]]:
        operands = [Operand(shape, scaling, *codes, random) for scaling, codes in kinds]
        return [(operand, module.add(operand, is_constant)) for operand in operands]

    scalings = make_scalings((rows, length), [(1, 8), (3, 64)])
    inputs = add((rows, length), product(scalings, CODES), False)
    scalings = make_scalings((OUTPUTS, length), [(1, 8), (3, 64)])
    kinds = [*product(scalings, CODES)]
    if length == ODD:
        axis, block = scalings[1], scalings[3]
        kinds += [(axis, ("int8", "none")), (axis, ("int4", None)), (block, ("int4", None))]
    for (x, left), (w, right) in product(inputs, add((OUTPUTS, length), kinds, True)):
        expected = expect(x, w, (0, 0), lambda a, b: a @ b.T, lambda s, t: s[:, :1] * t[:, 0])
        module.add_case(f"qnn.matmul {left}, {right} {{transpose_b}}", [x.type, w.type], *expected)
    if length > ODD:
        return module
    # These are multiplied as integers or decoded: for each scaling one kind of codes does.
    kinds = zip(make_scalings((length, OUTPUTS), [(64, 3)]), [CODES[2], CODES[1], CODES[0], CODES[2]], strict=True)
    for (x, left), (w, right) in product(inputs, add((length, OUTPUTS), kinds, False)):
        expected = expect(x, w, (0, 1), lambda a, b: a @ b, lambda s, t: s[:, :1] * t[0])
        module.add_case(f"qnn.matmul {left}, {right}", [x.type, w.type], *expected)
    return module


def convolve(image: np.ndarray, weights: np.ndarray, pad: int) -> np.ndarray:
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[2:], (2, 3))
    return np.einsum("nchwrs,kcrs->nkhw", windows, weights)


def make_convs(images: int, window: int) -> Module:
    random = np.random.default_rng(images * 100 + window)
    module, pad = Module(), window // 2
    shape, weights_shape = (images, 4, 5, 5), (6, 4, window, window)
    # Not along both sides of an image or window.
    scalings = make_scalings(shape, [(1, 4, 5, 5)]), make_scalings(weights_shape, [(2, 4, window, window)])
    inputs, weights = (
        [Operand(extents, scaling, *codes, random) for scaling, codes in product([*some[:3], some[-1]], CODES)]
        for extents, some in zip((shape, weights_shape), scalings, strict=True)
    )
    weights += [Operand(weights_shape, scalings[1][3], "uint8", "zero", random)]
    values = [[module.add(operand, i == 1) for operand in operands] for i, operands in enumerate((inputs, weights))]
    attributes = (
        f"{{strides = array<i64: 1, 1>, pads = array<i64: {pad}, {pad}, {pad}, {pad}>, dilations = array<i64: 1, 1>}}"
    )
    for (x, left), (w, right) in product(zip(inputs, values[0], strict=True), zip(weights, values[1], strict=True)):
        expected = expect(
            x, w, (-1, 0), lambda a, b: convolve(a, b, pad), lambda s, t: s.flat[0] * t[:, 0, 0, 0][:, None, None]
        )
        module.add_case(f"qnn.conv {left}, {right} {attributes}", [x.type, w.type], *expected)
    return module


def make_batches() -> Module:
    """Plain matrices by a batch of constant ones: scales belong to a matrix, to a part of one or to several."""
    random = np.random.default_rng(0)
    module = Module()
    shape = (2, OUTPUTS, 64)
    plain = print_type(np.zeros(shape, np.float32))
    x = module.inputs["x"] = random.standard_normal((2, 5, 64)).astype(np.float32)
    blocks = [(1, OUTPUTS, 64), (1, 99, 64), (1, 4, 64), (1, 3, 64), (1, 1, 16), (1, 4, 16), (2, 1, 64), (2, 16, 8)]
    for scaling, codes in product(make_scalings(shape, blocks), [*CODES, ("int4", None)]):
        w = Operand(shape, scaling, *codes, random)
        value = module.add(w, True)
        module.lines.append(f"%d{value[1:]} = qnn.decode {value} : ({w.type}) -> {plain}")
        numbers = (w.integers * w.factors.astype(np.float64)).swapaxes(1, 2)
        bound = 1e-5 * (np.abs(x) @ np.abs(numbers))
        text, types = f"qnn.matmul %x, %d{value[1:]} {{transpose_b}}", [print_type(x), plain]
        module.add_case(text, types, (x @ numbers).astype(np.float32), bound, w.type)
    return module


def check(qcc, folder: Path, module: Module) -> None:
    path = folder / "m.mlir"
    path.write_text(module.print())
    qcc("compile", path, "-o", folder / "m.so", timeout=300)
    results = {
        "compiled": load(folder / "m.so").run(module.inputs),
        "interpreted": interpret(qcc, path, module.inputs),
    }
    faults = []
    for (i, (what, expected, bound)), name in product(enumerate(module.cases), results):
        error = np.abs(results[name][f"r{i}"].astype(np.float64) - expected)
        if not (error <= bound).all():
            faults.append(f"{name}: {what}: off by up to {error.max()}, where {bound.max()} is allowed")
    if faults:
        pytest.fail("\n".join([f"{len(faults)} faults:", *faults[:20]]), pytrace=False)


# One row, as many as outputs, another number; a sum of one product, of an odd number, of a multiple of all blocks.
@pytest.mark.parametrize("rows", [1, OUTPUTS, 5])
@pytest.mark.parametrize("length", [1, ODD, 64])
def test_matmuls_agree(qcc, tmp_path, rows, length):
    check(qcc, tmp_path, make_matmuls(rows, length))


@pytest.mark.parametrize("images, window", [(1, 1), (2, 3)])
def test_convs_agree(qcc, tmp_path, images, window):
    check(qcc, tmp_path, make_convs(images, window))


def test_batches_agree(qcc, tmp_path):
    check(qcc, tmp_path, make_batches())
