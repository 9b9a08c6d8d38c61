// The CPU's phase `lower`.

#ifndef LIB_TARGET_CPU_PIPELINE_H
#define LIB_TARGET_CPU_PIPELINE_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace qcc::cpu {

/// From phase `storage` to the LLVM dialect: `qccgen_main` and the loops it
/// calls. Large constants are left as attributes of the module for
/// writeModel().
void addLoweringPasses(mlir::OpPassManager &pm);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_PIPELINE_H
