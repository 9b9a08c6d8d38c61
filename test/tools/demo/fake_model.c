// A model by hand: y[n] = 2 x[n], refuses negative numbers. Tests that
// artifact.py lays out the interface as Model.h.
#include "qcc/Runtime/Model.h"
#include <stdlib.h>

static const qcc_dim dims[] = {{-1, "n"}};
static const qcc_tensor_info input = {
    "x", {kDLFloat, 32, 1}, 1, dims, NULL, NULL, -1};
static const qcc_tensor_info output = {
    "y", {kDLFloat, 32, 1}, 1, dims, NULL, NULL, -1};
static const qcc_description description = {sizeof(qcc_description),
                                            "fake",
                                            "by hand",
                                            "none",
                                            "any",
                                            "",
                                            1,
                                            1,
                                            &input,
                                            &output,
                                            NULL,
                                            42};
static qcc_error negative = {QCC_MODEL_CHECK, "x is negative"};
static int live;

static int32_t open_model(const char *weights, const qcc_env *env,
                          qcc_instance **model, qcc_error **error) {
  if (env->size != sizeof(qcc_env) || env->num_threads != 3)
    return QCC_INVALID_ARGUMENT;
  *model = (qcc_instance *)&live;
  return QCC_OK;
}

static void delete_tensor(DLManagedTensorVersioned *tensor) {
  --live;
  free(tensor->dl_tensor.data);
  free(tensor->dl_tensor.shape);
  free(tensor);
}

static int32_t run(qcc_instance *model, const DLTensor *const *inputs,
                   DLManagedTensorVersioned **outputs, qcc_error **error) {
  const DLTensor *x = inputs[0];
  int64_t n = x->shape[0], stride = x->strides ? x->strides[0] : 1;
  const float *from = (const float *)((const char *)x->data + x->byte_offset);
  if (x->device.device_type != kDLCPU || x->ndim != 1 ||
      x->dtype.code != kDLFloat || x->dtype.bits != 32)
    return QCC_INPUT_MISMATCH;
  if (n && from[0] < 0) {
    *error = &negative;
    return QCC_MODEL_CHECK;
  }
  DLManagedTensorVersioned *y = calloc(1, sizeof *y);
  float *to = malloc(4 * n + 4);
  y->dl_tensor =
      (DLTensor){to, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, malloc(8), NULL, 4};
  y->dl_tensor.shape[0] = n;
  y->deleter = delete_tensor;
  for (int64_t i = 0; i < n; ++i)
    to[i + 1] = 2 * from[i * stride];
  ++live;
  outputs[0] = y;
  return QCC_OK;
}

static void close_model(qcc_instance *model) {}
static const qcc_description *describe(void) { return &description; }
static void free_error(qcc_error *error) { error->message = "freed"; }

int fake_live(void) { return live; }
qcc_model_api qcc_model = {QCC_MODEL_MAGIC,
                           QCC_ABI_VERSION,
                           sizeof(qcc_model_api),
                           open_model,
                           run,
                           close_model,
                           describe,
                           free_error};
