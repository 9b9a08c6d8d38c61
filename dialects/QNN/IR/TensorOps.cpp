#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::qnn;

using Mixed = SmallVector<OpFoldResult>;

/// The static and dynamic halves of a mixed list.
struct SplitMixed {
  explicit SplitMixed(ArrayRef<OpFoldResult> mixed) {
    dispatchIndexOpFoldResults(mixed, values, numbers);
  }
  SmallVector<Value> values;
  SmallVector<int64_t> numbers;
};

/// An error unless as many numbers are dynamic as there are operands, and no
/// static one is negative.
static LogicalResult checkMixed(MaybeLocation loc, ValueRange values,
                                ArrayRef<int64_t> numbers) {
  for (int64_t number : numbers)
    if (number < 0 && !ShapedType::isDynamic(number))
      return emitOptionalError(loc, "has the negative number ", number);
  size_t count = llvm::count_if(numbers, ShapedType::isDynamic);
  if (count == values.size())
    return success();
  return emitOptionalError(loc, "has ", count,
                           " dynamic positions and operands for ",
                           values.size());
}

//===----------------------------------------------------------------------===//
// Reshape, expand, transpose
//===----------------------------------------------------------------------===//

Mixed ReshapeOp::getMixedSizes() {
  return getMixedValues(getStaticSizes(), getSizes(), getContext());
}

void ReshapeOp::build(OpBuilder &builder, OperationState &state, Value input,
                      ArrayRef<OpFoldResult> sizes) {
  SplitMixed split(sizes);
  build(builder, state, input, split.values, split.numbers);
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  if (failed(
          checkMixed(loc, adaptor.getSizes(), adaptor.getStaticSizes()))) // C2
    return failure();
  types.push_back(
      RankedTensorType::get(adaptor.getStaticSizes(),
                            getShaped(adaptor.getInput()).getElementType()));
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = getInput().getType(), to = getType();
  if (from.hasStaticShape() && to.hasStaticShape() &&
      from.getNumElements() != to.getNumElements()) // C1
    return emitOpError("has ")
           << from.getNumElements() << " elements, but its result holds "
           << to.getNumElements();
  return success();
}

/// A constant of one number, in the shape of `type`, unless it would grow: the
/// weights file holds each of its elements.
static OpFoldResult foldSplat(Attribute input, RankedTensorType type) {
  constexpr int64_t kSmall = 64;
  auto splat = dyn_cast_if_present<SplatElementsAttr>(input);
  if (!splat || !type.hasStaticShape() ||
      type.getNumElements() > std::max(splat.getNumElements(), kSmall))
    return {};
  return splat.resizeSplat(type);
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  RankedTensorType from = getInput().getType();
  if (from == getType() && from.hasStaticShape())
    return getInput();
  // One dynamic extent follows from the others, unless one of them is 0.
  if (from == getType() && !llvm::is_contained(from.getShape(), 0) &&
      llvm::count(from.getShape(), ShapedType::kDynamic) == 1)
    return getInput();
  return foldSplat(adaptor.getInput(), getType());
}

namespace {
/// reshape(reshape(x)) is one reshape.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "not of a reshape");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, inner.getInput(),
                                           op.getMixedSizes());
    return success();
  }
};

/// transpose(transpose(x)) is one transpose.
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "not of a transpose");
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(inner.getPermutation()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, inner.getInput(), permutation);
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

LogicalResult ReshapeOp::reifyResultShapes(OpBuilder &, ReifiedShapes &shapes) {
  shapes.push_back(getMixedSizes());
  return success();
}

Mixed ExpandOp::getMixedSizes() {
  return getMixedValues(getStaticSizes(), getSizes(), getContext());
}

void ExpandOp::build(OpBuilder &builder, OperationState &state, Value input,
                     ArrayRef<OpFoldResult> sizes) {
  SplitMixed split(sizes);
  build(builder, state, input, split.values, split.numbers);
}

LogicalResult ExpandOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (failed(
          checkMixed(loc, adaptor.getSizes(), adaptor.getStaticSizes()))) // C3
    return failure();
  types.push_back(
      RankedTensorType::get(adaptor.getStaticSizes(),
                            getShaped(adaptor.getInput()).getElementType()));
  return success();
}

LogicalResult ExpandOp::verify() {
  RankedTensorType from = getInput().getType(), to = getType();
  if (from.getRank() > to.getRank()) // C1
    return emitOpError("expands rank ")
           << from.getRank() << " to the lower rank " << to.getRank();
  for (auto [extent, target] :
       llvm::zip(from.getShape(), to.getShape().take_back(from.getRank())))
    if (extent != 1 && failed(verifyCompatibleShape({extent}, {target}))) // C2
      return emitOpError("expands an extent of ") << extent << " to " << target;
  return success();
}

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType() && getType().hasStaticShape())
    return getInput();
  return foldSplat(adaptor.getInput(), getType());
}

