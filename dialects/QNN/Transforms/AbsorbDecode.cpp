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
  return format.getCodec().getIntegerRange() &&
                 isa<DenseLayoutAttr>(format.getLayout())
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
    FormatAttr left = getFormat(lhs), right = getFormat(rhs);
    if (!isConstantAlongSum(left, getKeptAxis(op, /*isLeft=*/true)))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    if (!isConstantAlongSum(right, getKeptAxis(op, /*isLeft=*/false)) &&
        !areBlocksOfSum(op, left, right))
      return rewriter.notifyMatchFailure(op, "a scale ends inside the sum");
    if (!areSumsExact(op, left, right))
      return rewriter.notifyMatchFailure(op, "a sum may take over 64 bits");
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(0, lhs);
      op->setOperand(1, rhs);
    });
    return success();
  }

private:
  static FormatAttr getFormat(Value value) {
    return cast<FormattedType>(value.getType()).getFormat();
  }

  /// Blocks of the weights' rows, times rows with no zero point: each block's
  /// sum is exact and then scaled.
  static bool areBlocksOfSum(Operation *op, FormatAttr lhs, FormatAttr rhs) {
    auto matmul = dyn_cast<MatmulOp>(op);
    auto block = dyn_cast<BlockScalingAttr>(rhs.getScaling());
    return matmul && block && matmul.getTransposeB() &&
           block.getBlock().size() == 2 && block.getBlock()[0] == 1 &&
           !lhs.getScaling().getZeroPoint();
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
