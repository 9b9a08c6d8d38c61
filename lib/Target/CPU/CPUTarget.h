// The CPU as a target: see qcc/Target/Target.h.

#ifndef LIB_TARGET_CPU_CPUTARGET_H
#define LIB_TARGET_CPU_CPUTARGET_H

#include "qcc/Target/Target.h"

namespace qcc::cpu {

/// The target "cpu", with LLVM's names of processors, features and triples as
/// its options.
TargetInfo makeCPUTarget();

/// Registers its passes, for tools that take a pipeline as text, and
/// `cpu-lower`, its phase `lower`.
void registerCPUPasses();

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_CPUTARGET_H
