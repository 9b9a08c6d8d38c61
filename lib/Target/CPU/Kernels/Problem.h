// The geometry of a contraction, as its kernel needs it.

#ifndef LIB_TARGET_CPU_KERNELS_PROBLEM_H
#define LIB_TARGET_CPU_KERNELS_PROBLEM_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/Operands.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

namespace qcc::cpu {

/// What the op's kernel is; fails, after a diagnostic, where there is none.
mlir::FailureOr<KernelConfig> getConfig(qnn::ContractOp op);

/// Extents of the canonical weights of a contraction on tensors or memory. Of a
/// batch of weight matrices in canonical order, each is a group.
WeightsShape getWeightsShape(qnn::ContractOp op);

/// Whether kernels cannot read the input where it lies, but only a copy without
/// gaps: its channels do not lie side by side, or its pixels do not where the
/// weights are packed by lines of the window.
bool needsCopy(qnn::ContractOp op, mlir::MemRefType input);

/// Extents in channels are of one group.
struct Problem {
  qnn::ContractOp op;
  KernelConfig config;
  WeightsShape shape; ///< Of one matrix, where there is a batch.
  /// Weight matrices, each for as many consecutive matrices of the input.
  int64_t batch = 1;
  int64_t groups = 1;
  int64_t channels = 0, outputs = 0;
  int64_t windowH = 1, windowW = 1;
  /// The taps of a line of the window lie side by side in the input, so they
  /// are summed as `channels` of a window one wide.
  bool isMerged = false;
  CodeSigns signs;
  std::optional<StreamFormat> stream; ///< Of weights that are decoded.

  mlir::MemRefType getInputType() const;
  mlir::MemRefType getInitType() const;

  /// Fails, after a diagnostic, where no kernel can do the op as it stands.
  static mlir::FailureOr<Problem> create(qnn::ContractOp op,
                                         const KernelConfig &config);

private:
  llvm::LogicalResult setSigns();
  llvm::LogicalResult mergeTaps();
  llvm::LogicalResult countBatch();
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_PROBLEM_H
