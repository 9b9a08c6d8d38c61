// Where passes find the Executor: the session binds one to its qnn dialect, so
// passes take no pointer and a pipeline can be written as text.
//
//   registry.addExtension(+[](mlir::MLIRContext *context, qnn::QNNDialect *d) {
//     bindExecutor(*d, interpreter::createExecutor(*context));
//   });

#ifndef QCC_EXECUTOR_BINDING_H
#define QCC_EXECUTOR_BINDING_H

#include "dialects/QNN/IR/Dialect.h"
#include "qcc/Executor/Executor.h"

#include "mlir/IR/DialectInterface.h"

#include <memory>

namespace qcc {

class ExecutorBinding : public mlir::DialectInterface::Base<ExecutorBinding> {
public:
  ExecutorBinding(mlir::Dialect *dialect, std::unique_ptr<Executor> executor)
      : Base(dialect), executor(std::move(executor)) {}

  Executor *get() const { return executor.get(); }

private:
  std::unique_ptr<Executor> executor;
};

/// Once for each context.
inline void bindExecutor(qnn::QNNDialect &dialect,
                         std::unique_ptr<Executor> executor) {
  dialect.addInterface<ExecutorBinding>(std::move(executor));
}

/// Null where the session has none.
inline Executor *getExecutor(mlir::MLIRContext *context) {
  auto *dialect = context->getLoadedDialect<qnn::QNNDialect>();
  auto *binding =
      dialect ? dialect->getRegisteredInterface<ExecutorBinding>() : nullptr;
  return binding ? binding->get() : nullptr;
}

} // namespace qcc

#endif // QCC_EXECUTOR_BINDING_H
