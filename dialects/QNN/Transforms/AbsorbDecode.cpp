// Lets contractions read codes. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_ABSORBDECODE
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

/// The formatted value that `operand` decodes, if its codes are integers.
Value getCodes(Value operand) {
  auto decode = operand.getDefiningOp<DecodeOp>();
  if (!decode || !decode.getType().getElementType().isF32())
    return {};
  FormatAttr format = decode.getSource().getType().getFormat();
  return format.getCodec().getIntegerRange() &&
                 isa<DenseLayoutAttr>(format.getLayout())
             ? decode.getSource()
             : Value();
}

Scaling getScaling(Value value) {
  return cast<FormattedType>(value.getType()).getFormat().getScaling();
}

/// Whether one scale stands before the whole sum: one for the tensor, or one
/// for each index along `kept`, an axis that is not summed.
bool isConstantAlongSum(Value value, int64_t kept) {
  Scaling scaling = getScaling(value);
  if (auto axis = dyn_cast<AxisScalingAttr>(scaling))
    return axis.getAxis() == kept;
  return isa<TensorScalingAttr, NoScalingAttr>(scaling);
}

struct AbsorbIntoConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    Value input = getCodes(op.getInput()), weights = getCodes(op.getWeights());
    if (!input || !weights)
      return rewriter.notifyMatchFailure(op, "does not multiply decoded codes");
    if (!isConstantAlongSum(input, /*kept=*/-1) ||
        !isConstantAlongSum(weights, /*kept=*/0))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getWeightsMutable().assign(weights);
    });
    return success();
  }
};

struct AbsorbIntoMatmul : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    Value lhs = getCodes(op.getLhs()), rhs = getCodes(op.getRhs());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "does not multiply decoded codes");
    int64_t lhsRank = cast<ShapedType>(lhs.getType()).getRank();
    int64_t rhsRank = cast<ShapedType>(rhs.getType()).getRank();
    if (!isConstantAlongSum(lhs, lhsRank - 2))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    int64_t column = rhsRank - (op.getTransposeB() ? 2 : 1);
    if (!isConstantAlongSum(rhs, column) && !areBlocksOfSum(op, lhs, rhs))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    rewriter.modifyOpInPlace(op, [&] {
      op.getLhsMutable().assign(lhs);
      op.getRhsMutable().assign(rhs);
    });
    return success();
  }

private:
  /// Blocks of the weights' rows, times rows with no zero point: each block's
  /// sum is exact and then scaled.
  static bool areBlocksOfSum(MatmulOp op, Value lhs, Value rhs) {
    auto block = dyn_cast<BlockScalingAttr>(getScaling(rhs));
    return block && op.getTransposeB() && block.getBlock().size() == 2 &&
           block.getBlock()[0] == 1 && !getScaling(lhs).getZeroPoint();
  }
};

struct AbsorbDecode : impl::AbsorbDecodeBase<AbsorbDecode> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<AbsorbIntoConv, AbsorbIntoMatmul>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::qnn
