// Ops with positions as data: gathers, scatters, non_zero and top_k.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Scalars.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/IR/TypeUtilities.h"

#include <numeric>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

/// Makes indices along an axis of `extent` count from its start.
static Error normalize(std::vector<int64_t> &indices, int64_t extent) {
  for (int64_t &index : indices) {
    if (index < -extent || index >= extent)
      return fail("index " + llvm::Twine(index) + " is out of range for an " +
                  "axis of " + llvm::Twine(extent) + " element(s)");
    if (index < 0)
      index += extent;
  }
  return Error::success();
}

static Error evaluateGather(GatherOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  const Tensor &indices = frame.getTensor(op.getIndices());
  int64_t axis = op.getAxis();
  std::vector<int64_t> positions = load<int64_t>(indices);
  if (Error error = normalize(positions, input.getDim(axis)))
    return error;
  Expected<Tensor> taken = take(input, axis, positions);
  if (!taken)
    return taken.takeError();
  Shape shape(input.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, input.getShape().drop_front(axis + 1));
  return frame.set(op.getResult(), taken->reshape(shape));
}

/// For gather_elements and scatter_elements: where in a tensor of `shape` each
/// index of `indices` leads.
static Expected<std::vector<int64_t>>
getElementPositions(ArrayRef<int64_t> shape, const Tensor &indices,
                    int64_t axis) {
  for (int64_t i = 0; i < indices.getRank(); ++i)
    if (i != axis && indices.getDim(i) > shape[i])
      return fail("indices reach over " + llvm::Twine(indices.getDim(i)) +
                  " elements along axis " + llvm::Twine(i) + ", which has " +
                  llvm::Twine(shape[i]));
  std::vector<int64_t> positions = load<int64_t>(indices);
  if (Error error = normalize(positions, shape[axis]))
    return std::move(error);
  Shape strides = getStrides(shape);
  int64_t along = std::exchange(strides[axis], 0);
  forEach<1>(indices.getShape(), {strides}, [&](int64_t i, auto at) {
    positions[i] = positions[i] * along + at[0];
  });
  return positions;
}

static Error evaluateGatherElements(GatherElementsOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  const Tensor &indices = frame.getTensor(op.getIndices());
  Expected<std::vector<int64_t>> positions =
      getElementPositions(input.getShape(), indices, op.getAxis());
  if (!positions)
    return positions.takeError();
  Expected<Tensor> taken =
      take(input.reshape({input.getNumElements()}), 0, *positions);
  if (!taken)
    return taken.takeError();
  return frame.set(op.getResult(), taken->reshape(indices.getShape()));
}

/// For gather_nd and scatter_nd: which slice of a tensor of `shape`, cut after
/// `batch` + depth axes, each tuple of indices means.
static Expected<std::vector<int64_t>> getSlicePositions(ArrayRef<int64_t> shape,
                                                        const Tensor &indices,
                                                        int64_t batch) {
  int64_t depth = indices.getShape().back();
  std::vector<int64_t> values = load<int64_t>(indices);
  int64_t tuples = getNumElements(indices.getShape().drop_back());
  int64_t batches = getNumElements(indices.getShape().take_front(batch));
  if (getNumElements(shape.take_front(batch)) != batches)
    return fail("input and indices differ in their batch axes");
  std::vector<int64_t> positions(tuples);
  for (int64_t tuple = 0; tuple < tuples; ++tuple) {
    int64_t position = tuple / (tuples / batches);
    for (int64_t i = 0; i < depth; ++i) {
      int64_t extent = shape[batch + i], index = values[tuple * depth + i];
      if (index < -extent || index >= extent)
        return fail("index " + llvm::Twine(index) + " is out of range for " +
                    "axis " + llvm::Twine(batch + i) + " of " +
                    llvm::Twine(extent) + " element(s)");
      position = position * extent + (index < 0 ? index + extent : index);
    }
    positions[tuple] = position;
  }
  return positions;
}

/// `tensor` as a list of slices that begin after `axes` axes.
static Tensor cut(const Tensor &tensor, int64_t axes) {
  return tensor.reshape({getNumElements(tensor.getShape().take_front(axes)),
                         getNumElements(tensor.getShape().drop_front(axes))});
}

static Error evaluateGatherND(GatherNDOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  const Tensor &indices = frame.getTensor(op.getIndices());
  int64_t axes = op.getBatchDims() + indices.getShape().back();
  Expected<std::vector<int64_t>> positions =
      getSlicePositions(input.getShape(), indices, op.getBatchDims());
  if (!positions)
    return positions.takeError();
  Expected<Tensor> taken = take(cut(input, axes), 0, *positions);
  if (!taken)
    return taken.takeError();
  Shape shape(indices.getShape().drop_back());
  llvm::append_range(shape, input.getShape().drop_front(axes));
  return frame.set(op.getResult(), taken->reshape(shape));
}

template <typename C> static C update(ScatterKind kind, C old, C value) {
  switch (kind) {
  case ScatterKind::set:
    return value;
  case ScatterKind::add:
    return wrapAdd(old, value);
  case ScatterKind::mul:
    return wrapMul(old, value);
  case ScatterKind::min:
    return minimum(old, value);
  case ScatterKind::max:
    return maximum(old, value);
  }
  llvm_unreachable("unknown update");
}

