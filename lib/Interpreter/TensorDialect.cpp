// The tensor dialect: extents, single elements, and tensors made of them.

#include "lib/Interpreter/Evaluation.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cstring>

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static Error evaluateDim(tensor::DimOp op, Frame &frame) {
  const Tensor &source = frame.getTensor(op.getSource());
  int64_t axis = frame.getInteger(op.getIndex());
  if (axis < 0 || axis >= source.getRank())
    return fail("axis " + llvm::Twine(axis) + " is none of a tensor of rank " +
                llvm::Twine(source.getRank()));
  return frame.set(op.getResult(),
                   makeScalar(op.getType(), source.getDim(axis)));
}

/// Copies scalars one after the other.
static Error evaluateFromElements(tensor::FromElementsOp op, Frame &frame) {
  Expected<Tensor> result =
      Tensor::allocate(op.getType().getElementType(), op.getType().getShape());
  if (!result)
    return result.takeError();
  char *to = result->getWritable();
  for (Value element : op.getElements()) {
    ArrayRef<char> bytes = frame.getTensor(element).getBytes();
    to = std::copy(bytes.begin(), bytes.end(), to);
  }
  return frame.set(op.getResult(), std::move(result));
}

static Error evaluateExtract(tensor::ExtractOp op, Frame &frame) {
  const Tensor &source = frame.getTensor(op.getTensor());
  int64_t position = 0;
  for (auto [axis, index] : llvm::enumerate(op.getIndices())) {
    int64_t extent = source.getDim(axis), at = frame.getInteger(index);
    if (at < 0 || at >= extent)
      return fail("index " + llvm::Twine(at) + " is out of range for axis " +
                  llvm::Twine(axis) + " of " + llvm::Twine(extent) +
                  " element(s)");
    position = position * extent + at;
  }
  return frame.set(op.getResult(), gatherStrided(source, position, {}, {}));
}

/// The type is checked where the result is set.
static Error evaluateCast(tensor::CastOp op, Frame &frame) {
  return frame.set(op.getDest(), frame.get(op.getSource()));
}

static Error evaluateEmpty(tensor::EmptyOp op, Frame &frame) {
  return frame.set(op.getResult(),
                   Tensor::allocate(op.getType().getElementType(),
                                    frame.getIntegers(op.getMixedSizes())));
}

static Error evaluateSplat(tensor::SplatOp op, Frame &frame) {
  const Tensor &element = frame.getTensor(op.getInput());
  auto type = cast<RankedTensorType>(op.getType());
  Shape shape(type.getShape());
  auto dynamic = op.getDynamicSizes().begin();
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent))
      extent = frame.getInteger(*dynamic++);
  return frame.set(op.getResult(),
                   gatherStrided(element, 0, Shape(shape.size(), 0), shape));
}

/// Whether a slice lies in a tensor; steps are positive.
static Error checkSlice(ArrayRef<int64_t> shape, ArrayRef<int64_t> offsets,
                        ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps) {
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (offsets[axis] < 0 || sizes[axis] < 0 || steps[axis] <= 0 ||
        offsets[axis] > shape[axis] ||
        (sizes[axis] > 0 &&
         (sizes[axis] - 1) > (shape[axis] - 1 - offsets[axis]) / steps[axis]) ||
        (sizes[axis] > 0 && offsets[axis] == shape[axis]))
      return fail("a slice of " + llvm::Twine(sizes[axis]) + " from " +
                  llvm::Twine(offsets[axis]) + " is not within the " +
                  llvm::Twine(shape[axis]) + " element(s) of axis " +
                  llvm::Twine(axis));
  return Error::success();
}

namespace {
/// A slice's place in a tensor.
struct Slice {
  int64_t offset = 0;
  Shape sizes, strides;
};
} // namespace

