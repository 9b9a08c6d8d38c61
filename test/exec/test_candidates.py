"""Every kernel that a target lists for a computation computes it: costs choose among them, never what comes out.

Candidates of one contraction stand in one module, as results of one input, and are held to NumPy.
"""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest

CANDIDATE = re.compile(r"remark: (#qnn\.kernel<.*>): [\d.]+ us")
RANDOM = np.random.default_rng(0)
PROCESSORS = {"haswell": "avx2", "alderlake": "avx_vnni", "skylake-avx512": "avx512bw", "znver4": "avx512_vnni"}


def hexadecimal(array: np.ndarray) -> str:
    return f'dense<"0x{array.tobytes().hex().upper()}">'


def mlir_type(array: np.ndarray) -> str:
    kind = {"f": "f", "i": "i"}[array.dtype.kind]
    return f"tensor<{''.join(f'{extent}x' for extent in array.shape)}{kind}{array.dtype.itemsize * 8}>"


class Problem:
    """Inputs; lines that make %x and %w of them and of constants; the op's attributes and types; what comes out."""

    def __init__(self, inputs, lines, op, attributes, types, result, expected, tolerance):
        self.inputs, self.lines, self.op, self.attributes = inputs, lines, op, attributes
        self.types, self.result, self.expected, self.tolerance = types, result, expected, tolerance

    def print(self, mcpu: str, kernels: list[str]) -> str:
        arguments = ", ".join(f"%{name}: {mlir_type(array)}" for name, array in self.inputs.items())
        results = [f"%y{i}" for i in range(len(kernels))]
        ops = [
            f"{result} = qnn.{self.op} %x, %w {{{', '.join(filter(None, [*self.attributes, kernel]))}}} : "
            f"({', '.join(self.types)}) -> {self.result}"
            for result, kernel in zip(results, kernels, strict=True)
        ]
        types = ", ".join([self.result] * len(kernels))
        body = "\n".join([*self.lines, *ops, f"return {', '.join(results)} : {types}"])
        target = f'qnn.target = #qnn.target<"cpu", mcpu = "{mcpu}">'
        return f"module attributes {{{target}}} {{\nfunc.func @main({arguments}) -> ({types}) {{\n{body}\n}}\n}}\n"


def constant(name: str, array: np.ndarray) -> str:
    return f"%{name} = arith.constant {hexadecimal(array)} : {mlir_type(array)}"


def wrap(name: str, parts: dict[str, np.ndarray], type_: str) -> str:
    operands = ", ".join(f"%{part}" for part in parts)
    return f"%{name} = qnn.wrap {operands} : ({', '.join(map(mlir_type, parts.values()))}) -> {type_}"


def make_floats() -> Problem:
    x = RANDOM.standard_normal((29, 75)).astype(np.float32)
    w = RANDOM.standard_normal((53, 75)).astype(np.float32)
    expected = x.astype(np.float64) @ w.T.astype(np.float64)
    types = [mlir_type(x), mlir_type(w)]
    return Problem(
        {"x": x}, [constant("w", w)], "matmul", ["transpose_b"], types, "tensor<29x53xf32>", expected, 75 * 2.0**-22
    )


def make_bytes(zero: int | None) -> Problem:
    """Codes of a byte; with a zero point, weights less it are none."""
    x = RANDOM.integers(-128, 128, (29, 75)).astype(np.int8)
    w = RANDOM.integers(-128, 128, (53, 75)).astype(np.int8)
    sx, sw = np.float32(0.5), np.float32(0.25)
    codes = w.astype(np.int64) if zero is None else w.astype(np.uint8).astype(np.int64) - zero
    xt = "!qnn.tensor<29x75xf32, int8, tensor<f32>, dense>"
    scaling = "int8, tensor<f32>" if zero is None else f"uint8, tensor<f32, zero = {zero}>"
    wt = f"!qnn.tensor<53x75xf32, {scaling}, dense>"
    lines = [
        constant("sx", np.asarray(sx)),
        constant("wc", w),
        constant("sw", np.asarray(sw)),
        wrap("x", {"c": x, "sx": np.asarray(sx)}, xt),
        wrap("w", {"wc": w, "sw": np.asarray(sw)}, wt),
    ]
    expected = (x.astype(np.int64) @ codes.T).astype(np.float32) * (sx * sw)
    return Problem({"c": x}, lines, "matmul", ["transpose_b"], [xt, wt], "tensor<29x53xf32>", expected, 0)


