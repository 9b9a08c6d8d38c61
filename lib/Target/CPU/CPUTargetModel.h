// What x86-64 processors can do, as shared passes ask it.

#ifndef LIB_TARGET_CPU_CPUTARGETMODEL_H
#define LIB_TARGET_CPU_CPUTARGETMODEL_H

#include "qcc/Target/TargetModel.h"

#include <memory>

namespace qcc::cpu {

/// The model of the processor that `target` names (mcpu, mattr); an error where
/// LLVM knows no such processor.
llvm::Expected<std::unique_ptr<TargetModel>>
createCPUTargetModel(qnn::TargetAttr target);

/// Has the qnn dialect of each context know the target "cpu".
void registerCPUTarget(mlir::DialectRegistry &registry);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUTARGETMODEL_H
