#include "lib/Runtime/Internal.h"

#include <stdlib.h>
#include <string.h>

// A tensor that the runtime made. It outlives run and model, so it keeps what
// it needs to free itself.
typedef struct {
  DLManagedTensorVersioned managed;
  void *user;
  void (*free)(void *user, void *pointer, uint64_t bytes);
  uint64_t bytes;
  int64_t extents[]; // shape, then strides
} owned_tensor;

static void delete_tensor(DLManagedTensorVersioned *managed) {
  owned_tensor *tensor = managed->manager_ctx;
  if (tensor->free)
    tensor->free(tensor->user, managed->dl_tensor.data, tensor->bytes);
  free(tensor);
}

// `data` is the input's of which the output is an alias, or NULL.
static owned_tensor *make_tensor(qccrt_run *run, const qcc_tensor_info *info,
                                 const int64_t *dims, int64_t bytes,
                                 void *data) {
  const qcc_env *env = &run->model->env;
  size_t rank = (size_t)info->rank;
  owned_tensor *tensor =
      calloc(1, sizeof(*tensor) + 2 * rank * sizeof(int64_t));
  if (!tensor)
    return NULL;
  tensor->bytes = bytes ? (uint64_t)bytes : QCCRT_ALIGNMENT;
  tensor->user = env->user;
  if (!data) {
    tensor->free = env->free;
    data = env->alloc(env->user, tensor->bytes, QCCRT_ALIGNMENT);
  }
  if (!data) {
    free(tensor);
    return NULL;
  }
  int64_t stride = 1;
  for (size_t d = rank; d-- > 0;) {
    tensor->extents[d] = dims[d];
    tensor->extents[rank + d] = stride;
    stride *= dims[d];
  }
  DLManagedTensorVersioned *managed = &tensor->managed;
  managed->version.major = DLPACK_MAJOR_VERSION;
  managed->version.minor = DLPACK_MINOR_VERSION;
  managed->manager_ctx = tensor;
  managed->deleter = delete_tensor;
  managed->dl_tensor.data = data;
  managed->dl_tensor.device.device_type = kDLCPU;
  managed->dl_tensor.ndim = info->rank;
  managed->dl_tensor.dtype = info->dtype;
  managed->dl_tensor.shape = tensor->extents;
  managed->dl_tensor.strides = tensor->extents + rank;
  return tensor;
}

static const char *find_misfit(const DLManagedTensorVersioned *buffer,
                               const qcc_tensor_info *info, const int64_t *dims,
                               int64_t bytes) {
  const DLTensor *tensor = &buffer->dl_tensor;
  if (buffer->version.major != DLPACK_MAJOR_VERSION)
    return "is of another major version of DLPack";
  if (buffer->flags & DLPACK_FLAG_BITMASK_READ_ONLY)
    return "is read-only";
  if (!qccrt_is_host_memory(tensor))
    return "does not lie in the CPU's memory";
  if (memcmp(&tensor->dtype, &info->dtype, sizeof(DLDataType)) != 0)
    return "has another element type";
  if (tensor->ndim != info->rank)
    return "has another rank";
  if (tensor->ndim > 0 && !tensor->shape)
    return "has no shape";
  int64_t stride = 1;
  for (int32_t d = info->rank; d-- > 0;) {
    if (tensor->shape[d] != dims[d])
      return "has other extents";
    if (bytes && tensor->strides && dims[d] != 1 &&
        tensor->strides[d] != stride)
      return "is not dense and row-major";
    stride *= dims[d];
  }
  if (!bytes)
    return NULL;
  if (!tensor->data)
    return "has no data";
  uintptr_t step = ((uintptr_t)info->dtype.bits * info->dtype.lanes + 7) / 8;
  uintptr_t data = (uintptr_t)tensor->data + tensor->byte_offset;
  return data & ((step & -step) - 1) ? "is not aligned to its elements" : NULL;
}

static char *get_data(const DLTensor *tensor) {
  return (char *)tensor->data + tensor->byte_offset;
}

// Such a tensor is dense.
static bool overlaps(const char *begin, int64_t bytes, const char *other,
                     const DLTensor *tensor) {
  int64_t others =
      qccrt_tensor_bytes(tensor->dtype, tensor->ndim, tensor->shape);
  return begin < other + others && other < begin + bytes;
}

