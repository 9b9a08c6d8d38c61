// The sums of an activation's codes over the blocks of weights' scales, which
// zero points of weights are multiplied by: what products of codes have too
// much.

#ifndef LIB_TARGET_CPU_KERNELS_BLOCKSUMS_H
#define LIB_TARGET_CPU_KERNELS_BLOCKSUMS_H

#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "mlir/IR/Builders.h"

namespace qcc::cpu {

/// [M, ceil(C / blockLength)] of i32 for signed codes [M, C]: the sums, times
/// the constant zero point of stored codes and negated, or as they are where
/// zero points are a component. By ops of qnn, so that contractions that read
/// one activation share them.
mlir::Value createBlockSums(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value codes, const StreamFormat &stream);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_BLOCKSUMS_H
