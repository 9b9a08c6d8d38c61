#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

Type qcc::conversion::getComputeType(Type type) {
  auto real = dyn_cast<FloatType>(type);
  if (real && real.getWidth() < 32)
    return Float32Type::get(type.getContext());
  return getStorageElement(type);
}

bool qcc::conversion::isUnsigned(Type type) {
  return type.isUnsignedInteger() || type.isInteger(1);
}

/// Integers of fewer than 8 bits: the value modulo 2^bits.
static Value wrap(Emitter &emit, Value x, Type type) {
  unsigned bits = type.getIntOrFloatBitWidth();
  if (!isa<IntegerType>(type) || bits == 1 || bits >= 8)
    return x;
  Value narrow = arith::TruncIOp::create(emit, emit.getIntegerType(bits), x);
  if (isUnsigned(type))
    return arith::ExtUIOp::create(emit, x.getType(), narrow);
  return arith::ExtSIOp::create(emit, x.getType(), narrow);
}

Value qcc::conversion::load(Emitter &emit, Value stored, Type type) {
  auto real = dyn_cast<FloatType>(type);
  if (!real || real.getWidth() >= 32)
    return stored;
  if (real.getWidth() <= 8)
    return decodeMinifloat(emit, stored, real);
  return arith::ExtFOp::create(emit, emit.getF32Type(), stored);
}

Value qcc::conversion::store(Emitter &emit, Value value, Type type) {
  auto real = dyn_cast<FloatType>(type);
  if (!real)
    return wrap(emit, value, type);
  if (real.getWidth() >= 32)
    return value;
  if (real.getWidth() <= 8)
    return encodeMinifloat(emit, value, real, /*saturate=*/true, "up");
  return arith::TruncFOp::create(emit, real, value);
}

//===----------------------------------------------------------------------===//
// Of one number
//===----------------------------------------------------------------------===//

static Value select(Emitter &emit, Value condition, Value a, Value b) {
  return arith::SelectOp::create(emit, condition, a, b);
}

static Value compare(Emitter &emit, arith::CmpFPredicate predicate, Value x,
                     double y) {
  return arith::CmpFOp::create(emit, predicate, x, emit.number(x.getType(), y));
}

static Value compare(Emitter &emit, arith::CmpIPredicate predicate, Value x,
                     int64_t y) {
  return arith::CmpIOp::create(emit, predicate, x,
                               emit.integer(x.getType(), y));
}

static Value emitIntegerUnary(Emitter &emit, UnaryKind kind, Value x,
                              bool isUnsignedType) {
  Value zero = emit.integer(x.getType(), 0);
  switch (kind) {
  case UnaryKind::abs:
    if (isUnsignedType)
      return x;
    return arith::MaxSIOp::create(emit, x, emit.sub(zero, x));
  case UnaryKind::neg:
    return emit.sub(zero, x);
  case UnaryKind::relu:
    return isUnsignedType ? x : arith::MaxSIOp::create(emit, x, zero);
  case UnaryKind::sign: {
    Value one = emit.integer(x.getType(), 1);
    Value isZero = compare(emit, arith::CmpIPredicate::eq, x, 0);
    Value result = select(emit, isZero, zero, one);
    if (isUnsignedType)
      return result;
    Value isNegative = compare(emit, arith::CmpIPredicate::slt, x, 0);
    return select(emit, isNegative, emit.integer(x.getType(), -1), result);
  }
  case UnaryKind::bitwise_not:
    return arith::XOrIOp::create(emit, x, emit.integer(x.getType(), -1));
  default:
    llvm_unreachable("the op's verifier refuses functions of floats");
  }
}

/// Not zero and not NaN: -1 or 1.
static Value emitFloatSign(Emitter &emit, Value x) {
  Value one = emit.number(x.getType(), 1);
  Value signedOne = math::CopySignOp::create(emit, one, x);
  Value isOrdered = compare(emit, arith::CmpFPredicate::ONE, x, 0);
  return select(emit, isOrdered, signedOne, x);
}

