// qnn.unary, test, binary, compare and select.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Scalars.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

//===----------------------------------------------------------------------===//
// Of one operand
//===----------------------------------------------------------------------===//

template <typename C> static C evaluateCommon(UnaryKind kind, C x) {
  switch (kind) {
  case UnaryKind::abs:
    if constexpr (std::is_floating_point_v<C>)
      return std::fabs(x);
    else
      return x < 0 ? wrapSub<C>(0, x) : x;
  case UnaryKind::neg:
    if constexpr (std::is_floating_point_v<C>)
      return -x;
    else
      return wrapSub<C>(0, x);
  case UnaryKind::sign:
    return isNaN(x) ? x : C((x > 0) - (x < 0));
  case UnaryKind::relu:
    return isNaN(x) || x > 0 ? x : C(0);
  case UnaryKind::bitwise_not:
    if constexpr (std::is_integral_v<C>)
      return ~x;
    [[fallthrough]];
  default:
    llvm_unreachable("the verifier keeps such kinds from such elements");
  }
}

template <typename C> static C evaluateSigmoid(C x) {
  // Without overflow on either side.
  if (x >= 0)
    return 1 / (1 + std::exp(-x));
  C e = std::exp(x);
  return e / (1 + e);
}

template <typename C> static C evaluateFunction(UnaryKind kind, C x) {
  switch (kind) {
  case UnaryKind::ceil:
    return std::ceil(x);
  case UnaryKind::floor:
    return std::floor(x);
  case UnaryKind::round:
    return std::nearbyint(x);
  case UnaryKind::sqrt:
    return std::sqrt(x);
  case UnaryKind::reciprocal:
    return 1 / x;
  case UnaryKind::exp:
    return std::exp(x);
  case UnaryKind::log:
    return std::log(x);
  case UnaryKind::log1p:
    return std::log1p(x);
  case UnaryKind::sin:
    return std::sin(x);
  case UnaryKind::cos:
    return std::cos(x);
  case UnaryKind::tan:
    return std::tan(x);
  case UnaryKind::asin:
    return std::asin(x);
  case UnaryKind::acos:
    return std::acos(x);
  case UnaryKind::atan:
    return std::atan(x);
  case UnaryKind::sinh:
    return std::sinh(x);
  case UnaryKind::cosh:
    return std::cosh(x);
  case UnaryKind::tanh:
    return std::tanh(x);
  case UnaryKind::asinh:
    return std::asinh(x);
  case UnaryKind::acosh:
    return std::acosh(x);
  case UnaryKind::atanh:
    return std::atanh(x);
  case UnaryKind::erf:
    return std::erf(x);
  case UnaryKind::sigmoid:
    return evaluateSigmoid(x);
  default:
    return evaluateCommon(kind, x);
  }
}

static Error evaluateUnary(UnaryOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  UnaryKind kind = op.getKind();
  return dispatch(input.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values = load<C>(input);
    for (C &value : values) {
      if constexpr (std::is_floating_point_v<C>)
        value = evaluateFunction(kind, value);
      else
        value = evaluateCommon(kind, value);
    }
    return frame.set(op.getResult(), makeTensor<C>(input.getElementType(),
                                                   input.getShape(), values));
  });
}

static bool evaluateTestOf(TestKind kind, double x) {
  switch (kind) {
  case TestKind::is_nan:
    return std::isnan(x);
  case TestKind::is_inf:
    return std::isinf(x);
  case TestKind::is_pos_inf:
    return std::isinf(x) && x > 0;
  case TestKind::is_neg_inf:
    return std::isinf(x) && x < 0;
  }
  llvm_unreachable("unknown test");
}

static Error evaluateTest(TestOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  std::vector<uint64_t> values;
  for (double value : load<double>(input))
    values.push_back(evaluateTestOf(op.getKind(), value));
  return frame.set(op.getResult(),
                   makeTensor<uint64_t>(op.getType().getElementType(),
                                        input.getShape(), values));
}

//===----------------------------------------------------------------------===//
// Of several operands
//===----------------------------------------------------------------------===//

static Expected<Shape> getBroadcastShape(ArrayRef<const Tensor *> operands) {
  SmallVector<Shape> shapes;
  for (const Tensor *operand : operands)
    shapes.emplace_back(operand->getShape());
  return broadcastShapes(shapes);
}

