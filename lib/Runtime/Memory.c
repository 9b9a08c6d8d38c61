#include "lib/Runtime/Internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *default_alloc(void *user, uint64_t bytes, uint64_t alignment) {
  (void)user;
  if (bytes > UINT64_MAX - alignment)
    return NULL;
  uint64_t rounded = (bytes + alignment - 1) & ~(alignment - 1);
  void *data = aligned_alloc(alignment, rounded ? rounded : alignment);
#ifdef MADV_HUGEPAGE
  if (data && alignment >= QCCRT_HUGE_PAGE) // a wish: refused without harm
    madvise(data, rounded, MADV_HUGEPAGE);
#endif
  return data;
}

static void default_free(void *user, void *pointer, uint64_t bytes) {
  (void)user;
  (void)bytes;
  free(pointer);
}

int32_t qccrt_init_env(qcc_env *env, const qcc_env *given, qcc_error **error) {
  memset(env, 0, sizeof(*env));
  if (given) {
    // The first version has all the fields there are; a later one has more,
    // which this runtime does not know and must not ignore.
    if (given->size != sizeof(qcc_env))
      return qccrt_make_error(
          error, QCC_INVALID_ARGUMENT,
          "env->size is %llu and this model's runtime knows %llu: set it to "
          "sizeof(qcc_env) and build the host with the model's own header",
          (unsigned long long)given->size, (unsigned long long)sizeof(qcc_env));
    *env = *given;
  }
  if (!env->alloc != !env->free)
    return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                            "env sets only one of alloc and free: set both or "
                            "neither");
  if (env->num_threads < 0)
    return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                            "env->num_threads is %d: set 0 for all cores, or a "
                            "positive number",
                            env->num_threads);
  if (!env->alloc) {
    env->alloc = default_alloc;
    env->free = default_free;
  }
  return QCC_OK;
}

int64_t qccrt_tensor_bytes(DLDataType dtype, int32_t rank,
                           const int64_t *dims) {
  uint64_t bytes = ((uint64_t)dtype.bits * dtype.lanes + 7) / 8;
  bool empty = false;
  for (int32_t d = 0; d < rank; ++d) {
    if (dims[d] < 0)
      return -1;
    empty |= dims[d] == 0;
  }
  if (empty)
    return 0;
  for (int32_t d = 0; d < rank; ++d)
    if (__builtin_mul_overflow(bytes, (uint64_t)dims[d], &bytes) ||
        bytes > INT64_MAX)
      return -1;
  return (int64_t)bytes;
}

static qccrt_block *make_block(qccrt_run *run, int64_t bytes,
                               const char *purpose) {
  qcc_instance *model = run->model;
  if (bytes < 0) {
    qccrt_record(run, QCC_OUT_OF_MEMORY,
                 "model '%s': %s needs more bytes than 63 bits count: the "
                 "inputs' extents are too large",
                 model->desc->description.name, purpose);
    return NULL;
  }
  uint64_t alignment =
      bytes >= 2 * QCCRT_HUGE_PAGE ? QCCRT_HUGE_PAGE : QCCRT_ALIGNMENT;
  uint64_t size = bytes ? (uint64_t)bytes : QCCRT_ALIGNMENT;
  qccrt_block *block = malloc(sizeof(*block));
  void *data =
      block ? model->env.alloc(model->env.user, size, alignment) : NULL;
  if (!data) {
    free(block);
    qccrt_record(run, QCC_OUT_OF_MEMORY,
                 "model '%s': no memory for %s of %lld bytes",
                 model->desc->description.name, purpose, (long long)bytes);
    return NULL;
  }
  block->next = NULL;
  block->data = data;
  block->bytes = size;
  return block;
}

void qccrt_free_blocks(qcc_instance *model, qccrt_block *blocks) {
  while (blocks) {
    qccrt_block *next = blocks->next;
    model->env.free(model->env.user, blocks->data, blocks->bytes);
    free(blocks);
    blocks = next;
  }
}

