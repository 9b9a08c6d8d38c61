// Constants that lie outside the code: in the side file, or embedded as bytes.

#ifndef LIB_HOST_CONSTANTS_H
#define LIB_HOST_CONSTANTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace qcc::host {

struct ExternalConstant {
  mlir::ElementsAttr elements;
  uint64_t offset; ///< Bytes from what qccrt_constants() returns.
  uint64_t bytes;
};

/// What host-lower-constants recorded on the module, by ascending offset.
llvm::SmallVector<ExternalConstant> getExternalConstants(mlir::ModuleOp module);

/// Adds one behind those that are recorded, and returns its offset: for
/// constants that no code of the host reads.
uint64_t addExternalConstant(mlir::ModuleOp module, mlir::ElementsAttr elements,
                             uint64_t bytes);

} // namespace qcc::host

#endif // LIB_HOST_CONSTANTS_H
