// Constants that lie outside the code: in the side file, or embedded as bytes.

#ifndef LIB_TARGET_CPU_LOWERING_CONSTANTS_H
#define LIB_TARGET_CPU_LOWERING_CONSTANTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace qcc::cpu {

struct ExternalConstant {
  mlir::ElementsAttr elements;
  uint64_t offset; ///< Bytes from what qccrt_constants() returns.
  uint64_t bytes;
};

/// What cpu-lower-constants recorded on the module, by ascending offset.
llvm::SmallVector<ExternalConstant> getExternalConstants(mlir::ModuleOp module);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_LOWERING_CONSTANTS_H
