// Frees the data of constants that folding made and that nothing reads any
// more. MLIR itself frees no blob before the context, and these are as large as
// the weights.

#ifndef DIALECTS_QNN_TRANSFORMS_FOLDEDBLOBS_H
#define DIALECTS_QNN_TRANSFORMS_FOLDEDBLOBS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/DenseMap.h"

namespace qcc::qnn {

/// Counts the constants over each piece of memory, not over each blob: of a
/// constant that was only given another shape the data are those of the first,
/// and only one of the two blobs owns them.
class FoldedBlobs {
public:
  /// A constant that is there, or was made. One without a blob does not count.
  void add(mlir::arith::ConstantOp op);
  /// A constant that is about to be erased.
  void remove(mlir::arith::ConstantOp op);

private:
  struct Memory {
    int64_t numReaders = 0;
    llvm::SmallVector<mlir::DenseResourceElementsHandle, 2> blobs;
  };
  llvm::DenseMap<const char *, Memory> memories;
};

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_FOLDEDBLOBS_H