static Value emitSigmoid(Emitter &emit, Value x) {
  Value one = emit.number(x.getType(), 1);
  Value power = math::ExpOp::create(emit, arith::NegFOp::create(emit, x));
  return arith::DivFOp::create(emit, one,
                               arith::AddFOp::create(emit, one, power));
}

static Value emitFloatUnary(Emitter &emit, UnaryKind kind, Value x) {
  switch (kind) {
  case UnaryKind::abs:
    return math::AbsFOp::create(emit, x);
  case UnaryKind::neg:
    return arith::NegFOp::create(emit, x);
  case UnaryKind::sign:
    return emitFloatSign(emit, x);
  case UnaryKind::relu: {
    // One compare keeps NaN, which maximumf needs six instructions for.
    Value isNegative = compare(emit, arith::CmpFPredicate::OLT, x, 0);
    return select(emit, isNegative, emit.number(x.getType(), 0), x);
  }
  case UnaryKind::ceil:
    return math::CeilOp::create(emit, x);
  case UnaryKind::floor:
    return math::FloorOp::create(emit, x);
  case UnaryKind::round:
    return math::RoundEvenOp::create(emit, x);
  case UnaryKind::sqrt:
    return math::SqrtOp::create(emit, x);
  case UnaryKind::reciprocal:
    return arith::DivFOp::create(emit, emit.number(x.getType(), 1), x);
  case UnaryKind::exp:
    return math::ExpOp::create(emit, x);
  case UnaryKind::log:
    return math::LogOp::create(emit, x);
  case UnaryKind::log1p:
    return math::Log1pOp::create(emit, x);
  case UnaryKind::sin:
    return math::SinOp::create(emit, x);
  case UnaryKind::cos:
    return math::CosOp::create(emit, x);
  case UnaryKind::tan:
    return math::TanOp::create(emit, x);
  case UnaryKind::asin:
    return math::AsinOp::create(emit, x);
  case UnaryKind::acos:
    return math::AcosOp::create(emit, x);
  case UnaryKind::atan:
    return math::AtanOp::create(emit, x);
  case UnaryKind::sinh:
    return math::SinhOp::create(emit, x);
  case UnaryKind::cosh:
    return math::CoshOp::create(emit, x);
  case UnaryKind::tanh:
    return math::TanhOp::create(emit, x);
  case UnaryKind::asinh:
    return math::AsinhOp::create(emit, x);
  case UnaryKind::acosh:
    return math::AcoshOp::create(emit, x);
  case UnaryKind::atanh:
    return math::AtanhOp::create(emit, x);
  case UnaryKind::erf:
    return math::ErfOp::create(emit, x);
  case UnaryKind::sigmoid:
    return emitSigmoid(emit, x);
  case UnaryKind::bitwise_not:
    break;
  }
  llvm_unreachable("the op's verifier refuses functions of integers");
}

Value qcc::conversion::emitUnary(Emitter &emit, UnaryKind kind, Value x,
                                 Type type) {
  if (isa<FloatType>(x.getType()))
    return emitFloatUnary(emit, kind, x);
  return emitIntegerUnary(emit, kind, x, isUnsigned(type));
}

Value qcc::conversion::emitTest(Emitter &emit, TestKind kind, Value x) {
  double infinity = HUGE_VAL;
  switch (kind) {
  case TestKind::is_nan:
    return arith::CmpFOp::create(emit, arith::CmpFPredicate::UNO, x, x);
  case TestKind::is_inf:
    return compare(emit, arith::CmpFPredicate::OEQ,
                   math::AbsFOp::create(emit, x), infinity);
  case TestKind::is_pos_inf:
    return compare(emit, arith::CmpFPredicate::OEQ, x, infinity);
  case TestKind::is_neg_inf:
    return compare(emit, arith::CmpFPredicate::OEQ, x, -infinity);
  }
  llvm_unreachable("all kinds are listed");
}

//===----------------------------------------------------------------------===//
// Of two numbers
//===----------------------------------------------------------------------===//

