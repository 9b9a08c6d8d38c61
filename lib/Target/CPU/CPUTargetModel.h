// What processors can do, as shared passes ask it: most is known of x86-64.

#ifndef LIB_TARGET_CPU_CPUTARGETMODEL_H
#define LIB_TARGET_CPU_CPUTARGETMODEL_H

#include "qcc/Target/TargetModel.h"

#include <memory>

namespace qcc::cpu {

/// The model of the processor that `target` names by its options mcpu, mattr
/// and mtriple (none: this machine's); an error where LLVM knows no such
/// processor.
llvm::Expected<std::unique_ptr<TargetModel>>
createCPUTargetModel(qnn::TargetAttr target);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUTARGETMODEL_H