// Unlinks the smallest arena of at least `bytes`. If all are smaller, the
// largest moves to *outgrown: with dynamic shapes the pool would otherwise hold
// one arena of every size ever asked for.
static qccrt_block *take_arena(qcc_instance *model, uint64_t bytes,
                               qccrt_block **outgrown) {
  qccrt_block **fits = NULL, **largest = NULL;
  pthread_mutex_lock(&model->lock);
  for (qccrt_block **link = &model->arenas; *link; link = &(*link)->next) {
    if ((*link)->bytes >= bytes && (!fits || (*link)->bytes < (*fits)->bytes))
      fits = link;
    if (!largest || (*link)->bytes > (*largest)->bytes)
      largest = link;
  }
  qccrt_block **taken = fits ? fits : largest;
  qccrt_block *block = taken ? *taken : NULL;
  if (block) {
    *taken = block->next;
    block->next = NULL;
  }
  pthread_mutex_unlock(&model->lock);
  *outgrown = fits ? NULL : block;
  return fits ? block : NULL;
}

void *qccrt_arena(qccrt_run *run, int64_t bytes) {
  qccrt_block *outgrown = NULL;
  qccrt_block *block =
      bytes < 0 ? NULL : take_arena(run->model, (uint64_t)bytes, &outgrown);
  qccrt_free_blocks(run->model, outgrown);
  if (!block)
    block = make_block(run, bytes, "the arena");
  if (!block)
    return NULL;
  block->next = run->arenas;
  run->arenas = block;
  return block->data;
}

void qccrt_return_arenas(qccrt_run *run) {
  qcc_instance *model = run->model;
  pthread_mutex_lock(&model->lock);
  while (run->arenas) {
    qccrt_block *block = run->arenas;
    run->arenas = block->next;
    block->next = model->arenas;
    model->arenas = block;
  }
  pthread_mutex_unlock(&model->lock);
}

// The pool of one run. A block that was given back serves a later buffer that
// fills at least four fifths of it; before the host is asked for memory, spare
// blocks go back to it until blocks, in use or not, are no more than were once
// in use. So a run holds at most 1.25 times what its buffers need at once.
// Nobody but the thread that runs qccgen_main comes here: no lock.

static qccrt_block *take_spare(qccrt_run *run, uint64_t bytes) {
  qccrt_block **fits = NULL;
  for (qccrt_block **link = &run->spare; *link; link = &(*link)->next) {
    uint64_t size = (*link)->bytes;
    if (size >= bytes && size - bytes <= size / 5 &&
        (!fits || size < (*fits)->bytes))
      fits = link;
  }
  if (!fits)
    return NULL;
  qccrt_block *block = *fits;
  *fits = block->next;
  block->next = NULL;
  run->spare_bytes -= block->bytes;
  return block;
}

// Frees those that were given back first.
static void shrink_spare(qccrt_run *run, uint64_t bytes) {
  while (run->spare &&
         run->used_bytes + run->spare_bytes + bytes > run->most_bytes) {
    qccrt_block **last = &run->spare;
    while ((*last)->next)
      last = &(*last)->next;
    run->spare_bytes -= (*last)->bytes;
    qccrt_free_blocks(run->model, *last);
    *last = NULL;
  }
}

void *qccrt_alloc(qccrt_run *run, int32_t buffer, int64_t bytes) {
  uint64_t size = bytes > 0 ? (uint64_t)bytes : QCCRT_ALIGNMENT;
  qccrt_block *block = bytes < 0 ? NULL : take_spare(run, size);
  if (!block) {
    if (run->used_bytes + size > run->most_bytes)
      run->most_bytes = run->used_bytes + size;
    shrink_spare(run, size);
    block = make_block(run, bytes, "a buffer");
  }
  if (!block)
    return NULL;
  block->buffer = buffer;
  block->next = run->blocks;
  run->blocks = block;
  run->used_bytes += block->bytes;
  if (run->used_bytes > run->most_bytes)
    run->most_bytes = run->used_bytes;
  return block->data;
}

void qccrt_release(qccrt_run *run, int32_t buffer) {
  qccrt_block **link = &run->blocks;
  while (*link) {
    qccrt_block *block = *link;
    if (block->buffer != buffer) {
      link = &block->next;
      continue;
    }
    *link = block->next;
    block->next = run->spare;
    run->spare = block;
    run->used_bytes -= block->bytes;
    run->spare_bytes += block->bytes;
  }
}