LogicalResult ExpandOp::reifyResultShapes(OpBuilder &, ReifiedShapes &shapes) {
  shapes.push_back(getMixedSizes());
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  if (static_cast<int64_t>(permutation.size()) != input.getRank() ||
      !isPermutationVector(permutation)) // C1
    return emitOptionalError(loc, "needs a permutation of ", input.getRank(),
                             " axes, got ", permutation);
  types.push_back(RankedTensorType::get(
      applyPermutation(input.getShape(), permutation), input.getElementType()));
  return success();
}

LogicalResult TransposeOp::verify() { return success(); }

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (isIdentityPermutation(getPermutation()))
    return getInput();
  return foldSplat(adaptor.getInput(), getType());
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<MergeTransposes>(context);
}

LogicalResult TransposeOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedShapes &shapes) {
  Mixed extents = getExtents(builder, getLoc(), getInput());
  shapes.push_back(
      applyPermutation(ArrayRef<OpFoldResult>(extents), getPermutation()));
  return success();
}

//===----------------------------------------------------------------------===//
// Concat, slice, pad, tile
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty()) // C1
    return emitOptionalError(loc, "needs an operand");
  ShapedType first = getShaped(adaptor.getInputs().front());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, first.getRank()))) // C3
    return failure();
  Shape shape(first.getShape());
  for (Value input : adaptor.getInputs().drop_front()) {
    ShapedType type = getShaped(input);
    if (type.getRank() != first.getRank() ||
        type.getElementType() != first.getElementType()) // C2
      return emitOptionalError(loc, "joins different kinds of tensors, ", first,
                               " and ", type);
    for (int64_t i : llvm::seq(first.getRank())) {
      int64_t extent = type.getDimSize(i);
      if (i == axis) {
        FailureOr<int64_t> sum = addExtents(loc, shape[i], extent);
        if (failed(sum))
          return failure();
        shape[i] = *sum;
      } else if (ShapedType::isDynamic(shape[i])) {
        shape[i] = extent;
      } else if (failed(verifyCompatibleShape({shape[i]}, {extent}))) { // C2
        return emitOptionalError(loc, "joins different extents along axis ", i,
                                 ", ", shape[i], " and ", extent);
      }
    }
  }
  types.push_back(RankedTensorType::get(shape, first.getElementType()));
  return success();
}

LogicalResult ConcatOp::verify() { return success(); }

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1)
    return getInputs().front();
  return {};
}

LogicalResult ConcatOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  Mixed extents = getExtents(builder, getLoc(), getInputs().front());
  for (auto [i, extent] : llvm::enumerate(extents))
    if (!getType().isDynamicDim(i))
      extent = builder.getIndexAttr(getType().getDimSize(i));
  int64_t axis = getAxis();
  if (getType().isDynamicDim(axis)) {
    AffineExpr sum = builder.getAffineConstantExpr(0);
    Mixed parts;
    for (Value input : getInputs()) {
      sum = sum + builder.getAffineSymbolExpr(parts.size());
      parts.push_back(getExtent(builder, getLoc(), input, axis));
    }
    extents[axis] = compute(builder, getLoc(), sum, parts);
  }
  shapes.push_back(std::move(extents));
  return success();
}

Mixed SliceOp::getMixedOffsets() {
  return getMixedValues(getStaticOffsets(), getOffsets(), getContext());
}

Mixed SliceOp::getMixedSizes() {
  return getMixedValues(getStaticSizes(), getSizes(), getContext());
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Value input,
                    ArrayRef<OpFoldResult> offsets,
                    ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> strides) {
  SplitMixed splitOffsets(offsets), splitSizes(sizes);
  build(builder, state, input, splitOffsets.values, splitSizes.values,
        splitOffsets.numbers, splitSizes.numbers, strides);
}

/// The op's own verifier runs before the type is inferred, so both check this.
template <typename Slice>
static LogicalResult checkPositions(MaybeLocation loc, Slice slice) {
  size_t rank = getShaped(slice.getInput()).getRank();
  if (slice.getStaticOffsets().size() == rank &&
      slice.getStaticSizes().size() == rank &&
      slice.getStrides().size() == rank) // C1
    return success();
  return emitOptionalError(loc, "needs offsets, sizes and strides for ", rank,
                           " axes");
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  if (failed(checkPositions(loc, adaptor))) // C1
    return failure();
  if (failed(
          checkMixed(loc, adaptor.getOffsets(), adaptor.getStaticOffsets())) ||
      failed(checkMixed(loc, adaptor.getSizes(), adaptor.getStaticSizes())))
    return failure(); // C1
  types.push_back(
      RankedTensorType::get(adaptor.getStaticSizes(), input.getElementType()));
  return success();
}

