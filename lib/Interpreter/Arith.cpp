// The arith dialect: on extents mostly, and on whatever scalars and tensors
// stand beside qnn ops.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Scalars.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static Error evaluateConstant(arith::ConstantOp op, Frame &frame) {
  return frame.set(op.getResult(), getTensor(op.getValue()));
}

static unsigned getBits(Type type) {
  type = getElementTypeOrSelf(type);
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The low `bits` bits of an integer, as an unsigned number.
static uint64_t toUnsigned(int64_t value, unsigned bits) {
  return static_cast<uint64_t>(value) << (64 - bits) >> (64 - bits);
}

/// The same as a signed number: loads give i1 as 0 or 1.
static int64_t toSigned(int64_t value, unsigned bits) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) << (64 - bits)) >>
         (64 - bits);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

using IntegerFunction = Expected<int64_t> (*)(int64_t a, int64_t b,
                                              unsigned bits);

/// Both operands have one shape.
template <typename OpT, IntegerFunction function>
static Error evaluateIntegers(OpT op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  const Tensor &rhs = frame.getTensor(op.getRhs());
  unsigned bits = getBits(lhs.getElementType());
  std::vector<int64_t> a = load<int64_t>(lhs), b = load<int64_t>(rhs);
  std::vector<int64_t> values(a.size());
  if (a.size() != b.size())
    return fail("operands differ in shape");
  for (size_t i = 0; i < a.size(); ++i) {
    Expected<int64_t> value = function(a[i], b[i], bits);
    if (!value)
      return value.takeError();
    values[i] = *value;
  }
  return frame.set(op.getResult(),
                   makeTensor<int64_t>(getElementTypeOrSelf(op.getType()),
                                       lhs.getShape(), values));
}

static Expected<int64_t> add(int64_t a, int64_t b, unsigned) {
  return wrapAdd(a, b);
}
static Expected<int64_t> subtract(int64_t a, int64_t b, unsigned) {
  return wrapSub(a, b);
}
static Expected<int64_t> multiply(int64_t a, int64_t b, unsigned) {
  return wrapMul(a, b);
}
static Expected<int64_t> bitAnd(int64_t a, int64_t b, unsigned) {
  return a & b;
}
static Expected<int64_t> bitOr(int64_t a, int64_t b, unsigned) { return a | b; }
static Expected<int64_t> bitXor(int64_t a, int64_t b, unsigned) {
  return a ^ b;
}

enum class Rounding { TowardZero, Down, Up };

template <Rounding rounding, bool wantsRest = false>
static Expected<int64_t> divideSigned(int64_t a, int64_t b, unsigned bits) {
  a = toSigned(a, bits);
  b = toSigned(b, bits);
  if (b == 0)
    return fail("an integer is divided by zero");
  int64_t rest = getRemainder(a, b), quotient = divideIntegers(a, b);
  if (wantsRest)
    return rest;
  if (rounding == Rounding::Down && rest != 0 && (rest < 0) != (b < 0))
    --quotient;
  if (rounding == Rounding::Up && rest != 0 && (rest < 0) == (b < 0))
    ++quotient;
  return quotient;
}

template <Rounding rounding, bool wantsRest = false>
static Expected<int64_t> divideUnsigned(int64_t a, int64_t b, unsigned bits) {
  uint64_t x = toUnsigned(a, bits), y = toUnsigned(b, bits);
  if (y == 0)
    return fail("an integer is divided by zero");
  if (wantsRest)
    return static_cast<int64_t>(x % y);
  return static_cast<int64_t>(x / y + (rounding == Rounding::Up && x % y != 0));
}

template <bool isMax>
static Expected<int64_t> chooseSigned(int64_t a, int64_t b, unsigned bits) {
  return (toSigned(a, bits) > toSigned(b, bits)) == isMax ? a : b;
}
template <bool isMax>
static Expected<int64_t> chooseUnsigned(int64_t a, int64_t b, unsigned bits) {
  return (toUnsigned(a, bits) > toUnsigned(b, bits)) == isMax ? a : b;
}

