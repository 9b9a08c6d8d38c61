// What a computation costs on a device, as its target predicts it.

#ifndef QCC_TARGET_COST_H
#define QCC_TARGET_COST_H

#include "dialects/QNN/IR/Format.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>

namespace qcc {

/// A kind of memory that a device reads and writes.
struct MemorySpace {
  std::string name;
  int64_t bytes = 0; ///< 0: as much as the machine has.
  /// Whether the program says what lies in it (a scratchpad, a bank), or it is
  /// filled by what is used (a cache).
  bool isManaged = false;
};

struct Cost {
  double seconds = 0;
  /// Bytes read and written, for each of the target's memory spaces.
  llvm::SmallVector<double, 4> traffic;
  /// Bytes that have to be kept for it: packed constants, and buffers while it
  /// runs, beside operands and results.
  int64_t footprint = 0;
  /// Absent where the target has no model of energy.
  std::optional<double> joules;
};

/// A way to do a computation.
struct Candidate {
  qnn::KernelAttr kernel;
  Cost cost;
};

} // namespace qcc

#endif // QCC_TARGET_COST_H
