// Writes out what reads codes and has no kernel. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/IntegerArithmetic.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_DECOMPOSEQUANTIZED
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

bool isFormatted(Value value) { return isa<FormattedType>(value.getType()); }

/// Whether the codes are integers whose scales, if any, are one for the tensor
/// or for each index along an axis.
bool hasOuterScales(Value value) {
  auto type = dyn_cast<FormattedType>(value.getType());
  return type && type.getFormat().getCodec().getIntegerRange() &&
         !isa<BlockScalingAttr>(type.getFormat().getScaling());
}

/// `op` on plain operands; of a product of matrices of integers of 16 bits the
/// sums are i32.
Value createPlain(ImplicitLocOpBuilder &b, Operation *op, Value lhs, Value rhs,
                  Value bias) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return ConvOp::create(b, lhs, rhs, bias, conv.getStrides(), conv.getPads(),
                          conv.getDilations(), conv.getGroups(),
                          conv.getChannelsLast(), /*accumulators=*/false,
                          KernelAttr());
  bool isNarrow = getElementTypeOrSelf(lhs).isInteger(16);
  return MatmulOp::create(b, lhs, rhs, cast<MatmulOp>(op).getTransposeB(),
                          /*accumulators=*/isNarrow, KernelAttr());
}

/// Integers that hold the operands' codes less their zero points. Targets
/// multiply pairs of 16 bits in one step.
Type getCenteredType(ImplicitLocOpBuilder &b, Operation *op) {
  bool areBytes =
      llvm::all_of(op->getOperands().take_front(2), [](Value value) {
        auto type = cast<FormattedType>(value.getType());
        return type.getFormat().getCodec().getBits() <= 8;
      });
  return isa<MatmulOp>(op) && areBytes ? b.getI16Type() : b.getI32Type();
}

/// The axis of the result that is the one of the left operand's rows, or the
/// right operand's columns (a convolution's output channels).
int64_t getResultAxis(Operation *op, bool isLeft) {
  int64_t rank = cast<ShapedType>(op->getResult(0).getType()).getRank();
  if (auto conv = dyn_cast<ConvOp>(op))
    return isLeft ? 0 : conv.getChannelsLast() ? rank - 1 : 1;
  return rank - (isLeft ? 2 : 1);
}

struct DecomposeContraction : RewritePattern {
  explicit DecomposeContraction(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isContraction(op) || op->hasAttr("kernel"))
      return failure();
    Value lhs = op->getOperand(0), rhs = op->getOperand(1);
    if (!isFormatted(lhs) && !isFormatted(rhs))
      return rewriter.notifyMatchFailure(op, "reads plain tensors");
    ImplicitLocOpBuilder b(op->getLoc(), rewriter);
    auto conv = dyn_cast<ConvOp>(op);
    Value bias = conv ? conv.getBias() : Value();
    if (!hasOuterScales(lhs) || !hasOuterScales(rhs)) {
      auto decode = [&](Value value) -> Value {
        return isFormatted(value) ? DecodeOp::create(b, value).getResult()
                                  : value;
      };
      rewriter.replaceOp(op,
                         createPlain(b, op, decode(lhs), decode(rhs), bias));
      return success();
    }
    bool accumulators =
        conv ? conv.getAccumulators() : cast<MatmulOp>(op).getAccumulators();
    QuantizedOperand left = openOperand(b, lhs), right = openOperand(b, rhs);
    Type centered = getCenteredType(b, op);
    Value result = createPlain(b, op, toCentered(b, left, centered),
                               toCentered(b, right, centered),
                               accumulators ? bias : Value());
    if (!accumulators)
      result = applyScales(b, op, result, left, right, bias);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// In the order of docs/numerics.md.
  static Value applyScales(ImplicitLocOpBuilder &b, Operation *op, Value sums,
                           const QuantizedOperand &left,
                           const QuantizedOperand &right, Value bias) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    int64_t rank = type.getRank();
    Value leftScale =
        broadcastAlong(b, left.scale, getResultAxis(op, /*isLeft=*/true), rank);
    Value rightScale = broadcastAlong(
        b, right.scale, getResultAxis(op, /*isLeft=*/false), rank);
    Value result = CastOp::create(b, type, sums);
    Value scale =
        leftScale && rightScale
            ? BinaryOp::create(b, BinaryKind::mul, leftScale, rightScale)
                  .getResult()
        : leftScale ? leftScale
                    : rightScale;
    if (scale)
      result = BinaryOp::create(b, BinaryKind::mul, result, scale);
    if (bias)
      result = BinaryOp::create(
          b, BinaryKind::add, result,
          broadcastAlong(b, bias, getResultAxis(op, /*isLeft=*/false), rank));
    return result;
  }
};