def make_int4(by_codes: bool) -> Problem:
    """Weights of four bits in blocks of 32; activations are floats, or int8 with a scale for each row."""
    codes = RANDOM.integers(-8, 8, (53, 96))
    packed = ((codes[:, 0::2] & 15) | (codes[:, 1::2] & 15) << 4).astype(np.uint8).view(np.int8)
    scales = RANDOM.uniform(0.5, 1, (53, 3)).astype(np.float32)
    w = codes * np.repeat(scales, 32, 1).astype(np.float64)
    wt = "!qnn.tensor<53x96xf32, int4, block<1x32, f32>, dense>"
    parts = {"wc": packed, "ws": scales}
    lines = [constant("wc", packed), constant("ws", scales), wrap("f" if not by_codes else "w", parts, wt)]
    result = "tensor<29x53xf32>"
    if not by_codes:
        x = RANDOM.standard_normal((29, 96)).astype(np.float32)
        lines.append(f"%w = qnn.decode %f : ({wt}) -> tensor<53x96xf32>")
        types = [mlir_type(x), "tensor<53x96xf32>"]
        return Problem({"x": x}, lines, "matmul", ["transpose_b"], types, result, x @ w.T, 96 * 2.0**-22)
    x = RANDOM.integers(-127, 128, (29, 96)).astype(np.int8)
    sx = RANDOM.uniform(0.5, 1, 29).astype(np.float32)
    xt = "!qnn.tensor<29x96xf32, int8, axis<0, f32>, dense>"
    lines.append(wrap("x", {"c": x, "sx": sx}, xt))
    expected = (x * sx[:, None].astype(np.float64)) @ w.T
    return Problem({"c": x, "sx": sx}, lines, "matmul", ["transpose_b"], [xt, wt], result, expected, 8 * 2.0**-22)


def make_product(integers: bool) -> Problem:
    if integers:
        a = RANDOM.integers(-255, 256, (3, 29, 75)).astype(np.int16)
        b = RANDOM.integers(-255, 256, (3, 75, 53)).astype(np.int16)
        expected = (a.astype(np.int64) @ b.astype(np.int64)).astype(np.int32)
    else:
        a = RANDOM.standard_normal((3, 29, 75)).astype(np.float32)
        b = RANDOM.standard_normal((3, 75, 53)).astype(np.float32)
        expected = a.astype(np.float64) @ b.astype(np.float64)
    result = f"tensor<3x29x53x{'i32' if integers else 'f32'}>"
    attributes = ["accumulators"] if integers else []
    tolerance = 0 if integers else 75 * 2.0**-22
    return Problem(
        {"x": a, "w": b}, [], "matmul", attributes, [mlir_type(a), mlir_type(b)], result, expected, tolerance
    )


def make_conv(groups: int) -> Problem:
    """A convolution 3x3; with as many groups as channels each channel is by itself."""
    channels, outputs = 20, 20
    x = RANDOM.standard_normal((1, 11, 11, channels)).astype(np.float32)
    w = RANDOM.standard_normal((outputs, channels // groups, 3, 3)).astype(np.float32)
    expected = np.zeros((1, 9, 9, outputs))
    own = outputs // groups
    for g in range(groups):
        part = x[..., g * (channels // groups) : (g + 1) * (channels // groups)].astype(np.float64)
        for r in range(3):
            for s in range(3):
                window = part[:, r : r + 9, s : s + 9]
                expected[..., g * own : (g + 1) * own] += window @ w[g * own : (g + 1) * own, :, r, s].T.astype(
                    np.float64
                )
    attributes = [
        "strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>",
        f"groups = {groups} : i64, channels_last",
    ]
    types = [mlir_type(x), mlir_type(w)]
    return Problem({"x": x}, [constant("w", w)], "conv", attributes, types, "tensor<1x9x9x20xf32>", expected, 2.0**-14)


PROBLEMS = {
    "f32": make_floats,
    "i8": lambda: make_bytes(None),
    "i8 wide": lambda: make_bytes(77),
    "decode": lambda: make_int4(False),
    "block": lambda: make_int4(True),
    "f32 product": lambda: make_product(False),
    "i16 product": lambda: make_product(True),
    "conv": lambda: make_conv(1),
    "grouped": lambda: make_conv(2),
    "depthwise": lambda: make_conv(20),
}


def list_kernels(build_dir, path, problem: Problem, mcpu: str) -> list[str]:
    path.write_text(problem.print(mcpu, [""]))
    command = [build_dir / "bin/qcc-opt", path, "-qnn-print-candidates"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [f"kernel = {kernel}" for kernel in CANDIDATE.findall(done.stderr)]


def choose_some(kernels: list[str], count: int = 16) -> list[str]:
    """The best, and others at equal distances in the order of costs."""
    return kernels[:: -(-len(kernels) // count)]


@pytest.mark.parametrize("mcpu", PROCESSORS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_all_candidates_agree_with_numpy(qcc, build_dir, tmp_path, name, mcpu):
    problem = PROBLEMS[name]()
    kernels = list_kernels(build_dir, tmp_path / "one.mlir", problem, mcpu)
    assert len(kernels) >= 6 and len(set(kernels)) == len(kernels)
    kernels = choose_some(kernels)
    module = tmp_path / "all.mlir"
    module.write_text(problem.print(mcpu, kernels))
    qcc("compile", module, "-o", tmp_path / "all.so", timeout=300)
    if PROCESSORS[mcpu] not in open("/proc/cpuinfo").read():
        pytest.skip(f"this processor cannot run code for {mcpu}; it was compiled only")
    arguments = []
    for i, (input_, array) in enumerate(problem.inputs.items()):
        np.save(tmp_path / f"{input_}.npy", array)
        arguments.append(f"--input=input{i}={tmp_path / input_}.npy")
    out = tmp_path / "out"
    out.mkdir()
    qcc("run", tmp_path / "all.so", *arguments, "--output-dir", out)
    results = sorted(out.glob("*.npy"))
    assert len(results) == len(kernels)
    scale = np.abs(problem.expected).max()
    for path in results:
        error = np.abs(np.load(path).astype(np.float64) - problem.expected).max()
        assert error <= problem.tolerance * scale, (path.stem, error)
