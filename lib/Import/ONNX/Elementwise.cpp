// Functions of each element: arithmetic, comparisons, logic, casts.

#include "lib/Import/ONNX/Node.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::CompareKind;
using qnn::TestKind;
using qnn::UnaryKind;

template <UnaryKind kind> static LogicalResult importUnary(Node &n) {
  return n.result(n.e.unary(kind, n.in(0)));
}

template <BinaryKind kind> static LogicalResult importBinary(Node &n) {
  Value x = n.in(0);
  return n.result(x ? n.e.binary(kind, x, n.in(1)) : Value());
}

/// qnn's bitwise ops are logical ones on bool.
static LogicalResult checkBool(Node &n) {
  for (int i = 0; i < n.numInputs(); ++i) {
    Value v = n.in(i);
    if (!v)
      return failure();
    if (!n.e.element(v).isInteger(1))
      return n.error() << "input " << i << " is of " << n.e.element(v)
                       << ", not of bool; for the bits of integers there is "
                          "Bitwise"
                       << n.type();
  }
  return success();
}

static LogicalResult importNot(Node &n) {
  return failed(checkBool(n)) ? failure()
                              : importUnary<UnaryKind::bitwise_not>(n);
}

template <BinaryKind kind> static LogicalResult importLogical(Node &n) {
  return failed(checkBool(n)) ? failure() : importBinary<kind>(n);
}

template <CompareKind kind> static LogicalResult importCompare(Node &n) {
  Value x = n.in(0);
  return n.result(x ? n.e.compare(kind, x, n.in(1)) : Value());
}

static LogicalResult importIdentity(Node &n) { return n.result(n.in(0)); }

/// Max, Min and Sum of any number of operands.
template <BinaryKind kind> static LogicalResult importVariadic(Node &n) {
  Value result = n.in(0);
  for (int i = 1; result && i < n.numInputs(); ++i)
    result = n.e.binary(kind, result, n.in(i));
  return n.result(result);
}

static LogicalResult importMean(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  Type element = n.e.element(x);
  Value sum = n.e.widen(x);
  for (int i = 1; i < n.numInputs(); ++i)
    sum = n.e.add(sum, n.e.widen(n.in(i)));
  return n.result(n.e.cast(n.e.div(sum, double(n.numInputs())), element));
}

/// A square is a product: how exporters write a variance.
static LogicalResult importPow(Node &n) {
  Value x = n.in(0), exponent = x ? n.in(1) : Value();
  if (!exponent)
    return failure();
  std::optional<SmallVector<double>> number = n.e.getNumbers(exponent, 1);
  bool isSquare = number && number->size() == 1 && number->front() == 2 &&
                  n.e.rank(exponent) <= n.e.rank(x);
  return n.result(isSquare ? n.e.mul(x, x)
                           : n.e.binary(BinaryKind::pow, x, exponent));
}

static LogicalResult importMod(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  bool isC = n.getInt("fmod", 0) != 0;
  return n.result(
      n.e.binary(isC ? BinaryKind::fmod : BinaryKind::mod, x, n.in(1)));
}

