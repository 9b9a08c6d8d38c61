// Writes out what reads codes and has no kernel. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/IntegerArithmetic.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_DECOMPOSEQUANTIZED
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

bool isFormatted(Value value) { return isa<FormattedType>(value.getType()); }

FormatAttr getFormat(Value value) {
  auto type = dyn_cast<FormattedType>(value.getType());
  return type ? type.getFormat() : FormatAttr();
}

bool hasIntegers(FormatAttr format) {
  return format && format.getCodec().getIntegerRange();
}

/// Whether a contraction of codes is an exact sum, whose scales follow.
bool areScalesOutside(Operation *op) {
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  auto isConstant = [&](Value value, bool isLeft) {
    ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
    return isConstantAlongSum(getFormat(value), shape, getKeptAxis(op, isLeft));
  };
  return hasIntegers(getFormat(lhs)) && hasIntegers(getFormat(rhs)) &&
         isConstant(lhs, /*isLeft=*/true) &&
         isConstant(rhs, /*isLeft=*/false) &&
         areSumsExact(op, getFormat(lhs), getFormat(rhs));
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

/// The integers that codes less their zero points are multiplied as: i16, which
/// targets multiply in pairs, where an i32 holds the sums of bytes' products.
/// Accumulators are modulo 2^32 anyway.
Type getCenteredType(ImplicitLocOpBuilder &b, Operation *op) {
  FormatAttr lhs = getFormat(op->getOperand(0)),
             rhs = getFormat(op->getOperand(1));
  bool areBytes =
      lhs.getCodec().getBits() <= 8 && rhs.getCodec().getBits() <= 8;
  Type narrow = isa<MatmulOp>(op) && areBytes ? b.getI16Type() : b.getI32Type();
  if (hasAccumulators(op))
    return narrow;
  int64_t length =
      cast<WorkOpInterface>(op).getIterationSpace().getReductionLength();
  bool isSafe =
      !ShapedType::isDynamic(length) && length <= getMaxSumLength(lhs, rhs, 32);
  return isSafe ? narrow : b.getI64Type();
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
    bool accumulators = hasAccumulators(op);
    if (accumulators && (hasBlocks(lhs) || hasBlocks(rhs)))
      return rewriter.notifyMatchFailure(
          op, "gives accumulators of blocks, which may have a zero point each");
    if (!accumulators && !areScalesOutside(op)) {
      auto decode = [&](Value value) -> Value {
        return isFormatted(value) ? DecodeOp::create(b, value).getResult()
                                  : value;
      };
      rewriter.replaceOp(op,
                         createPlain(b, op, decode(lhs), decode(rhs), bias));
      return success();
    }
    QuantizedOperand left = openOperand(b, lhs), right = openOperand(b, rhs);
    Type centered = getCenteredType(b, op);
    Value plainLeft = toCentered(b, left, centered);
    Value plainRight = toCentered(b, right, centered);
    Value result = createPlain(b, op, plainLeft, plainRight,
                               accumulators ? bias : Value());
    if (!accumulators)
      result = scaleSums(
          b, op, castTo(b, result, getElementTypeOrSelf(op->getResult(0))),
          left, right, bias);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static bool hasBlocks(Value value) {
    auto type = cast<FormattedType>(value.getType());
    Scaling scaling = type.getFormat().getScaling();
    return scaling.getScaleAxes(type.getRank()).size() > 1;
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
    Value outScale = type.getParameter(op.getParameters(), Component::Scales);
    Value scale = BinaryOp::create(b, BinaryKind::mul, op.getInputScale(),
                                   op.getWeightsScale());
    scale = BinaryOp::create(b, BinaryKind::div, scale,
                             castTo(b, outScale, b.getF32Type()));
    scale = broadcastAlong(b, scale, op.getAxis(), sums.getRank());
    Value value = castTo(b, op.getAccumulators(), b.getF32Type());
    value = BinaryOp::create(b, BinaryKind::mul, value, scale);
    value = UnaryOp::create(b, UnaryKind::round, value);
    if (Value zero = getZeroPointAsReal(b, op))
      value = BinaryOp::create(b, BinaryKind::add, value, zero);
    auto range = *codec.getIntegerRange();
    if (!isFinite(op)) {
      Value isNaN = TestOp::create(b, TestKind::is_nan, value);
      value = SelectOp::create(b, isNaN, makeScalar(b, range.min), value);
    }
    value = clamp(b, value, range.min, range.max);
    Value codes = fromReal(b, value, codec);
    SmallVector<Value> components = {codes};
    llvm::append_range(components, op.getParameters());
    rewriter.replaceOpWithNewOp<WrapOp>(op, type, components);
    return success();
  }

private:
  /// A parameter's or the format's zero point, as f32; null: none.
  static Value getZeroPointAsReal(ImplicitLocOpBuilder &b, RequantizeOp op) {
    FormatAttr format = op.getType().getFormat();
    if (auto number = format.getScaling().getConstantZeroPoint())
      return makeScalar(b, static_cast<double>(*number));
    Value zeroPoint =
        op.getType().getParameter(op.getParameters(), Component::ZeroPoints);
    return zeroPoint ? castTo(b, toI32(b, zeroPoint, format.getCodec()),
                              b.getF32Type())
                     : Value();
  }

  static Value clamp(ImplicitLocOpBuilder &b, Value value, double min,
                     double max) {
    value = BinaryOp::create(b, BinaryKind::max, value, makeScalar(b, min));
    return BinaryOp::create(b, BinaryKind::min, value, makeScalar(b, max));
  }

  static Value makeScalar(ImplicitLocOpBuilder &b, double number) {
    auto type = RankedTensorType::get({}, b.getF32Type());
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, static_cast<float>(number)));
  }

  /// The numbers of a constant of f32; empty: not known.
  static ArrayRef<float> getConstant(Value value,
                                     SmallVectorImpl<float> &storage) {
    ElementsAttr elements;
    if (!matchPattern(value, m_Constant(&elements)) ||
        !elements.getElementType().isF32())
      return {};
    if (auto resource = dyn_cast<DenseF32ResourceElementsAttr>(elements))
      return resource.tryGetAsArrayRef().value_or(ArrayRef<float>());
    if (auto dense = dyn_cast<DenseElementsAttr>(elements))
      llvm::append_range(storage, dense.getValues<float>());
    return storage;
  }

  /// Whether no scale makes a NaN of a sum: all of them are known and finite.
  static bool isFinite(RequantizeOp op) {
    SmallVector<float> storage[3];
    auto input = getConstant(op.getInputScale(), storage[0]);
    auto weights = getConstant(op.getWeightsScale(), storage[1]);
    Value outScale =
        op.getType().getParameter(op.getParameters(), Component::Scales);
    auto output = getConstant(outScale, storage[2]);
    return input.size() == 1 && output.size() == 1 && !weights.empty() &&
           llvm::all_of(weights, [&](float scale) {
             return std::isfinite(input[0] * scale / output[0]);
           });
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
