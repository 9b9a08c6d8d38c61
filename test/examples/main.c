#include "digits.so.h"
#include <stdio.h>

int main(void) {
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
  int64_t shape[] = {1, 1, 8, 8};
  DLTensor input = {image, {kDLCPU, 0}, 4, {kDLFloat, 32, 1}, shape, NULL, 0};
  const DLTensor *inputs[] = {&input};
  DLManagedTensorVersioned *outputs[] = {NULL};
  qcc_instance *model = NULL;
  qcc_error *error = NULL;
  if (digits_open(NULL, NULL, &model, &error) ||
      digits_run(model, inputs, outputs, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  const float *logits = outputs[0]->dl_tensor.data;
  int best = 0;
  for (int i = 1; i < 10; ++i)
    best = logits[i] > logits[best] ? i : best;
  printf("This is a %d.\n", best);
  outputs[0]->deleter(outputs[0]);
  digits_close(model);
  return 0;
}
