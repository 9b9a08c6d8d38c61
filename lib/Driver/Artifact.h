// A compiled model, loaded through its C interface (qcc/Runtime/Model.h).

#ifndef LIB_DRIVER_ARTIFACT_H
#define LIB_DRIVER_ARTIFACT_H

#include "lib/Driver/LoadedModel.h"
#include "lib/Driver/Program.h"

namespace qcc::driver {

class Artifact : public Program {
public:
  /// Loads the shared object at `path`. `threads` for a run, 0: all cores.
  static llvm::Expected<std::unique_ptr<Artifact>>
  open(llvm::StringRef path, mlir::MLIRContext &context, unsigned threads);

  llvm::Expected<std::vector<Tensor>>
  run(llvm::ArrayRef<Tensor> inputs) override;

  const LoadedModel &getModel() const { return *model; }

private:
  /// Outputs hold it too: its code frees them.
  std::shared_ptr<LoadedModel> model;
};

/// DLPack's type of a tensor's elements. Narrow elements take a byte each.
DLDataType getDLType(mlir::Type elementType);
/// The inverse; null for what no model has.
mlir::Type getElementType(DLDataType type, mlir::MLIRContext &context);

} // namespace qcc::driver

#endif // LIB_DRIVER_ARTIFACT_H