static LogicalResult importBitShift(Node &n) {
  StringRef direction = n.getString("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    return n.error() << "direction is '" << direction
                     << "', which is neither LEFT nor RIGHT";
  Emit &e = n.e;
  Value x = n.in(0), y = x ? n.in(1) : Value();
  if (!y)
    return failure();
  bool isLeft = direction == "LEFT";
  BinaryKind kind = isLeft ? BinaryKind::shl : BinaryKind::shr;
  Type element = e.element(x);
  if (!element.isSignlessInteger())
    return n.result(e.binary(kind, x, y));
  // As bits; a negative distance is then a large one. Right: a negative number
  // is shifted inverted, so that zeros coming in are ones.
  Type bits = IntegerType::get(
      e.b.getContext(), element.getIntOrFloatBitWidth(), IntegerType::Unsigned);
  auto shift = [&](Value v) {
    return e.bitcast(e.binary(kind, e.bitcast(v, bits), e.bitcast(y, bits)),
                     element);
  };
  if (isLeft)
    return n.result(shift(x));
  Value isNegative = e.compare(CompareKind::lt, x, e.scalarLike(0, x));
  Value inverted = e.unary(UnaryKind::bitwise_not, x);
  Value shifted = shift(e.select(isNegative, inverted, x));
  return n.result(
      e.select(isNegative, e.unary(UnaryKind::bitwise_not, shifted), shifted));
}

static LogicalResult importWhere(Node &n) {
  Value condition = n.in(0), x = n.in(1), y = n.in(2);
  return n.result(n.e.select(condition, x, y));
}

static LogicalResult importIsNaN(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  Value result = n.e.make<qnn::TestOp>(TestKind::is_nan, x);
  if (result)
    n.e.setExtents(result, n.e.extents(x));
  return n.result(result);
}

static LogicalResult importIsInf(Node &n) {
  Value x = n.in(0);
  bool positive = n.getInt("detect_positive", 1);
  bool negative = n.getInt("detect_negative", 1);
  if (!x)
    return failure();
  if (!positive && !negative)
    return n.result(
        n.e.splat(n.e.scalar(0, n.e.b.getI1Type()), n.e.extents(x)));
  TestKind kind = positive && negative ? TestKind::is_inf
                  : positive           ? TestKind::is_pos_inf
                                       : TestKind::is_neg_inf;
  Value result = n.e.make<qnn::TestOp>(kind, x);
  if (result)
    n.e.setExtents(result, n.e.extents(x));
  return n.result(result);
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

static LogicalResult castTo(Node &n, Value x, Type element) {
  if (!x)
    return failure();
  if (n.e.element(x) == element)
    return n.result(x);
  bool saturate = n.getInt("saturate", 1);
  StringRef mode = n.getString("round_mode", "");
  StringAttr modeAttr;
  if (isa<Float8E8M0FNUType>(element) && !mode.empty())
    modeAttr = n.e.b.getStringAttr(mode);
  Value result = qnn::CastOp::create(n.e.b, n.e.loc, n.e.type(x).clone(element),
                                     x, saturate, modeAttr);
  n.e.setExtents(result, n.e.extents(x));
  return n.result(result);
}

static LogicalResult importCast(Node &n) {
  int64_t to = n.getInt("to", 0);
  ElementType element = getElementType(to, n.e.b.getContext());
  if (element.name.empty())
    return n.error() << "casts to type " << to
                     << ", which is not one of ONNX's";
  if (!element.type)
    return n.unsupported("casts to " + element.name);
  return castTo(n, n.in(0), element.type);
}

static LogicalResult importCastLike(Node &n) {
  Value like = n.in(1);
  return like ? castTo(n, n.in(0), n.e.element(like)) : failure();
}

static LogicalResult importBitCast(Node &n) {
  ElementType element = getElementType(n.getInt("to", 0), n.e.b.getContext());
  Value x = n.in(0);
  if (!x)
    return failure();
  if (!element.type)
    return n.unsupported("reads bits as " + element.name);
  if (n.e.element(x).getIntOrFloatBitWidth() !=
      element.type.getIntOrFloatBitWidth())
    return n.unsupported("reads bits as a type of another width");
  return n.result(n.e.bitcast(x, element.type));
}

/// Limits are attributes up to version 6, and inputs since 11.
static LogicalResult importClip(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  Value low, high;
  if (n.version() < 11) {
    if (n.hasAttribute("min"))
      low = n.e.scalarLike(n.getFloat("min", 0), x);
    if (n.hasAttribute("max"))
      high = n.e.scalarLike(n.getFloat("max", 0), x);
  } else {
    low = n.optional(1);
    high = n.optional(2);
  }
  if (low)
    x = n.e.max(x, low);
  if (high)
    x = n.e.min(x, high);
  return n.result(x);
}

void qcc::importer::addElementwise(OperatorTable &t) {
  t.add("Abs", importUnary<UnaryKind::abs>);
  t.add("Neg", importUnary<UnaryKind::neg>);
  t.add("Sign", importUnary<UnaryKind::sign>, 9);
  t.add("Relu", importUnary<UnaryKind::relu>);
  t.add("Ceil", importUnary<UnaryKind::ceil>);
  t.add("Floor", importUnary<UnaryKind::floor>);
  t.add("Round", importUnary<UnaryKind::round>, 11);
  t.add("Sqrt", importUnary<UnaryKind::sqrt>);
  t.add("Reciprocal", importUnary<UnaryKind::reciprocal>);
  t.add("Exp", importUnary<UnaryKind::exp>);
  t.add("Log", importUnary<UnaryKind::log>);
  t.add("Sin", importUnary<UnaryKind::sin>, 7);
  t.add("Cos", importUnary<UnaryKind::cos>, 7);
  t.add("Tan", importUnary<UnaryKind::tan>, 7);
  t.add("Asin", importUnary<UnaryKind::asin>, 7);
  t.add("Acos", importUnary<UnaryKind::acos>, 7);
  t.add("Atan", importUnary<UnaryKind::atan>, 7);
  t.add("Sinh", importUnary<UnaryKind::sinh>, 9);
  t.add("Cosh", importUnary<UnaryKind::cosh>, 9);
  t.add("Tanh", importUnary<UnaryKind::tanh>);
  t.add("Asinh", importUnary<UnaryKind::asinh>, 9);
  t.add("Acosh", importUnary<UnaryKind::acosh>, 9);
  t.add("Atanh", importUnary<UnaryKind::atanh>, 9);
  t.add("Erf", importUnary<UnaryKind::erf>, 9);
  t.add("Sigmoid", importUnary<UnaryKind::sigmoid>);
  t.add("Not", importNot);
  t.add("BitwiseNot", importUnary<UnaryKind::bitwise_not>, 18);
  t.add("Identity", importIdentity);
  t.add("IsNaN", importIsNaN, 9);
  t.add("IsInf", importIsInf, 10);

  t.add("Add", importBinary<BinaryKind::add>);
  t.add("Sub", importBinary<BinaryKind::sub>);
  t.add("Mul", importBinary<BinaryKind::mul>);
  t.add("Div", importBinary<BinaryKind::div>);
  t.add("Pow", importPow);
  t.add("And", importLogical<BinaryKind::and_>);
  t.add("Or", importLogical<BinaryKind::or_>);
  t.add("Xor", importLogical<BinaryKind::xor_>);
  t.add("BitwiseAnd", importBinary<BinaryKind::and_>, 18);
  t.add("BitwiseOr", importBinary<BinaryKind::or_>, 18);
  t.add("BitwiseXor", importBinary<BinaryKind::xor_>, 18);
  t.add("BitShift", importBitShift, 11);
  t.add("Mod", importMod, 10);
  t.add("Max", importVariadic<BinaryKind::max>);
  t.add("Min", importVariadic<BinaryKind::min>);
  t.add("Sum", importVariadic<BinaryKind::add>);
  t.add("Mean", importMean);

  t.add("Equal", importCompare<CompareKind::eq>);
  t.add("Less", importCompare<CompareKind::lt>);
  t.add("LessOrEqual", importCompare<CompareKind::le>, 12);
  t.add("Greater", importCompare<CompareKind::gt>);
  t.add("GreaterOrEqual", importCompare<CompareKind::ge>, 12);
  t.add("Where", importWhere, 9);

  t.add("Cast", importCast);
  t.add("CastLike", importCastLike, 15);
  t.add("BitCast", importBitCast, 26);
  t.add("Clip", importClip);
}
