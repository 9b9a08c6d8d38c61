// Floats of 8 bits and fewer, by the bits of f32.
//
// A code without its sign, shifted to where f32 has its mantissa, is an f32
// whose exponent is biased wrongly: a multiplication by a power of two mends
// that, also for subnormal codes. The other way, numbers at least the smallest
// normal one are rounded in the bits of f32, and those below by adding the f32
// whose last place is the smallest code.

#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace qcc::conversion;

namespace {

/// What a code of sign, exponent and mantissa means.
struct Minifloat {
  int mantissa, bias, sign; ///< `sign`: position of its bit.
  int64_t maximum;          ///< Largest finite code without its sign.
  int64_t nan;              ///< A code of NaN; -1: there is none.
  int64_t infinity;         ///< Or -1.
  bool hasNegativeZero;
};

int64_t getCode(const llvm::APFloat &number) {
  return static_cast<int64_t>(number.bitcastToAPInt().getZExtValue());
}

/// Of any type but f8E8M0FNU, which has no sign.
Minifloat getMinifloat(FloatType type) {
  using llvm::APFloat;
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  Minifloat format;
  format.mantissa =
      static_cast<int>(APFloat::semanticsPrecision(semantics)) - 1;
  format.bias = 1 - APFloat::semanticsMinExponent(semantics);
  format.sign = static_cast<int>(type.getWidth()) - 1;
  format.maximum = getCode(APFloat::getLargest(semantics));
  format.nan = APFloat::semanticsHasNaN(semantics)
                   ? getCode(APFloat::getNaN(semantics))
                   : -1;
  format.infinity = APFloat::semanticsHasInf(semantics)
                        ? getCode(APFloat::getInf(semantics))
                        : -1;
  format.hasNegativeZero =
      getCode(APFloat::getZero(semantics, /*Negative=*/true)) != 0;
  return format;
}

class Bits {
public:
  explicit Bits(Emitter &emit) : emit(emit), type(emit.getI32Type()) {}

  Value number(int64_t value) { return emit.integer(type, value); }
  Value of(Value real) { return arith::BitcastOp::create(emit, type, real); }
  Value real(Value bits) {
    return arith::BitcastOp::create(emit, emit.getF32Type(), bits);
  }
  Value shiftLeft(Value x, int64_t n) {
    return arith::ShLIOp::create(emit, x, number(n));
  }
  Value shiftRight(Value x, int64_t n) {
    return arith::ShRUIOp::create(emit, x, number(n));
  }
  Value mask(Value x, int64_t n) {
    return arith::AndIOp::create(emit, x, number(n));
  }
  Value either(Value x, Value y) { return arith::OrIOp::create(emit, x, y); }
  Value is(arith::CmpIPredicate predicate, Value x, int64_t y) {
    return arith::CmpIOp::create(emit, predicate, x, number(y));
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(emit, condition, x, y);
  }

  Emitter &emit;
  Type type;
};

} // namespace

/// 2^(code - 127); 255 is NaN.
static Value decodeExponent(Bits &bits, Value code) {
  Value isZero = bits.is(arith::CmpIPredicate::eq, code, 0);
  Value isNaN = bits.is(arith::CmpIPredicate::eq, code, 255);
  Value power = bits.shiftLeft(code, 23);
  power = bits.select(isZero, bits.number(0x00400000), power);
  return bits.real(bits.select(isNaN, bits.number(0x7FC00000), power));
}

Value qcc::conversion::decodeMinifloat(Emitter &emit, Value stored,
                                       FloatType type) {
  Bits bits(emit);
  Value code = arith::ExtUIOp::create(emit, bits.type, stored);
  if (isa<Float8E8M0FNUType>(type))
    return decodeExponent(bits, code);
  Minifloat format = getMinifloat(type);
  int64_t signBit = int64_t(1) << format.sign;
  Value magnitude = bits.mask(code, signBit - 1);
  Value scaled = arith::MulFOp::create(
      emit, bits.real(bits.shiftLeft(magnitude, 23 - format.mantissa)),
      emit.number(emit.getF32Type(), std::ldexp(1.0, 127 - format.bias)));
  Value result = bits.of(scaled);
  if (format.infinity >= 0)
    result = bits.select(
        bits.is(arith::CmpIPredicate::eq, magnitude, format.infinity),
        bits.number(0x7F800000), result);
  if (format.infinity >= 0)
    result = bits.select(
        bits.is(arith::CmpIPredicate::ugt, magnitude, format.infinity),
        bits.number(0x7FC00000), result);
  else if (format.nan == signBit - 1)
    result =
        bits.select(bits.is(arith::CmpIPredicate::eq, magnitude, format.nan),
                    bits.number(0x7FC00000), result);
  Value sign = bits.shiftLeft(bits.mask(code, signBit), 31 - format.sign);
  result = bits.either(result, sign);
  if (format.nan == signBit)
    result = bits.select(bits.is(arith::CmpIPredicate::eq, code, signBit),
                         bits.number(int32_t(0xFFC00000)), result);
  return bits.real(result);
}

