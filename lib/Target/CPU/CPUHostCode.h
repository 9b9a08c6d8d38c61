// Code of processors, for whatever target the model is.

#ifndef LIB_TARGET_CPU_CPUHOSTCODE_H
#define LIB_TARGET_CPU_CPUHOSTCODE_H

#include "lib/Target/CPU/Machine.h"
#include "qcc/Target/HostCode.h"

namespace qcc::cpu {

/// An error where LLVM knows no such machine.
llvm::Expected<std::unique_ptr<HostCode>> createHostCode(Machine machine);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUHOSTCODE_H
