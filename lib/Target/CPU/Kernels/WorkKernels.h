// Which kernels can do a work, and its extents as they see them.

#ifndef LIB_TARGET_CPU_KERNELS_WORKKERNELS_H
#define LIB_TARGET_CPU_KERNELS_WORKKERNELS_H

#include "lib/Target/CPU/Kernels/KernelCost.h"
#include "qcc/Target/Work.h"

namespace qcc::cpu {

/// Tiles of one kind of kernel, with one accumulator.
struct KernelChoices {
  llvm::SmallVector<KernelConfig> configs; ///< The usual one first.
  mlir::Type accumulator;
  WeightsShape shape; ///< Of one matrix of a batch.
};

/// Nothing, with a sentence in `whyNot`, where no kernel can do `work`.
std::optional<KernelChoices> findKernels(const Work &work, ISA isa, bool isX86,
                                         std::string &whyNot);

/// The extents of a work that has kernels for weights of `shape`.
KernelExtents getKernelExtents(const Work &work, const WeightsShape &shape);

/// A work as costs count it: an extent that only the run tells is taken to be
/// 64.
Work closeExtents(Work work);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_WORKKERNELS_H
