// qnn.cast and bitcast.

#include "lib/Interpreter/Evaluation.h"

#include "dialects/QNN/IR/Ops.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;
using llvm::APFloat;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

/// Toward zero; beyond 64 bits, and for NaN, the lowest number, as x86 does.
static int64_t truncate(double value) {
  if (!(std::fabs(value) < 9223372036854775808.0))
    return INT64_MIN;
  return static_cast<int64_t>(value);
}

static uint64_t truncateUnsigned(double value) {
  if (value >= 9223372036854775808.0 && value < 18446744073709551616.0)
    return static_cast<uint64_t>(value);
  return static_cast<uint64_t>(truncate(value));
}

/// To a float of 8 bits or fewer, by way of f32.
static uint64_t castToNarrow(FloatType type, float value, bool saturate,
                             StringRef roundMode) {
  if (isa<Float8E8M0FNUType>(type))
    return encodeE8M0(value, roundMode, saturate);
  if (!saturate || std::isnan(value))
    return encodeFloat(type, value);
  double largest =
      APFloat::getLargest(type.getFloatSemantics()).convertToDouble();
  return encodeFloat(type,
                     std::fmax(std::fmin<double>(value, largest), -largest));
}

static Error evaluateCast(CastOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Type from = input.getElementType(), to = op.getType().getElementType();
  Expected<Tensor> result = Tensor::allocate(to, input.getShape());
  if (!result)
    return result.takeError();
  auto floatType = dyn_cast<FloatType>(to);
  bool isNarrow = floatType && floatType.getWidth() <= 8;
  StringRef roundMode = op.getRoundMode().value_or("up");
  dispatch(from, [&](auto zero) {
    using From = decltype(zero);
    std::vector<From> values = load<From>(input);
    if (isNarrow) {
      for (auto [i, value] : llvm::enumerate(values))
        result->getWritable()[i] = static_cast<char>(castToNarrow(
            floatType, static_cast<float>(value), op.getSaturate(), roundMode));
      return;
    }
    dispatch(to, [&](auto zero) {
      using To = decltype(zero);
      std::vector<To> converted(values.size());
      for (auto [value, target] : llvm::zip_equal(values, converted)) {
        if (to.isInteger(1))
          target = value != 0;
        else if constexpr (std::is_floating_point_v<From> &&
                           std::is_same_v<To, int64_t>)
          target = truncate(value);
        else if constexpr (std::is_floating_point_v<From> &&
                           std::is_same_v<To, uint64_t>)
          target = truncateUnsigned(value);
        else
          target = static_cast<To>(value);
      }
      store<To>(converted, *result);
    });
  });
  return frame.set(op.getResult(), std::move(result));
}

static Error evaluateBitcast(BitcastOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  return frame.set(op.getResult(),
                   input.bitcast(op.getType().getElementType()));
}

void addConversions(Evaluators &evaluators) {
  evaluators.add<CastOp>(evaluateCast);
  evaluators.add<BitcastOp>(evaluateBitcast);
}

} // namespace qcc::interpreter
