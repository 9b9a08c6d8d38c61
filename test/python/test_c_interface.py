"""The compiler as a C library: include/qcc/CAPI/Compiler.h from C, without C++ or Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from small_models import make_mlp

PROGRAM = r"""
#include "qcc/CAPI/Compiler.h"
#include <stdio.h>

static int fail(qcc_error *error) {
  printf("error: %s\n", error->message);
  qcc_free_error(error);
  return 1;
}

int main(int argc, char **argv) {
  const char *options[] = {"-O1", "-j1"};
  qcc_error *error = NULL;
  qcc_loaded *model = NULL;
  (void)argc;
  if (qcc_compile_file(argv[1], argv[2], options, 2, &error))
    return fail(error);
  if (qcc_load(argv[2], 1, &model, &error))
    return fail(error);
  const qcc_description *description = qcc_describe(model);
  printf("%s takes %s\n", qcc_version(), description->inputs[0].name);
  float x[32] = {1};
  int64_t shape[2] = {1, 32};
  DLTensor input = {x, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, NULL, 0};
  const DLTensor *inputs[1] = {&input};
  DLManagedTensorVersioned *outputs[1] = {NULL};
  shape[1] = 31;
  int status = qcc_run(model, inputs, outputs, &error);
  printf("%d, %d\n", status, error->code == QCC_INPUT_MISMATCH);
  qcc_free_error(error);
  error = NULL;
  shape[1] = 32;
  if (qcc_run(model, inputs, outputs, &error))
    return fail(error);
  printf("%lld outputs\n", (long long)outputs[0]->dl_tensor.shape[1]);
  outputs[0]->deleter(outputs[0]);
  qcc_unload(model);
  return 0;
}
"""


@pytest.fixture(scope="module")
def program(build_dir, tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "a C compiler is needed: apt-get install gcc"
    folder = tmp_path_factory.mktemp("c")
    (folder / "main.c").write_text(PROGRAM)
    include = Path(__file__).resolve().parents[2] / "include"
    library = build_dir / "lib"
    command = [compiler, "-std=c11", "-Wall", "-Werror", "-I", include, folder / "main.c", "-o", folder / "main"]
    command += ["-L", library, "-lqcc", f"-Wl,-rpath,{library}", "-Wl,--allow-shlib-undefined"]
    subprocess.run(command, check=True)
    return folder / "main"


def test_compile_load_and_run(program, tmp_path):
    model = make_mlp(tmp_path / "mlp.onnx")
    done = subprocess.run([program, model, tmp_path / "mlp.so"], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["qcc 0.1 takes x", "2, 1", "8 outputs"]
    assert done.returncode == 0


def test_errors_have_messages(program, tmp_path):
    done = subprocess.run([program, tmp_path / "no.onnx", tmp_path / "no.so"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith("error: ") and "no.onnx" in done.stdout
    done = subprocess.run([program, make_mlp(tmp_path / "m.onnx"), "m.txt"], capture_output=True, text=True)
    assert "it must end in .so" in done.stdout
