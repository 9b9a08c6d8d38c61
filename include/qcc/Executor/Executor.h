// Computes values at compile time. Passes that fold constants take an Executor;
// the driver binds it to the interpreter, so that no pass includes one.

#ifndef QCC_EXECUTOR_EXECUTOR_H
#define QCC_EXECUTOR_EXECUTOR_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace qcc {

class Executor {
public:
  virtual ~Executor() = default;

  /// The values of `values`, each as the attribute that an arith.constant of
  /// its type takes: an elements attribute (a resource blob above
  /// maxInlineBytes, whose key begins with foldedKey) or a number.
  ///
  /// All that they depend on must be constants and ops that the executor knows
  /// and that have no effects; an error names the first that is not. A
  /// formatted value is no attribute: ask for the results of a qnn.unwrap of
  /// it. The ops may be detached from a module, and are not changed.
  virtual llvm::Expected<llvm::SmallVector<mlir::Attribute>>
  evaluate(llvm::ArrayRef<mlir::Value> values) = 0;

  /// The results of `op` when its operands are `operands`, whatever they are in
  /// the IR. The op has no regions.
  virtual llvm::Expected<llvm::SmallVector<mlir::Attribute>>
  evaluate(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands) = 0;
};

} // namespace qcc

#endif // QCC_EXECUTOR_EXECUTOR_H
