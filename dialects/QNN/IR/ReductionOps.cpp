#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace qcc::qnn;

/// The extents left of `extents` when `axes` are reduced.
template <typename Extent>
static SmallVector<Extent> reduceExtents(ArrayRef<Extent> extents,
                                         ArrayRef<int64_t> axes, bool keepDims,
                                         Extent one) {
  SmallVector<Extent> left;
  for (auto [axis, extent] : llvm::enumerate(extents)) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      left.push_back(extent);
    else if (keepDims)
      left.push_back(one);
  }
  return left;
}

static LogicalResult reifyReduced(Value input, ArrayRef<int64_t> axes,
                                  bool keepDims, OpBuilder &builder,
                                  ReifiedShapes &shapes) {
  SmallVector<OpFoldResult> extents =
      getExtents(builder, input.getLoc(), input);
  shapes.push_back(reduceExtents<OpFoldResult>(extents, axes, keepDims,
                                               builder.getIndexAttr(1)));
  return success();
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  for (auto [i, axis] : llvm::enumerate(axes)) // C1
    if (axis < 0 || axis >= input.getRank() || (i > 0 && axes[i - 1] >= axis))
      return emitOptionalError(loc,
                               "axes must be distinct and ascending axes "
                               "of a tensor of rank ",
                               input.getRank());
  types.push_back(RankedTensorType::get(
      reduceExtents<int64_t>(input.getShape(), axes, adaptor.getKeepDims(), 1),
      input.getElementType()));
  return success();
}

LogicalResult ReduceOp::verify() {
  bool isLogical = getKind() == ReduceKind::max || getKind() == ReduceKind::min;
  if (getInput().getType().getElementType().isInteger(1) && !isLogical) // C2
    return emitOpError() << stringifyReduceKind(getKind())
                         << " is no reduction of i1";
  return success();
}

OpFoldResult ReduceOp::fold(FoldAdaptor) {
  if (getAxes().empty())
    return getInput();
  return {};
}

LogicalResult ReduceOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  return reifyReduced(getInput(), getAxes(), getKeepDims(), builder, shapes);
}

LogicalResult ArgReduceOp::inferReturnTypes(MLIRContext *context,
                                            MaybeLocation loc, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, input.getRank()))) // C1
    return failure();
  types.push_back(RankedTensorType::get(
      reduceExtents<int64_t>(input.getShape(), axis, adaptor.getKeepDims(), 1),
      IntegerType::get(context, 64)));
  return success();
}

LogicalResult ArgReduceOp::verify() {
  if (getKind() != ReduceKind::max && getKind() != ReduceKind::min) // C2
    return emitOpError("finds max or min, not ")
           << stringifyReduceKind(getKind());
  return success();
}

LogicalResult ArgReduceOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedShapes &shapes) {
  int64_t axis = getAxis();
  return reifyReduced(getInput(), axis, getKeepDims(), builder, shapes);
}

LogicalResult CumulateOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult CumulateOp::verify() {
  return checkAxis(getLoc(), getAxis(), getInput().getType().getRank()); // C1
}

LogicalResult CumulateOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}
