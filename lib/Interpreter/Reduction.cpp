// qnn.reduce, arg_reduce and cumulate.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Scalars.h"

#include "dialects/QNN/IR/Ops.h"

#include <limits>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

/// The lowest (or highest) number of an element type.
template <typename C> static C getExtreme(Type type, bool lowest) {
  if constexpr (std::is_floating_point_v<C>) {
    C infinity = std::numeric_limits<C>::infinity();
    return lowest ? -infinity : infinity;
  } else {
    unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
    APInt value = std::is_signed_v<C> ? lowest ? APInt::getSignedMinValue(bits)
                                               : APInt::getSignedMaxValue(bits)
                  : lowest            ? APInt::getZero(bits)
                                      : APInt::getMaxValue(bits);
    return static_cast<C>(std::is_signed_v<C> ? value.getSExtValue()
                                              : value.getZExtValue());
  }
}

/// Floats are summed in double, which is exact enough to be rounded once.
template <typename C>
using Sum = std::conditional_t<std::is_floating_point_v<C>, double, C>;

template <typename C>
static C reduceRow(ReduceKind kind, Type type, const C *row, int64_t count) {
  switch (kind) {
  case ReduceKind::sum:
  case ReduceKind::mean: {
    Sum<C> sum = 0;
    for (int64_t i = 0; i < count; ++i)
      sum = wrapAdd<Sum<C>>(sum, row[i]);
    if (kind == ReduceKind::sum)
      return static_cast<C>(sum);
    if constexpr (std::is_floating_point_v<C>)
      return static_cast<C>(sum / static_cast<double>(count));
    return count == 0 ? C(0) : divideIntegers<C>(sum, static_cast<C>(count));
  }
  case ReduceKind::prod: {
    C product = 1;
    for (int64_t i = 0; i < count; ++i)
      product = wrapMul(product, row[i]);
    return product;
  }
  case ReduceKind::max:
  case ReduceKind::min: {
    bool isMax = kind == ReduceKind::max;
    C result = getExtreme<C>(type, /*lowest=*/isMax);
    for (int64_t i = 0; i < count; ++i)
      result = isMax ? maximum(result, row[i]) : minimum(result, row[i]);
    return result;
  }
  }
  llvm_unreachable("unknown reduction");
}

/// `input` with `axes` moved to the end.
static Expected<Tensor> moveLast(const Tensor &input, ArrayRef<int64_t> axes) {
  Shape permutation;
  for (int64_t axis = 0; axis < input.getRank(); ++axis)
    if (!llvm::is_contained(axes, axis))
      permutation.push_back(axis);
  llvm::append_range(permutation, axes);
  if (llvm::is_sorted(permutation))
    return input;
  return transpose(input, permutation);
}

static Shape getReducedShape(const Tensor &input, ArrayRef<int64_t> axes,
                             bool keepDims) {
  Shape shape;
  for (int64_t axis = 0; axis < input.getRank(); ++axis) {
    if (!llvm::is_contained(axes, axis))
      shape.push_back(input.getDim(axis));
    else if (keepDims)
      shape.push_back(1);
  }
  return shape;
}

static Error evaluateReduce(ReduceOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Type type = input.getElementType();
  Shape shape = getReducedShape(input, op.getAxes(), op.getKeepDims());
  Expected<Tensor> result = Tensor::allocate(type, shape);
  if (!result)
    return result.takeError();
  int64_t count = 1;
  for (int64_t axis : op.getAxes())
    count *= input.getDim(axis);
  if (count == 0 && op.getKind() == ReduceKind::mean && !isa<FloatType>(type))
    return fail("takes the mean of no integers");
  Expected<Tensor> rows = moveLast(input, op.getAxes());
  if (!rows)
    return rows.takeError();
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values = load<C>(*rows), reduced(result->getNumElements());
    for (auto [i, value] : llvm::enumerate(reduced))
      value =
          reduceRow<C>(op.getKind(), type, values.data() + i * count, count);
    store<C>(reduced, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

/// The first of the largest (or smallest); NaN is larger and smaller than all,
/// as NumPy has it.
template <typename C>
static int64_t findExtreme(const C *row, int64_t count, bool isMax,
                           bool selectLast) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i) {
    bool isBetter = isMax ? row[i] > row[best] : row[i] < row[best];
    bool isNewNaN = isNaN(row[i]) && !isNaN(row[best]);
    bool isSame = row[i] == row[best] || (isNaN(row[i]) && isNaN(row[best]));
    if ((isBetter && !isNaN(row[best])) || isNewNaN || (selectLast && isSame))
      best = i;
  }
  return best;
}

static Error evaluateArgReduce(ArgReduceOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  int64_t axis = op.getAxis(), count = input.getDim(axis);
  Shape shape = getReducedShape(input, axis, op.getKeepDims());
  if (count == 0 && getNumElements(shape) != 0)
    return fail("looks for an element along axis " + llvm::Twine(axis) +
                ", which has none");
  Expected<Tensor> rows = moveLast(input, axis);
  if (!rows)
    return rows.takeError();
  std::vector<int64_t> positions(getNumElements(shape));
  dispatch(input.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values = load<C>(*rows);
    for (auto [i, position] : llvm::enumerate(positions))
      position =
          findExtreme<C>(values.data() + i * count, count,
                         op.getKind() == ReduceKind::max, op.getSelectLast());
  });
  return frame.set(
      op.getResult(),
      makeTensor<int64_t>(op.getType().getElementType(), shape, positions));
}

/// Along one line of elements `stride` apart.
template <typename C>
static void cumulateLine(CumulateOp op, C *line, int64_t count,
                         int64_t stride) {
  bool isSum = op.getKind() == CumulateKind::sum;
  Sum<C> running = isSum ? 0 : 1;
  for (int64_t step = 0; step < count; ++step) {
    C &element = line[(op.getReverse() ? count - 1 - step : step) * stride];
    Sum<C> before = running;
    running = isSum ? wrapAdd<Sum<C>>(running, element)
                    : wrapMul<Sum<C>>(running, element);
    element = static_cast<C>(op.getExclusive() ? before : running);
  }
}

static Error evaluateCumulate(CumulateOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  int64_t axis = op.getAxis(), count = input.getDim(axis);
  int64_t inner = getNumElements(input.getShape().drop_front(axis + 1));
  return dispatch(input.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values = load<C>(input);
    for (int64_t i = 0, e = values.size(); i < e; i += count * inner)
      for (int64_t j = 0; j < inner; ++j)
        cumulateLine<C>(op, values.data() + i + j, count, inner);
    return frame.set(op.getResult(), makeTensor<C>(input.getElementType(),
                                                   input.getShape(), values));
  });
}

void addReductions(Evaluators &evaluators) {
  evaluators.add<ReduceOp>(evaluateReduce);
  evaluators.add<ArgReduceOp>(evaluateArgReduce);
  evaluators.add<CumulateOp>(evaluateCumulate);
}

} // namespace qcc::interpreter
