// Passes that make kernels; Passes.td describes them.

#ifndef LIB_TARGET_CPU_KERNELS_PASSES_H
#define LIB_TARGET_CPU_KERNELS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::cpu {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Target/CPU/Kernels/Passes.h.inc"

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_PASSES_H
