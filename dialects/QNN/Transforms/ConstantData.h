// The bytes of constants.

#ifndef DIALECTS_QNN_TRANSFORMS_CONSTANTDATA_H
#define DIALECTS_QNN_TRANSFORMS_CONSTANTDATA_H

#include "mlir/IR/BuiltinAttributes.h"

namespace qcc::qnn {

/// The elements as they lie in memory, a bool in a byte. Those of a resource,
/// and of a list of anything else, are not copied; others are written to
/// `storage`.
llvm::ArrayRef<char> getConstantBytes(mlir::ElementsAttr elements,
                                      llvm::SmallVectorImpl<char> &storage);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_CONSTANTDATA_H
