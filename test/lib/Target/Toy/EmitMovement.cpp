// Ops that move elements: by the strides of loads and stores.

#include "test/lib/Target/Toy/ProgramBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace qcc::toy {

void ProgramBuilder::copy(const View &from, const View &to) {
  forEachBox(to.shape, TOY_SCRATCHPAD_WORDS, [&](const Box &box) {
    assembler.load(0, from, box);
    assembler.store(to, box, 0);
  });
}

LogicalResult ProgramBuilder::emitTranspose(qnn::TransposeOp op) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  if (type.isDynamicDim(0) && op.getPermutation().front() != 0)
    return op.emitError("the toy cannot move the axis of samples: compile the "
                        "model for another target");
  copy(getView(op.getInput()).permute(op.getPermutation()),
       getView(op.getResult()));
  return success();
}

LogicalResult ProgramBuilder::emitPad(qnn::PadOp op) {
  View from = getView(op.getInput()), to = getView(op.getResult());
  std::optional<SmallVector<int64_t>> low =
      getConstantIntValues(op.getMixedLow());
  if (op.getMode() != qnn::PadMode::constant || !low)
    return op.emitError("the toy pads by a constant, on sides that are known "
                        "when compiling: compile the model for another target");
  auto type = cast<RankedTensorType>(op.getInput().getType());
  if (type.isDynamicDim(0) &&
      (low->front() != 0 || !isZeroInteger(op.getMixedHigh().front())))
    return op.emitError("the toy cannot pad the axis of samples: compile the "
                        "model for another target");
  forEachBox(to.shape, TOY_SCRATCHPAD_WORDS, [&](const Box &box) {
    if (op.getValue())
      assembler.load(0, getView(op.getValue()).broadcast(to.shape), box);
    else
      assembler.fill(0, box.getWords(), 0);
    assembler.store(to, box, 0);
  });
  View inner = to;
  inner.shape = from.shape;
  for (auto [axis, before] : llvm::enumerate(*low))
    inner.offset += before * to.strides[axis];
  copy(from, inner);
  return success();
}

/// The elements of `from` that stand at one place of each window.
static View getWindowPlace(qnn::PoolOp op, View from, ArrayRef<int64_t> shape,
                           ArrayRef<int64_t> place) {
  size_t firstSpatial = op.getChannelsLast() ? 1 : 2;
  for (auto [i, at] : llvm::enumerate(place)) {
    size_t axis = firstSpatial + i;
    from.offset += at * op.getDilations()[i] * from.strides[axis];
    from.strides[axis] *= op.getStrides()[i];
  }
  from.shape.assign(shape.begin(), shape.end());
  return from;
}

/// Whether all windows lie within the input.
static bool fits(qnn::PoolOp op, ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  size_t firstSpatial = op.getChannelsLast() ? 1 : 2;
  for (size_t i = 0; i < op.getWindow().size(); ++i)
    if ((to[firstSpatial + i] - 1) * op.getStrides()[i] +
            (op.getWindow()[i] - 1) * op.getDilations()[i] >=
        from[firstSpatial + i])
      return false;
  return llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; });
}

LogicalResult ProgramBuilder::emitPool(qnn::PoolOp op) {
  View from = getView(op.getInput()), to = getView(op.getResult());
  if (op.getKind() != qnn::PoolKind::max || !fits(op, from.shape, to.shape))
    return op.emitError("the toy takes maxima of windows without padding: "
                        "compile the model for another target");
  toy_type type = *getWordType(op.getResult().getType().getElementType());
  constexpr uint32_t half = TOY_SCRATCHPAD_WORDS / 2;
  forEachBox(to.shape, half, [&](const Box &box) {
    uint32_t words = box.getWords();
    bool isFirst = true;
    forEachBox(op.getWindow(), 1, [&](const Box &window) {
      View place = getWindowPlace(op, from, to.shape, window.begin);
      assembler.load(isFirst ? 0 : half, place, box);
      if (!isFirst)
        assembler.map(TOY_MAX, type, 0, 0, half, words, words);
      isFirst = false;
    });
    assembler.store(to, box, 0);
  });
  return success();
}

} // namespace qcc::toy
