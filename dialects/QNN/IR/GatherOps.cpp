// Ops that read or write at indices.

#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace qcc::qnn;

using Extents = SmallVector<OpFoldResult>;

/// `input` with the axes from `begin` to `end` replaced by `indices`.
template <typename Extent>
static SmallVector<Extent> replaceAxes(ArrayRef<Extent> input, int64_t begin,
                                       int64_t end, ArrayRef<Extent> indices) {
  SmallVector<Extent> result(input.take_front(begin));
  llvm::append_range(result, indices);
  llvm::append_range(result, input.drop_front(end));
  return result;
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, input.getRank()))) // C1
    return failure();
  types.push_back(RankedTensorType::get(
      replaceAxes<int64_t>(input.getShape(), axis, axis + 1,
                           getShaped(adaptor.getIndices()).getShape()),
      input.getElementType()));
  return success();
}

LogicalResult GatherOp::verify() { return success(); }

LogicalResult GatherOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  int64_t axis = getAxis();
  Extents input = getExtents(builder, getLoc(), getInput());
  Extents indices = getExtents(builder, getLoc(), getIndices());
  shapes.push_back(replaceAxes<OpFoldResult>(input, axis, axis + 1, indices));
  return success();
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                                 Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  types.push_back(
      RankedTensorType::get(getShaped(adaptor.getIndices()).getShape(),
                            getShaped(adaptor.getInput()).getElementType()));
  return success();
}

LogicalResult GatherElementsOp::verify() {
  int64_t rank = getInput().getType().getRank();
  if (failed(checkAxis(getLoc(), getAxis(), rank))) // C1
    return failure();
  if (getIndices().getType().getRank() != rank) // C2
    return emitOpError("needs indices of rank ")
           << rank << ", got " << getIndices().getType();
  return success();
}

LogicalResult GatherElementsOp::reifyResultShapes(OpBuilder &builder,
                                                  ReifiedShapes &shapes) {
  return reifyAs(getIndices(), builder, shapes);
}

LogicalResult GatherNDOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ShapedType indices = getShaped(adaptor.getIndices());
  int64_t batch = adaptor.getBatchDims();
  if (indices.getRank() < 1 ||
      indices.isDynamicDim(indices.getRank() - 1)) // C1
    return emitOptionalError(loc,
                             "needs indices whose innermost extent is "
                             "static, got ",
                             adaptor.getIndices().getType());
  int64_t depth = indices.getShape().back();
  if (batch < 0 || batch >= indices.getRank() ||
      batch + depth > input.getRank()) // C2
    return emitOptionalError(loc, "reads at ", depth, " positions after ",
                             batch, " batch axes, but the input has rank ",
                             input.getRank());
  types.push_back(RankedTensorType::get(
      replaceAxes<int64_t>(input.getShape(), 0, batch + depth,
                           indices.getShape().drop_back()),
      input.getElementType()));
  return success();
}

LogicalResult GatherNDOp::verify() { return success(); }

LogicalResult GatherNDOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedShapes &shapes) {
  int64_t depth = getIndices().getType().getShape().back();
  Extents input = getExtents(builder, getLoc(), getInput());
  Extents indices = getExtents(builder, getLoc(), getIndices());
  shapes.push_back(replaceAxes<OpFoldResult>(input, 0, getBatchDims() + depth,
                                             ArrayRef(indices).drop_back()));
  return success();
}

/// Constraint of both scatters.
template <typename ScatterOp>
static LogicalResult verifyUpdates(ScatterOp op, int64_t rank) {
  RankedTensorType input = op.getInput().getType();
  RankedTensorType updates = op.getUpdates().getType();
  if (updates.getRank() != rank)
    return op.emitOpError("needs updates of rank ")
           << rank << ", got " << updates;
  if (updates.getElementType() != input.getElementType())
    return op.emitOpError("updates ") << input << " with " << updates;
  return success();
}

LogicalResult
ScatterElementsOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult ScatterElementsOp::verify() {
  int64_t rank = getInput().getType().getRank();
  if (failed(checkAxis(getLoc(), getAxis(), rank))) // C1
    return failure();
  if (getIndices().getType().getRank() != rank) // C2
    return emitOpError("needs indices of rank ")
           << rank << ", got " << getIndices().getType();
  return verifyUpdates(*this, rank); // C2, C3
}

LogicalResult ScatterElementsOp::reifyResultShapes(OpBuilder &builder,
                                                   ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}

LogicalResult ScatterNDOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult ScatterNDOp::verify() {
  RankedTensorType input = getInput().getType();
  RankedTensorType indices = getIndices().getType();
  if (indices.getRank() < 1 || indices.isDynamicDim(indices.getRank() - 1) ||
      indices.getShape().back() > input.getRank()) // C1
    return emitOpError("needs indices whose innermost extent is static and at "
                       "most ")
           << input.getRank() << ", got " << indices;
  return verifyUpdates(*this, indices.getRank() - 1 + input.getRank() -
                                  indices.getShape().back()); // C2, C3
}

LogicalResult ScatterNDOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}