/// A power whose exponent has another type than its base: in f64, as NumPy.
static Error evaluateMixedPower(BinaryOp op, const Tensor &lhs,
                                const Tensor &rhs, const Shape &shape,
                                Frame &frame) {
  std::vector<double> base = load<double>(lhs), exponent = load<double>(rhs);
  std::array<Shape, 2> strides = {getBroadcastStrides(lhs.getShape(), shape),
                                  getBroadcastStrides(rhs.getShape(), shape)};
  return dispatch(lhs.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values(getNumElements(shape));
    forEach<2>(shape, strides, [&](int64_t i, auto at) {
      double power = std::pow(base[at[0]], exponent[at[1]]);
      // A cast from beyond 64 bits is undefined.
      if (std::is_integral_v<C> && !(std::fabs(power) < 9.2e18))
        power = 0;
      values[i] = static_cast<C>(power);
    });
    return frame.set(op.getResult(),
                     makeTensor<C>(lhs.getElementType(), shape, values));
  });
}

static Error evaluateBinary(BinaryOp op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  const Tensor &rhs = frame.getTensor(op.getRhs());
  Expected<Shape> shape = getBroadcastShape({&lhs, &rhs});
  if (!shape)
    return shape.takeError();
  Type type = lhs.getElementType();
  if (type != rhs.getElementType())
    return evaluateMixedPower(op, lhs, rhs, *shape, frame);
  std::array<Shape, 2> strides = {getBroadcastStrides(lhs.getShape(), *shape),
                                  getBroadcastStrides(rhs.getShape(), *shape)};
  unsigned bits = type.getIntOrFloatBitWidth();
  BinaryKind kind = op.getKind();
  Expected<Tensor> result = Tensor::allocate(type, *shape);
  if (!result)
    return result.takeError();
  return dispatch(type, [&](auto zero) -> Error {
    using C = decltype(zero);
    std::vector<C> a = load<C>(lhs), b = load<C>(rhs);
    std::vector<C> values(result->getNumElements());
    Error error = Error::success();
    forEach<2>(*shape, strides, [&](int64_t i, auto at) {
      Expected<C> value =
          interpreter::evaluateBinary<C>(kind, a[at[0]], b[at[1]], bits);
      if (value)
        values[i] = *value;
      else if (!error)
        error = value.takeError();
      else
        llvm::consumeError(value.takeError());
    });
    if (error)
      return error;
    store<C>(values, *result);
    return frame.set(op.getResult(), std::move(result));
  });
}

static Error evaluateCompare(CompareOp op, Frame &frame) {
  const Tensor &lhs = frame.getTensor(op.getLhs());
  const Tensor &rhs = frame.getTensor(op.getRhs());
  Expected<Shape> shape = getBroadcastShape({&lhs, &rhs});
  if (!shape)
    return shape.takeError();
  std::array<Shape, 2> strides = {getBroadcastStrides(lhs.getShape(), *shape),
                                  getBroadcastStrides(rhs.getShape(), *shape)};
  Expected<Tensor> result =
      Tensor::allocate(op.getType().getElementType(), *shape);
  if (!result)
    return result.takeError();
  char *bytes = result->getWritable();
  dispatch(lhs.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> a = load<C>(lhs), b = load<C>(rhs);
    forEach<2>(*shape, strides, [&](int64_t i, auto at) {
      bytes[i] = compare(op.getKind(), a[at[0]], b[at[1]]);
    });
  });
  return frame.set(op.getResult(), std::move(result));
}

static Error evaluateSelect(SelectOp op, Frame &frame) {
  const Tensor &condition = frame.getTensor(op.getCondition());
  const Tensor &trueValue = frame.getTensor(op.getTrueValue());
  const Tensor &falseValue = frame.getTensor(op.getFalseValue());
  Expected<Shape> shape =
      getBroadcastShape({&condition, &trueValue, &falseValue});
  if (!shape)
    return shape.takeError();
  std::array<Shape, 3> strides = {
      getBroadcastStrides(condition.getShape(), *shape),
      getBroadcastStrides(trueValue.getShape(), *shape),
      getBroadcastStrides(falseValue.getShape(), *shape)};
  Expected<Tensor> result =
      Tensor::allocate(trueValue.getElementType(), *shape);
  if (!result)
    return result.takeError();
  std::vector<uint64_t> choices = load<uint64_t>(condition);
  unsigned bytes = result->getElementBytes();
  const char *ifTrue = trueValue.getBytes().data();
  const char *ifFalse = falseValue.getBytes().data();
  char *to = result->getWritable();
  forEach<3>(*shape, strides, [&](int64_t i, auto at) {
    const char *from =
        choices[at[0]] ? ifTrue + at[1] * bytes : ifFalse + at[2] * bytes;
    std::memcpy(to + i * bytes, from, bytes);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addElementwise(Evaluators &evaluators) {
  evaluators.add<UnaryOp>(evaluateUnary);
  evaluators.add<TestOp>(evaluateTest);
  evaluators.add<BinaryOp>(evaluateBinary);
  evaluators.add<CompareOp>(evaluateCompare);
  evaluators.add<SelectOp>(evaluateSelect);
}

} // namespace qcc::interpreter
