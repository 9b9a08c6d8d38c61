// Kernel functions of a module, each made once, and the loops that call them.

#ifndef LIB_TARGET_CPU_KERNELS_KERNELFUNCTIONS_H
#define LIB_TARGET_CPU_KERNELS_KERNELFUNCTIONS_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Target/CPU/Kernels/KernelBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace qcc::cpu {

class KernelFunctions {
public:
  explicit KernelFunctions(mlir::ModuleOp module) : module(module) {}

  using Fill =
      llvm::function_ref<void(KernelBuilder &, mlir::ValueRange arguments)>;
  /// The private function of these argument types known under `key`; `fill`
  /// makes its body when there is none yet.
  mlir::func::FuncOp get(mlir::Location loc, llvm::StringRef name,
                         llvm::StringRef key, mlir::TypeRange types, Fill fill);

  size_t size() const { return functions.size(); }

private:
  mlir::ModuleOp module;
  llvm::StringMap<mlir::func::FuncOp> functions;
};

/// Replaces `op`, on memory, by loops and calls.
mlir::LogicalResult expandContract(qnn::ContractOp op,
                                   KernelFunctions &functions);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_KERNELFUNCTIONS_H
