#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::qnn;

//===----------------------------------------------------------------------===//
// Pool
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  int64_t rank = input.getRank();
  if (rank < 3 || rank > 5) // C1
    return emitOptionalError(loc, "needs an input of 3 to 5 axes, got ", rank);
  int64_t first = adaptor.getChannelsLast() ? 1 : 2;
  ArrayRef<int64_t> spatial = input.getShape().slice(first, rank - 2);
  if (failed(checkWindow(loc, spatial, adaptor.getWindow(), // C2, C3
                         adaptor.getStrides(), adaptor.getPads(),
                         adaptor.getDilations())))
    return failure();
  Shape shape(input.getShape());
  for (auto [i, axis] : llvm::enumerate(getWindowAxes(
           adaptor.getWindow(), adaptor.getStrides(), adaptor.getPads(),
           adaptor.getDilations(), adaptor.getCeilMode()))) {
    if (std::max(axis.padBefore, axis.padAfter) >= axis.getReach()) // C4
      return emitOptionalError(loc, "pads ", axis.padBefore, " and ",
                               axis.padAfter,
                               " elements, but a window reaches over ",
                               axis.getReach(), ": one could hold pads alone");
    shape[first + i] = axis.getCount(spatial[i]);
  }
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

LogicalResult PoolOp::verify() { return success(); }

LogicalResult PoolOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  int64_t first = getChannelsLast() ? 1 : 2;
  SmallVector<OpFoldResult> extents = getExtents(builder, getLoc(), getInput());
  for (auto [i, axis] :
       llvm::enumerate(getWindowAxes(getWindow(), getStrides(), getPads(),
                                     getDilations(), getCeilMode())))
    extents[first + i] = axis.getCount(builder, getLoc(), extents[first + i]);
  shapes.push_back(std::move(extents));
  return success();
}

//===----------------------------------------------------------------------===//
// Resize, grid sample
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> ResizeOp::getMixedSizes() {
  return getMixedValues(getStaticSizes(), getSizes(), getContext());
}

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ArrayRef<int64_t> sizes = adaptor.getStaticSizes();
  size_t dynamic = llvm::count_if(sizes, ShapedType::isDynamic);
  auto isNegative = [](int64_t size) {
    return size < 0 && !ShapedType::isDynamic(size);
  };
  if (llvm::any_of(sizes, isNegative)) // C1
    return emitOptionalError(loc, "needs sizes of 0 or more, got ", sizes);
  if (static_cast<int64_t>(sizes.size()) != input.getRank() ||
      dynamic != adaptor.getSizes().size()) // C1
    return emitOptionalError(loc, "needs sizes for ", input.getRank(),
                             " axes, got ", sizes.size(), " with ",
                             adaptor.getSizes().size(), " operands");
  types.push_back(RankedTensorType::get(sizes, input.getElementType()));
  return success();
}

LogicalResult ResizeOp::verify() {
  int64_t rank = getInput().getType().getRank();
  auto hasElements = [](Value value, int64_t count) {
    ShapedType type = getShaped(value);
    return type.getRank() == 1 &&
           (type.isDynamicDim(0) || type.getDimSize(0) == count);
  };
  if (!hasElements(getScales(), rank) ||
      (getRoi() && !hasElements(getRoi(), 2 * rank))) // C2
    return emitOpError("needs ")
           << rank << " scales, and of a roi twice as many elements";
  return success();
}

LogicalResult ResizeOp::reifyResultShapes(OpBuilder &, ReifiedShapes &shapes) {
  shapes.push_back(getMixedSizes());
  return success();
}

LogicalResult GridSampleOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ShapedType grid = getShaped(adaptor.getGrid());
  int64_t rank = input.getRank();
  if (rank < 4 || rank > 5 || grid.getRank() != rank ||
      grid.getShape().back() != rank - 2) // C1
    return emitOptionalError(loc,
                             "needs input and grid of one rank, 4 or 5, "
                             "and coordinates for each spatial axis, got ",
                             input, " and ", grid);
  if (failed(verifyCompatibleShape(input.getShape().take_front(),
                                   grid.getShape().take_front()))) // C2
    return emitOptionalError(loc, "samples a batch of ", input.getDimSize(0),
                             " by a grid for ", grid.getDimSize(0));
  Shape shape = {input.getDimSize(0), input.getDimSize(1)};
  llvm::append_range(shape, grid.getShape().slice(1, rank - 2));
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

LogicalResult GridSampleOp::verify() { return success(); }

LogicalResult GridSampleOp::reifyResultShapes(OpBuilder &builder,
                                              ReifiedShapes &shapes) {
  SmallVector<OpFoldResult> extents = {
      getExtent(builder, getLoc(), getInput(), 0),
      getExtent(builder, getLoc(), getInput(), 1)};
  for (int64_t axis : llvm::seq<int64_t>(1, getType().getRank() - 1))
    extents.push_back(getExtent(builder, getLoc(), getGrid(), axis));
  shapes.push_back(std::move(extents));
  return success();
}
