// Which loops make numbers of constant codes: weights that a kernel did not
// take as they are stored.
//
// A loop decodes if it computes floats, reads constants only, and reads codes:
// constants of integers of 8 or 16 bits (codes of fewer bits lie in bytes), or
// what another such loop made. Constants of wider integers are positions and
// extents. A format may have been decoded by one op, but what fusion makes of
// it has no name, so the property is found, not marked.

#ifndef LIB_ANALYSIS_DECODEDWEIGHTS_H
#define LIB_ANALYSIS_DECODEDWEIGHTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SetVector.h"

namespace qcc::analysis {

/// Bytes of decoded weights that may lie in memory at once.
inline constexpr int64_t decodedLimitBytes = 256 * 1024;

/// Whether `op`, on tensors, makes floats of constant codes by itself, and more
/// of them than may lie in memory.
bool decodesTooMuch(mlir::linalg::LinalgOp op);

/// All loops below `root`, on tensors, of which the results are decoded
/// weights, in the order of the program.
llvm::SetVector<mlir::Operation *> findDecodingLoops(mlir::Operation *root);

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_DECODEDWEIGHTS_H