/// Slice i of `updates`, of `length` elements, into slice positions[i].
static Expected<Tensor> scatter(const Tensor &input, const Tensor &updates,
                                ArrayRef<int64_t> positions, int64_t length,
                                ScatterKind kind) {
  if (updates.getNumElements() !=
      static_cast<int64_t>(positions.size()) * length)
    return fail("has updates of " + llvm::Twine(updates.getNumElements()) +
                " element(s) for " + llvm::Twine(positions.size()) +
                " positions of " + llvm::Twine(length));
  return dispatch(input.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values = load<C>(input), changes = load<C>(updates);
    for (auto [i, position] : llvm::enumerate(positions))
      for (int64_t j = 0; j < length; ++j) {
        C &element = values[position * length + j];
        element = update<C>(kind, element, changes[i * length + j]);
      }
    return makeTensor<C>(input.getElementType(), input.getShape(), values);
  });
}

static Error evaluateScatterElements(ScatterElementsOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Expected<std::vector<int64_t>> positions = getElementPositions(
      input.getShape(), frame.getTensor(op.getIndices()), op.getAxis());
  if (!positions)
    return positions.takeError();
  return frame.set(op.getResult(),
                   scatter(input, frame.getTensor(op.getUpdates()), *positions,
                           1, op.getKind()));
}

static Error evaluateScatterND(ScatterNDOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  const Tensor &indices = frame.getTensor(op.getIndices());
  Expected<std::vector<int64_t>> positions =
      getSlicePositions(input.getShape(), indices, /*batch=*/0);
  if (!positions)
    return positions.takeError();
  int64_t length =
      getNumElements(input.getShape().drop_front(indices.getShape().back()));
  return frame.set(op.getResult(),
                   scatter(input, frame.getTensor(op.getUpdates()), *positions,
                           length, op.getKind()));
}

static Error evaluateNonZero(NonZeroOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  int64_t capacity = input.getNumElements(), rank = input.getRank(), count = 0;
  std::vector<int64_t> positions(rank * capacity);
  Shape strides = getStrides(input.getShape());
  dispatch(input.getElementType(), [&](auto zero) {
    using C = decltype(zero);
    for (auto [i, value] : llvm::enumerate(load<C>(input))) {
      if (value == 0)
        continue;
      for (int64_t axis = 0; axis < rank; ++axis)
        positions[axis * capacity + count] =
            static_cast<int64_t>(i) / strides[axis] % input.getDim(axis);
      ++count;
    }
  });
  if (Error error =
          frame.set(op.getPositions(),
                    makeTensor<int64_t>(getElementTypeOrSelf(op.getPositions()),
                                        {rank, capacity}, positions)))
    return error;
  return frame.set(op.getCount(), makeScalar(op.getCount().getType(), count));
}

/// The positions of the first `k` of a line in sorted order. NaN comes as if it
/// were the largest number.
template <typename C>
static std::vector<int64_t> sortLine(const C *line, int64_t count,
                                     int64_t stride, bool largest) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    C x = line[a * stride], y = line[b * stride];
    if (isNaN(x) != isNaN(y))
      return isNaN(x) == largest;
    if (x == y || isNaN(x))
      return a < b;
    return largest ? x > y : x < y;
  });
  return order;
}

static Error evaluateTopK(TopKOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  int64_t axis = op.getAxis(), count = input.getDim(axis);
  int64_t k = frame.getIntegers(op.getMixedK()).front();
  if (k < 0 || k > count)
    return fail("takes " + llvm::Twine(k) + " of " + llvm::Twine(count) +
                " element(s)");
  Shape shape(input.getShape());
  shape[axis] = k;
  int64_t inner = getNumElements(input.getShape().drop_front(axis + 1));
  int64_t outer = getNumElements(input.getShape().take_front(axis));
  std::vector<int64_t> indices(getNumElements(shape));
  return dispatch(input.getElementType(), [&](auto zero) -> Error {
    using C = decltype(zero);
    std::vector<C> values = load<C>(input), best(indices.size());
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        const C *line = values.data() + o * count * inner + i;
        std::vector<int64_t> order =
            sortLine<C>(line, count, inner, op.getLargest());
        for (int64_t j = 0; j < k; ++j) {
          indices[(o * k + j) * inner + i] = order[j];
          best[(o * k + j) * inner + i] = line[order[j] * inner];
        }
      }
    if (Error error = frame.set(
            op.getValues(), makeTensor<C>(input.getElementType(), shape, best)))
      return error;
    return frame.set(op.getIndices(),
                     makeTensor<int64_t>(getElementTypeOrSelf(op.getIndices()),
                                         shape, indices));
  });
}

void addGathers(Evaluators &evaluators) {
  evaluators.add<GatherOp>(evaluateGather);
  evaluators.add<GatherElementsOp>(evaluateGatherElements);
  evaluators.add<GatherNDOp>(evaluateGatherND);
  evaluators.add<ScatterElementsOp>(evaluateScatterElements);
  evaluators.add<ScatterNDOp>(evaluateScatterND);
  evaluators.add<NonZeroOp>(evaluateNonZero);
  evaluators.add<TopKOp>(evaluateTopK);
}

} // namespace qcc::interpreter
