// Ops that read or write at indices.

#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

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

/// Constraint of both ops on single elements: along other axes than that which
/// they address, indices stand for themselves.
template <typename ElementsOp> static LogicalResult verifyReach(ElementsOp op) {
  RankedTensorType input = op.getInput().getType();
  RankedTensorType indices = op.getIndices().getType();
  for (int64_t i : llvm::seq(input.getRank())) {
    bool isKnown = !input.isDynamicDim(i) && !indices.isDynamicDim(i);
    if (i != static_cast<int64_t>(op.getAxis()) && isKnown &&
        indices.getDimSize(i) > input.getDimSize(i))
      return op.emitOpError("has indices that reach over ")
             << indices.getDimSize(i) << " elements along axis " << i
             << ", which has " << input.getDimSize(i);
  }
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
  return verifyReach(*this); // C3
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
  if (failed(verifyCompatibleShape(input.getShape().take_front(batch),
                                   indices.getShape().take_front(batch)))) // C3
    return emitOptionalError(loc, "needs the same ", batch,
                             " batch axes of input and indices, got ", input,
                             " and ", indices);
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
  if (failed(verifyUpdates(*this, rank)) || // C2, C3
      failed(verifyReach(*this)))           // C4
    return failure();
  if (failed(verifyCompatibleShape(getIndices().getType(),
                                   getUpdates().getType()))) // C5
    return emitOpError("needs an update for each index, got ")
           << getUpdates().getType() << " for " << getIndices().getType();
  return success();
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
  int64_t depth = indices.getShape().back();
  if (failed(verifyUpdates(*this, indices.getRank() - 1 + input.getRank() -
                                      depth))) // C2, C3
    return failure();
  SmallVector<int64_t> wanted = replaceAxes<int64_t>(
      input.getShape(), 0, depth, indices.getShape().drop_back());
  if (failed(verifyCompatibleShape(wanted,
                                   getUpdates().getType().getShape()))) // C4
    return emitOpError("needs updates ")
           << RankedTensorType::get(wanted, input.getElementType()) << ", got "
           << getUpdates().getType();
  return success();
}

LogicalResult ScatterNDOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}
