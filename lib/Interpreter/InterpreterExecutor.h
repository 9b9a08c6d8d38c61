// The Executor that the driver binds: the interpreter on constants.

#ifndef LIB_INTERPRETER_INTERPRETEREXECUTOR_H
#define LIB_INTERPRETER_INTERPRETEREXECUTOR_H

#include "qcc/Executor/Executor.h"

namespace mlir {
class DialectRegistry;
}

namespace qcc::interpreter {

class InterpreterExecutor final : public Executor {
public:
  llvm::Expected<llvm::SmallVector<mlir::Attribute>>
  evaluate(llvm::ArrayRef<mlir::Value> values) override;
  llvm::Expected<llvm::SmallVector<mlir::Attribute>>
  evaluate(mlir::Operation *op,
           llvm::ArrayRef<mlir::Attribute> operands) override;
};

/// Binds one to each context in which the qnn dialect is loaded.
void registerExecutor(mlir::DialectRegistry &registry);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_INTERPRETEREXECUTOR_H
