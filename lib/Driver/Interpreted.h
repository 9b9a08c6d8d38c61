// A module that the interpreter runs: the reference of every comparison.

#ifndef LIB_DRIVER_INTERPRETED_H
#define LIB_DRIVER_INTERPRETED_H

#include "lib/Driver/Program.h"

#include "mlir/IR/OwningOpRef.h"

namespace qcc::driver {

class Interpreted : public Program {
public:
  static llvm::Expected<std::unique_ptr<Interpreted>>
  create(mlir::OwningOpRef<mlir::ModuleOp> module);

  llvm::Expected<std::vector<Tensor>>
  run(llvm::ArrayRef<Tensor> inputs) override;

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Whether the inputs are what the signature asks for; the compiled model's
/// runtime checks its own.
llvm::Error checkInputs(const Signature &signature,
                        llvm::ArrayRef<Tensor> inputs);

} // namespace qcc::driver

#endif // LIB_DRIVER_INTERPRETED_H