// Inputs are read, and other outputs written, while this one is written. An
// input that was copied is not read any more, and the one of which the output
// is an alias is changed in place.
static bool check_overlap(qccrt_run *run, int32_t i, int64_t bytes) {
  const qcc_description *model = &run->model->desc->description;
  const char *begin = get_data(&run->outputs[i]->dl_tensor);
  const char *kind = NULL, *name = NULL;
  int32_t other = 0;
  for (int32_t k = 0; k < model->num_inputs && !kind; ++k) {
    const char *data = run->input_data[k];
    if (data != get_data(run->inputs[k]) ||
        (data == begin && k == model->outputs[i].alias_input))
      continue;
    if (overlaps(begin, bytes, data, run->inputs[k]))
      kind = "input", name = model->inputs[k].name, other = k;
  }
  for (int32_t k = 0; k < model->num_outputs && !kind; ++k) {
    if (k == i || !run->results[k])
      continue;
    const DLTensor *tensor = &run->results[k]->dl_tensor;
    if (overlaps(begin, bytes, get_data(tensor), tensor))
      kind = "output", name = model->outputs[k].name, other = k;
  }
  if (kind)
    qccrt_record(run, QCC_OUTPUT_MISMATCH,
                 "the buffer for output %d ('%s') overlaps %s %d ('%s'): pass "
                 "memory of its own, or NULL to receive it",
                 i, model->outputs[i].name, kind, other, name);
  return !kind;
}

static void *use_callers(qccrt_run *run, int32_t i, const int64_t *dims,
                         int64_t bytes) {
  const qcc_tensor_info *info = &run->model->desc->description.outputs[i];
  DLManagedTensorVersioned *buffer = run->outputs[i];
  const char *misfit = find_misfit(buffer, info, dims, bytes);
  if (misfit) {
    char needed[512];
    qccrt_format_tensor(info->dtype, info->rank, dims, needed, sizeof(needed));
    qccrt_record(run, QCC_OUTPUT_MISMATCH,
                 "the buffer for output %d ('%s') %s: this run needs %s; pass "
                 "such a buffer, or NULL to receive a new one",
                 i, info->name, misfit, needed);
    return NULL;
  }
  if (bytes && !check_overlap(run, i, bytes))
    return NULL;
  run->results[i] = buffer;
  // Of an empty tensor the pointer may be NULL, which means failure here.
  static _Alignas(QCCRT_ALIGNMENT) char nothing[QCCRT_ALIGNMENT];
  return bytes ? get_data(&buffer->dl_tensor) : nothing;
}

static bool check_request(qccrt_run *run, int32_t i, int32_t rank,
                          const int64_t *dims, int64_t bytes) {
  const qcc_description *model = &run->model->desc->description;
  bool right = i >= 0 && i < model->num_outputs && !run->results[i] &&
               rank == model->outputs[i].rank && bytes >= 0;
  for (int32_t d = 0; right && d < rank; ++d) {
    int64_t extent = model->outputs[i].dims[d].extent;
    right = extent < 0 || extent == dims[d];
  }
  if (!right)
    qccrt_record(run, QCC_INTERNAL,
                 "model '%s' asks for output %d in a way that contradicts its "
                 "own description: a defect of qcc, please report it",
                 model->name, i);
  return right;
}

void *qccrt_output(qccrt_run *run, int32_t i, int32_t rank,
                   const int64_t *dims) {
  const qcc_description *model = &run->model->desc->description;
  bool known = i >= 0 && i < model->num_outputs;
  int64_t bytes =
      known ? qccrt_tensor_bytes(model->outputs[i].dtype, rank, dims) : -1;
  if (!check_request(run, i, rank, dims, bytes))
    return NULL;
  if (run->outputs[i])
    return use_callers(run, i, dims, bytes);
  const qcc_tensor_info *info = &model->outputs[i];
  // A strided input was copied, and its copy dies with the run.
  void *alias = NULL;
  if (info->alias_input >= 0 && bytes) {
    const DLTensor *input = run->inputs[info->alias_input];
    alias = run->input_data[info->alias_input];
    if (alias != (char *)input->data + input->byte_offset) {
      qccrt_record(run, QCC_OUTPUT_MISMATCH,
                   "output %d ('%s') is input %d ('%s') changed in place, so "
                   "that input must be dense and aligned; or pass a buffer for "
                   "the output",
                   i, info->name, info->alias_input,
                   model->inputs[info->alias_input].name);
      return NULL;
    }
  }
  owned_tensor *tensor = make_tensor(run, info, dims, bytes, alias);
  if (!tensor) {
    qccrt_record(run, QCC_OUT_OF_MEMORY,
                 "model '%s': no memory for output %d ('%s') of %lld bytes",
                 model->name, i, info->name, (long long)bytes);
    return NULL;
  }
  run->results[i] = &tensor->managed;
  return tensor->managed.dl_tensor.data;
}

bool qccrt_deliver_outputs(qccrt_run *run) {
  const qcc_description *model = &run->model->desc->description;
  for (int32_t i = 0; i < model->num_outputs; ++i) {
    if (run->results[i])
      continue;
    qccrt_record(run, QCC_INTERNAL,
                 "model '%s' did not compute output %d ('%s'): a defect of "
                 "qcc, please report it",
                 model->name, i, model->outputs[i].name);
    return false;
  }
  for (int32_t i = 0; i < model->num_outputs; ++i)
    run->outputs[i] = run->results[i];
  return true;
}

void qccrt_discard_outputs(qccrt_run *run) {
  for (int32_t i = 0; i < run->model->desc->description.num_outputs; ++i)
    if (run->results[i] && !run->outputs[i])
      delete_tensor(run->results[i]);
}
