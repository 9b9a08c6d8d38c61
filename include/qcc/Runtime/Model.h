// The C interface of a compiled model.
//
// A model named NAME exports
//
//   int32_t NAME_open(const char *weights, const qcc_env *env,
//                     qcc_instance **model, qcc_error **error);
//   int32_t NAME_run(qcc_instance *model, const DLTensor *const *inputs,
//                    DLManagedTensorVersioned **outputs, qcc_error **error);
//   void NAME_close(qcc_instance *model);
//   const qcc_description *NAME_describe(void);
//   void NAME_free_error(qcc_error *error);
//
// and, for tools that know no name, `qcc_model`: the same five functions in one
// table. Every function that can fail returns a qcc_status; none aborts. When
// it is not QCC_OK and `error` is not NULL, *error receives an object that says
// what went wrong and what to do, to be freed by NAME_free_error. On success
// *error is left alone.
//
// An opened model is constant: any number of threads may run it at once.

#ifndef QCC_RUNTIME_MODEL_H
#define QCC_RUNTIME_MODEL_H

#include "qcc/Runtime/dlpack/dlpack.h"

#if DLPACK_MAJOR_VERSION != 1
#error "qcc needs DLPack 1.x, and another version was included before"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qcc_status {
  QCC_OK = 0,
  /// A pointer that must not be NULL is, or an argument makes no sense.
  QCC_INVALID_ARGUMENT = 1,
  /// An input's device, type, rank or extents are not what the model takes.
  QCC_INPUT_MISMATCH = 2,
  /// A caller's output buffer does not fit; the message says what would.
  QCC_OUTPUT_MISMATCH = 3,
  QCC_OUT_OF_MEMORY = 4,
  /// The weights file is missing, truncated, damaged or another model's.
  QCC_WEIGHTS = 5,
  /// The model refuses the values it was given, such as an index out of range.
  QCC_MODEL_CHECK = 6,
  /// The model was compiled for instructions that this processor lacks.
  QCC_UNSUPPORTED_CPU = 7,
  /// Compiler and runtime disagree: a defect of qcc.
  QCC_INTERNAL = 8,
  /// A device of the model (NAME_describe) is not there or failed.
  QCC_DEVICE = 9
} qcc_status;

typedef struct qcc_error {
  int32_t code; ///< A qcc_status, never QCC_OK.
  /// One sentence or more, UTF-8, never NULL, freed with the error.
  const char *message;
} qcc_error;

/// An opened model.
typedef struct qcc_instance qcc_instance;

/// What the model takes from its host. Copied by NAME_open. A zeroed struct
/// with `size` set, or NULL in its place, means: all by the runtime itself.
typedef struct qcc_env {
  uint64_t size; ///< sizeof(qcc_env): lets later versions add fields.
  /// Handed to the functions below as it is.
  void *user;
  /// Memory for outputs, the arena and scratch; alignment is a power of two
  /// and at least 64. NULL when there is none. Both or neither of `alloc` and
  /// `free` are set; they must be safe to call from several threads when runs
  /// are concurrent, and an output may be freed after NAME_close.
  void *(*alloc)(void *user, uint64_t bytes, uint64_t alignment);
  void (*free)(void *user, void *pointer, uint64_t bytes);
  /// Calls body on ranges that cover [0, n) once, each beginning at a multiple
  /// of `grain`, and returns when all of them did. NULL: the runtime's own
  /// threads.
  void (*parallel_for)(void *user,
                       void (*body)(void *context, int64_t begin, int64_t end),
                       void *context, int64_t n, int64_t grain);
  /// Threads for a run, the caller's among them; 0: QCC_NUM_THREADS from the
  /// process's environment, or else all cores that this process may use. With
  /// parallel_for set, only 1 has a meaning: no call of parallel_for.
  int32_t num_threads;
} qcc_env;

/// One extent of an input or output.
typedef struct qcc_dim {
  int64_t extent; ///< -1 when it is known at run time only.
  /// Name of a dynamic extent or NULL. Extents of one name are equal in a run.
  const char *symbol;
} qcc_dim;

