// Puts images into channels-last order. See Passes.td.
//
// A transpose from channels-last to channels-first order is called T here. Each
// convolution becomes T(conv'(T^-1(x))). Then T sinks below every op that can
// be done in the other order as well, until it meets a T^-1 and both vanish.

#include "dialects/QNN/Transforms/Layout.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Target/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_CHANNELSLAST
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

/// The type of [A, B, L] as [A, B, 1, L]; null where a format has no such type.
Type getImageType(Type type) {
  auto shaped = cast<ShapedType>(type);
  SmallVector<int64_t> shape(shaped.getShape());
  shape.insert(shape.begin() + 2, 1);
  if (auto formatted = dyn_cast<FormattedType>(type))
    return formatted.reshape(shape);
  return RankedTensorType::get(shape, shaped.getElementType());
}

/// Whether getImage() can give the value that type.
bool hasImageType(Value value) {
  if (auto decode = value.getDefiningOp<DecodeOp>())
    return static_cast<bool>(getImageType(decode.getSource().getType()));
  return static_cast<bool>(getImageType(value.getType()));
}

/// [A, B, L] as [A, B, 1, L], and so each component that has such axes.
Value getImage(OpBuilder &builder, Location loc, Value value) {
  Type type = getImageType(value.getType());
  if (auto decode = value.getDefiningOp<DecodeOp>()) {
    Value source = getImage(builder, loc, decode.getSource());
    return DecodeOp::create(builder, loc, source);
  }
  if (isa<FormattedType>(value.getType())) {
    SmallVector<Value> components = getComponents(builder, loc, value);
    for (Value &component : components)
      if (cast<ShapedType>(component.getType()).getRank() == 3)
        component = getImage(builder, loc, component);
    return WrapOp::create(builder, loc, cast<FormattedType>(type), components);
  }
  ElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements))) {
    auto tensor = cast<RankedTensorType>(type);
    TypedAttr same;
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
      same = DenseResourceElementsAttr::get(tensor, resource.getRawHandle());
    else
      same = cast<DenseElementsAttr>(elements).reshape(tensor);
    return arith::ConstantOp::create(builder, loc, same);
  }
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(builder, loc, value);
  extents.insert(extents.begin() + 2, builder.getIndexAttr(1));
  return ReshapeOp::create(builder, loc, value, extents);
}

/// A convolution over one axis is one over an image of one line.
struct ConvertLine : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getChannelsLast() ||
        cast<ShapedType>(op.getInput().getType()).getRank() != 3)
      return rewriter.notifyMatchFailure(op, "has not one spatial axis");
    if (!hasImageType(op.getInput()) || !hasImageType(op.getWeights()))
      return rewriter.notifyMatchFailure(op, "cannot reshape its format");
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return failure();
    Location loc = op.getLoc();
    Value image = ConvOp::create(
        rewriter, loc, getImage(rewriter, loc, op.getInput()),
        getImage(rewriter, loc, op.getWeights()), op.getBias(),
        ArrayRef<int64_t>{1, op.getStrides()[0]},
        ArrayRef<int64_t>{0, op.getPads()[0], 0, op.getPads()[1]},
        ArrayRef<int64_t>{1, op.getDilations()[0]}, op.getGroups(),
        /*channels_last=*/false, op.getAccumulators(), op.getKernelAttr());
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, image, shapes.front());
    return success();
  }
};

/// conv(x) is T(conv'(T^-1(x))).
struct ConvertConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "is channels-last already");
    if (cast<ShapedType>(op.getInput().getType()).getRank() != 4)
      return rewriter.notifyMatchFailure(op, "has not two spatial axes");
    Value input = transposeAnyFormat(rewriter, op.getLoc(), op.getInput(),
                                     invertPermutationVector(kToFirst));
    if (!input)
      return rewriter.notifyMatchFailure(op, "cannot transpose its format");
    auto converted = ConvOp::create(
        rewriter, op.getLoc(), input, op.getWeights(), op.getBias(),
        op.getStrides(), op.getPads(), op.getDilations(), op.getGroups(),
        /*channels_last=*/true, op.getAccumulators(), op.getKernelAttr());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, converted.getResult(),
                                             kToFirst);
    return success();
  }
};

/// What is left moves only extents of 1: the same elements in the same order.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = op.getInput().getType().getShape();
    int64_t last = -1;
    for (int64_t axis : op.getPermutation()) {
      if (shape[axis] == 1)
        continue;
      if (axis < last)
        return rewriter.notifyMatchFailure(op, "moves elements");
      last = axis;
    }
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return failure();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getInput(), shapes.front());
    return success();
  }
};

struct ChannelsLast : impl::ChannelsLastBase<ChannelsLast> {
  void runOnOperation() override {
    FailureOr<const TargetModel *> model = getTargetModel(getOperation());
    if (failed(model))
      return signalPassFailure();
    if ((*model)->getImageLayout() != ImageLayout::ChannelsLast)
      return;
    RewritePatternSet patterns(&getContext());
    patterns.add<ConvertLine, ConvertConv>(&getContext());
    populateSinkTransposePatterns(patterns);
    TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    ReshapeOp::getCanonicalizationPatterns(patterns, &getContext());
    RewritePatternSet cleanup(&getContext());
    cleanup.add<TransposeToReshape>(&getContext());
    TransposeOp::getCanonicalizationPatterns(cleanup, &getContext());
    ReshapeOp::getCanonicalizationPatterns(cleanup, &getContext());
    // Where a pattern looks at what its operand's op reads, a transpose sinks
    // by one op in each iteration.
    GreedyRewriteConfig config;
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     config)) ||
        failed(applyPatternsGreedily(getOperation(), std::move(cleanup)))) {
      getOperation().emitError("transposes do not come to rest; this is a "
                               "defect of qcc");
      return signalPassFailure();
    }
    getOperation()->walk([&](TransposeOp) { ++numTransposes; });
  }
};

} // namespace
} // namespace qcc::qnn
