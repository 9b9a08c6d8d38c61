// What a run does on the model's devices. Each run has a lane of its own on
// each device that it uses, so concurrent runs share nothing but the program
// and the constants.

#include "lib/Runtime/Devices.h"

#include <stdio.h>
#include <stdlib.h>

static const qccrt_device_desc *get_desc(const qccrt_run *run, int32_t device) {
  return &run->model->desc->devices[device];
}

static void fail(qccrt_run *run, int32_t device, int32_t status,
                 const char *what, qcc_device_error *failure) {
  const qcc_description *model = &run->model->desc->description;
  qccrt_record(run, qccrt_get_device_code(status),
               "model '%s', device '%s': %s: %s%s", model->name,
               model->devices[device].name, what,
               qccrt_get_device_text(failure), qccrt_get_device_advice(status));
}

// Whether it succeeded, in the terms of Generated.h.
static int32_t finish(qccrt_run *run, int32_t device, int32_t status,
                      const char *what, qcc_device_error *failure) {
  if (status == QCC_DEVICE_OK)
    return 0;
  fail(run, device, status, what, failure);
  return 1;
}

static void fail_without_memory(qccrt_run *run) {
  qccrt_record(run, QCC_OUT_OF_MEMORY, "no memory to run model '%s'",
               run->model->desc->description.name);
}

bool qccrt_check_devices(qccrt_run *run) {
  const qcc_description *model = &run->model->desc->description;
  if (!model->num_devices || qccrt_get_process(run) == run->model->process)
    return true;
  qccrt_record(run, QCC_DEVICE,
               "model '%s', device '%s': it was opened before this process "
               "forked from its parent: open the model in this process",
               model->name, model->devices[0].name);
  return false;
}

static qccrt_lane *take_free_lane(qcc_instance *model, int32_t device) {
  pthread_mutex_lock(&model->lock);
  qccrt_lane **lanes = &model->devices[device].lanes;
  qccrt_lane *lane = *lanes;
  if (lane)
    *lanes = lane->next;
  pthread_mutex_unlock(&model->lock);
  if (lane)
    lane->next = NULL;
  return lane;
}

static qccrt_lane *make_lane(qccrt_run *run, int32_t device) {
  qccrt_lane *lane = calloc(1, sizeof(*lane));
  if (!lane) {
    fail_without_memory(run);
    return NULL;
  }
  qcc_device_error failure = {""};
  int32_t status = get_desc(run, device)
                       ->driver->begin(run->model->devices[device].handle,
                                       &lane->queue, &failure);
  if (status == QCC_DEVICE_OK)
    return lane;
  free(lane);
  fail(run, device, status, "it begins no run", &failure);
  return NULL;
}

// NULL with an error.
static qccrt_lane *get_lane(qccrt_run *run, int32_t device) {
  const qcc_description *model = &run->model->desc->description;
  if (device < 0 || device >= model->num_devices) {
    qccrt_record(run, QCC_INTERNAL,
                 "model '%s' asks for device %d, and it has %d: a defect of "
                 "qcc, please report it",
                 model->name, device, model->num_devices);
    return NULL;
  }
  qccrt_lane **lane = &run->lanes[device];
  if (!*lane)
    *lane = take_free_lane(run->model, device);
  if (!*lane)
    *lane = make_lane(run, device);
  return *lane;
}

// Unlinks the smallest spare piece of at least `bytes`, or frees the largest of
// that space if all are smaller: as with arenas, there would otherwise be one
// of every size ever asked for.
static qccrt_device_memory *take_spare(qccrt_run *run, int32_t device,
                                       int32_t space, uint64_t bytes) {
  qccrt_lane *lane = run->lanes[device];
  qccrt_device_memory **fits = NULL, **largest = NULL;
  for (qccrt_device_memory **link = &lane->spare; *link;
       link = &(*link)->next) {
    if ((*link)->space != space)
      continue;
    if ((*link)->bytes >= bytes && (!fits || (*link)->bytes < (*fits)->bytes))
      fits = link;
    if (!largest || (*link)->bytes > (*largest)->bytes)
      largest = link;
  }
  qccrt_device_memory **taken = fits ? fits : largest;
  if (!taken)
    return NULL;
  qccrt_device_memory *memory = *taken;
  *taken = memory->next;
  memory->next = NULL;
  if (fits)
    return memory;
  qccrt_free_device_memory(run->model, device, memory);
  return NULL;
}

// Memory that is kept for later runs must not fail this one.
static void release_spares(qccrt_run *run, int32_t device) {
  qccrt_lane *lane = run->lanes[device];
  qccrt_free_device_memory(run->model, device, lane->spare);
  lane->spare = NULL;
  pthread_mutex_lock(&run->model->lock);
  qccrt_lane *others = run->model->devices[device].lanes;
  run->model->devices[device].lanes = NULL;
  pthread_mutex_unlock(&run->model->lock);
  qccrt_free_lanes(run->model, device, others);
}

static qccrt_device_memory *make_memory(qccrt_run *run, int32_t device,
                                        int32_t space, uint64_t bytes) {
  qccrt_device_memory *memory = calloc(1, sizeof(*memory));
  if (!memory) {
    fail_without_memory(run);
    return NULL;
  }
  memory->space = space;
  memory->bytes = bytes;
  const qcc_device_driver *driver = get_desc(run, device)->driver;
  qcc_device *handle = run->model->devices[device].handle;
  qcc_device_error failure = {""};
  int32_t status =
      driver->alloc(handle, space, bytes, &memory->address, &failure);
  if (status == QCC_DEVICE_OUT_OF_MEMORY) {
    release_spares(run, device);
    status = driver->alloc(handle, space, bytes, &memory->address, &failure);
  }
  if (status == QCC_DEVICE_OK)
    return memory;
  free(memory);
  char what[64];
  snprintf(what, sizeof(what), "no %llu bytes of its memory space %d",
           (unsigned long long)bytes, space);
  fail(run, device, status, what, &failure);
  return NULL;
}