/// A divisor for which division is defined: 0, which ends the run elsewhere,
/// and -1, which overflows for the lowest number and for which the caller
/// negates, become 1.
static Value makeSafe(Emitter &emit, Value divisor, bool isUnsignedType) {
  Value one = emit.integer(divisor.getType(), 1);
  Value isUnsafe = compare(emit, arith::CmpIPredicate::eq, divisor, 0);
  if (!isUnsignedType)
    isUnsafe = arith::OrIOp::create(
        emit, isUnsafe, compare(emit, arith::CmpIPredicate::eq, divisor, -1));
  return select(emit, isUnsafe, one, divisor);
}

static Value emitIntegerDiv(Emitter &emit, Value x, Value y,
                            bool isUnsignedType) {
  Value divisor = makeSafe(emit, y, isUnsignedType);
  if (isUnsignedType)
    return arith::DivUIOp::create(emit, x, divisor);
  Value quotient = arith::DivSIOp::create(emit, x, divisor);
  Value negated = emit.sub(emit.integer(x.getType(), 0), x);
  Value isMinusOne = compare(emit, arith::CmpIPredicate::eq, y, -1);
  return select(emit, isMinusOne, negated, quotient);
}

static Value emitIntegerRem(Emitter &emit, Value x, Value y,
                            bool isUnsignedType, bool signOfDivisor) {
  Value divisor = makeSafe(emit, y, isUnsignedType);
  if (isUnsignedType)
    return arith::RemUIOp::create(emit, x, divisor);
  Value rest = arith::RemSIOp::create(emit, x, divisor);
  if (!signOfDivisor)
    return rest;
  Value isNotZero = compare(emit, arith::CmpIPredicate::ne, rest, 0);
  Value signs = arith::XOrIOp::create(emit, rest, divisor);
  Value differs = compare(emit, arith::CmpIPredicate::slt, signs, 0);
  Value mustMove = arith::AndIOp::create(emit, isNotZero, differs);
  return select(emit, mustMove, emit.add(rest, divisor), rest);
}

static Value emitShift(Emitter &emit, Value x, Value y, bool isLeft) {
  int64_t width = x.getType().getIntOrFloatBitWidth();
  Value zero = emit.integer(x.getType(), 0);
  Value isDefined = compare(emit, arith::CmpIPredicate::ult, y, width);
  Value count = select(emit, isDefined, y, zero);
  Value shifted = isLeft ? arith::ShLIOp::create(emit, x, count).getResult()
                         : arith::ShRUIOp::create(emit, x, count).getResult();
  return select(emit, isDefined, shifted, zero);
}

static Value emitIntegerBinary(Emitter &emit, BinaryKind kind, Value x, Value y,
                               bool isUnsignedType) {
  switch (kind) {
  case BinaryKind::add:
    return emit.add(x, y);
  case BinaryKind::sub:
    return emit.sub(x, y);
  case BinaryKind::mul:
    return emit.mul(x, y);
  case BinaryKind::div:
    return emitIntegerDiv(emit, x, y, isUnsignedType);
  case BinaryKind::mod:
  case BinaryKind::fmod:
    return emitIntegerRem(emit, x, y, isUnsignedType, kind == BinaryKind::mod);
  case BinaryKind::min:
    return isUnsignedType ? arith::MinUIOp::create(emit, x, y).getResult()
                          : arith::MinSIOp::create(emit, x, y).getResult();
  case BinaryKind::max:
    return isUnsignedType ? arith::MaxUIOp::create(emit, x, y).getResult()
                          : arith::MaxSIOp::create(emit, x, y).getResult();
  case BinaryKind::and_:
    return arith::AndIOp::create(emit, x, y);
  case BinaryKind::or_:
    return arith::OrIOp::create(emit, x, y);
  case BinaryKind::xor_:
    return arith::XOrIOp::create(emit, x, y);
  case BinaryKind::shl:
  case BinaryKind::shr:
    return emitShift(emit, x, y, kind == BinaryKind::shl);
  case BinaryKind::pow:
    break;
  }
  llvm_unreachable("powers are made by emitPower");
}

