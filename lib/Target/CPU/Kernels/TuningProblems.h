// The computations that `qcc tune` measures on a processor.

#ifndef LIB_TARGET_CPU_KERNELS_TUNINGPROBLEMS_H
#define LIB_TARGET_CPU_KERNELS_TUNINGPROBLEMS_H

#include "qcc/Target/Tuning.h"

namespace qcc::cpu {

/// Contractions of every kind of kernel, with extents of real models from a few
/// microseconds to a few milliseconds, and loops without kernels.
std::vector<TuningProblem> makeTuningProblems();

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_TUNINGPROBLEMS_H
