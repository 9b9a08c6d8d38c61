// Products of two activations: contractions of f32, or of i16 with sums in i32
// or i64, whose right operand is computed at run time.
//
// A work item is a block of rows by one panel of columns of one matrix. It
// packs its panel of the right operand, part by part, into a buffer, and sums
// tiles of rows from it as other kernels do; sums wait in a second buffer.

#ifndef LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H
#define LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H

#include "lib/Target/CPU/Kernels/Epilogue.h"
#include "lib/Target/CPU/Kernels/KernelConfig.h"
#include "lib/Target/CPU/Kernels/KernelFunctions.h"

namespace qcc::cpu {

/// Replaces `op`, a product on memory with a kernel of products, by loops and
/// calls.
mlir::LogicalResult expandProduct(qnn::ContractOp op,
                                  const KernelConfig &config,
                                  const Epilogue &epilogue,
                                  KernelFunctions &functions);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H
