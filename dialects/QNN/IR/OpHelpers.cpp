#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace qcc::qnn {

RankedTensorType getPlainType(Type type) {
  auto shaped = cast<ShapedType>(type);
  return RankedTensorType::get(shaped.getShape(), shaped.getElementType());
}

OpFoldResult getExtent(OpBuilder &builder, mlir::Location loc, Value value,
                       int64_t axis) {
  auto type = cast<ShapedType>(value.getType());
  if (!type.isDynamicDim(axis))
    return builder.getIndexAttr(type.getDimSize(axis));
  if (isa<FormattedType>(type))
    return DimOp::create(builder, loc, value, axis).getResult();
  return builder.createOrFold<tensor::DimOp>(loc, value, axis);
}

SmallVector<OpFoldResult> getExtents(OpBuilder &builder, mlir::Location loc,
                                     Value value) {
  return llvm::map_to_vector(
      llvm::seq(getShaped(value).getRank()),
      [&](int64_t axis) { return getExtent(builder, loc, value, axis); });
}

LogicalResult reifyAs(Value source, OpBuilder &builder, ReifiedShapes &shapes) {
  shapes.push_back(getExtents(builder, source.getLoc(), source));
  return success();
}

OpFoldResult compute(OpBuilder &builder, mlir::Location loc, AffineExpr expr,
                     ArrayRef<OpFoldResult> operands) {
  auto map = AffineMap::get(0, operands.size(), expr);
  return affine::makeComposedFoldedAffineApply(builder, loc, map, operands);
}

FailureOr<Shape> broadcast(ArrayRef<int64_t> lhs, ArrayRef<int64_t> rhs) {
  if (lhs.size() < rhs.size())
    std::swap(lhs, rhs);
  Shape result(lhs);
  for (auto [extent, other] :
       llvm::zip(MutableArrayRef(result).take_back(rhs.size()), rhs)) {
    if (other == 1 || extent == other)
      continue;
    if (extent == 1 || ShapedType::isDynamic(extent))
      extent = other;
    else if (!ShapedType::isDynamic(other))
      return failure();
  }
  return result;
}

LogicalResult reifyBroadcast(ValueRange values, OpBuilder &builder,
                             mlir::Location loc, ReifiedShapes &shapes) {
  int64_t rank = 0;
  for (Value value : values)
    rank = std::max(rank, getShaped(value).getRank());
  SmallVector<OpFoldResult> extents(rank, builder.getIndexAttr(1));
  for (int64_t axis : llvm::seq(rank)) {
    // A static extent other than 1 decides, else a dynamic one.
    Value chosen;
    int64_t chosenAxis = 0;
    for (Value value : values) {
      int64_t own = axis - (rank - getShaped(value).getRank());
      if (own < 0 || getShaped(value).getDimSize(own) == 1)
        continue;
      if (chosen && getShaped(value).isDynamicDim(own))
        continue;
      chosen = value;
      chosenAxis = own;
      if (!getShaped(value).isDynamicDim(own))
        break;
    }
    if (chosen)
      extents[axis] = getExtent(builder, loc, chosen, chosenAxis);
  }
  shapes.push_back(std::move(extents));
  return success();
}

FailureOr<int64_t> addExtents(MaybeLocation loc, int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return ShapedType::kDynamic;
  int64_t sum;
  if (llvm::AddOverflow(a, b, sum))
    return emitOptionalError(loc, "gives an extent of ", a, " + ", b,
                             ", which is beyond 64 bits");
  return sum;
}

FailureOr<int64_t> mulExtents(MaybeLocation loc, int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return ShapedType::kDynamic;
  int64_t product;
  if (llvm::MulOverflow(a, b, product))
    return emitOptionalError(loc, "gives an extent of ", a, " * ", b,
                             ", which is beyond 64 bits");
  return product;
}

LogicalResult checkAxis(MaybeLocation loc, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return emitOptionalError(loc, "axis ", axis,
                           " is not an axis of a tensor of rank ", rank);
}

bool hasIntegerCodes(Type type) {
  auto formatted = dyn_cast<FormattedType>(type);
  return formatted && formatted.getFormat().getCodec().getIntegerRange();
}

int64_t WindowAxis::getCount(int64_t extent) const {
  if (ShapedType::isDynamic(extent))
    return extent;
  int64_t room = extent + padBefore + padAfter - getReach();
  if (!ceilMode)
    return llvm::divideFloorSigned(room, stride) + 1;
  // The smaller of: windows that begin in the padded input, rounded up, and
  // those that begin before the end padding.
  return std::min(llvm::divideCeilSigned(room, stride),
                  llvm::divideFloorSigned(extent + padBefore - 1, stride)) +
         1;
}

OpFoldResult WindowAxis::getCount(OpBuilder &builder, mlir::Location loc,
                                  OpFoldResult extent) const {
  AffineExpr e = builder.getAffineSymbolExpr(0);
  AffineExpr room = e + (padBefore + padAfter - getReach());
  if (!ceilMode)
    return compute(builder, loc, room.floorDiv(stride) + 1, extent);
  SmallVector<AffineExpr> bounds = {room.ceilDiv(stride) + 1,
                                    (e + (padBefore - 1)).floorDiv(stride) + 1};
  return affine::makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(0, 1, bounds, builder.getContext()), extent);
}

SmallVector<WindowAxis> getWindowAxes(ArrayRef<int64_t> window,
                                      ArrayRef<int64_t> strides,
                                      ArrayRef<int64_t> pads,
                                      ArrayRef<int64_t> dilations,
                                      bool ceilMode) {
  SmallVector<WindowAxis> axes;
  for (size_t i = 0; i < window.size(); ++i)
    axes.push_back({window[i], strides[i], pads[i], pads[window.size() + i],
                    dilations[i], ceilMode});
  return axes;
}

LogicalResult checkWindow(MaybeLocation loc, ArrayRef<int64_t> spatial,
                          ArrayRef<int64_t> window, ArrayRef<int64_t> strides,
                          ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  size_t axes = spatial.size();
  if (window.size() != axes || strides.size() != axes ||
      dilations.size() != axes || pads.size() != 2 * axes)
    return emitOptionalError(loc, "needs a window, strides and dilations of ",
                             axes, " and pads of ", 2 * axes, " elements");
  auto isPositive = [](int64_t value) { return value > 0; };
  if (!llvm::all_of(window, isPositive) || !llvm::all_of(strides, isPositive) ||
      !llvm::all_of(dilations, isPositive) ||
      llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitOptionalError(loc, "window, strides and dilations must be "
                                  "positive, and pads not negative");
  // So that no sum below overflows.
  auto isLarge = [](int64_t value) { return value > (int64_t(1) << 31); };
  for (ArrayRef<int64_t> list : {window, strides, pads, dilations})
    if (llvm::any_of(list, isLarge))
      return emitOptionalError(loc, "window, strides, pads and dilations must "
                                    "be at most 2^31");
  if (llvm::any_of(spatial, [](int64_t e) { return e > (int64_t(1) << 62); }))
    return emitOptionalError(loc, "spatial extents must be at most 2^62");
  for (auto [extent, axis] :
       llvm::zip(spatial, getWindowAxes(window, strides, pads, dilations)))
    if (!ShapedType::isDynamic(extent) && axis.getCount(extent) < 1)
      return emitOptionalError(loc, "a window that reaches over ",
                               axis.getReach(), " elements does not fit into ",
                               extent, " with pads of ", axis.padBefore,
                               " and ", axis.padAfter);
  return success();
}

} // namespace qcc::qnn