/// clamp(rne(fl(fl(acc) * fl(fl(sx * sw) / sy))) + z).
struct DecomposeRequantize : OpRewritePattern<RequantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType sums = op.getAccumulators().getType();
    FormattedType type = op.getType();
    const formats::Codec &codec = type.getFormat().getCodec();
    Value outScale = op.getParameters().front();
    Value scale = BinaryOp::create(b, BinaryKind::mul, op.getInputScale(),
                                   op.getWeightsScale());
    scale = BinaryOp::create(b, BinaryKind::div, scale,
                             castTo(b, outScale, b.getF32Type()));
    scale = broadcastAlong(b, scale, op.getAxis(), sums.getRank());
    Value value = castTo(b, op.getAccumulators(), b.getF32Type());
    value = BinaryOp::create(b, BinaryKind::mul, value, scale);
    value = UnaryOp::create(b, UnaryKind::round, value);
    if (Value zero = getZeroPoint(b, op))
      value = BinaryOp::create(b, BinaryKind::add, value, zero);
    auto range = *codec.getIntegerRange();
    value = clamp(b, value, range.min, range.max);
    Value codes = fromReal(b, value, codec);
    SmallVector<Value> components = {codes};
    llvm::append_range(components, op.getParameters());
    rewriter.replaceOpWithNewOp<WrapOp>(op, type, components);
    return success();
  }

private:
  /// A parameter's or the format's zero point, as f32; null: none.
  static Value getZeroPoint(ImplicitLocOpBuilder &b, RequantizeOp op) {
    FormatAttr format = op.getType().getFormat();
    Attribute zeroPoint = format.getScaling().getZeroPoint();
    if (!zeroPoint)
      return {};
    if (auto number = dyn_cast<IntegerAttr>(zeroPoint))
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(RankedTensorType::get({}, b.getF32Type()),
                                    static_cast<float>(number.getInt())));
    return castTo(b, toI32(b, op.getParameters().back(), format.getCodec()),
                  b.getF32Type());
  }

  static Value clamp(ImplicitLocOpBuilder &b, Value value, double min,
                     double max) {
    auto type = RankedTensorType::get({}, b.getF32Type());
    auto constant = [&](double number) -> Value {
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(type, static_cast<float>(number)));
    };
    value = BinaryOp::create(b, BinaryKind::max, value, constant(min));
    return BinaryOp::create(b, BinaryKind::min, value, constant(max));
  }

  /// Integers of the codec's range, in f32, as codes.
  static Value fromReal(ImplicitLocOpBuilder &b, Value value,
                        const formats::Codec &codec) {
    bool isUnsigned = codec.getIntegerRange()->min >= 0;
    Type signless = b.getIntegerType(codec.getBits());
    if (!isUnsigned)
      return castTo(b, value, signless);
    value = castTo(b, value, b.getIntegerType(codec.getBits(), false));
    auto type = cast<RankedTensorType>(value.getType());
    return BitcastOp::create(
        b, RankedTensorType::get(type.getShape(), signless), value);
  }
};

struct DecomposeQuantized : impl::DecomposeQuantizedBase<DecomposeQuantized> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DecomposeContraction, DecomposeRequantize>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::qnn
