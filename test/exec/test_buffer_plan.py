"""Plans of the arena against random orders, and the memory of a run against what is alive at once in it."""

from __future__ import annotations

import random
import re
import subprocess
from bisect import insort
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from random_models import Builder

ORDERS = 1000
EXCESS = 1.05
LAYERS = 24
CHANNELS = 32
LENGTH = 100000
PEAK = 1.3


def run_opt(build_dir: Path, *arguments: object) -> str:
    """What qcc-opt writes to stderr."""
    command = [str(build_dir / "bin/qcc-opt"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


def get_plan(qcc, build_dir: Path, model: Path, folder: Path) -> tuple[list[tuple[list[int], int, int]], list[int]]:
    """The buffers of a model, as (bytes by guess, first step, last step), and the bytes of the plan by guess."""
    qcc("compile", model, "--emit=storage", "-o", folder / "storage.mlir", timeout=300)
    dump = run_opt(
        build_dir,
        folder / "storage.mlir",
        "-cpu-lower",
        "--mlir-print-ir-before=host-plan-arena",
        "--mlir-elide-resource-strings-if-larger=64",
        "-o",
        "/dev/null",
    )
    (folder / "before.mlir").write_text(dump[dump.index("// -----//") :])
    remarks = run_opt(build_dir, folder / "before.mlir", "--analysis-print-buffer-plan", "-o", "/dev/null")

    def numbers(text: str) -> list[int]:
        found = [int(number) for number in text.split("|")]
        return found * 3 if len(found) == 1 else found

    found = re.findall(r"remark: ([\d|]+) bytes, alive in (\d+) to (\d+), at", remarks)
    buffers = [(numbers(size), int(first), int(last)) for size, first, last in found]
    # None for outlined loops, nor for a model that computes all in memory of its outputs.
    plans = re.findall(r"remark: plan of ([\d|]+) bytes", remarks)
    assert len(plans) == bool(buffers)
    return buffers, [number for plan in plans for number in numbers(plan)]


def find_best(buffers: list[tuple[int, int, int]], limit: int) -> int:
    """The least bytes of random orders, each buffer in the lowest gap that is free while it is alive."""
    count = len(buffers)
    beside = [
        [j for j in range(count) if j != i and first <= buffers[j][2] and buffers[j][1] <= last]
        for i, (_, first, last) in enumerate(buffers)
    ]
    order = list(range(count))
    shuffle = random.Random(0).shuffle
    best = limit
    for _ in range(ORDERS):
        shuffle(order)
        places: list[tuple[int, int] | None] = [None] * count
        most = 0
        for i in order:
            taken: list[tuple[int, int]] = []
            for j in beside[i]:
                if (place := places[j]) is not None:
                    insort(taken, place)
            size, offset = buffers[i][0], 0
            for begin, end in taken:
                if offset + size <= begin:
                    break
                offset = max(offset, end)
            places[i] = (offset, offset + size)
            most = max(most, offset + size)
            if most >= best:
                break
        best = min(best, most)
    return best


def check_plan(qcc, build_dir: Path, model: Path, folder: Path) -> int:
    """Compares under each guess of the extents; returns how many buffers there are."""
    buffers, plan = get_plan(qcc, build_dir, model, folder)
    for guess, planned in enumerate(plan):
        best = find_best([(size[guess], first, last) for size, first, last in buffers], planned + 1)
        assert planned <= EXCESS * best, f"{planned} bytes for {len(buffers)} buffers, where {best} suffice"
    return len(buffers)


@pytest.mark.parametrize("name", ["digits_f32", "digits_int8", "ppocr_cls", "ppocr_rec", "resnet50", "resnet50_qdq"])
def test_no_random_order_is_much_better(qcc, build_dir, model_path, tmp_path, name):
    assert check_plan(qcc, build_dir, model_path(name), tmp_path) >= 2


@pytest.mark.parametrize("seed", range(6))
def test_no_random_order_is_much_better_for_random_models(qcc, build_dir, tmp_path, seed):
    model = tmp_path / "m.onnx"
    onnx.save(Builder(seed).build(), model)
    check_plan(qcc, build_dir, model, tmp_path)


def save_chain(path: Path) -> Path:
    """x = x + Conv(LeakyRelu(x)), as in a vocoder; the length is a sum over an input, so that only the run tells it."""
    generator = np.random.default_rng(0)
    info = helper.make_tensor_value_info
    inputs = [info("x", TensorProto.FLOAT, [1, CHANNELS, 1]), info("len", TensorProto.INT64, [4])]
    constants = [("axis", [0]), ("one", [1]), ("channels", [CHANNELS]), ("last", [2])]
    initializers = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in constants]
    nodes = [
        helper.make_node("ReduceSum", ["len", "axis"], ["sum"], keepdims=1),
        helper.make_node("Concat", ["one", "channels", "sum"], ["to"], axis=0),
        helper.make_node("Expand", ["x", "to"], ["x0"]),
    ]
    for i in range(LAYERS):
        weights = (generator.standard_normal((CHANNELS, CHANNELS, 3)) * 0.02).astype(np.float32)
        initializers.append(numpy_helper.from_array(weights, f"w{i}"))
        dilation = 1 + i % 3
        nodes += [
            helper.make_node("LeakyRelu", [f"x{i}"], [f"a{i}"], alpha=0.1),
            helper.make_node("Conv", [f"a{i}", f"w{i}"], [f"b{i}"], pads=[dilation] * 2, dilations=[dilation]),
            helper.make_node("Add", [f"x{i}", f"b{i}"], [f"x{i + 1}"]),
        ]
    nodes.append(helper.make_node("ReduceMean", [f"x{LAYERS}", "last"], ["y"], keepdims=0))
    graph = helper.make_graph(nodes, "g", inputs, [info("y", TensorProto.FLOAT, [1, CHANNELS])], initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


COUNTING_HOST = r"""
#include "m.so.h"
#include <stdio.h>
#include <stdlib.h>

static uint64_t live, most;
static void *take(void *user, uint64_t bytes, uint64_t alignment) {
  (void)user;
  live += bytes;
  most = live > most ? live : most;
  return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}
static void give(void *user, void *pointer, uint64_t bytes) {
  (void)user;
  live -= bytes;
  free(pointer);
}

int main(int count, char **arguments) {
  qcc_env env = {.size = sizeof(env), .alloc = take, .free = give, .num_threads = 1};
  qcc_instance *model;
  qcc_error *error = NULL;
  float x[32];
  int64_t length[4], shape[] = {1, 32, 1}, four = 4;
  for (int i = 0; i < 32; ++i)
    x[i] = i - 15.5f;
  for (int i = 0; i < 4; ++i)
    length[i] = atoll(arguments[count - 1]) / 4;
  DLTensor in[] = {{.data = x, .device = {kDLCPU, 0}, .ndim = 3, .dtype = {kDLFloat, 32, 1}, .shape = shape},
                   {.data = length, .device = {kDLCPU, 0}, .ndim = 1, .dtype = {kDLInt, 64, 1}, .shape = &four}};
  const DLTensor *inputs[] = {&in[0], &in[1]};
  DLManagedTensorVersioned *y = NULL;
  if (m_open(NULL, &env, &model, &error) || m_run(model, inputs, &y, &error)) {
    fputs(error->message, stderr);
    return 1;
  }
  printf("%llu\n", (unsigned long long)most);
  for (int i = 0; i < 32; ++i)
    printf("%.9g\n", ((float *)y->dl_tensor.data)[i]);
  y->deleter(y);
  m_close(model);
  return live != 0;
}
"""


def test_peak_of_a_chain_whose_length_only_the_run_tells(qcc, tmp_path):
    """A layer needs what it adds to, the activation, padded, and the sum: three buffers at once."""
    model = save_chain(tmp_path / "m.onnx")
    qcc("compile", model, "-o", tmp_path / "m.so", timeout=300)
    (tmp_path / "host.c").write_text(COUNTING_HOST)
    program = tmp_path / "host"
    command = [
        "cc",
        "-Wall",
        "-Wextra",
        "-Werror",
        tmp_path / "host.c",
        f"-I{tmp_path}",
        tmp_path / "m.so",
        "-o",
        program,
    ]
    subprocess.run([*map(str, command), f"-Wl,-rpath,{tmp_path}"], check=True)
    done = subprocess.run([str(program), str(LENGTH)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    peak, *y = done.stdout.split()
    live = 3 * 4 * CHANNELS * LENGTH
    print(f"{int(peak) / live:.2f} of {live} bytes")
    assert int(peak) <= PEAK * live
    session = pytest.importorskip("onnxruntime").InferenceSession(model, providers=["CPUExecutionProvider"])
    x = (np.arange(CHANNELS, dtype=np.float32) - 15.5).reshape(1, CHANNELS, 1)
    (expected,) = session.run(None, {"x": x, "len": np.full(4, LENGTH // 4)})
    np.testing.assert_allclose(np.array(y, np.float32), expected[0], rtol=1e-3, atol=1e-3)
