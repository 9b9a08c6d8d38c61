#ifndef LIB_TARGET_CPU_LOWERING_PASSES_H
#define LIB_TARGET_CPU_LOWERING_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace qcc::cpu {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Target/CPU/Lowering/Passes.h.inc"

/// How ops bufferize: upstream's and qnn.contract.
void registerBufferizationModels(mlir::DialectRegistry &registry);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_LOWERING_PASSES_H
