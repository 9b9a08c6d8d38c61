// Moves constant factors and summands of channels into convolutions. See
// Passes.td.

#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_FOLDSCALES
#include "dialects/QNN/Transforms/Passes.h.inc"

/// Whether `value` will be a constant once constants are folded.
static bool isConstant(Value value) {
  // Each value once: a sum of a value with itself doubles the ways to it.
  llvm::DenseSet<Value> seen = {value};
  SmallVector<Value> open = {value};
  while (!open.empty()) {
    value = open.pop_back_val();
    if (matchPattern(value, m_Constant()))
      continue;
    Operation *op = value.getDefiningOp();
    if (!isa_and_present<BinaryOp, UnaryOp, ReshapeOp, ExpandOp>(op))
      return false;
    for (Value operand : op->getOperands())
      if (seen.insert(operand).second)
        open.push_back(operand);
  }
  return true;
}

/// `value`, which is broadcast against the result of `conv`, as a tensor of a
/// number for each of its channels; null where it is none.
static Value getPerChannel(PatternRewriter &rewriter, ConvOp conv,
                           Value value) {
  RankedTensorType result = conv.getType();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  int64_t channels =
      cast<ShapedType>(conv.getWeights().getType()).getDimSize(0);
  if (!type || !type.hasStaticShape() || type.getRank() > result.getRank() ||
      !isConstant(value))
    return {};
  int64_t axis = conv.getChannelsLast() ? result.getRank() - 1 : 1;
  axis -= result.getRank() - type.getRank(); // where `value` has it
  for (auto [i, extent] : llvm::enumerate(type.getShape()))
    if (extent != 1 && (static_cast<int64_t>(i) != axis || extent != channels))
      return {};
  SmallVector<OpFoldResult> extents = {
      rewriter.getIndexAttr(type.getNumElements())};
  value = ReshapeOp::create(rewriter, conv.getLoc(), value, extents);
  if (type.getNumElements() == channels)
    return value;
  extents = {rewriter.getIndexAttr(channels)};
  return ExpandOp::create(rewriter, conv.getLoc(), value, extents);
}

/// The convolution of plain numbers that `op` alone reads as one operand, its
/// other operand as a number for each channel.
static FailureOr<std::pair<ConvOp, Value>>
matchConv(PatternRewriter &rewriter, BinaryOp op, BinaryKind kind) {
  if (op.getKind() != kind)
    return rewriter.notifyMatchFailure(op, "another function");
  for (auto [own, other] : {std::pair(op.getLhs(), op.getRhs()),
                            std::pair(op.getRhs(), op.getLhs())}) {
    auto conv = own.getDefiningOp<ConvOp>();
    if (!conv || !conv->hasOneUse() || conv.getType() != op.getType() ||
        !conv.getType().getElementType().isF32() ||
        !isConstant(conv.getWeights()) ||
        (conv.getBias() && !isConstant(conv.getBias())))
      continue;
    rewriter.setInsertionPoint(op);
    if (Value channels = getPerChannel(rewriter, conv, other))
      return std::pair(conv, channels);
  }
  return rewriter.notifyMatchFailure(
      op, "not of a convolution that nothing else reads, by a constant for "
          "each of its channels");
}

static Value combine(PatternRewriter &rewriter, Location loc, BinaryKind kind,
                     Value lhs, Value rhs) {
  return BinaryOp::create(rewriter, loc, kind, lhs, rhs);
}

static void replaceConv(PatternRewriter &rewriter, BinaryOp op, ConvOp conv,
                        Value weights, Value bias) {
  // The new op does the work of both, and is called like the convolution.
  Location loc = rewriter.getFusedLoc({op.getLoc(), conv.getLoc()});
  auto folded = rewriter.replaceOpWithNewOp<ConvOp>(
      op, op.getType(), conv.getInput(), weights, bias, conv.getStrides(),
      conv.getPads(), conv.getDilations(), conv.getGroups(),
      conv.getChannelsLast(), conv.getAccumulators(),
      conv.getKernel().value_or(nullptr));
  folded->setLoc(loc);
}

namespace {

/// conv(x, w, b) * c is conv(x, w * c, b * c).
struct FoldFactor : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op,
                                PatternRewriter &rewriter) const override {
    auto match = matchConv(rewriter, op, BinaryKind::mul);
    if (failed(match))
      return failure();
    auto [conv, factors] = *match;
    SmallVector<OpFoldResult> extents(
        cast<ShapedType>(conv.getWeights().getType()).getRank(),
        rewriter.getIndexAttr(1));
    extents.front() = rewriter.getIndexAttr(
        cast<ShapedType>(factors.getType()).getDimSize(0));
    Value column = ReshapeOp::create(rewriter, op.getLoc(), factors, extents);
    Value weights = combine(rewriter, conv.getLoc(), BinaryKind::mul,
                            conv.getWeights(), column);
    Value bias = conv.getBias();
    if (bias)
      bias = combine(rewriter, conv.getLoc(), BinaryKind::mul, bias, factors);
    replaceConv(rewriter, op, conv, weights, bias);
    return success();
  }
};

/// conv(x, w, b) + c is conv(x, w, b + c).
struct FoldSummand : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op,
                                PatternRewriter &rewriter) const override {
    auto match = matchConv(rewriter, op, BinaryKind::add);
    if (failed(match))
      return failure();
    auto [conv, summands] = *match;
    Value bias = conv.getBias();
    bias =
        bias ? combine(rewriter, conv.getLoc(), BinaryKind::add, bias, summands)
             : summands;
    replaceConv(rewriter, op, conv, conv.getWeights(), bias);
    return success();
  }
};

struct FoldScales : impl::FoldScalesBase<FoldScales> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldFactor, FoldSummand>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::qnn
