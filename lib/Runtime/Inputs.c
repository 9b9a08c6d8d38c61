#include "lib/Runtime/Internal.h"

#include <string.h>

static bool is_same_type(DLDataType a, DLDataType b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

bool qccrt_is_host_memory(const DLTensor *tensor) {
  return tensor->device.device_type == kDLCPU;
}

static bool is_dense(const DLTensor *tensor) {
  if (!tensor->strides)
    return true;
  int64_t expected = 1;
  bool dense = true;
  for (int32_t d = tensor->ndim; d-- > 0;) {
    if (tensor->shape[d] == 0)
      return true;
    dense &= tensor->shape[d] == 1 || tensor->strides[d] == expected;
    expected *= tensor->shape[d];
  }
  return dense;
}

// Copies from dimension `d` on; `step` is the bytes of an element.
static char *copy_strided(const DLTensor *tensor, int32_t d, const char *from,
                          char *to, int64_t step) {
  if (d == tensor->ndim) {
    memcpy(to, from, (size_t)step);
    return to + step;
  }
  int64_t extent = tensor->shape[d];
  if (d + 1 == tensor->ndim && tensor->strides[d] == 1) {
    memcpy(to, from, (size_t)(extent * step));
    return to + extent * step;
  }
  for (int64_t i = 0; i < extent; ++i)
    to = copy_strided(tensor, d + 1, from + i * tensor->strides[d] * step, to,
                      step);
  return to;
}

static bool has_header(const DLTensor *tensor, const qcc_tensor_info *info) {
  return tensor && tensor->ndim == info->rank &&
         (tensor->ndim == 0 || tensor->shape) &&
         tensor->device.device_type == kDLCPU &&
         is_same_type(tensor->dtype, info->dtype);
}

static void report_header(qccrt_run *run, int32_t i) {
  const qcc_tensor_info *info = &run->model->desc->description.inputs[i];
  const DLTensor *tensor = run->inputs[i];
  char wanted[512];
  qccrt_format_info(info, wanted, sizeof(wanted));
  if (!tensor) {
    qccrt_record(run, QCC_INVALID_ARGUMENT,
                 "input %d ('%s') is NULL: pass a tensor %s", i, info->name,
                 wanted);
    return;
  }
  if (tensor->ndim < 0 || (tensor->ndim > 0 && !tensor->shape)) {
    qccrt_record(run, QCC_INVALID_ARGUMENT,
                 "input %d ('%s') has no shape: pass a tensor %s", i,
                 info->name, wanted);
    return;
  }
  if (!qccrt_is_host_memory(tensor)) {
    qccrt_record(run, QCC_INPUT_MISMATCH,
                 "input %d ('%s') lies on DLPack device type %d: copy it to "
                 "the CPU's memory",
                 i, info->name, (int)tensor->device.device_type);
    return;
  }
  char given[512];
  qccrt_format_tensor(tensor->dtype, tensor->ndim, tensor->shape, given,
                      sizeof(given));
  qccrt_record(run, QCC_INPUT_MISMATCH,
               "input %d ('%s') is %s, and the model takes %s: convert or "
               "reshape it",
               i, info->name, given, wanted);
}

// Texts are made for an error only: they take as long as a small layer.
static bool check_header(qccrt_run *run, int32_t i) {
  if (has_header(run->inputs[i], &run->model->desc->description.inputs[i]))
    return true;
  report_header(run, i);
  return false;
}

// `row` is the number of extents of the inputs before this one.
static bool check_extents(qccrt_run *run, int32_t i, int32_t row) {
  const qcc_description *model = &run->model->desc->description;
  const qcc_tensor_info *info = &model->inputs[i];
  const DLTensor *tensor = run->inputs[i];
  for (int32_t d = 0; d < info->rank; ++d) {
    int64_t extent = tensor->shape[d];
    if (extent < 0 ||
        (info->dims[d].extent >= 0 && extent != info->dims[d].extent)) {
      char wanted[512];
      qccrt_format_info(info, wanted, sizeof(wanted));
      qccrt_record(run, QCC_INPUT_MISMATCH,
                   "input %d ('%s'): extent %d is %lld, and the model takes %s",
                   i, info->name, d, (long long)extent, wanted);
      return false;
    }
    int32_t first = run->model->same_as[row + d];
    if (first == row + d)
      continue;
    int32_t j = 0;
    while (first >= model->inputs[j].rank)
      first -= model->inputs[j++].rank;
    if (run->inputs[j]->shape[first] == extent)
      continue;
    qccrt_record(
        run, QCC_INPUT_MISMATCH,
        "input %d ('%s'): extent %d, '%s', is %lld, but it is %lld in "
        "input %d ('%s'), extent %d: extents of one name must be equal",
        i, info->name, d, info->dims[d].symbol, (long long)extent,
        (long long)run->inputs[j]->shape[first], j, model->inputs[j].name,
        first);
    return false;
  }
  return true;
}

static bool find_data(qccrt_run *run, int32_t i) {
  static _Alignas(QCCRT_ALIGNMENT) char nothing[QCCRT_ALIGNMENT];
  const qcc_tensor_info *info = &run->model->desc->description.inputs[i];
  const DLTensor *tensor = run->inputs[i];
  int64_t bytes =
      qccrt_tensor_bytes(tensor->dtype, tensor->ndim, tensor->shape);
  if (bytes < 0) {
    qccrt_record(run, QCC_INPUT_MISMATCH,
                 "input %d ('%s') has more bytes than 63 bits count", i,
                 info->name);
    return false;
  }
  if (bytes == 0) {
    run->input_data[i] = nothing;
    return true;
  }
  if (!tensor->data) {
    qccrt_record(run, QCC_INVALID_ARGUMENT, "input %d ('%s') has no data", i,
                 info->name);
    return false;
  }
  char *data = (char *)tensor->data + tensor->byte_offset;
  int64_t step = ((int64_t)info->dtype.bits * info->dtype.lanes + 7) / 8;
  bool aligned = ((uintptr_t)data & ((uintptr_t)(step & -step) - 1)) == 0;
  bool dense = is_dense(tensor);
  if (aligned && dense) {
    run->input_data[i] = data;
    return true;
  }
  char *copy = qccrt_alloc(run, -1, bytes);
  if (!copy)
    return false;
  if (dense)
    memcpy(copy, data, (size_t)bytes);
  else
    copy_strided(tensor, 0, data, copy, step);
  run->input_data[i] = copy;
  return true;
}

bool qccrt_prepare_inputs(qccrt_run *run) {
  const qcc_description *model = &run->model->desc->description;
  int32_t row = 0;
  for (int32_t i = 0; i < model->num_inputs; ++i) {
    if (!check_header(run, i) || !check_extents(run, i, row) ||
        !find_data(run, i))
      return false;
    row += model->inputs[i].rank;
  }
  return true;
}

void *qccrt_input(qccrt_run *run, int32_t i) { return run->input_data[i]; }

int64_t qccrt_input_dim(qccrt_run *run, int32_t i, int32_t d) {
  return run->inputs[i]->shape[d];
}
