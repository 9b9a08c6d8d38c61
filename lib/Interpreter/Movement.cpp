// Ops that move elements: reshape, expand, transpose, concat, slice, pad, tile,
// and iota, which makes them.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Scalars.h"

#include "dialects/QNN/IR/Ops.h"

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static std::string toString(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(shape, os);
  os << "]";
  return text;
}

static Error checkNotNegative(ArrayRef<int64_t> numbers, StringRef what) {
  if (llvm::any_of(numbers, [](int64_t number) { return number < 0; }))
    return fail(what + " " + toString(numbers) + " are not all positive");
  return Error::success();
}

static Error evaluateReshape(ReshapeOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Shape shape = frame.getIntegers(op.getMixedSizes());
  Expected<int64_t> size = Tensor::getSize(input.getElementType(), shape);
  if (!size)
    return size.takeError();
  if (getNumElements(shape) != input.getNumElements())
    return fail("a tensor of shape " + toString(input.getShape()) +
                " cannot have the shape " + toString(shape));
  return frame.set(op.getResult(), input.reshape(shape));
}

static Error evaluateExpand(ExpandOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Shape shape = frame.getIntegers(op.getMixedSizes());
  for (int64_t axis = 0; axis < input.getRank(); ++axis) {
    int64_t extent = shape[shape.size() - input.getRank() + axis];
    if (input.getDim(axis) != 1 && input.getDim(axis) != extent)
      return fail("a tensor of shape " + toString(input.getShape()) +
                  " cannot be broadcast to " + toString(shape));
  }
  return frame.set(op.getResult(),
                   gatherStrided(input, 0,
                                 getBroadcastStrides(input.getShape(), shape),
                                 shape));
}

static Error evaluateTranspose(TransposeOp op, Frame &frame) {
  return frame.set(op.getResult(), transpose(frame.getTensor(op.getInput()),
                                             op.getPermutation()));
}

static Error evaluateConcat(ConcatOp op, Frame &frame) {
  int64_t axis = op.getAxis();
  const Tensor &first = frame.getTensor(op.getInputs().front());
  Shape shape(first.getShape());
  shape[axis] = 0;
  for (Value input : op.getInputs()) {
    const Tensor &tensor = frame.getTensor(input);
    for (int64_t i = 0; i < tensor.getRank(); ++i)
      if (i != axis && tensor.getDim(i) != shape[i])
        return fail("tensors of shapes " + toString(first.getShape()) +
                    " and " + toString(tensor.getShape()) +
                    " do not fit along axis " + llvm::Twine(axis));
    shape[axis] += tensor.getDim(axis);
  }
  Expected<Tensor> result = Tensor::allocate(first.getElementType(), shape);
  if (!result)
    return result.takeError();
  Shape strides = getStrides(shape);
  int64_t offset = 0;
  for (Value input : op.getInputs()) {
    const Tensor &tensor = frame.getTensor(input);
    scatterStrided(tensor, *result, offset * strides[axis], strides);
    offset += tensor.getDim(axis);
  }
  return frame.set(op.getResult(), std::move(result));
}

static Error evaluateSlice(SliceOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Shape offsets = frame.getIntegers(op.getMixedOffsets());
  Shape sizes = frame.getIntegers(op.getMixedSizes());
  ArrayRef<int64_t> steps = op.getStrides();
  if (Error error = checkNotNegative(sizes, "sizes"))
    return error;
  Shape strides = getStrides(input.getShape());
  int64_t offset = 0;
  for (int64_t axis = 0; axis < input.getRank(); ++axis) {
    // An empty slice is one wherever it begins.
    int64_t extent = input.getDim(axis);
    int64_t first = sizes[axis] == 0 ? 0 : offsets[axis];
    // Divided, since the product may overflow.
    bool fits =
        first >= 0 && first < extent &&
        sizes[axis] - 1 <= (steps[axis] > 0 ? (extent - 1 - first) / steps[axis]
                                            : -(first / steps[axis]));
    if (sizes[axis] != 0 && !fits)
      return fail("takes " + llvm::Twine(sizes[axis]) + " element(s) from " +
                  llvm::Twine(first) + " in steps of " +
                  llvm::Twine(steps[axis]) + " along axis " +
                  llvm::Twine(axis) + ", which has " + llvm::Twine(extent));
    offset += first * strides[axis];
    strides[axis] = wrapMul(strides[axis], steps[axis]);
  }
  return frame.set(op.getResult(),
                   gatherStrided(input, offset, strides, sizes));
}

