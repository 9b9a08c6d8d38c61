// The inputs and outputs of a model, as its users see them.

#ifndef LIB_DRIVER_SIGNATURE_H
#define LIB_DRIVER_SIGNATURE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace qcc::driver {

struct Extent {
  /// -1 when it is known at run time only.
  int64_t size = -1;
  /// Of such an extent; extents of one name are equal in a run.
  std::string symbol;
};

struct Port {
  std::string name;
  mlir::Type elementType;
  std::vector<Extent> extents;

  llvm::SmallVector<int64_t> getShape() const;
  /// "float32[batch,3,?]".
  std::string getTypeName() const;
};

struct Signature {
  std::vector<Port> inputs, outputs;
};

/// Of the module's function main, by its attributes qcc.name and qcc.extents.
llvm::Expected<Signature> getSignature(mlir::ModuleOp module);

} // namespace qcc::driver

#endif // LIB_DRIVER_SIGNATURE_H
