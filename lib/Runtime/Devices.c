// Devices while a model is open; those of a run are DeviceRuns.c.

#include "lib/Runtime/Devices.h"

#include <stdlib.h>
#include <unistd.h>

int32_t qccrt_get_device_code(int32_t status) {
  switch (status) {
  case QCC_DEVICE_OUT_OF_MEMORY:
    return QCC_OUT_OF_MEMORY;
  case QCC_DEVICE_REFUSED:
    return QCC_INTERNAL;
  default:
    return QCC_DEVICE;
  }
}

const char *qccrt_get_device_advice(int32_t status) {
  switch (status) {
  case QCC_DEVICE_UNAVAILABLE:
    return ": run the model where there is one, or compile it for another "
           "target";
  case QCC_DEVICE_OUT_OF_MEMORY:
    return ": free memory of the device, or run smaller inputs";
  case QCC_DEVICE_REFUSED:
    return ": a defect of qcc, please report it";
  default:
    return "";
  }
}

const char *qccrt_get_device_text(qcc_device_error *failure) {
  failure->text[sizeof(failure->text) - 1] = '\0';
  return failure->text[0] ? failure->text : "its driver does not say why";
}

static const char *get_name(const qcc_instance *model, int32_t device) {
  return model->desc->description.devices[device].name;
}

static int32_t report(const qcc_instance *model, int32_t device, int32_t status,
                      const char *what, qcc_device_error *failure,
                      qcc_error **error) {
  return qccrt_make_error(
      error, qccrt_get_device_code(status), "model '%s', device '%s': %s: %s%s",
      model->desc->description.name, get_name(model, device), what,
      qccrt_get_device_text(failure), qccrt_get_device_advice(status));
}

static int32_t check_driver(const qcc_instance *model, int32_t device,
                            qcc_error **error) {
  const qccrt_device_desc *desc = &model->desc->devices[device];
  const qcc_device_driver *driver = desc->driver;
  if (driver->abi_version != QCC_DEVICE_ABI_VERSION ||
      driver->size < sizeof(*driver))
    return qccrt_make_error(
        error, QCC_INTERNAL,
        "model '%s', device '%s': its driver '%s' has ABI version %u and the "
        "runtime %u: build the target and compile the model with one version "
        "of qcc",
        model->desc->description.name, get_name(model, device), driver->name,
        driver->abi_version, QCC_DEVICE_ABI_VERSION);
  if (driver->num_spaces != desc->num_spaces || desc->num_spaces < 1)
    return qccrt_make_error(
        error, QCC_INTERNAL,
        "model '%s', device '%s': the model was compiled for %d memory spaces, "
        "and the driver '%s' has %d: a defect of qcc, please report it",
        model->desc->description.name, get_name(model, device),
        desc->num_spaces, driver->name, driver->num_spaces);
  return QCC_OK;
}

static int32_t check_capacity(const qcc_instance *model, int32_t device,
                              qcc_error **error) {
  const qccrt_device_desc *desc = &model->desc->devices[device];
  for (int32_t space = 0; space < desc->num_spaces; ++space) {
    uint64_t has =
        desc->driver->get_capacity(model->devices[device].handle, space);
    if (has >= desc->required_bytes[space])
      continue;
    return qccrt_make_error(
        error, QCC_DEVICE,
        "model '%s', device '%s': the model needs %llu bytes of memory space "
        "%d, and this device has %llu: use one with more memory, or compile "
        "for another target",
        model->desc->description.name, get_name(model, device),
        (unsigned long long)desc->required_bytes[space], space,
        (unsigned long long)has);
  }
  return QCC_OK;
}

static int32_t load_code(qcc_instance *model, int32_t device,
                         qcc_error **error) {
  const qccrt_device_desc *desc = &model->desc->devices[device];
  qccrt_device *opened = &model->devices[device];
  qcc_device_error failure = {""};
  int32_t status = desc->driver->load(
      opened->handle, desc->code, desc->code_bytes, &opened->program, &failure);
  if (status != QCC_DEVICE_OK)
    return report(model, device, status, "it does not load the model's code",
                  &failure, error);
  opened->entries = malloc(sizeof(uint64_t) * ((size_t)desc->num_entries + 1));
  if (!opened->entries)
    return qccrt_make_error(error, QCC_OUT_OF_MEMORY,
                            "no memory to open model '%s'",
                            model->desc->description.name);
  for (int32_t e = 0; e < desc->num_entries; ++e) {
    status = desc->driver->find_entry(opened->handle, opened->program,
                                      desc->entries[e], &opened->entries[e],
                                      &failure);
    if (status != QCC_DEVICE_OK)
      return report(model, device, status, desc->entries[e], &failure, error);
  }
  return QCC_OK;
}