/// A shift by the width or more is poison in arith; here it is an error.
template <bool isLeft, bool isSigned>
static Expected<int64_t> shift(int64_t a, int64_t b, unsigned bits) {
  uint64_t count = toUnsigned(b, bits);
  if (count >= bits)
    return fail("an integer of " + llvm::Twine(bits) + " bits is shifted by " +
                llvm::Twine(count));
  if (isLeft)
    return static_cast<int64_t>(static_cast<uint64_t>(a) << count);
  if (isSigned)
    return toSigned(a, bits) >> count;
  return static_cast<int64_t>(toUnsigned(a, bits) >> count);
}

template <typename OpT, IntegerFunction function>
static void addInteger(Evaluators &evaluators) {
  evaluators.add<OpT>(evaluateIntegers<OpT, function>);
}

static bool compareIntegers(arith::CmpIPredicate predicate, int64_t a,
                            int64_t b, unsigned bits) {
  int64_t x = toSigned(a, bits), y = toSigned(b, bits);
  uint64_t u = toUnsigned(a, bits), v = toUnsigned(b, bits);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return u == v;
  case arith::CmpIPredicate::ne:
    return u != v;
  case arith::CmpIPredicate::slt:
    return x < y;
  case arith::CmpIPredicate::sle:
    return x <= y;
  case arith::CmpIPredicate::sgt:
    return x > y;
  case arith::CmpIPredicate::sge:
    return x >= y;
  case arith::CmpIPredicate::ult:
    return u < v;
  case arith::CmpIPredicate::ule:
    return u <= v;
  case arith::CmpIPredicate::ugt:
    return u > v;
  case arith::CmpIPredicate::uge:
    return u >= v;
  }
  llvm_unreachable("unknown predicate");
}

static Error evaluateCmpI(arith::CmpIOp op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  std::vector<int64_t> a = load<int64_t>(lhs);
  std::vector<int64_t> b = load<int64_t>(frame.getTensor(op.getRhs()));
  std::vector<int64_t> values(a.size());
  unsigned bits = getBits(lhs.getElementType());
  for (size_t i = 0; i < a.size(); ++i)
    values[i] = compareIntegers(op.getPredicate(), a[i], b[i], bits);
  return frame.set(op.getResult(),
                   makeTensor<int64_t>(getElementTypeOrSelf(op.getType()),
                                       lhs.getShape(), values));
}

/// Any value, or elements where the condition is a tensor.
static Error evaluateSelect(arith::SelectOp op, Frame &frame) {
  const Tensor &condition = frame.getTensor(op.getCondition());
  if (!isa<ShapedType>(op.getCondition().getType()))
    return frame.set(op.getResult(),
                     frame.get(getInteger(condition) ? op.getTrueValue()
                                                     : op.getFalseValue()));
  const Tensor &ifTrue = frame.getTensor(op.getTrueValue());
  const Tensor &ifFalse = frame.getTensor(op.getFalseValue());
  Expected<Tensor> result =
      Tensor::allocate(ifTrue.getElementType(), ifTrue.getShape());
  if (!result)
    return result.takeError();
  unsigned bytes = ifTrue.getElementBytes();
  for (auto [i, choice] : llvm::enumerate(load<int64_t>(condition)))
    std::memcpy(result->getWritable() + i * bytes,
                (choice ? ifTrue : ifFalse).getBytes().data() + i * bytes,
                bytes);
  return frame.set(op.getResult(), std::move(result));
}

