// Lets contractions read codes. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"

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
  return format.getCodec().getIntegerRange() && format.getLayout().isDense()
             ? decode.getSource()
             : Value();
}

struct AbsorbIntoContraction : RewritePattern {
  explicit AbsorbIntoContraction(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isContraction(op))
      return failure();
    Value lhs = getCodes(op->getOperand(0)), rhs = getCodes(op->getOperand(1));
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "does not multiply decoded codes");
    auto left = cast<FormattedType>(lhs.getType()),
         right = cast<FormattedType>(rhs.getType());
    auto isConstant = [&](FormattedType type, bool isLeft) {
      return isConstantAlongSum(type.getFormat(), type.getShape(),
                                getKeptAxis(op, isLeft));
    };
    if (!isConstant(left, /*isLeft=*/true) ||
        (!isConstant(right, /*isLeft=*/false) &&
         !areBlocksOfSum(op, left, right)))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    if (!areSumsExact(op, left.getFormat(), right.getFormat()))
      return rewriter.notifyMatchFailure(op, "a sum may take over 64 bits");
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(0, lhs);
      op->setOperand(1, rhs);
    });
    return success();
  }

private:
  /// Blocks of the weights' rows, times rows with no zero point: each block's
  /// sum is exact and then scaled.
  static bool areBlocksOfSum(Operation *op, FormattedType lhs,
                             FormattedType rhs) {
    auto matmul = dyn_cast<MatmulOp>(op);
    if (!matmul || !matmul.getTransposeB() || rhs.getRank() != 2)
      return false;
    Scaling scaling = rhs.getFormat().getScaling();
    return scaling.getScaleAxes(2).size() == 2 &&
           scaling.getBlock(rhs.getShape())[0] == 1 &&
           !lhs.getFormat().getScaling().getZeroPoint();
  }
};

struct AbsorbDecode : impl::AbsorbDecodeBase<AbsorbDecode> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<AbsorbIntoContraction>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::qnn