LogicalResult SliceOp::verify() {
  if (failed(checkPositions(std::optional(getLoc()), *this))) // C1
    return failure();
  for (auto [axis, extent] : llvm::enumerate(getInput().getType().getShape())) {
    int64_t offset = getStaticOffsets()[axis], size = getStaticSizes()[axis];
    int64_t stride = getStrides()[axis];
    if (stride == 0) // C2
      return emitOpError("has a stride of 0 along axis ") << axis;
    if (ShapedType::isDynamic(extent) || ShapedType::isDynamic(offset) ||
        ShapedType::isDynamic(size) || size == 0)
      continue;
    int64_t way, last;
    if (llvm::MulOverflow(size - 1, stride, way) ||
        llvm::AddOverflow(offset, way, last)) // C3
      return emitOpError("reaches beyond 64 bits along axis ") << axis;
    if (size < 0 || offset < 0 || offset >= extent || last < 0 ||
        last >= extent) // C3
      return emitOpError("reaches from ")
             << offset << " to " << last << " along axis " << axis
             << ", whose extent is " << extent;
  }
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  bool isAll =
      getInput().getType() == getType() && getType().hasStaticShape() &&
      llvm::all_of(getStrides(), [](int64_t stride) { return stride == 1; });
  if (isAll)
    return getInput();
  return {};
}

LogicalResult SliceOp::reifyResultShapes(OpBuilder &, ReifiedShapes &shapes) {
  shapes.push_back(getMixedSizes());
  return success();
}

Mixed PadOp::getMixedLow() {
  return getMixedValues(getStaticLow(), getLow(), getContext());
}

Mixed PadOp::getMixedHigh() {
  return getMixedValues(getStaticHigh(), getHigh(), getContext());
}

void PadOp::build(OpBuilder &builder, OperationState &state, PadMode mode,
                  Value input, ArrayRef<OpFoldResult> low,
                  ArrayRef<OpFoldResult> high, Value value) {
  SplitMixed splitLow(low), splitHigh(high);
  build(builder, state, mode, input, splitLow.values, splitHigh.values, value,
        splitLow.numbers, splitHigh.numbers);
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ArrayRef<int64_t> low = adaptor.getStaticLow(),
                    high = adaptor.getStaticHigh();
  size_t rank = input.getRank();
  auto isNegative = [](int64_t pad) {
    return pad < 0 && !ShapedType::isDynamic(pad);
  };
  if (low.size() != rank || high.size() != rank ||
      llvm::any_of(low, isNegative) || llvm::any_of(high, isNegative)) // C1
    return emitOptionalError(loc, "needs paddings of 0 or more for ", rank,
                             " axes");
  if (failed(checkMixed(loc, adaptor.getLow(), low)) ||
      failed(checkMixed(loc, adaptor.getHigh(), high))) // C1
    return failure();
  Shape shape(input.getShape());
  for (auto [extent, before, after] : llvm::zip_equal(shape, low, high)) {
    FailureOr<int64_t> sum = addExtents(loc, extent, before);
    if (succeeded(sum))
      sum = addExtents(loc, *sum, after);
    if (failed(sum))
      return failure();
    extent = *sum;
  }
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

LogicalResult PadOp::verify() {
  if (!getValue())
    return success();
  auto value = cast<RankedTensorType>(getValue().getType());
  if (value.getRank() != 0 ||
      value.getElementType() != getType().getElementType() ||
      getMode() != PadMode::constant) // C2
    return emitOpError("pads ")
           << getType().getElementType() << " in mode "
           << stringifyPadMode(getMode()) << " with a " << value;
  return success();
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](int64_t pad) { return pad == 0; };
  if (llvm::all_of(getStaticLow(), isZero) &&
      llvm::all_of(getStaticHigh(), isZero))
    return getInput();
  return {};
}

LogicalResult PadOp::reifyResultShapes(OpBuilder &builder,
                                       ReifiedShapes &shapes) {
  AffineExpr sum = builder.getAffineSymbolExpr(0) +
                   builder.getAffineSymbolExpr(1) +
                   builder.getAffineSymbolExpr(2);
  Mixed extents = getExtents(builder, getLoc(), getInput());
  for (auto [extent, low, high] :
       llvm::zip_equal(extents, getMixedLow(), getMixedHigh()))
    extent = compute(builder, getLoc(), sum, {extent, low, high});
  shapes.push_back(std::move(extents));
  return success();
}

