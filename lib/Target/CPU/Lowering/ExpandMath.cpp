// Functions of f32 as straight-line arithmetic, and f32 from bf16 and back. See
// Passes.td.

#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Lowering/Passes.h"
#include "qcc/Target/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Approximation.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

#include <cmath>

using namespace mlir;

namespace qcc::cpu {

#define GEN_PASS_DEF_EXPANDMATH
#include "lib/Target/CPU/Lowering/Passes.h.inc"

namespace {

/// Arithmetic on a float type, scalar or vector.
class Arithmetic {
public:
  Arithmetic(ImplicitLocOpBuilder &builder, Type type)
      : builder(builder), type(type) {}

  Value number(float value) {
    return constant(type, builder.getF32FloatAttr(value));
  }
  Value integer(int32_t value) {
    return constant(bitsType(), builder.getI32IntegerAttr(value));
  }
  Value fma(Value a, Value b, Value c) {
    return math::FmaOp::create(builder, a, b, c);
  }
  Value mul(Value a, Value b) { return arith::MulFOp::create(builder, a, b); }
  Value add(Value a, Value b) { return arith::AddFOp::create(builder, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(builder, a, b); }
  Value div(Value a, Value b) { return arith::DivFOp::create(builder, a, b); }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(builder, condition, a, b);
  }
  Value is(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(builder, predicate, a, b);
  }
  /// Coefficients of falling powers.
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value result = number(coefficients.front());
    for (float coefficient : coefficients.drop_front())
      result = fma(result, x, number(coefficient));
    return result;
  }
  /// 2^n for a whole float n in [-126, 127].
  Value power(Value n) {
    Value whole = arith::FPToSIOp::create(builder, bitsType(), n);
    Value biased = arith::AddIOp::create(builder, whole, integer(127));
    Value bits = arith::ShLIOp::create(builder, biased, integer(23));
    return arith::BitcastOp::create(builder, type, bits);
  }
  /// e^x; NaN stays. Cody-Waite reduction by ln 2 in two parts and a polynomial
  /// of degree 6 on [-ln2/2, ln2/2]: within 1 ulp. 2^n in two factors, so that
  /// the ends of the range, where e^x is infinite or subnormal, need no case.
  Value exp(Value x) {
    Value low = number(-104.0f), high = number(89.0f);
    x = select(is(arith::CmpFPredicate::OLT, x, low), low, x);
    x = select(is(arith::CmpFPredicate::OGT, x, high), high, x);
    Value n =
        math::RoundEvenOp::create(builder, mul(x, number(0x1.715476p+0f)));
    // The integer conversion below is not defined for NaN.
    Value safe = select(is(arith::CmpFPredicate::UNO, x, x), number(0), n);
    Value r = fma(n, number(-0x1.62e400p-1f), x);
    r = fma(n, number(-0x1.7f7d1cp-20f), r);
    Value p = polynomial(r, {0x1.6850e4p-10f, 0x1.123bccp-7f, 0x1.555b98p-5f,
                             0x1.55548ep-3f, 0x1.fffff8p-2f, 1.0f, 1.0f});
    Value half = math::FloorOp::create(builder, mul(safe, number(0.5f)));
    return mul(mul(p, power(half)), power(sub(safe, half)));
  }

  /// Integers as wide as the floats.
  Type bitsType() {
    Type bits = builder.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(bits);
    return bits;
  }

private:
  Value constant(Type of, TypedAttr value) {
    if (auto vector = dyn_cast<VectorType>(of))
      value = DenseElementsAttr::get(vector, value);
    return arith::ConstantOp::create(builder, value);
  }

  ImplicitLocOpBuilder &builder;
  Type type;
};

/// A function of f32, written out by `expand`.
template <typename OpT> struct ExpandFunction : OpRewritePattern<OpT> {
  using OpRewritePattern<OpT>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpT op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "only f32 has a polynomial");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Arithmetic m(builder, op.getType());
    rewriter.replaceOp(op, expand(builder, m, op.getOperand()));
    return success();
  }

  virtual Value expand(ImplicitLocOpBuilder &builder, Arithmetic &m,
                       Value x) const = 0;
};

struct ExpandExp : ExpandFunction<math::ExpOp> {
  using ExpandFunction::ExpandFunction;
  Value expand(ImplicitLocOpBuilder &builder, Arithmetic &m,
               Value x) const override {
    return m.exp(x);
  }
};

