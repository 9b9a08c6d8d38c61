// What processors can do, as shared passes ask it: most is known of x86-64.

#ifndef LIB_TARGET_CPU_CPUTARGETMODEL_H
#define LIB_TARGET_CPU_CPUTARGETMODEL_H

#include "lib/Target/CPU/Kernels/CostParameters.h"
#include "qcc/Target/Tuning.h"

#include <memory>

namespace qcc::cpu {

/// The model of the processor that `target` names by its options mcpu, mattr
/// and mtriple (none: this machine's), with the times that its option costs
/// names; an error where LLVM knows no such processor, or the file is not one.
llvm::Expected<std::unique_ptr<TargetModel>>
createCPUTargetModel(qnn::TargetAttr target);

/// The same with these times of its instructions.
std::unique_ptr<TargetModel> createCPUTargetModel(ISA isa, bool isX86,
                                                  const CostParameters &costs);

/// What `qcc tune` measures for this processor, and how it fits the times.
llvm::Expected<std::unique_ptr<Tuning>> createCPUTuning(qnn::TargetAttr target);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUTARGETMODEL_H
