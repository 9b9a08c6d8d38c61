// A computation, as targets are asked about it: only its value. The interface
// of the ops that are computations is dialects/QNN/IR's WorkOpInterface, and
// lib/Analysis/Work.h makes this of it.

#ifndef QCC_TARGET_WORK_H
#define QCC_TARGET_WORK_H

#include "dialects/QNN/IR/Format.h"
#include "dialects/QNN/IR/IterationSpace.h"

#include "mlir/IR/Operation.h"

#include <algorithm>

namespace qcc {

/// An operand or a result of a computation.
struct WorkOperand {
  mlir::Type elementType; ///< Of its values; null: no tensor.
  llvm::SmallVector<int64_t> shape;
  /// How it is stored; null: plain elements. A parameter, and not read from the
  /// op by targets, so that a search can ask about formats that no IR has yet.
  qnn::FormatAttr format;
  /// Its indices at a point of the iteration space; null where the point alone
  /// does not tell them.
  mlir::AffineMap map;
  /// Known when compiling: a target may bring it into an order of its own.
  bool isConstant = false;
  /// As stored, open extents counted as 1.
  double bytes = 0;
};

/// What is to be done. Extents that only the run tells count as 1 in all that
/// is counted.
struct Work {
  /// What kind of computation it is; never null. Sizes and formats are those
  /// below.
  mlir::Operation *op = nullptr;
  qnn::IterationSpace space;
  llvm::SmallVector<WorkOperand, 3> operands;
  llvm::SmallVector<WorkOperand, 1> results;
  /// Points of the iteration space.
  double points = 0;
  /// Products that are added to sums: all points of a sum of products, or none.
  double macs = 0;
  /// Whether an extent is known at run time only.
  bool isOpen = false;

  qnn::FormatAttr getFormat(unsigned operand) const {
    return operands[operand].format;
  }
  /// Read or written of an operand or result, each element once: a point
  /// touches no more than one, so of a large table few.
  double getTouchedBytes(const WorkOperand &operand) const {
    if (!operand.elementType)
      return 0;
    unsigned bits = operand.elementType.getIntOrFloatBitWidth();
    return std::min(operand.bytes, points * ((bits + 7) / 8));
  }
  /// Of all operands and results.
  double getBytes() const {
    double bytes = 0;
    for (const WorkOperand &operand : operands)
      bytes += getTouchedBytes(operand);
    for (const WorkOperand &result : results)
      bytes += getTouchedBytes(result);
    return bytes;
  }
};

} // namespace qcc

#endif // QCC_TARGET_WORK_H
