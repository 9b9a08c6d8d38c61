// The compiler as a C library: compile a model, load what was compiled, run it.
//
//   qcc_error *error = NULL;
//   const char *options[] = {"--weights=int4:g32", "-O2"};
//   if (qcc_compile_file("m.onnx", "m.so", options, 2, &error) ||
//       qcc_load("m.so", 0, &model, &error)) { puts(error->message); ... }
//
// Every function that can fail returns 0 or what the qcc command would return:
// 2 for wrong usage or bad input, 3 for a defect of qcc. *error then receives
// an object with the command's messages, to be freed by qcc_free_error; its
// code is the qcc_status of a model that refused or failed, else
// QCC_INVALID_ARGUMENT or QCC_INTERNAL. A compiled model needs nothing of this
// library: Runtime/Model.h is enough.

#ifndef QCC_CAPI_COMPILER_H
#define QCC_CAPI_COMPILER_H

#include "qcc/Runtime/Model.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Compiles the model in a file. `options` are those of `qcc compile`, one
/// string each, with their values ("-j8", "--shape=x=1x3x224x224"). The ending
/// of `output` decides what is written. Where the command would warn, *error is
/// set on success, too, with code QCC_OK and the warnings as its message.
int32_t qcc_compile_file(const char *model, const char *output,
                         const char *const *options, int32_t num_options,
                         qcc_error **error);

/// The same for an ONNX model in memory, which messages call `name`.
int32_t qcc_compile_bytes(const void *model, uint64_t bytes, const char *name,
                          const char *output, const char *const *options,
                          int32_t num_options, qcc_error **error);

/// A loaded artifact. It may be run by several threads at once.
typedef struct qcc_loaded qcc_loaded;

/// Loads a shared object that was compiled by qcc. `threads` for a run, 0: one
/// for each core.
int32_t qcc_load(const char *artifact, int32_t threads, qcc_loaded **loaded,
                 qcc_error **error);
/// The same for an artifact that messages call `name`: one whose path says
/// nothing to the user.
int32_t qcc_load_as(const char *artifact, const char *name, int32_t threads,
                    qcc_loaded **loaded, qcc_error **error);
const qcc_description *qcc_describe(const qcc_loaded *loaded);
/// As qcc_run_fn. Its outputs must be freed before qcc_unload.
int32_t qcc_run(const qcc_loaded *loaded, const DLTensor *const *inputs,
                DLManagedTensorVersioned **outputs, qcc_error **error);
/// NULL is allowed.
void qcc_unload(qcc_loaded *loaded);

/// NULL is allowed.
void qcc_free_error(qcc_error *error);

/// "qcc 0.1"
const char *qcc_version(void);

#ifdef __cplusplus
}
#endif

#endif // QCC_CAPI_COMPILER_H
