// What the runtime's files share. It is C11 on libc and pthreads, compiled once
// when qcc is built and put, hidden, into every artifact; so two artifacts in
// one process are two independent copies of it.

#ifndef LIB_RUNTIME_INTERNAL_H
#define LIB_RUNTIME_INTERNAL_H

#include "qcc/Runtime/Generated.h"

#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum { QCCRT_ALIGNMENT = 64, QCCRT_HUGE_PAGE = 2 << 20 };

/// A piece of memory that stands behind its own header.
typedef struct qccrt_block {
  struct qccrt_block *next;
  void *data;
  uint64_t bytes;
  int32_t buffer; ///< Of a run's block: whose memory it is.
} qccrt_block;

typedef struct qccrt_pool qccrt_pool;
typedef struct qccrt_device qccrt_device;
typedef struct qccrt_lane qccrt_lane;

struct qcc_instance {
  const qccrt_model_desc *desc;
  qcc_env env; ///< With all functions but parallel_for set.
  int threads;

  const void *constants;
  void *mapping; ///< The whole side file, or NULL.
  uint64_t mapping_bytes;

  /// For each extent of each input, all in one row: the first extent of that
  /// row with the same symbol, which may be itself.
  int32_t *same_as;

  pid_t process; ///< The one that opened the model.
  /// One per device of the description. Constant but for the free lanes.
  qccrt_device *devices;

  pthread_mutex_t lock; ///< Guards what follows, and free lanes of devices.
  qccrt_block *arenas;  ///< Those that no run uses.
  qccrt_pool *pool;     ///< Started by the first run that needs it.
};

struct qccrt_run {
  qcc_instance *model;
  /// This one, or 0 until somebody asks: once, since the system is slow.
  _Atomic pid_t process;
  const DLTensor *const *inputs;
  DLManagedTensorVersioned **outputs;
  void **input_data; ///< Dense, one per input.
  /// One per output, NULL until qccrt_output: the caller's or a new tensor.
  DLManagedTensorVersioned **results;
  /// One per device, NULL until the run uses it; goes back when the run ends.
  qccrt_lane **lanes;
  qccrt_block *arenas;  ///< Go back to the model when the run ends.
  qccrt_block *blocks;  ///< In use, of the run's own pool; are freed then.
  qccrt_block *spare;   ///< Given back, the last one first; are freed then too.
  uint64_t used_bytes;  ///< Of `blocks`.
  uint64_t spare_bytes; ///< Of `spare`.
  uint64_t most_bytes;  ///< The most that `used_bytes` has been.
  pthread_mutex_t lock; ///< Guards `error`.
  qcc_error *error;     ///< The first one.
};

// Error.c
/// Makes an error, stores it if `error` is not NULL, and returns `code`.
__attribute__((format(printf, 3, 4))) int32_t
qccrt_make_error(qcc_error **error, int32_t code, const char *format, ...);
/// Records the error of a run, unless it has one.
__attribute__((format(printf, 3, 4))) void
qccrt_record(qccrt_run *run, int32_t code, const char *format, ...);

// FloatEnv.c
typedef struct {
  fenv_t whole;
#if defined(__x86_64__)
  unsigned sse;    ///< MXCSR
  bool is_default; ///< But for exception flags; then `whole` is not set.
#endif
} qccrt_float_env;

/// Sets the default environment and keeps the calling thread's own in *hosts.
void qccrt_enter_float_env(qccrt_float_env *hosts);
/// Puts it back.
void qccrt_leave_float_env(const qccrt_float_env *hosts);

// Memory.c
/// Fills in the functions that `given`, which may be NULL, leaves open.
int32_t qccrt_init_env(qcc_env *env, const qcc_env *given, qcc_error **error);
/// bits/8 rounded up per element; -1 when it does not fit 63 bits.
int64_t qccrt_tensor_bytes(DLDataType dtype, int32_t rank, const int64_t *dims);
void qccrt_free_blocks(qcc_instance *model, qccrt_block *blocks);
void qccrt_return_arenas(qccrt_run *run);

// Inputs.c
/// Whether the runtime can read and write the tensor's memory by itself.
bool qccrt_is_host_memory(const DLTensor *tensor);
/// Validates all inputs and fills run->input_data.
bool qccrt_prepare_inputs(qccrt_run *run);

// Outputs.c
/// Checks that there is one result per output and gives them to the caller.
bool qccrt_deliver_outputs(qccrt_run *run);
void qccrt_discard_outputs(qccrt_run *run);

// Devices.c
/// Opens the model's devices, loads their code and their constants.
int32_t qccrt_open_devices(qcc_instance *model, qcc_error **error);
/// Also what a failed open left.
void qccrt_close_devices(qcc_instance *model);

// DeviceRuns.c
/// Whether this process may use the model's devices.
bool qccrt_check_devices(qccrt_run *run);
/// Waits for all that the run began on devices, and records what fails of it.
void qccrt_end_devices(qccrt_run *run);

// Weights.c
int32_t qccrt_map_weights(qcc_instance *model, const char *path,
                          qcc_error **error);
void qccrt_unmap_weights(qcc_instance *model);

// Cpu.c
int32_t qccrt_check_cpu(const qccrt_model_desc *desc, qcc_error **error);

// Threads.c
/// This process, asked for once in a run.
pid_t qccrt_get_process(qccrt_run *run);
int32_t qccrt_count_threads(const qcc_env *env, int *threads,
                            qcc_error **error);
void qccrt_stop_pool(qccrt_pool *pool);

// Describe.c
/// "float32[batch, 3, 224]" of what the model takes; `buffer` may be too small.
void qccrt_format_info(const qcc_tensor_info *info, char *buffer, size_t size);
void qccrt_format_tensor(DLDataType dtype, int32_t rank, const int64_t *dims,
                         char *buffer, size_t size);

#endif // LIB_RUNTIME_INTERNAL_H
