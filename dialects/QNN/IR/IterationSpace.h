// The points at which an op computes, and what each of them touches: what
// WorkOpInterface returns.

#ifndef DIALECTS_QNN_IR_ITERATIONSPACE_H
#define DIALECTS_QNN_IR_ITERATIONSPACE_H

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"

namespace qcc::qnn {

struct IterationSpace {
  /// Of each loop; dynamic where only the run tells.
  llvm::SmallVector<int64_t> extents;
  /// Whether a loop's points are results of their own or join in one.
  llvm::SmallVector<mlir::utils::IteratorType> iterators;
  /// For each operand, then each result, its indices at a point. Null where the
  /// point alone does not tell them: data does (gather), or a division of
  /// cases (concat), or the operand is no tensor. Indices outside of an operand
  /// are padding.
  llvm::SmallVector<mlir::AffineMap> maps;
  /// For each operand, then each result: how many of its elements a point
  /// touches at most; 0 where only its size bounds that. 1 where there is a
  /// map.
  llvm::SmallVector<int64_t> reaches;

  /// How many points join in an element of a result: dynamic where that is not
  /// known, the largest integer where it is more.
  int64_t getReductionLength() const;
};

} // namespace qcc::qnn

#endif // DIALECTS_QNN_IR_ITERATIONSPACE_H