typedef struct qcc_tensor_info {
  const char *name;
  /// The type of one element. Elements below 8 bits take a byte each: integers
  /// as the int8 or uint8 of the same value, others with high bits of zero. The
  /// packed codes of a format are of type uint8.
  DLDataType dtype;
  int32_t rank;
  const qcc_dim *dims; ///< `rank` of them.
  /// When the model's tensor is quantized, it appears as its components, one
  /// tensor each ("x.codes", "x.scales"): the format and the component's name.
  /// NULL for a plain tensor.
  const char *format;
  const char *component;
  /// For an output that is the changed input of this number (a KV cache):
  /// without a caller's buffer the result lies in the input's memory. Else -1.
  int32_t alias_input;
} qcc_tensor_info;

/// A device beside the host's processor that runs a part of the model.
typedef struct qcc_device_info {
  const char *name;    ///< By which messages call it.
  const char *driver;  ///< The kind of device.
  const char *machine; ///< What it was compiled for, in the driver's words.
  /// Of its memory, all spaces together, as far as the compiler knows.
  uint64_t memory_bytes;
  uint64_t code_bytes;
} qcc_device_info;

#define QCC_ABI_VERSION 1

typedef struct qcc_description {
  uint64_t size; ///< sizeof(qcc_description) when the model was compiled.
  const char *name;
  const char *compiler; ///< "qcc 0.1"
  const char *triple;   ///< LLVM's triple, processor and features.
  const char *cpu;
  const char *features;
  int32_t num_inputs;
  int32_t num_outputs;
  const qcc_tensor_info *inputs;
  const qcc_tensor_info *outputs;
  /// Base name of the side file, beside the model; NULL when there is none.
  const char *weights_file;
  uint64_t weights_bytes; ///< Of all constants, here or in the side file.
  // Added later, so to be read only where `size` reaches beyond it.
  int32_t num_devices; ///< Besides the host's processor.
  const qcc_device_info *devices;
} qcc_description;

/// Opens the model. `weights` names the side file; NULL: beside the model's
/// own file. `env` may be NULL.
typedef int32_t (*qcc_open_fn)(const char *weights, const qcc_env *env,
                               qcc_instance **model, qcc_error **error);

/// Runs the model. `inputs` and `outputs` hold one entry per input and output
/// of NAME_describe. Inputs may be strided; strides of NULL mean dense,
/// row-major. outputs[i] is NULL, and then receives a tensor that the caller
/// frees by its `deleter` (also after NAME_close, but not after dlclose); or it
/// is the caller's own: dense, writable, of the exact type and extents, and no
/// memory of an input or another output, but for the whole input of which it is
/// the alias. When the run fails, the entries that were NULL are NULL again.
typedef int32_t (*qcc_run_fn)(qcc_instance *model,
                              const DLTensor *const *inputs,
                              DLManagedTensorVersioned **outputs,
                              qcc_error **error);

/// Closes the model and its devices; none of its runs may be under way. NULL is
/// allowed.
typedef void (*qcc_close_fn)(qcc_instance *model);

typedef const qcc_description *(*qcc_describe_fn)(void);

/// NULL is allowed.
typedef void (*qcc_free_error_fn)(qcc_error *error);

#define QCC_MODEL_MAGIC UINT64_C(0x006c65646f6d6371) /* "qcmodel\0" */

/// What dlsym(handle, "qcc_model") points to.
typedef struct qcc_model_api {
  uint64_t magic;       ///< QCC_MODEL_MAGIC
  uint32_t abi_version; ///< QCC_ABI_VERSION
  uint32_t size;        ///< sizeof(qcc_model_api)
  qcc_open_fn open;
  qcc_run_fn run;
  qcc_close_fn close;
  qcc_describe_fn describe;
  qcc_free_error_fn free_error;
} qcc_model_api;

#ifdef __cplusplus
}
#endif

#endif // QCC_RUNTIME_MODEL_H