// By a queue of its own, since there is no run yet.
static int32_t copy_constants(qcc_instance *model, int32_t device,
                              qcc_device_error *failure) {
  const qccrt_device_desc *desc = &model->desc->devices[device];
  const qcc_device_driver *driver = desc->driver;
  qccrt_device *opened = &model->devices[device];
  qcc_device_queue *queue = NULL;
  int32_t status = driver->alloc(opened->handle, 0, desc->constants_bytes,
                                 &opened->constants, failure);
  if (status == QCC_DEVICE_OK)
    status = driver->begin(opened->handle, &queue, failure);
  if (status != QCC_DEVICE_OK)
    return status;
  qcc_device_block whole = {desc->constants_bytes, 1, 0, 0};
  const char *from = (const char *)model->constants + desc->constants_offset;
  status = driver->copy_in(queue, opened->constants, from, &whole, failure);
  if (status == QCC_DEVICE_OK)
    status = driver->wait(queue, failure);
  driver->end(opened->handle, queue);
  return status;
}

static int32_t open_device(qcc_instance *model, int32_t device,
                           qcc_error **error) {
  const qccrt_device_desc *desc = &model->desc->devices[device];
  qccrt_device *opened = &model->devices[device];
  int32_t status = check_driver(model, device, error);
  if (status != QCC_OK)
    return status;
  qcc_device_error failure = {""};
  status = desc->driver->open(desc->machine, &opened->handle, &failure);
  if (status != QCC_DEVICE_OK) {
    opened->handle = NULL; // whatever a driver that failed has written there
    return report(model, device, status, "it does not open", &failure, error);
  }
  status = check_capacity(model, device, error);
  if (status == QCC_OK)
    status = load_code(model, device, error);
  if (status != QCC_OK || !desc->constants_bytes)
    return status;
  status = copy_constants(model, device, &failure);
  return status == QCC_DEVICE_OK
             ? QCC_OK
             : report(model, device, status,
                      "it does not take the model's constants", &failure,
                      error);
}

int32_t qccrt_open_devices(qcc_instance *model, qcc_error **error) {
  int32_t count = model->desc->description.num_devices;
  if (!count)
    return QCC_OK;
  model->devices = calloc((size_t)count, sizeof(*model->devices));
  if (!model->devices)
    return qccrt_make_error(error, QCC_OUT_OF_MEMORY,
                            "no memory to open model '%s'",
                            model->desc->description.name);
  int32_t status = QCC_OK;
  for (int32_t i = 0; i < count && status == QCC_OK; ++i)
    status = open_device(model, i, error);
  return status;
}

void qccrt_free_device_memory(qcc_instance *model, int32_t device,
                              qccrt_device_memory *memory) {
  while (memory) {
    qccrt_device_memory *next = memory->next;
    model->desc->devices[device].driver->free(model->devices[device].handle,
                                              memory->space, memory->address);
    free(memory);
    memory = next;
  }
}

void qccrt_free_lanes(qcc_instance *model, int32_t device, qccrt_lane *lanes) {
  while (lanes) {
    qccrt_lane *next = lanes->next;
    model->desc->devices[device].driver->end(model->devices[device].handle,
                                             lanes->queue);
    qccrt_free_device_memory(model, device, lanes->used);
    qccrt_free_device_memory(model, device, lanes->spare);
    free(lanes);
    lanes = next;
  }
}

static void close_device(qcc_instance *model, int32_t device) {
  const qcc_device_driver *driver = model->desc->devices[device].driver;
  qccrt_device *opened = &model->devices[device];
  // A forked child has no device of its parent's to close.
  if (opened->handle && model->process == getpid()) {
    qccrt_free_lanes(model, device, opened->lanes);
    if (opened->constants)
      driver->free(opened->handle, 0, opened->constants);
    if (opened->program)
      driver->unload(opened->handle, opened->program);
    driver->close(opened->handle);
  }
  free(opened->entries);
}

void qccrt_close_devices(qcc_instance *model) {
  for (int32_t i = model->desc->description.num_devices; i-- > 0;)
    if (model->devices)
      close_device(model, i);
  free(model->devices);
}
