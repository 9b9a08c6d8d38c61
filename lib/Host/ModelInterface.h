// What a module behind phase `lower` records of its inputs, outputs and
// devices.

#ifndef LIB_HOST_MODELINTERFACE_H
#define LIB_HOST_MODELINTERFACE_H

#include "lib/Host/Descriptor.h"

#include "mlir/IR/BuiltinOps.h"

namespace qcc::host {

/// The module's attribute with the report of its layers, JSON that the artifact
/// carries.
inline constexpr llvm::StringLiteral layersAttribute("qcc.layers");

/// The interface of `lowered` under the name of the model; constants are not
/// yet placed.
llvm::Expected<ModelInterface> getModelInterface(mlir::ModuleOp lowered,
                                                 llvm::StringRef name);

} // namespace qcc::host

#endif // LIB_HOST_MODELINTERFACE_H
