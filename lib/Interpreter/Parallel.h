// All cores for one loop.

#ifndef LIB_INTERPRETER_PARALLEL_H
#define LIB_INTERPRETER_PARALLEL_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>

namespace qcc::interpreter {

/// Calls `work` in up to `tasks` threads at once, which share the tasks out
/// among themselves, and waits for all.
void runOnThreads(int64_t tasks, llvm::function_ref<void()> work);

/// fn(0) ... fn(tasks - 1), in any order and from several threads.
void parallelFor(int64_t tasks, llvm::function_ref<void(int64_t)> fn);

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_PARALLEL_H
