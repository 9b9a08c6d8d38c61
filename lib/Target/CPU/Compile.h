// From a module behind phase `lower` to files.

#ifndef LIB_TARGET_CPU_COMPILE_H
#define LIB_TARGET_CPU_COMPILE_H

#include "lib/Target/CPU/Emit.h"

namespace qcc::cpu {

/// The inputs and outputs that the module records; constants are not yet
/// placed.
llvm::Expected<ModelInterface> getModelInterface(mlir::ModuleOp lowered,
                                                 llvm::StringRef name);

/// Writes the artifact at `path`, and beside it the constants that are too many
/// to lie inside it (makeWeightsPath) and the header. `name`: makeModelName().
llvm::Error writeModel(mlir::ModuleOp lowered, llvm::StringRef name,
                       const EmitOptions &options, llvm::StringRef path);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_COMPILE_H
