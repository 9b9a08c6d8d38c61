// What processors can do, as shared passes ask it: most is known of x86-64.

#ifndef LIB_TARGET_CPU_CPUTARGETMODEL_H
#define LIB_TARGET_CPU_CPUTARGETMODEL_H

#include "qcc/Target/TargetModel.h"

#include "mlir/IR/DialectRegistry.h"

#include <memory>

namespace qcc::cpu {

/// The model of the processor that `target` names by mcpu and mattr, and by its
/// machine, which is LLVM's triple (none: this machine's); an error where LLVM
/// knows no such processor.
llvm::Expected<std::unique_ptr<TargetModel>>
createCPUTargetModel(qnn::TargetAttr target);

/// Has the qnn dialect of each context know the target "cpu".
void registerCPUTarget(mlir::DialectRegistry &registry);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUTARGETMODEL_H
