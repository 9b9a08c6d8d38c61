// Puts transposes below the plain ops that read them. See Layout.h.

#include "dialects/QNN/Transforms/Layout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace qcc::qnn {

Type getTypeBefore(Type type, ArrayRef<int64_t> permutation) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(permuteBack(tensor.getShape(), permutation),
                               tensor.getElementType());
}

ArrayRef<int64_t> getLayoutPermutation(Value value) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (transpose && transpose.getPermutation() == ArrayRef<int64_t>(kToFirst))
    return kToFirst;
  return {};
}

/// The operand of the first such transpose among `values`.
static ArrayRef<int64_t> findLayoutPermutation(ValueRange values) {
  for (Value value : values)
    if (ArrayRef<int64_t> found = getLayoutPermutation(value); !found.empty())
      return found;
  return {};
}

static Value getTransposed(Value value) {
  return value.getDefiningOp<TransposeOp>().getInput();
}

Value moveAboveTranspose(OpBuilder &builder, Value value,
                         ArrayRef<int64_t> permutation) {
  auto type = cast<RankedTensorType>(value.getType());
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (transpose && transpose.getPermutation() == permutation)
    return transpose.getInput();
  size_t rank = permutation.size();
  if (type.getRank() == 0)
    return value;
  size_t lacking = rank - type.getRank();
  bool isConstant = matchPattern(value, m_Constant());
  int64_t large =
      llvm::count_if(type.getShape(), [](int64_t e) { return e != 1; });
  if (!isConstant && large > 1)
    return {};
  SmallVector<OpFoldResult> sizes(lacking, builder.getIndexAttr(1));
  llvm::append_range(sizes,
                     tensor::getMixedSizes(builder, value.getLoc(), value));
  if (large <= 1)
    return ReshapeOp::create(
        builder, value.getLoc(), value,
        permuteBack(ArrayRef<OpFoldResult>(sizes), permutation));
  Value full = lacking == 0
                   ? value
                   : ReshapeOp::create(builder, value.getLoc(), value, sizes)
                         .getResult();
  return TransposeOp::create(builder, value.getLoc(), full,
                             invertPermutationVector(permutation));
}

/// Each of `values` above the transpose; none where one of them cannot be.
static FailureOr<SmallVector<Value>>
moveAllAbove(OpBuilder &builder, ValueRange values,
             ArrayRef<int64_t> permutation) {
  auto isFree = [&](Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    return getLayoutPermutation(value) == permutation ||
           matchPattern(value, m_Constant()) ||
           llvm::count_if(type.getShape(), [](int64_t e) { return e != 1; }) <
               2;
  };
  if (!llvm::all_of(values, isFree))
    return failure();
  return llvm::map_to_vector(values, [&](Value value) {
    return moveAboveTranspose(builder, value, permutation);
  });
}

namespace {

/// f(T(x), T(y)) is T(f(x, y)).
struct SinkThroughElementwise : RewritePattern {
  explicit SinkThroughElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<UnaryOp, TestOp, BinaryOp, CompareOp, SelectOp, CastOp, BitcastOp>(
            op))
      return failure();
    ArrayRef<int64_t> permutation = findLayoutPermutation(op->getOperands());
    if (permutation.empty())
      return rewriter.notifyMatchFailure(op, "reads no layout transpose");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (type.getRank() != static_cast<int64_t>(permutation.size()))
      return rewriter.notifyMatchFailure(op, "has a larger rank");
    auto operands = moveAllAbove(rewriter, op->getOperands(), permutation);
    if (failed(operands))
      return rewriter.notifyMatchFailure(op, "an operand needs a transpose");
    OperationState state(op->getLoc(), op->getName().getStringRef(), *operands,
                         getTypeBefore(type, permutation), op->getAttrs());
    Operation *sunk = rewriter.create(state);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk->getResult(0),
                                             permutation);
    return success();
  }
};

/// For ops with one image operand.
template <typename SomeOp> struct SinkPattern : OpRewritePattern<SomeOp> {
  using OpRewritePattern<SomeOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(SomeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> permutation = getLayoutPermutation(op.getInput());
    if (permutation.empty())
      return rewriter.notifyMatchFailure(op, "reads no layout transpose");
    return sink(op, getTransposed(op.getInput()), permutation, rewriter);
  }

  virtual LogicalResult sink(SomeOp op, Value input,
                             ArrayRef<int64_t> permutation,
                             PatternRewriter &rewriter) const = 0;
};