/// tanh x = 1 - 2 / (e^2|x| + 1) with the sign of x; near 0, where that
/// cancels, an odd polynomial.
struct ExpandTanh : ExpandFunction<math::TanhOp> {
  using ExpandFunction::ExpandFunction;
  Value expand(ImplicitLocOpBuilder &builder, Arithmetic &m,
               Value x) const override {
    Value magnitude = math::AbsFOp::create(builder, x);
    Value power = m.exp(m.add(magnitude, magnitude));
    Value large =
        m.sub(m.number(1), m.div(m.number(2), m.add(power, m.number(1))));
    Value square = m.mul(x, x);
    Value series = m.polynomial(square, {-5.70498872745e-3f, 2.06390887954e-2f,
                                         -5.37397155531e-2f, 1.33314422036e-1f,
                                         -3.33332819422e-1f});
    Value small = m.fma(m.mul(series, square), magnitude, magnitude);
    Value isSmall =
        m.is(arith::CmpFPredicate::OLT, magnitude, m.number(0.625f));
    Value result = m.select(isSmall, small, large);
    return math::CopySignOp::create(builder, result, x);
  }
};

/// The polynomial takes what is below the least normal number for that number,
/// so the logarithm of a larger one is taken: log x = log(x 2^24) - 24 ln 2.
struct ScaleLog : ExpandFunction<math::LogOp> {
  using ExpandFunction::ExpandFunction;
  Value expand(ImplicitLocOpBuilder &builder, Arithmetic &m,
               Value x) const override {
    Value isSubnormal = m.is(arith::CmpFPredicate::OLT, x, m.number(0x1p-126f));
    Value scaled = m.select(isSubnormal, m.mul(x, m.number(0x1p24f)), x);
    Value offset = m.select(isSubnormal, m.number(0x1.0a2b24p+4f), m.number(0));
    Value result = math::LogOp::create(builder, scaled);
    return m.sub(result, offset);
  }
};

/// `element`, or a vector of it like `type`.
Type cloneOf(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

/// By the bits of f32, of which bf16 has the upper half: half of its last place
/// is added, and its last bit so that ties go to even. x86's instruction takes
/// numbers below the least normal one for 0, and without it LLVM calls a
/// function for each number.
struct ExpandToBF16 : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getIn();
    if (!getElementTypeOrSelf(x).isF32() ||
        !getElementTypeOrSelf(op.getType()).isBF16())
      return rewriter.notifyMatchFailure(op, "does not round f32 to bf16");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Arithmetic m(b, x.getType());
    Value bits = arith::BitcastOp::create(b, m.bitsType(), x);
    Value odd = arith::AndIOp::create(
        b, arith::ShRUIOp::create(b, bits, m.integer(16)), m.integer(1));
    Value half = arith::AddIOp::create(b, odd, m.integer(0x7fff));
    Value rounded = arith::AddIOp::create(b, bits, half);
    // A carry would make an infinity of some NaN; a quiet one keeps its bits.
    Value quiet = arith::OrIOp::create(b, bits, m.integer(0x400000));
    Value isNaN = m.is(arith::CmpFPredicate::UNO, x, x);
    Value upper = arith::ShRUIOp::create(b, m.select(isNaN, quiet, rounded),
                                         m.integer(16));
    Value code = arith::TruncIOp::create(
        b, cloneOf(op.getType(), b.getI16Type()), upper);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getType(), code);
    return success();
  }
};

/// Left to LLVM, a bf16 on its way into a vector of f32 may be rounded to bf16
/// once more, by the instruction above.
struct ExpandFromBF16 : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getIn();
    Type type = op.getType();
    if (!getElementTypeOrSelf(x).isBF16() ||
        !getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "does not widen bf16 to f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Arithmetic m(b, type);
    Value code = arith::BitcastOp::create(b, cloneOf(type, b.getI16Type()), x);
    Value bits = arith::ExtUIOp::create(b, m.bitsType(), code);
    bits = arith::ShLIOp::create(b, bits, m.integer(16));
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, type, bits);
    return success();
  }
};

/// Without the instruction, LLVM would call libm for each.
struct SplitFMA : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const override {
    Value product =
        arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

struct ExpandMath : impl::ExpandMathBase<ExpandMath> {
  void runOnOperation() override {
    FailureOr<bool> hasFMA = findFMA();
    if (failed(hasFMA))
      return signalPassFailure();
    expandFunctions();
    apply<ExpandToBF16, ExpandFromBF16>();
    if (!*hasFMA)
      apply<SplitFMA>();
  }

private:
  template <typename... Patterns> void apply() {
    RewritePatternSet patterns(&getContext());
    patterns.add<Patterns...>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }

  /// Whether the processor of the module's target multiplies and adds at once;
  /// without a target it does, and so do those of other architectures.
  FailureOr<bool> findFMA() {
    qnn::TargetAttr target = getTargetAttr(getOperation());
    if (!target || !isX86(target))
      return true;
    llvm::Expected<ISA> isa = getISA(target);
    if (!isa)
      return getOperation().emitError(llvm::toString(isa.takeError()));
    return *isa != ISA::Generic;
  }

  void expandFunctions() {
    apply<ScaleLog>();
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp, ExpandTanh>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return name == "math.log" || name == "math.log1p" || name == "math.erf";
    });
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace qcc::cpu