/// Python's modulo: the sign of the divisor.
static Value emitFloatMod(Emitter &emit, Value x, Value y) {
  Value rest = arith::RemFOp::create(emit, x, y);
  Value zero = emit.number(x.getType(), 0);
  auto isNegative = [&](Value value) {
    return arith::CmpFOp::create(emit, arith::CmpFPredicate::OLT, value, zero);
  };
  Value isNotZero = compare(emit, arith::CmpFPredicate::ONE, rest, 0);
  Value differs = arith::XOrIOp::create(emit, isNegative(rest), isNegative(y));
  Value mustMove = arith::AndIOp::create(emit, isNotZero, differs);
  return select(emit, mustMove, arith::AddFOp::create(emit, rest, y), rest);
}

static Value emitFloatBinary(Emitter &emit, BinaryKind kind, Value x, Value y) {
  switch (kind) {
  case BinaryKind::add:
    return arith::AddFOp::create(emit, x, y);
  case BinaryKind::sub:
    return arith::SubFOp::create(emit, x, y);
  case BinaryKind::mul:
    return arith::MulFOp::create(emit, x, y);
  case BinaryKind::div:
    return arith::DivFOp::create(emit, x, y);
  case BinaryKind::mod:
    return emitFloatMod(emit, x, y);
  case BinaryKind::fmod:
    return arith::RemFOp::create(emit, x, y);
  case BinaryKind::min:
    return arith::MinimumFOp::create(emit, x, y);
  case BinaryKind::max:
    return arith::MaximumFOp::create(emit, x, y);
  case BinaryKind::pow:
    return math::PowFOp::create(emit, x, y);
  default:
    break;
  }
  llvm_unreachable("the op's verifier refuses functions of integers");
}

Value qcc::conversion::emitBinary(Emitter &emit, BinaryKind kind, Value x,
                                  Value y, Type type) {
  if (kind == BinaryKind::pow)
    return emitPower(emit, x, type, y, type);
  if (isa<FloatType>(x.getType()))
    return emitFloatBinary(emit, kind, x, y);
  return emitIntegerBinary(emit, kind, x, y, isUnsigned(type));
}

Value qcc::conversion::emitPower(Emitter &emit, Value x, Type type, Value y,
                                 Type exponent) {
  Type base = getComputeType(type);
  Type power = getComputeType(exponent);
  if (isa<FloatType>(base)) {
    if (power != base)
      y = emitCast(emit, y, power, base, true, "up");
    return math::PowFOp::create(emit, x, y);
  }
  // Integers in f64, as std::pow does: exact up to 2^53.
  Type wide = emit.getF64Type();
  Type meaning =
      isUnsigned(type)
          ? IntegerType::get(emit.getContext(), base.getIntOrFloatBitWidth(),
                             IntegerType::Unsigned)
          : base;
  Value left = emitCast(emit, x, meaning, wide, true, "up");
  Type exponentMeaning = isa<FloatType>(exponent) ? power : exponent;
  Value right = emitCast(emit, y, exponentMeaning, wide, true, "up");
  Value result = math::PowFOp::create(emit, left, right);
  return emitCast(emit, result, wide, meaning, true, "up");
}

Value qcc::conversion::emitCompare(Emitter &emit, CompareKind kind, Value x,
                                   Value y, Type type) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static constexpr F floats[] = {F::OEQ, F::UNE, F::OLT,
                                 F::OLE, F::OGT, F::OGE};
  static constexpr I integers[] = {I::eq,  I::ne,  I::slt,
                                   I::sle, I::sgt, I::sge};
  static constexpr I naturals[] = {I::eq,  I::ne,  I::ult,
                                   I::ule, I::ugt, I::uge};
  auto position = static_cast<unsigned>(kind);
  if (isa<FloatType>(x.getType()))
    return arith::CmpFOp::create(emit, floats[position], x, y);
  I predicate = isUnsigned(type) ? naturals[position] : integers[position];
  return arith::CmpIOp::create(emit, predicate, x, y);
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