struct SinkThroughConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> permutation = findLayoutPermutation(op.getInputs());
    if (permutation.empty())
      return rewriter.notifyMatchFailure(op, "reads no layout transpose");
    auto inputs = moveAllAbove(rewriter, op.getInputs(), permutation);
    if (failed(inputs))
      return rewriter.notifyMatchFailure(op, "an operand needs a transpose");
    auto sunk = ConcatOp::create(rewriter, op.getLoc(), *inputs,
                                 permutation[op.getAxis()]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, permutation);
    return success();
  }
};

/// The permutation among the axes that a reduction leaves.
static SmallVector<int64_t> getPermutationOfRest(ArrayRef<int64_t> permutation,
                                                 ArrayRef<int64_t> axes) {
  SmallVector<int64_t> rest;
  for (auto [axis, from] : llvm::enumerate(permutation))
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      rest.push_back(from);
  return llvm::map_to_vector(rest, [&](int64_t from) -> int64_t {
    return llvm::count_if(rest, [&](int64_t other) { return other < from; });
  });
}

struct SinkThroughReduce : SinkPattern<ReduceOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(ReduceOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    SmallVector<int64_t> axes = llvm::map_to_vector(
        op.getAxes(), [&](int64_t axis) { return permutation[axis]; });
    llvm::sort(axes);
    auto sunk = ReduceOp::create(rewriter, op.getLoc(), op.getKind(), input,
                                 axes, op.getKeepDims());
    SmallVector<int64_t> rest =
        op.getKeepDims() ? SmallVector<int64_t>(permutation)
                         : getPermutationOfRest(permutation, op.getAxes());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, rest);
    return success();
  }
};

struct SinkThroughArgReduce : SinkPattern<ArgReduceOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(ArgReduceOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    int64_t axis = op.getAxis();
    auto sunk = ArgReduceOp::create(rewriter, op.getLoc(), op.getKind(), input,
                                    permutation[axis], op.getKeepDims(),
                                    op.getSelectLast());
    SmallVector<int64_t> rest = op.getKeepDims()
                                    ? SmallVector<int64_t>(permutation)
                                    : getPermutationOfRest(permutation, axis);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, rest);
    return success();
  }
};

struct SinkThroughPad : SinkPattern<PadOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(PadOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> low = op.getMixedLow(), high = op.getMixedHigh();
    auto sunk = PadOp::create(
        rewriter, op.getLoc(), op.getMode(), input,
        permuteBack(ArrayRef<OpFoldResult>(low), permutation),
        permuteBack(ArrayRef<OpFoldResult>(high), permutation), op.getValue());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, permutation);
    return success();
  }
};

struct SinkThroughSlice : SinkPattern<SliceOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(SliceOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> offsets = op.getMixedOffsets(),
                              sizes = op.getMixedSizes();
    auto sunk = SliceOp::create(
        rewriter, op.getLoc(), input,
        permuteBack(ArrayRef<OpFoldResult>(offsets), permutation),
        permuteBack(ArrayRef<OpFoldResult>(sizes), permutation),
        permuteBack(op.getStrides(), permutation));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, permutation);
    return success();
  }
};

struct SinkThroughTile : SinkPattern<TileOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(TileOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> repeats = op.getMixedRepeats();
    auto sunk = TileOp::create(
        rewriter, op.getLoc(), input,
        permuteBack(ArrayRef<OpFoldResult>(repeats), permutation));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, permutation);
    return success();
  }
};

struct SinkThroughExpand : SinkPattern<ExpandOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(ExpandOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    if (op.getType().getRank() != static_cast<int64_t>(permutation.size()))
      return rewriter.notifyMatchFailure(op, "adds axes");
    SmallVector<OpFoldResult> sizes = op.getMixedSizes();
    auto sunk = ExpandOp::create(
        rewriter, op.getLoc(), input,
        permuteBack(ArrayRef<OpFoldResult>(sizes), permutation));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk, permutation);
    return success();
  }
};

struct SinkThroughPool : SinkPattern<PoolOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(PoolOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    if (op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "windows lie over other axes");
    auto sunk = PoolOp::create(rewriter, op.getLoc(), op.getKind(), input,
                               op.getWindow(), op.getStrides(), op.getPads(),
                               op.getDilations(), op.getCeilMode(),
                               op.getCountPadding(), /*channels_last=*/true);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk.getResult(), permutation);
    return success();
  }
};