uint64_t qccrt_device_alloc(qccrt_run *run, int32_t device, int32_t space,
                            int64_t bytes) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 0;
  if (bytes < 0) {
    qccrt_record(run, QCC_OUT_OF_MEMORY,
                 "model '%s', device '%s': it needs more bytes than 63 bits "
                 "count: the inputs' extents are too large",
                 run->model->desc->description.name,
                 run->model->desc->description.devices[device].name);
    return 0;
  }
  uint64_t size = bytes ? (uint64_t)bytes : QCCRT_ALIGNMENT;
  qccrt_device_memory *memory = take_spare(run, device, space, size);
  if (!memory)
    memory = make_memory(run, device, space, size);
  if (!memory)
    return 0;
  memory->next = lane->used;
  lane->used = memory;
  return memory->address;
}

uint64_t qccrt_device_constants(qccrt_run *run, int32_t device) {
  return get_lane(run, device) ? run->model->devices[device].constants : 0;
}

static qcc_device_block make_piece(int64_t row_bytes, int64_t rows,
                                   int64_t from_stride, int64_t to_stride) {
  qcc_device_block block = {(uint64_t)row_bytes, (uint64_t)rows,
                            (uint64_t)from_stride, (uint64_t)to_stride};
  return block;
}

int32_t qccrt_device_copy_in(qccrt_run *run, int32_t device, uint64_t to,
                             const void *from, int64_t row_bytes, int64_t rows,
                             int64_t from_stride, int64_t to_stride) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 1;
  if (row_bytes <= 0 || rows <= 0)
    return 0;
  qcc_device_block block = make_piece(row_bytes, rows, from_stride, to_stride);
  qcc_device_error failure = {""};
  int32_t status =
      get_desc(run, device)
          ->driver->copy_in(lane->queue, to, from, &block, &failure);
  return finish(run, device, status, "copying to it", &failure);
}

int32_t qccrt_device_copy_out(qccrt_run *run, int32_t device, void *to,
                              uint64_t from, int64_t row_bytes, int64_t rows,
                              int64_t from_stride, int64_t to_stride) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 1;
  if (row_bytes <= 0 || rows <= 0)
    return 0;
  qcc_device_block block = make_piece(row_bytes, rows, from_stride, to_stride);
  qcc_device_error failure = {""};
  int32_t status =
      get_desc(run, device)
          ->driver->copy_out(lane->queue, to, from, &block, &failure);
  return finish(run, device, status, "copying from it", &failure);
}

int32_t qccrt_device_copy_within(qccrt_run *run, int32_t device, uint64_t to,
                                 uint64_t from, int64_t row_bytes, int64_t rows,
                                 int64_t from_stride, int64_t to_stride) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 1;
  if (row_bytes <= 0 || rows <= 0)
    return 0;
  qcc_device_block block = make_piece(row_bytes, rows, from_stride, to_stride);
  qcc_device_error failure = {""};
  int32_t status =
      get_desc(run, device)
          ->driver->copy_within(lane->queue, to, from, &block, &failure);
  return finish(run, device, status, "copying within it", &failure);
}

int32_t qccrt_device_launch(qccrt_run *run, int32_t device, int32_t entry,
                            const uint64_t *arguments, int32_t num_arguments) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 1;
  const qccrt_device_desc *desc = get_desc(run, device);
  if (entry < 0 || entry >= desc->num_entries) {
    qccrt_record(run, QCC_INTERNAL,
                 "model '%s', device '%s': the model launches entry point %d "
                 "of %d: a defect of qcc, please report it",
                 run->model->desc->description.name,
                 run->model->desc->description.devices[device].name, entry,
                 desc->num_entries);
    return 1;
  }
  const qccrt_device *opened = &run->model->devices[device];
  qcc_device_error failure = {""};
  int32_t status =
      desc->driver->launch(lane->queue, opened->program, opened->entries[entry],
                           arguments, num_arguments, &failure);
  return finish(run, device, status, desc->entries[entry], &failure);
}

int32_t qccrt_device_wait(qccrt_run *run, int32_t device) {
  qccrt_lane *lane = get_lane(run, device);
  if (!lane)
    return 1;
  qcc_device_error failure = {""};
  int32_t status = get_desc(run, device)->driver->wait(lane->queue, &failure);
  return finish(run, device, status, "running the model", &failure);
}

static void return_lane(qcc_instance *model, int32_t device, qccrt_lane *lane) {
  while (lane->used) {
    qccrt_device_memory *memory = lane->used;
    lane->used = memory->next;
    memory->next = lane->spare;
    lane->spare = memory;
  }
  pthread_mutex_lock(&model->lock);
  lane->next = model->devices[device].lanes;
  model->devices[device].lanes = lane;
  pthread_mutex_unlock(&model->lock);
}

void qccrt_end_devices(qccrt_run *run) {
  for (int32_t i = 0; i < run->model->desc->description.num_devices; ++i) {
    qccrt_lane *lane = run->lanes[i];
    if (!lane)
      continue;
    run->lanes[i] = NULL;
    qcc_device_error failure = {""};
    int32_t status = get_desc(run, i)->driver->wait(lane->queue, &failure);
    finish(run, i, status, "running the model", &failure);
    // A queue that failed is not trusted with another run.
    if (run->error)
      qccrt_free_lanes(run->model, i, lane);
    else
      return_lane(run->model, i, lane);
  }
}
