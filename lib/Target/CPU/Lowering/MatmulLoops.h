// Products of two matrices that are computed at run time, as loops around a
// tile of registers. Those with constant weights are kernels
// (lib/Target/CPU/Kernels).

#ifndef LIB_TARGET_CPU_LOWERING_MATMULLOOPS_H
#define LIB_TARGET_CPU_LOWERING_MATMULLOOPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace qcc::cpu {

/// Replaces a linalg.matmul or linalg.batch_matmul of dense f32 memory; false,
/// and nothing changes, where it is another op.
bool lowerMatmul(mlir::linalg::LinalgOp op, mlir::RewriterBase &rewriter);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_LOWERING_MATMULLOOPS_H
