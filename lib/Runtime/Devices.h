// What Devices.c and DeviceRuns.c share.

#ifndef LIB_RUNTIME_DEVICES_H
#define LIB_RUNTIME_DEVICES_H

#include "lib/Runtime/Internal.h"

/// A piece of a device's memory.
typedef struct qccrt_device_memory {
  struct qccrt_device_memory *next;
  uint64_t address;
  uint64_t bytes;
  int32_t space;
} qccrt_device_memory;

/// What one run has of a device: a queue, and memory that is kept for the next
/// run.
struct qccrt_lane {
  qccrt_lane *next;
  qcc_device_queue *queue;
  qccrt_device_memory *used;
  qccrt_device_memory *spare;
};

struct qccrt_device {
  qcc_device *handle; ///< NULL: not open.
  qcc_device_program *program;
  uint64_t *entries;
  uint64_t constants;
  qccrt_lane *lanes; ///< Those that no run uses.
};

/// The qcc_status of a qcc_device_status, and what to say behind the sentence
/// of such an error.
int32_t qccrt_get_device_code(int32_t status);
const char *qccrt_get_device_advice(int32_t status);
/// The driver's sentence, or that it has left none.
const char *qccrt_get_device_text(qcc_device_error *failure);

void qccrt_free_device_memory(qcc_instance *model, int32_t device,
                              qccrt_device_memory *memory);
void qccrt_free_lanes(qcc_instance *model, int32_t device, qccrt_lane *lanes);

#endif // LIB_RUNTIME_DEVICES_H