/// Between integers of different widths.
template <typename OpT, bool isSigned>
static Error evaluateResize(OpT op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getIn());
  unsigned bits = getBits(input.getElementType());
  std::vector<int64_t> values = load<int64_t>(input);
  for (int64_t &value : values)
    value = isSigned ? toSigned(value, bits)
                     : static_cast<int64_t>(toUnsigned(value, bits));
  return frame.set(op.getOut(),
                   makeTensor<int64_t>(getElementTypeOrSelf(op.getType()),
                                       input.getShape(), values));
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <typename OpT, qnn::BinaryKind kind>
static Error evaluateFloats(OpT op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  const Tensor &rhs = frame.getTensor(op.getRhs());
  if (lhs.getShape() != rhs.getShape())
    return fail("operands differ in shape");
  auto evaluate = [&](auto zero) -> Error {
    using C = decltype(zero);
    std::vector<C> a = load<C>(lhs), b = load<C>(rhs);
    for (size_t i = 0; i < a.size(); ++i)
      a[i] = *evaluateBinary<C>(kind, a[i], b[i], 0);
    return frame.set(op.getResult(),
                     makeTensor<C>(lhs.getElementType(), lhs.getShape(), a));
  };
  return lhs.getElementType().isF64() ? evaluate(double()) : evaluate(float());
}

static Error evaluateNegF(arith::NegFOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getOperand());
  std::vector<double> values = load<double>(input);
  for (double &value : values)
    value = -value;
  return frame.set(
      op.getResult(),
      makeTensor<double>(input.getElementType(), input.getShape(), values));
}

static bool compareFloats(arith::CmpFPredicate predicate, double a, double b) {
  using Predicate = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case Predicate::AlwaysFalse:
    return false;
  case Predicate::AlwaysTrue:
    return true;
  case Predicate::ORD:
    return !unordered;
  case Predicate::UNO:
    return unordered;
  case Predicate::OEQ:
  case Predicate::UEQ:
    return unordered ? predicate == Predicate::UEQ : a == b;
  case Predicate::ONE:
  case Predicate::UNE:
    return unordered ? predicate == Predicate::UNE : a != b;
  case Predicate::OLT:
  case Predicate::ULT:
    return unordered ? predicate == Predicate::ULT : a < b;
  case Predicate::OLE:
  case Predicate::ULE:
    return unordered ? predicate == Predicate::ULE : a <= b;
  case Predicate::OGT:
  case Predicate::UGT:
    return unordered ? predicate == Predicate::UGT : a > b;
  case Predicate::OGE:
  case Predicate::UGE:
    return unordered ? predicate == Predicate::UGE : a >= b;
  }
  llvm_unreachable("unknown predicate");
}

static Error evaluateCmpF(arith::CmpFOp op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  std::vector<double> a = load<double>(lhs);
  std::vector<double> b = load<double>(frame.getTensor(op.getRhs()));
  std::vector<int64_t> values(a.size());
  for (size_t i = 0; i < a.size(); ++i)
    values[i] = compareFloats(op.getPredicate(), a[i], b[i]);
  return frame.set(op.getResult(),
                   makeTensor<int64_t>(getElementTypeOrSelf(op.getType()),
                                       lhs.getShape(), values));
}

/// extf and truncf: to the nearest.
template <typename OpT> static Error evaluateFloatCast(OpT op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getIn());
  return frame.set(op.getOut(),
                   makeTensor<double>(getElementTypeOrSelf(op.getType()),
                                      input.getShape(), load<double>(input)));
}

template <typename OpT, bool isSigned>
static Error evaluateToFloat(OpT op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getIn());
  unsigned bits = getBits(input.getElementType());
  Type type = getElementTypeOrSelf(op.getType());
  std::vector<int64_t> integers = load<int64_t>(input);
  return dispatch(type, [&](auto zero) -> Error {
    using C = decltype(zero);
    std::vector<C> values;
    for (int64_t value : integers)
      values.push_back(isSigned ? static_cast<C>(toSigned(value, bits))
                                : static_cast<C>(toUnsigned(value, bits)));
    return frame.set(op.getOut(),
                     makeTensor<C>(type, input.getShape(), values));
  });
}

