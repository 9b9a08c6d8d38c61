"""Products of two activations whose right factor lies transposed: kernels read [..., C, K]."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import qcc
from onnx import helper
from small_models import info, save

PRODUCTS = {
    "gemm": ([helper.make_node("Gemm", ["a", "b"], ["y"], transB=1)], ["m", 96], ["k", 96], ["m", "k"]),
    "gemm of both": ([helper.make_node("Gemm", ["a", "b"], ["y"], transA=1, transB=1)], [96, 7], [33, 96], [7, 33]),
    "batch": (
        [helper.make_node("Einsum", ["a", "b"], ["y"], equation="bid,bjd->bij")],
        [2, 7, 96],
        [2, 33, 96],
        [2, 7, 33],
    ),
    "attention": (
        [
            helper.make_node("Transpose", ["b"], ["t"], perm=[0, 1, 3, 2]),
            helper.make_node("MatMul", ["a", "t"], ["y"]),
        ],
        [2, 3, "m", 96],
        [2, 3, "k", 96],
        [2, 3, "m", "k"],
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_right_factor_that_lies_transposed(tmp_path, name):
    nodes, a, b, y = PRODUCTS[name]
    path = save(tmp_path / "m.onnx", nodes, [info("a", a), info("b", b)], [info("y", y)])
    rng = np.random.default_rng(0)
    extents = {"m": 9, "k": 21}
    feeds = {
        key: rng.standard_normal([extents.get(extent, extent) for extent in shape], dtype=np.float32)
        for key, shape in (("a", a), ("b", b))
    }
    (expected,) = onnxruntime.InferenceSession(path).run(None, feeds)
    result = qcc.compile(path).run(feeds)["y"]
    bound = 1e-5 * np.abs(expected).max() + 1e-5
    np.testing.assert_allclose(result, expected, rtol=0, atol=bound)
