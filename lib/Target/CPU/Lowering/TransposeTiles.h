// Copies of which the input's rows are the output's columns. One element after
// the other, each load or each store would touch another line of the cache;
// here square tiles are transposed in registers.

#ifndef LIB_TARGET_CPU_LOWERING_TRANSPOSETILES_H
#define LIB_TARGET_CPU_LOWERING_TRANSPOSETILES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace qcc::cpu {

/// Whether `op`, on memory, is such a copy of elements of 8, 16 or 32 bits.
bool isTransposingCopy(mlir::linalg::GenericOp op);

/// Replaces `op` by loops over tiles, the outer ones parallel.
void lowerToTransposeTiles(mlir::linalg::GenericOp op,
                           mlir::RewriterBase &rewriter);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_LOWERING_TRANSPOSETILES_H
