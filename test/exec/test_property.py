"""Compiled at every level of optimization, random models give what the interpreter gives, bit for bit.

The interpreter reads the IR after phase fuse, in which products of decoded codes have become products of codes: their
sums are exact by the numeric contract, where those of phase import are sums of rounded reals.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from random_models import Builder

SEEDS = 40


@pytest.mark.parametrize("seed", range(SEEDS))
def test_compiled_equals_interpreted(seed, qcc, tmp_path):
    builder = Builder(seed)
    model = tmp_path / "model.onnx"
    onnx.save(builder.build(), model)
    np.save(tmp_path / "x.npy", builder.make_input(batch=1 + seed % 3))

    def run(name: str, source: Path, *options: str) -> dict[str, np.ndarray]:
        out = tmp_path / name
        out.mkdir()
        qcc("run", source, f"--input=x={tmp_path / 'x.npy'}", f"--output-dir={out}", *options)
        return {path.stem: np.load(path) for path in sorted(out.glob("*.npy"))}

    fused = tmp_path / "fused.mlir"
    qcc("compile", model, "--emit=fuse", "-o", fused)
    expected = run("interpreted", fused, "--interpret")
    assert expected
    for level in ("-O0", "-O1", "-O2", "-O3"):
        results = run(level, model, level)
        assert results.keys() == expected.keys()
        for name, wanted in expected.items():
            assert results[name].dtype == wanted.dtype
            same = (results[name] == wanted) | ((results[name] != results[name]) & (wanted != wanted))
            assert same.all(), f"{level}: {name}: {np.count_nonzero(~same)} of {wanted.size} elements differ"
