// Reads a model: ONNX, or textual IR.

#ifndef LIB_DRIVER_MODELFILE_H
#define LIB_DRIVER_MODELFILE_H

#include "lib/Driver/Session.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace qcc::driver {

/// By the ending of `path`: .onnx or .mlir. What is wrong inside the model was
/// reported when this fails.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModel(Session &session, llvm::StringRef path);

} // namespace qcc::driver

#endif // LIB_DRIVER_MODELFILE_H
