// What the op files of this folder share.

#ifndef DIALECTS_QNN_IR_OPHELPERS_H
#define DIALECTS_QNN_IR_OPHELPERS_H

#include "dialects/QNN/IR/Ops.h"

namespace qcc::qnn {

using Shape = llvm::SmallVector<int64_t>;
using MaybeLocation = std::optional<mlir::Location>;
using ReifiedShapes = mlir::ReifiedRankedShapedTypeDims;

inline mlir::ShapedType getShaped(mlir::Value value) {
  return llvm::cast<mlir::ShapedType>(value.getType());
}

/// The plain tensor that has the values of `type`.
mlir::RankedTensorType getPlainType(mlir::Type type);

/// An extent of a plain or formatted value.
mlir::OpFoldResult getExtent(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value value, int64_t axis);

/// All of them.
llvm::SmallVector<mlir::OpFoldResult>
getExtents(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// For ops whose one result has the extents of `source`.
llvm::LogicalResult reifyAs(mlir::Value source, mlir::OpBuilder &builder,
                            ReifiedShapes &shapes);

/// `map`, of as many symbols as there are operands, as an index value or
/// number.
mlir::OpFoldResult compute(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::AffineExpr expr,
                           llvm::ArrayRef<mlir::OpFoldResult> operands);

/// NumPy's broadcast of shapes in which two dynamic extents that meet are
/// equal.
mlir::FailureOr<Shape> broadcast(llvm::ArrayRef<int64_t> lhs,
                                 llvm::ArrayRef<int64_t> rhs);

/// The extents of a broadcast of `values`.
llvm::LogicalResult reifyBroadcast(mlir::ValueRange values,
                                   mlir::OpBuilder &builder, mlir::Location loc,
                                   ReifiedShapes &shapes);

/// The sum, or the product, of two extents, dynamic where one of them is; an
/// error where no extent is that large.
mlir::FailureOr<int64_t> addExtents(MaybeLocation loc, int64_t a, int64_t b);
mlir::FailureOr<int64_t> mulExtents(MaybeLocation loc, int64_t a, int64_t b);

/// An error, at `loc` where there is one, when `axis` is not one of `rank`
/// axes.
llvm::LogicalResult checkAxis(MaybeLocation loc, int64_t axis, int64_t rank);

bool hasIntegerCodes(mlir::Type type);

/// How a window moves along one axis; the formula of ONNX's Conv and Pool.
struct WindowAxis {
  int64_t window, stride, padBefore, padAfter, dilation;
  bool ceilMode = false;

  int64_t getReach() const { return (window - 1) * dilation + 1; }

  /// The number of windows along `extent`; dynamic for a dynamic extent, and
  /// negative or 0 where none fits.
  int64_t getCount(int64_t extent) const;
  mlir::OpFoldResult getCount(mlir::OpBuilder &builder, mlir::Location loc,
                              mlir::OpFoldResult extent) const;
};

/// The window's axes; pads are all those before, then all those after.
llvm::SmallVector<WindowAxis> getWindowAxes(llvm::ArrayRef<int64_t> window,
                                            llvm::ArrayRef<int64_t> strides,
                                            llvm::ArrayRef<int64_t> pads,
                                            llvm::ArrayRef<int64_t> dilations,
                                            bool ceilMode = false);

/// Checks counts and signs of a window's attributes and that it fits `spatial`.
llvm::LogicalResult
checkWindow(MaybeLocation loc, llvm::ArrayRef<int64_t> spatial,
            llvm::ArrayRef<int64_t> window, llvm::ArrayRef<int64_t> strides,
            llvm::ArrayRef<int64_t> pads, llvm::ArrayRef<int64_t> dilations);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_IR_OPHELPERS_H
