// What is known of the elements of small integer tensors.
//
// A model computes extents with tensors: Shape, Gather, Concat, arithmetic.
// This analysis follows such a tensor element by element back to constants and
// extents, and gives each element as a number or an index value.

#ifndef LIB_ANALYSIS_SHAPEVALUES_H
#define LIB_ANALYSIS_SHAPEVALUES_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Analysis/IndexMath.h"

namespace qcc::analysis {

class ShapeValues {
public:
  ShapeValues(mlir::OpBuilder &builder, IndexMath &math)
      : builder(builder), math(math) {}

  /// Tensors of more elements are not looked into.
  static constexpr int64_t maxElements = 64;

  /// All elements in row-major order, or nothing if one of them is not known.
  /// Arithmetic is built at the builder's position.
  std::optional<llvm::SmallVector<mlir::OpFoldResult>>
  lookup(mlir::Value tensor);

  /// As lookup; elements that are not known are extracted from the tensor. The
  /// tensor has a static shape of at most maxElements integers.
  llvm::SmallVector<mlir::OpFoldResult> extract(mlir::Value tensor);

  /// What a caller knows of a tensor that it has made.
  void record(mlir::Value tensor,
              llvm::SmallVector<mlir::OpFoldResult> elements);

  /// As IndexMath::Scope.
  class Scope {
  public:
    explicit Scope(ShapeValues &values)
        : values(values), mark(values.log.size()) {}
    ~Scope();

  private:
    ShapeValues &values;
    size_t mark;
  };

private:
  using Elements = std::optional<llvm::SmallVector<mlir::OpFoldResult>>;
  Elements compute(mlir::Value tensor);
  Elements computeStructural(mlir::Operation *op);
  Elements computeConcat(qnn::ConcatOp concat);
  Elements computeCast(qnn::CastOp cast);
  Elements computeArithmetic(mlir::Operation *op);
  mlir::OpFoldResult combine(mlir::Operation *op, mlir::OpFoldResult a,
                             mlir::OpFoldResult b);

  mlir::OpBuilder &builder;
  IndexMath &math;
  llvm::DenseMap<mlir::Value, Elements> known;
  std::vector<mlir::Value> log;
  unsigned depth = 0;
};

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_SHAPEVALUES_H
