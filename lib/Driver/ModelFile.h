// Reads a model: ONNX, or textual IR.

#ifndef LIB_DRIVER_MODELFILE_H
#define LIB_DRIVER_MODELFILE_H

#include "lib/Driver/Inputs.h"
#include "lib/Driver/Session.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace qcc::driver {

/// A file, or with `bytes` an ONNX model in memory that messages call `name`.
struct ModelSource {
  std::string name;
  std::optional<llvm::StringRef> bytes;
};

/// By the ending of its name: .onnx or .mlir. `shapes` fix extents that an ONNX
/// model leaves open; they are none of textual IR's.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModel(Session &session, const ModelSource &source, const Shapes &shapes);

/// Fails where readModel() would ignore `shapes`: the module is textual IR, and
/// they choose no random input's extents either.
llvm::Error refuseShapesOfIR(const ModelSource &source, const Shapes &shapes);

} // namespace qcc::driver

#endif // LIB_DRIVER_MODELFILE_H