static Error evaluateFPToSI(arith::FPToSIOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getIn());
  std::vector<int64_t> values;
  for (double value : load<double>(input)) {
    if (!(std::fabs(value) < 9223372036854775808.0))
      return fail("a number is beyond all 64-bit integers");
    values.push_back(static_cast<int64_t>(value));
  }
  return frame.set(op.getOut(),
                   makeTensor<int64_t>(getElementTypeOrSelf(op.getType()),
                                       input.getShape(), values));
}

static void addIntegers(Evaluators &evaluators) {
  using namespace arith;
  constexpr Rounding zero = Rounding::TowardZero;
  addInteger<AddIOp, add>(evaluators);
  addInteger<SubIOp, subtract>(evaluators);
  addInteger<MulIOp, multiply>(evaluators);
  addInteger<AndIOp, bitAnd>(evaluators);
  addInteger<OrIOp, bitOr>(evaluators);
  addInteger<XOrIOp, bitXor>(evaluators);
  addInteger<DivSIOp, divideSigned<zero>>(evaluators);
  addInteger<FloorDivSIOp, divideSigned<Rounding::Down>>(evaluators);
  addInteger<CeilDivSIOp, divideSigned<Rounding::Up>>(evaluators);
  addInteger<RemSIOp, divideSigned<zero, true>>(evaluators);
  addInteger<DivUIOp, divideUnsigned<zero>>(evaluators);
  addInteger<CeilDivUIOp, divideUnsigned<Rounding::Up>>(evaluators);
  addInteger<RemUIOp, divideUnsigned<zero, true>>(evaluators);
  addInteger<MaxSIOp, chooseSigned<true>>(evaluators);
  addInteger<MinSIOp, chooseSigned<false>>(evaluators);
  addInteger<MaxUIOp, chooseUnsigned<true>>(evaluators);
  addInteger<MinUIOp, chooseUnsigned<false>>(evaluators);
  addInteger<ShLIOp, shift<true, false>>(evaluators);
  addInteger<ShRSIOp, shift<false, true>>(evaluators);
  addInteger<ShRUIOp, shift<false, false>>(evaluators);
}

void addArith(Evaluators &evaluators) {
  using namespace arith;
  using qnn::BinaryKind;
  addIntegers(evaluators);
  evaluators.add<ConstantOp>(evaluateConstant);
  evaluators.add<CmpIOp>(evaluateCmpI);
  evaluators.add<CmpFOp>(evaluateCmpF);
  evaluators.add<SelectOp>(evaluateSelect);
  evaluators.add<IndexCastOp>(evaluateResize<IndexCastOp, true>);
  evaluators.add<IndexCastUIOp>(evaluateResize<IndexCastUIOp, false>);
  evaluators.add<ExtSIOp>(evaluateResize<ExtSIOp, true>);
  evaluators.add<ExtUIOp>(evaluateResize<ExtUIOp, false>);
  evaluators.add<TruncIOp>(evaluateResize<TruncIOp, false>);
  evaluators.add<AddFOp>(evaluateFloats<AddFOp, BinaryKind::add>);
  evaluators.add<SubFOp>(evaluateFloats<SubFOp, BinaryKind::sub>);
  evaluators.add<MulFOp>(evaluateFloats<MulFOp, BinaryKind::mul>);
  evaluators.add<DivFOp>(evaluateFloats<DivFOp, BinaryKind::div>);
  evaluators.add<MaximumFOp>(evaluateFloats<MaximumFOp, BinaryKind::max>);
  evaluators.add<MinimumFOp>(evaluateFloats<MinimumFOp, BinaryKind::min>);
  evaluators.add<NegFOp>(evaluateNegF);
  evaluators.add<ExtFOp>(evaluateFloatCast<ExtFOp>);
  evaluators.add<TruncFOp>(evaluateFloatCast<TruncFOp>);
  evaluators.add<SIToFPOp>(evaluateToFloat<SIToFPOp, true>);
  evaluators.add<UIToFPOp>(evaluateToFloat<UIToFPOp, false>);
  evaluators.add<FPToSIOp>(evaluateFPToSI);
}

} // namespace qcc::interpreter