/// The exponent of x, whose sign counts for nothing; its mantissa rounds it up
/// (default), down or to nearest. Below 2^-127, code 0, is that or NaN.
static Value encodeExponent(Bits &bits, Value x, bool saturate,
                            StringRef roundMode) {
  Emitter &emit = bits.emit;
  Value magnitude = bits.mask(bits.of(x), 0x7FFFFFFF);
  Value isNaN = bits.is(arith::CmpIPredicate::ugt, magnitude, 0x7F800000);
  // What is added for a carry into the exponent. A subnormal f32 has the bit of
  // 2^-127 in its mantissa.
  int64_t increment = 0, small = 0;
  if (roundMode == "nearest")
    increment = 0x00400000, small = 0x00200000;
  else if (roundMode == "up")
    increment = 0x007FFFFF, small = 0x003FFFFF;
  Value added = bits.number(increment);
  if (small != 0)
    added =
        bits.select(bits.is(arith::CmpIPredicate::ult, magnitude, 0x00800000),
                    bits.number(small), added);
  Value rounded = emit.add(magnitude, added);
  Value code = bits.shiftRight(rounded, 23);
  if (!saturate)
    code =
        bits.select(bits.is(arith::CmpIPredicate::ult, magnitude, 0x00400000),
                    bits.number(255), code);
  Value top = bits.number(saturate ? 254 : 255);
  Value isAbove = bits.is(arith::CmpIPredicate::ugt, code, 254);
  code = bits.select(isAbove, top, code);
  code = bits.select(isNaN, bits.number(255), code);
  return arith::TruncIOp::create(emit, emit.getI8Type(), code);
}

Value qcc::conversion::encodeMinifloat(Emitter &emit, Value x, FloatType type,
                                       bool saturate, StringRef roundMode) {
  Bits bits(emit);
  if (isa<Float8E8M0FNUType>(type))
    return encodeExponent(bits, x, saturate, roundMode);
  Minifloat format = getMinifloat(type);
  Type f32 = emit.getF32Type();
  Value all = bits.of(x);
  Value magnitude = bits.mask(all, 0x7FFFFFFF);
  Value isNaN = bits.is(arith::CmpIPredicate::ugt, magnitude, 0x7F800000);
  Value isInfinite = bits.is(arith::CmpIPredicate::eq, magnitude, 0x7F800000);

  // Subnormal codes.
  double step = std::ldexp(1.0, 1 - format.bias - format.mantissa);
  Value anchor = emit.number(f32, std::ldexp(step, 23));
  Value sum = arith::AddFOp::create(emit, bits.real(magnitude), anchor);
  Value small = emit.sub(bits.of(sum), bits.of(anchor));
  // Normal codes: half of the last place, and its bit so that ties go to even.
  int64_t shift = 23 - format.mantissa;
  Value odd = bits.mask(bits.shiftRight(magnitude, shift), 1);
  Value rounded = emit.add(emit.add(magnitude, odd),
                           bits.number((int64_t(1) << (shift - 1)) - 1));
  int64_t rebias = int64_t(127 - format.bias) << format.mantissa;
  Value normal = emit.sub(bits.shiftRight(rounded, shift), bits.number(rebias));
  Value isSmall = arith::CmpFOp::create(
      emit, arith::CmpFPredicate::OLT, bits.real(magnitude),
      emit.number(f32, std::ldexp(1.0, 1 - format.bias)));
  Value code = bits.select(isSmall, small, normal);

  int64_t beyond = saturate || format.nan < 0 ? format.maximum
                   : format.infinity >= 0     ? format.infinity
                                              : format.nan;
  Value isAbove = bits.is(arith::CmpIPredicate::sgt, code, format.maximum);
  isAbove = arith::OrIOp::create(emit, isAbove, isInfinite);
  code = bits.select(isAbove, bits.number(beyond), code);
  code = bits.select(
      isNaN, bits.number(format.nan >= 0 ? format.nan : format.maximum), code);

  Value sign = bits.mask(bits.shiftRight(all, 31 - format.sign),
                         int64_t(1) << format.sign);
  if (format.nan < 0) // NaN is the largest number, whatever its sign
    sign = bits.select(isNaN, bits.number(0), sign);
  if (!format.hasNegativeZero)
    sign = bits.select(bits.is(arith::CmpIPredicate::eq, code, 0),
                       bits.number(0), sign);
  code = bits.either(code, sign);
  return arith::TruncIOp::create(emit, emit.getI8Type(), code);
}
