// Has the compiler in it: compiles a classifier of digits, and runs it.
// embed MODEL.onnx OUT.so [OPTION...], options as of `qcc compile`.

#include "qcc/CAPI/Compiler.h"

#include <stdio.h>

static int fail(qcc_error *error, int status) {
  fprintf(stderr, "%s\n", error ? error->message : "no message");
  qcc_free_error(error);
  return status;
}

int main(int argc, char **argv) {
  const char *drawing = "  ###   "
                        " ##  #  "
                        "     #  "
                        "    ##  "
                        "   ##   "
                        "  ##    "
                        " ##   # "
                        " ###### ";
  float image[64];
  for (int i = 0; i < 64; ++i)
    image[i] = drawing[i] == '#';
  qcc_error *error = NULL;
  qcc_loaded *model = NULL;
  const char **options = (const char **)argv + 3;
  int32_t status =
      qcc_compile_file(argv[1], argv[2], options, argc - 3, &error);
  if (status || (status = qcc_load(argv[2], 1, &model, &error)))
    return fail(error, status);
  int64_t shape[] = {1, 1, 8, 8};
  DLTensor input = {image, {kDLCPU, 0}, 4, {kDLFloat, 32, 1}, shape, NULL, 0};
  const DLTensor *inputs[] = {&input};
  DLManagedTensorVersioned *outputs[] = {NULL};
  if ((status = qcc_run(model, inputs, outputs, &error)))
    return fail(error, status);
  const float *logits = outputs[0]->dl_tensor.data;
  int best = 0;
  for (int i = 1; i < 10; ++i)
    best = logits[i] > logits[best] ? i : best;
  printf("This is a %d.\n", best);
  outputs[0]->deleter(outputs[0]);
  qcc_unload(model);
  return 0;
}
