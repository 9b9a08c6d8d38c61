// Products of two activations: linalg.matmul and linalg.batch_matmul of f32, or
// of i16 with sums in i32.
//
// A work item is a block of rows by one panel of columns of one matrix. It
// packs its panel of the right operand, part by part, into a buffer, and sums
// tiles of rows from it as other kernels do; sums wait in a second buffer.

#ifndef LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H
#define LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H

#include "lib/Target/CPU/Kernels/KernelConfig.h"
#include "lib/Target/CPU/Kernels/KernelFunctions.h"

namespace qcc::cpu {

/// Whether expandMatmul can replace `op`: operands of such types in memory
/// whose rows lie without gaps, multiplied as they are.
bool isPlainMatmul(mlir::Operation *op);

/// Adds the product of `op`'s inputs to its output by loops and calls, and
/// erases it.
void expandMatmul(mlir::Operation *op, ISA isa, KernelFunctions &functions);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_MATMULKERNEL_H
