// A computation, as targets are asked about it: only its value. The interface
// of the ops that are computations is dialects/QNN/IR's WorkOpInterface, and
// lib/Analysis/Work.h makes this of it.

#ifndef QCC_TARGET_WORK_H
#define QCC_TARGET_WORK_H

#include "dialects/QNN/IR/Format.h"
#include "dialects/QNN/IR/IterationSpace.h"

#include "mlir/IR/Operation.h"

namespace qcc {

/// An operand or a result of a computation.
struct WorkOperand {
  mlir::Type elementType; ///< Of its values; null: no tensor.
  llvm::SmallVector<int64_t> shape;
  /// How it is stored; null: plain elements. A parameter, and not read from the
  /// op by targets, so that a search can ask about formats that no IR has yet.
  qnn::FormatAttr format;
  /// Of the value that has the format, where that is another than this: the
  /// weights of a convolution may be stored as a matrix.
  llvm::SmallVector<int64_t> storedShape;
  /// Its indices at a point of the iteration space; null where the point alone
  /// does not tell them.
  mlir::AffineMap map;
  /// How many of its elements a point touches at most; 0 where only its size
  /// bounds that. Of results, which are written whole, it says nothing.
  int64_t reach = 0;
  /// Known when compiling: a target may bring it into an order of its own.
  bool isConstant = false;
  /// As stored, open extents counted as 1.
  double bytes = 0;
  /// Of these, what is read or written: of a table that is gathered from only
  /// what points reach; none of memory that is an operand only to become a
  /// result.
  double touchedBytes = 0;

  /// The shape that its format is asked about.
  llvm::ArrayRef<int64_t> getStoredShape() const {
    return storedShape.empty() ? shape : storedShape;
  }
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
  /// Read or written of all operands and results, each element once.
  double getBytes() const {
    double bytes = 0;
    for (const WorkOperand &operand : operands)
      bytes += operand.touchedBytes;
    for (const WorkOperand &result : results)
      bytes += result.touchedBytes;
    return bytes;
  }
};

} // namespace qcc

#endif // QCC_TARGET_WORK_H
