// Puts images into channels-last order. See Passes.td.
//
// A transpose from channels-last to channels-first order is called T here. Each
// convolution becomes T(conv'(T^-1(x))). Then T sinks below every op that can
// be done in the other order as well, until it meets a T^-1 and both vanish.

#include "dialects/QNN/Transforms/Layout.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Target/TargetModel.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_CHANNELSLAST
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

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
    patterns.add<ConvertConv>(&getContext());
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