/// Where along an axis of `extent` a padded position comes from; -1 is the
/// padding's own value. `extent` is positive unless the mode is constant.
static int64_t getPaddedPosition(PadMode mode, int64_t position,
                                 int64_t extent) {
  if (position >= 0 && position < extent)
    return position;
  switch (mode) {
  case PadMode::constant:
    return -1;
  case PadMode::edge:
    return position < 0 ? 0 : extent - 1;
  case PadMode::reflect: {
    // Mirrored about the first and the last element, as often as it takes.
    int64_t period = std::max<int64_t>(2 * (extent - 1), 1);
    int64_t inPeriod = (position % period + period) % period;
    return inPeriod < extent ? inPeriod : period - inPeriod;
  }
  case PadMode::wrap:
    return (position % extent + extent) % extent;
  }
  llvm_unreachable("unknown padding");
}

static Error evaluatePad(PadOp op, Frame &frame) {
  Tensor tensor = frame.getTensor(op.getInput());
  Shape low = frame.getIntegers(op.getMixedLow());
  Shape high = frame.getIntegers(op.getMixedHigh());
  if (Error error = checkNotNegative(low, "pads"))
    return error;
  if (Error error = checkNotNegative(high, "pads"))
    return error;
  SmallVector<char> fill(tensor.getElementBytes(), 0);
  if (op.getValue())
    llvm::copy(frame.getTensor(op.getValue()).getBytes(), fill.begin());
  for (int64_t axis = 0, rank = tensor.getRank(); axis < rank; ++axis) {
    int64_t extent = tensor.getDim(axis);
    if (low[axis] == 0 && high[axis] == 0)
      continue;
    if (extent == 0 && op.getMode() != PadMode::constant)
      return fail("axis " + llvm::Twine(axis) +
                  " has no elements to pad it with");
    if (low[axis] > Tensor::maxBytes || high[axis] > Tensor::maxBytes)
      return fail("pads of " + toString(low) + " and " + toString(high) +
                  " are more than memory holds");
    // The result's size is checked before its positions are listed.
    Shape shape(tensor.getShape());
    shape[axis] += low[axis] + high[axis];
    if (Error error =
            Tensor::getSize(tensor.getElementType(), shape).takeError())
      return error;
    SmallVector<int64_t> positions;
    for (int64_t i = -low[axis]; i < extent + high[axis]; ++i)
      positions.push_back(getPaddedPosition(op.getMode(), i, extent));
    Expected<Tensor> padded = take(tensor, axis, positions, fill);
    if (!padded)
      return padded.takeError();
    tensor = std::move(*padded);
  }
  return frame.set(op.getResult(), RuntimeValue(std::move(tensor)));
}

static Error evaluateTile(TileOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Shape repeats = frame.getIntegers(op.getMixedRepeats());
  if (Error error = checkNotNegative(repeats, "repeats"))
    return error;
  // [d0, d1] becomes [r0, d0, r1, d1] with strides of 0 along the repeats.
  Shape own = getStrides(input.getShape()), shape, strides, merged;
  for (int64_t axis = 0; axis < input.getRank(); ++axis) {
    llvm::append_values(shape, repeats[axis], input.getDim(axis));
    llvm::append_values(strides, 0, own[axis]);
    merged.push_back(repeats[axis] * input.getDim(axis));
  }
  Expected<Tensor> tiled = gatherStrided(input, 0, strides, shape);
  if (!tiled)
    return tiled.takeError();
  return frame.set(op.getResult(), tiled->reshape(merged));
}

static Error evaluateIota(IotaOp op, Frame &frame) {
  Shape shape = frame.getIntegers(op.getMixedSizes());
  Type type = op.getType().getElementType();
  Expected<Tensor> result = Tensor::allocate(type, shape);
  if (!result)
    return result.takeError();
  Shape strides(shape.size(), 0);
  strides[op.getAxis()] = 1;
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values(result->getNumElements());
    forEach<1>(shape, {strides},
               [&](int64_t i, auto at) { values[i] = static_cast<C>(at[0]); });
    store<C>(values, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addMovement(Evaluators &evaluators) {
  evaluators.add<ReshapeOp>(evaluateReshape);
  evaluators.add<ExpandOp>(evaluateExpand);
  evaluators.add<TransposeOp>(evaluateTranspose);
  evaluators.add<ConcatOp>(evaluateConcat);
  evaluators.add<SliceOp>(evaluateSlice);
  evaluators.add<PadOp>(evaluatePad);
  evaluators.add<TileOp>(evaluateTile);
  evaluators.add<IotaOp>(evaluateIota);
}

} // namespace qcc::interpreter
