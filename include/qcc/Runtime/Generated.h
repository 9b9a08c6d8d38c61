// What the compiler's code and the runtime ask of each other. All symbols here
// are hidden inside the artifact; the host's side is Model.h.
//
// The compiler generates `qccgen_main`, the whole model, and `qccgen_desc`,
// which describes it; and for each function of Model.h one that calls the
// runtime's with &qccgen_desc. All pointers that the functions below return
// live until the run ends, or until qccrt_release.

#ifndef QCC_RUNTIME_GENERATED_H
#define QCC_RUNTIME_GENERATED_H

#include "qcc/Runtime/Device.h"
#include "qcc/Runtime/Model.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One run of a model.
typedef struct qccrt_run qccrt_run;

/// Processor features that an artifact can need; a set in
/// qccrt_model_desc.required_cpu. Names are LLVM's.
typedef enum qccrt_cpu_feature {
  QCCRT_CPU_SSE42 = 1 << 0,            // sse4.2
  QCCRT_CPU_AVX = 1 << 1,              // avx
  QCCRT_CPU_AVX2 = 1 << 2,             // avx2
  QCCRT_CPU_FMA = 1 << 3,              // fma
  QCCRT_CPU_F16C = 1 << 4,             // f16c
  QCCRT_CPU_BMI2 = 1 << 5,             // bmi2
  QCCRT_CPU_AVX512F = 1 << 6,          // avx512f
  QCCRT_CPU_AVX512BW = 1 << 7,         // avx512bw
  QCCRT_CPU_AVX512DQ = 1 << 8,         // avx512dq
  QCCRT_CPU_AVX512VL = 1 << 9,         // avx512vl
  QCCRT_CPU_AVX512VNNI = 1 << 10,      // avx512vnni
  QCCRT_CPU_AVX512VBMI = 1 << 11,      // avx512vbmi
  QCCRT_CPU_AVX512BF16 = 1 << 12,      // avx512bf16
  QCCRT_CPU_AVX512FP16 = 1 << 13,      // avx512fp16
  QCCRT_CPU_AVXVNNI = 1 << 14,         // avxvnni
  QCCRT_CPU_GFNI = 1 << 15,            // gfni
  QCCRT_CPU_BMI = 1 << 16,             // bmi
  QCCRT_CPU_LZCNT = 1 << 17,           // lzcnt
  QCCRT_CPU_SSE4A = 1 << 18,           // sse4a
  QCCRT_CPU_XOP = 1 << 19,             // xop
  QCCRT_CPU_FMA4 = 1 << 20,            // fma4
  QCCRT_CPU_TBM = 1 << 21,             // tbm
  QCCRT_CPU_AVX512CD = 1 << 22,        // avx512cd
  QCCRT_CPU_AVX512IFMA = 1 << 23,      // avx512ifma
  QCCRT_CPU_AVX512VBMI2 = 1 << 24,     // avx512vbmi2
  QCCRT_CPU_AVX512BITALG = 1 << 25,    // avx512bitalg
  QCCRT_CPU_AVX512VPOPCNTDQ = 1 << 26, // avx512vpopcntdq
  QCCRT_CPU_AVXVNNIINT8 = 1 << 27,     // avxvnniint8
  QCCRT_CPU_VPCLMULQDQ = 1 << 28       // vpclmulqdq
} qccrt_cpu_feature;

/// A device that runs a part of the model, in the order of
/// description.devices, where its name is.
typedef struct qccrt_device_desc {
  const qcc_device_driver *driver;
  const char *machine; ///< For the driver's open().
  const void *code;    ///< For its load(), 64-byte aligned.
  uint64_t code_bytes;
  /// Names of the code's entry points; qccrt_device_launch counts in them.
  const char *const *entries;
  int32_t num_entries;
  int32_t num_spaces; ///< The driver's.
  /// Of each space, what one run and the constants need at least, as far as the
  /// compiler knows; opening checks it.
  const uint64_t *required_bytes;
  /// A piece of the model's constants that lies in the device's space 0 while
  /// the model is open.
  uint64_t constants_offset;
  uint64_t constants_bytes;
} qccrt_device_desc;

/// The constant that describes a model to the runtime: `qccgen_desc`.
typedef struct qccrt_model_desc {
  uint32_t abi_version; ///< QCC_ABI_VERSION
  uint32_t size;        ///< sizeof(qccrt_model_desc)
  qcc_description description;
  int32_t (*main)(qccrt_run *); ///< qccgen_main
  /// Constants inside the object, 64-byte aligned; NULL when they lie in the
  /// side file (description.weights_file) or there are none.
  const void *embedded_weights;
  uint64_t weights_checksum; ///< Of the side file's payload: WeightsFile.h.
  uint64_t required_cpu;     ///< A set of qccrt_cpu_feature.
  const qccrt_device_desc *devices; ///< description.num_devices of them.
} qccrt_model_desc;

