// Moving transposes through the graph.

#ifndef DIALECTS_QNN_TRANSFORMS_LAYOUT_H
#define DIALECTS_QNN_TRANSFORMS_LAYOUT_H

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"

namespace qcc::qnn {

/// The permutation of a transpose from [N, H, W, C] to [N, C, H, W].
inline constexpr int64_t kToFirst[] = {0, 3, 1, 2};

/// The components of a formatted value: of a wrap its operands.
llvm::SmallVector<mlir::Value>
getComponents(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// A plain value, or the codes of a formatted one, transposed.
mlir::Value transposeAnyFormat(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value value,
                               llvm::ArrayRef<int64_t> permutation);

/// The type of the operand of a transpose by `permutation` that gives `type`.
mlir::Type getTypeBefore(mlir::Type type, llvm::ArrayRef<int64_t> permutation);

/// Patterns that put a transpose by kToFirst below the op that reads it.
void populateSinkTransposePatterns(mlir::RewritePatternSet &patterns);

/// Those of them for reshapes and for the ops of formats.
void populateSinkThroughReshapePatterns(mlir::RewritePatternSet &patterns);
void populateSinkThroughFormatPatterns(mlir::RewritePatternSet &patterns);

/// `value` as the operand of a transpose by `permutation` that would give it,
/// if that costs nothing at run time: it is such a transpose, a constant, or
/// has at most one extent other than 1. Axes of 1 are put before those of a
/// value of lower rank. Null where it would cost a transpose.
mlir::Value moveAboveTranspose(mlir::OpBuilder &builder, mlir::Value value,
                               llvm::ArrayRef<int64_t> permutation);

/// The permutation of the transpose by kToFirst that makes `value`, or empty.
llvm::ArrayRef<int64_t> getLayoutPermutation(mlir::Value value);

/// `list` in the order of the axes before a transpose by `permutation`.
template <typename T>
llvm::SmallVector<T> permuteBack(llvm::ArrayRef<T> list,
                                 llvm::ArrayRef<int64_t> permutation) {
  return mlir::applyPermutation(list,
                                mlir::invertPermutationVector(permutation));
}

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_LAYOUT_H