Mixed TileOp::getMixedRepeats() {
  return getMixedValues(getStaticRepeats(), getRepeats(), getContext());
}

void TileOp::build(OpBuilder &builder, OperationState &state, Value input,
                   ArrayRef<OpFoldResult> repeats) {
  SplitMixed split(repeats);
  build(builder, state, input, split.values, split.numbers);
}

LogicalResult TileOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ArrayRef<int64_t> repeats = adaptor.getStaticRepeats();
  bool isNegative = llvm::any_of(repeats, [](int64_t repeat) {
    return repeat < 0 && !ShapedType::isDynamic(repeat);
  });
  if (static_cast<int64_t>(repeats.size()) != input.getRank() ||
      isNegative) // C1
    return emitOptionalError(loc, "needs repeats of 0 or more for ",
                             input.getRank(), " axes");
  if (failed(checkMixed(loc, adaptor.getRepeats(), repeats))) // C1
    return failure();
  Shape shape(input.getShape());
  for (auto [extent, repeat] : llvm::zip_equal(shape, repeats)) {
    FailureOr<int64_t> product = mulExtents(loc, extent, repeat);
    if (failed(product))
      return failure();
    extent = *product;
  }
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

LogicalResult TileOp::verify() { return success(); }

LogicalResult TileOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  // A product of two unknowns is no affine expression, but one with a symbol is
  // only when the other factor is known.
  Mixed extents = getExtents(builder, getLoc(), getInput());
  for (auto [extent, repeat] : llvm::zip_equal(extents, getMixedRepeats()))
    extent =
        compute(builder, getLoc(),
                builder.getAffineSymbolExpr(0) * builder.getAffineSymbolExpr(1),
                {extent, repeat});
  shapes.push_back(std::move(extents));
  return success();
}

//===----------------------------------------------------------------------===//
// Made at run time
//===----------------------------------------------------------------------===//

Mixed IotaOp::getMixedSizes() {
  return getMixedValues(getStaticSizes(), getSizes(), getContext());
}

void IotaOp::build(OpBuilder &builder, OperationState &state,
                   ArrayRef<OpFoldResult> sizes, int64_t axis,
                   Type elementType) {
  SplitMixed split(sizes);
  build(builder, state, split.values, split.numbers, axis, elementType);
}

LogicalResult IotaOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  if (failed(
          checkMixed(loc, adaptor.getSizes(), adaptor.getStaticSizes()))) // C2
    return failure();
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(),
                                        adaptor.getElementType()));
  return success();
}

LogicalResult IotaOp::verify() {
  return checkAxis(getLoc(), getAxis(), getType().getRank()); // C1
}

LogicalResult IotaOp::reifyResultShapes(OpBuilder &, ReifiedShapes &shapes) {
  shapes.push_back(getMixedSizes());
  return success();
}

LogicalResult NonZeroOp::inferReturnTypes(MLIRContext *context,
                                          MaybeLocation loc, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  FailureOr<int64_t> elements = 1;
  for (int64_t extent : input.getShape())
    if (failed(elements = mulExtents(loc, *elements, extent)))
      return failure();
  types.push_back(RankedTensorType::get({input.getRank(), *elements}, // C1
                                        IntegerType::get(context, 64)));
  types.push_back(IndexType::get(context));
  return success();
}

OpFoldResult TopKOp::getMixedK() {
  return getMixedValues(getStaticK(), getK(), getContext()).front();
}

void TopKOp::build(OpBuilder &builder, OperationState &state, Value input,
                   OpFoldResult k, int64_t axis, bool largest) {
  SplitMixed split(k);
  build(builder, state, input, split.values, split.numbers, axis, largest);
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, MaybeLocation loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, input.getRank())) ||               // C1
      failed(checkMixed(loc, adaptor.getK(), adaptor.getStaticK()))) // C2
    return failure();
  if (adaptor.getStaticK().size() != 1) // C2
    return emitOptionalError(loc, "needs one k, got ",
                             adaptor.getStaticK().size());
  int64_t k = adaptor.getStaticK().front(), extent = input.getDimSize(axis);
  if (!ShapedType::isDynamic(k) && !ShapedType::isDynamic(extent) &&
      k > extent) // C2
    return emitOptionalError(loc, "finds ", k, " elements among ", extent);
  Shape shape(input.getShape());
  shape[axis] = k;
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult TopKOp::verify() { return success(); }

LogicalResult TopKOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  Mixed extents = getExtents(builder, getLoc(), getInput());
  extents[getAxis()] = getMixedK();
  shapes.assign(2, extents);
  return success();
}