// What the exported functions call.
int32_t qccrt_open(const qccrt_model_desc *desc, const char *weights,
                   const qcc_env *env, qcc_instance **model, qcc_error **error);
int32_t qccrt_run_model(const qccrt_model_desc *desc, qcc_instance *model,
                        const DLTensor *const *inputs,
                        DLManagedTensorVersioned **outputs, qcc_error **error);
void qccrt_close(qcc_instance *model);
void qccrt_free_error(qcc_error *error);

// What qccgen_main calls. A function that returns NULL has recorded an error:
// qccgen_main then returns non-zero at once.

/// Input `i`, dense and row-major, aligned to its element type. Type, rank and
/// extents were checked before qccgen_main began.
void *qccrt_input(qccrt_run *run, int32_t i);
int64_t qccrt_input_dim(qccrt_run *run, int32_t i, int32_t d);

/// Uninitialized memory, 64-byte aligned, reused by later runs. NULL: none.
void *qccrt_arena(qccrt_run *run, int64_t bytes);

/// Base of the constants, 64-byte aligned; of the mapped side file's payload,
/// 4096-byte aligned. Not NULL, even for a model without constants.
const void *qccrt_constants(qccrt_run *run);

/// Memory for output `i` of these extents, dense: the caller's buffer or new.
/// To be called once for each output. NULL: the caller's buffer does not fit,
/// or there is no memory.
void *qccrt_output(qccrt_run *run, int32_t i, int32_t rank,
                   const int64_t *dims);

/// Memory of a size that depends on data, 64-byte aligned, for a buffer that
/// the compiler has given a number of 0 or more. NULL: none. Not to be called
/// from a parallel body.
void *qccrt_alloc(qccrt_run *run, int32_t buffer, int64_t bytes);

/// Gives all memory of that buffer back, if it has some: a branch may have been
/// passed by, and a loop may have taken it several times. Later calls of
/// qccrt_alloc in this run may return it again.
void qccrt_release(qccrt_run *run, int32_t buffer);

/// Records that the model refuses its inputs; the first error of a run counts.
/// May be called from a parallel body. `message` is copied.
void qccrt_fail(qccrt_run *run, const char *message);

/// Calls body on ranges that cover [0, n) once, each but the last as long as a
/// multiple of `grain` and beginning at one; in parallel when n > grain. May be
/// nested. The floating-point environment is the default one in every thread.
void qccrt_parallel(qccrt_run *run,
                    void (*body)(void *context, int64_t begin, int64_t end),
                    void *context, int64_t n, int64_t grain);

// Devices, numbered as in the model's description. qccgen_main calls these from
// its own thread only, never from a parallel body. What Device.h says of order
// holds for all of one run's calls for one device; other runs do not matter.
// The runtime waits when the run ends, failed or not. A function that returns 0
// for an address, or not 0 for a status, has recorded an error.

/// Uninitialized memory of the device, 64-byte aligned, until the run ends;
/// reused by later runs. 0: none.
uint64_t qccrt_device_alloc(qccrt_run *run, int32_t device, int32_t space,
                            int64_t bytes);

/// Where the device's constants lie; 0 without an error where it has none.
uint64_t qccrt_device_constants(qccrt_run *run, int32_t device);

/// `rows` pieces of `row_bytes` each; see qcc_device_block.
int32_t qccrt_device_copy_in(qccrt_run *run, int32_t device, uint64_t to,
                             const void *from, int64_t row_bytes, int64_t rows,
                             int64_t from_stride, int64_t to_stride);
int32_t qccrt_device_copy_out(qccrt_run *run, int32_t device, void *to,
                              uint64_t from, int64_t row_bytes, int64_t rows,
                              int64_t from_stride, int64_t to_stride);
int32_t qccrt_device_copy_within(qccrt_run *run, int32_t device, uint64_t to,
                                 uint64_t from, int64_t row_bytes, int64_t rows,
                                 int64_t from_stride, int64_t to_stride);

/// Entry point number `entry` of the device's code.
int32_t qccrt_device_launch(qccrt_run *run, int32_t device, int32_t entry,
                            const uint64_t *arguments, int32_t num_arguments);

/// What was copied out may be read from then on.
int32_t qccrt_device_wait(qccrt_run *run, int32_t device);

#ifdef __cplusplus
}
#endif

#endif // QCC_RUNTIME_GENERATED_H