template <typename OpT>
static Expected<Slice> getSlice(OpT op, const Tensor &tensor,
                                const Frame &frame) {
  Shape offsets = frame.getIntegers(op.getMixedOffsets());
  Shape steps = frame.getIntegers(op.getMixedStrides());
  Slice slice;
  slice.sizes = frame.getIntegers(op.getMixedSizes());
  if (Error error = checkSlice(tensor.getShape(), offsets, slice.sizes, steps))
    return std::move(error);
  slice.strides = getStrides(tensor.getShape());
  for (int64_t axis = 0; axis < tensor.getRank(); ++axis) {
    slice.offset += offsets[axis] * slice.strides[axis];
    slice.strides[axis] *= steps[axis];
  }
  return slice;
}

static Error evaluateExtractSlice(tensor::ExtractSliceOp op, Frame &frame) {
  const Tensor &source = frame.getTensor(op.getSource());
  Expected<Slice> slice = getSlice(op, source, frame);
  if (!slice)
    return slice.takeError();
  Expected<Tensor> taken =
      gatherStrided(source, slice->offset, slice->strides, slice->sizes);
  if (!taken)
    return taken.takeError();
  // Axes of extent 1 may be dropped.
  auto dropped = op.getDroppedDims();
  Shape shape;
  for (auto [axis, size] : llvm::enumerate(slice->sizes))
    if (!dropped[axis])
      shape.push_back(size);
  return frame.set(op.getResult(), taken->reshape(shape));
}

static Error evaluateInsertSlice(tensor::InsertSliceOp op, Frame &frame) {
  const Tensor &source = frame.getTensor(op.getSource());
  const Tensor &dest = frame.getTensor(op.getDest());
  Expected<Slice> slice = getSlice(op, dest, frame);
  if (!slice)
    return slice.takeError();
  if (getNumElements(slice->sizes) != source.getNumElements())
    return fail("inserts " + llvm::Twine(source.getNumElements()) +
                " element(s) into a slice of " +
                llvm::Twine(getNumElements(slice->sizes)));
  Expected<Tensor> result =
      gatherStrided(dest, 0, getStrides(dest.getShape()), dest.getShape());
  if (!result)
    return result.takeError();
  scatterStrided(source.reshape(slice->sizes), *result, slice->offset,
                 slice->strides);
  return frame.set(op.getResult(), std::move(result));
}

static Error evaluateInsert(tensor::InsertOp op, Frame &frame) {
  const Tensor &dest = frame.getTensor(op.getDest());
  Expected<Tensor> result =
      gatherStrided(dest, 0, getStrides(dest.getShape()), dest.getShape());
  if (!result)
    return result.takeError();
  int64_t position = 0;
  for (auto [axis, index] : llvm::enumerate(op.getIndices())) {
    int64_t extent = dest.getDim(axis), at = frame.getInteger(index);
    if (at < 0 || at >= extent)
      return fail("index " + llvm::Twine(at) + " is out of range for axis " +
                  llvm::Twine(axis) + " of " + llvm::Twine(extent) +
                  " element(s)");
    position = position * extent + at;
  }
  scatterStrided(frame.getTensor(op.getScalar()), *result, position, {});
  return frame.set(op.getResult(), std::move(result));
}

void addTensorDialect(Evaluators &evaluators) {
  evaluators.add<tensor::DimOp>(evaluateDim);
  evaluators.add<tensor::FromElementsOp>(evaluateFromElements);
  evaluators.add<tensor::ExtractOp>(evaluateExtract);
  evaluators.add<tensor::CastOp>(evaluateCast);
  evaluators.add<tensor::EmptyOp>(evaluateEmpty);
  evaluators.add<tensor::SplatOp>(evaluateSplat);
  evaluators.add<tensor::ExtractSliceOp>(evaluateExtractSlice);
  evaluators.add<tensor::InsertSliceOp>(evaluateInsertSlice);
  evaluators.add<tensor::InsertOp>(evaluateInsert);
}

} // namespace qcc::interpreter