/// Beyond the range of `bits` signed bits the nearest end; NaN the lowest.
static Value clampedToSigned(Emitter &emit, Value x, unsigned bits) {
  Type type = x.getType();
  double bound = std::ldexp(1.0, bits - 1);
  unsigned mantissa = cast<FloatType>(type).getFPMantissaWidth();
  double below = bits - 1 <= mantissa
                     ? bound - 1
                     : bound - std::ldexp(1.0, bits - 1 - mantissa);
  Value inRange =
      select(emit, compare(emit, arith::CmpFPredicate::OGE, x, -bound), x,
             emit.number(type, -bound));
  Value isAbove = compare(emit, arith::CmpFPredicate::OGE, x, bound);
  inRange = select(emit, isAbove, emit.number(type, below), inRange);
  Type integer = emit.getIntegerType(bits);
  Value result = arith::FPToSIOp::create(emit, integer, inRange);
  APInt maximum = APInt::getSignedMaxValue(bits);
  return select(emit, isAbove, emit.integer(integer, maximum.getSExtValue()),
                result);
}

Value qcc::conversion::emitToInteger(Emitter &emit, Value x, Type to) {
  Type storage = getStorageElement(to);
  unsigned bits = storage.getIntOrFloatBitWidth();
  if (bits < 32) {
    Value wide = clampedToSigned(emit, x, 32);
    return wrap(emit, arith::TruncIOp::create(emit, storage, wide), to);
  }
  if (!isUnsigned(to))
    return clampedToSigned(emit, x, bits);
  if (bits == 32) {
    Value wide = clampedToSigned(emit, x, 64);
    return arith::TruncIOp::create(emit, storage, wide);
  }
  // From 2^63 on: that much less, and the top bit set.
  double bound = std::ldexp(1.0, 63);
  Value isHigh = compare(emit, arith::CmpFPredicate::OGE, x, bound);
  Value lowered =
      arith::SubFOp::create(emit, x, emit.number(x.getType(), bound));
  Value low = clampedToSigned(emit, x, 64);
  Value high = arith::XOrIOp::create(emit, clampedToSigned(emit, lowered, 64),
                                     emit.integer(storage, INT64_MIN));
  return select(emit, isHigh, high, low);
}

static Value emitIntegerToInteger(Emitter &emit, Value x, Type from, Type to) {
  Type storage = getStorageElement(to);
  unsigned before = x.getType().getIntOrFloatBitWidth();
  unsigned after = storage.getIntOrFloatBitWidth();
  if (before < after)
    x = isUnsigned(from) ? arith::ExtUIOp::create(emit, storage, x).getResult()
                         : arith::ExtSIOp::create(emit, storage, x).getResult();
  else if (before > after)
    x = arith::TruncIOp::create(emit, storage, x);
  return wrap(emit, x, to);
}

static Value emitToBool(Emitter &emit, Value x) {
  if (isa<FloatType>(x.getType()))
    return compare(emit, arith::CmpFPredicate::UNE, x, 0.0);
  return compare(emit, arith::CmpIPredicate::ne, x, static_cast<int64_t>(0));
}

static Value emitToFloat(Emitter &emit, Value x, Type from, FloatType to) {
  if (auto real = dyn_cast<FloatType>(x.getType())) {
    if (real.getWidth() < to.getWidth())
      return arith::ExtFOp::create(emit, to, x);
    if (real.getWidth() > to.getWidth())
      return arith::TruncFOp::create(emit, to, x);
    return x;
  }
  if (isUnsigned(from))
    return arith::UIToFPOp::create(emit, to, x);
  return arith::SIToFPOp::create(emit, to, x);
}

Value qcc::conversion::emitCast(Emitter &emit, Value stored, Type from, Type to,
                                bool saturate, StringRef roundMode) {
  if (from == to)
    return stored;
  Value x = load(emit, stored, from);
  if (to.isInteger(1))
    return x.getType().isInteger(1) ? x : emitToBool(emit, x);
  auto real = dyn_cast<FloatType>(to);
  if (!real)
    return isa<FloatType>(x.getType())
               ? emitToInteger(emit, x, to)
               : emitIntegerToInteger(emit, x, from, to);
  if (real.getWidth() <= 8)
    return encodeMinifloat(emit, emitToFloat(emit, x, from, emit.getF32Type()),
                           real, saturate, roundMode);
  // Through f64 a wide integer would round twice; to f16 and bf16 from integers
  // and f64 the hardware rounds once by way of f32 or not at all, so LLVM
  // chooses.
  return emitToFloat(emit, x, from, real);
}