/// Windows over an image of one channel whose spatial axes change places: a
/// local response normalization, whose windows lie over channels, ends up here.
struct SwapPooledAxes : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PoolOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose || op.getChannelsLast() || op.getType().getRank() != 4 ||
        transpose.getType().getDimSize(1) != 1)
      return rewriter.notifyMatchFailure(op,
                                         "is of no transpose of one channel");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    if (permutation[0] != 0 || permutation[2] < permutation[3])
      return rewriter.notifyMatchFailure(op,
                                         "leaves the spatial axes in order");
    SmallVector<OpFoldResult> extents =
        tensor::getMixedSizes(rewriter, op.getLoc(), transpose.getInput());
    Value image =
        ReshapeOp::create(rewriter, op.getLoc(), transpose.getInput(),
                          {extents[0], extents[permutation[3]],
                           extents[permutation[2]], rewriter.getIndexAttr(1)});
    auto swap = [](ArrayRef<int64_t> pair) {
      return SmallVector<int64_t>{pair[1], pair[0]};
    };
    SmallVector<int64_t> pads = swap(op.getPads().take_front(2));
    llvm::append_range(pads, swap(op.getPads().take_back(2)));
    auto sunk = PoolOp::create(rewriter, op.getLoc(), op.getKind(), image,
                               swap(op.getWindow()), swap(op.getStrides()),
                               pads, swap(op.getDilations()), op.getCeilMode(),
                               op.getCountPadding(), /*channels_last=*/true);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk.getResult(),
                                             ArrayRef<int64_t>{0, 3, 2, 1});
    return success();
  }
};

/// A vector of one element for each axis, in the order before the transpose.
static Value permuteVector(OpBuilder &builder, Value vector,
                           ArrayRef<int64_t> permutation, int64_t parts) {
  SmallVector<int64_t> inverse = invertPermutationVector(permutation), indices;
  int64_t rank = permutation.size();
  for (int64_t part : llvm::seq(parts))
    for (int64_t axis : inverse)
      indices.push_back(part * rank + axis);
  auto type = RankedTensorType::get(parts * rank, builder.getI64Type());
  Value positions = arith::ConstantOp::create(
      builder, vector.getLoc(), DenseIntElementsAttr::get(type, indices));
  return GatherOp::create(builder, vector.getLoc(), vector, positions,
                          /*axis=*/0);
}

struct SinkThroughResize : SinkPattern<ResizeOp> {
  using SinkPattern::SinkPattern;
  LogicalResult sink(ResizeOp op, Value input, ArrayRef<int64_t> permutation,
                     PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> mixed = op.getMixedSizes();
    SmallVector<OpFoldResult> sizes =
        permuteBack(ArrayRef<OpFoldResult>(mixed), permutation);
    SmallVector<Value> values;
    SmallVector<int64_t> numbers;
    dispatchIndexOpFoldResults(sizes, values, numbers);
    Value scales = permuteVector(rewriter, op.getScales(), permutation, 1);
    Value roi = op.getRoi()
                    ? permuteVector(rewriter, op.getRoi(), permutation, 2)
                    : Value();
    auto sunk = ResizeOp::create(
        rewriter, op.getLoc(), op.getMode(), input, scales, roi, values,
        numbers, op.getCoordinates(), op.getRounding(),
        op.getCubicCoefficient(), op.getExcludeOutside(), op.getAntialias(),
        op.getExtrapolationValue());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, sunk.getResult(), permutation);
    return success();
  }
};

/// An extent of T(x) is one of x, so that nothing keeps T alive for it.
struct SinkThroughDim : OpRewritePattern<tensor::DimOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::DimOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSource().getDefiningOp<TransposeOp>();
    std::optional<int64_t> axis = op.getConstantIndex();
    if (!transpose || !axis)
      return rewriter.notifyMatchFailure(op, "is of no transpose");
    rewriter.replaceOpWithNewOp<tensor::DimOp>(
        op, transpose.getInput(), transpose.getPermutation()[*axis]);
    return success();
  }
};

} // namespace

void populateSinkTransposePatterns(RewritePatternSet &patterns) {
  patterns.add<SinkThroughElementwise, SinkThroughConcat, SinkThroughReduce,
               SinkThroughArgReduce, SinkThroughPad, SinkThroughSlice,
               SinkThroughTile, SinkThroughExpand, SinkThroughPool,
               SinkThroughResize, SinkThroughDim, SwapPooledAxes>(
      patterns.getContext());
  populateSinkThroughReshapePatterns(patterns);
  populateSinkThroughFormatPatterns(patterns);
}

} // namespace qcc::qnn
