// Ops that move elements without looking at them.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

Values qcc::conversion::lower(ReshapeOp op, Emitter &emit) {
  return {emit.reshape(emit.storage(op.getInput()), emit.resultExtents(op))};
}

/// An axis whose extent is neither 1 nor the result's would be read beyond its
/// end.
static void checkExpand(Emitter &emit, Value input,
                        ArrayRef<OpFoldResult> result) {
  static constexpr StringRef message =
      "a tensor cannot be broadcast: an extent is neither 1 nor that of the "
      "result";
  RankedTensorType from = getTensor(input);
  int64_t offset = result.size() - from.getRank();
  for (int64_t axis = 0; axis < from.getRank(); ++axis) {
    OpFoldResult own = emit.extent(input, axis), to = result[offset + axis];
    if (from.getDimSize(axis) == 1 || isEqualConstantIntOrValue(own, to))
      continue;
    auto is = [&](OpFoldResult other) -> Value {
      return arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                   emit.toValue(own), emit.toValue(other));
    };
    Value fits = is(to);
    if (from.isDynamicDim(axis) && !isConstantIntValue(to, 1))
      fits = arith::OrIOp::create(emit, fits, is(emit.getIndexAttr(1)));
    emit.check(fits, message);
  }
}

Values qcc::conversion::lower(ExpandOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  RankedTensorType from = getTensor(input);
  Extents result = emit.resultExtents(op);
  int64_t rank = result.size(), offset = rank - from.getRank();
  emit.checkNotNegative(result, "a tensor is expanded to a negative extent");
  checkExpand(emit, input, result);

  // Which of its two extents a dynamic axis has is seen at run time; only such
  // an axis needs an index that is computed.
  SmallVector<AffineExpr> exprs;
  bool isKnown = true;
  for (int64_t axis = 0; axis < from.getRank(); ++axis) {
    int64_t to = op.getType().getDimSize(offset + axis);
    isKnown &= !from.isDynamicDim(axis) ||
               isEqualConstantIntOrValue(emit.extent(input, axis),
                                         result[offset + axis]);
    bool isRepeated = from.getDimSize(axis) == 1 && to != 1;
    exprs.push_back(isRepeated ? emit.getAffineConstantExpr(0)
                               : emit.getAffineDimExpr(offset + axis));
  }
  if (isKnown) {
    AffineMap map = AffineMap::get(rank, 0, exprs, emit.getContext());
    return {emit.generate(
        result, from.getElementType(), input, map,
        [](Emitter &, ValueRange arguments) { return arguments[0]; })};
  }
  Values isOne(from.getRank());
  for (int64_t axis = 0; axis < from.getRank(); ++axis)
    if (from.isDynamicDim(axis))
      isOne[axis] = arith::CmpIOp::create(
          emit, arith::CmpIPredicate::eq,
          emit.toValue(emit.extent(input, axis)), emit.index(1));
  return {emit.generate(
      result, from.getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) {
        Values indices;
        Value zero = emit.index(0);
        for (int64_t axis = 0; axis < from.getRank(); ++axis) {
          Value index =
              from.getDimSize(axis) == 1 ? zero : emit.loopIndex(offset + axis);
          if (isOne[axis])
            index = arith::SelectOp::create(emit, isOne[axis], zero, index);
          indices.push_back(index);
        }
        return emit.extract(input, indices);
      })};
}

Values qcc::conversion::lower(TransposeOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents result = emit.resultExtents(op);
  // Input axis permutation[i] is read at loop i.
  SmallVector<AffineExpr> exprs(result.size());
  for (auto [i, axis] : llvm::enumerate(op.getPermutation()))
    exprs[axis] = emit.getAffineDimExpr(i);
  AffineMap map = AffineMap::get(result.size(), 0, exprs, emit.getContext());
  return {emit.generate(
      result, getTensor(input).getElementType(), input, map,
      [](Emitter &, ValueRange arguments) { return arguments[0]; })};
}

/// `source` inserted into `target` at `offsets`.
static Value insert(Emitter &emit, Value source, Value target,
                    ArrayRef<OpFoldResult> offsets) {
  Extents sizes = emit.extents(source);
  Extents strides(sizes.size(), emit.getIndexAttr(1));
  return tensor::InsertSliceOp::create(emit, source, target, offsets, sizes,
                                       strides);
}

/// A part without elements may lie where no element is.
static bool isEmpty(Value tensor) {
  return llvm::is_contained(getTensor(tensor).getShape(), 0);
}

Values qcc::conversion::lower(ConcatOp op, Emitter &emit) {
  Extents result = emit.resultExtents(op);
  Value target = emit.empty(result, op.getType().getElementType());
  Extents offsets(result.size(), emit.getIndexAttr(0));
  AffineExpr sum = emit.getAffineSymbolExpr(0) + emit.getAffineSymbolExpr(1);
  OpFoldResult &offset = offsets[op.getAxis()];
  for (Value operand : op.getInputs()) {
    Value input = emit.storage(operand);
    if (isEmpty(input))
      continue;
    target = insert(emit, input, target, offsets);
    offset = emit.compute(sum, {offset, emit.extent(input, op.getAxis())});
  }
  return {target};
}

Values qcc::conversion::lower(SliceOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents offsets = op.getMixedOffsets(), result = emit.resultExtents(op);
  if (isEmpty(op.getResult()) || isEmpty(input))
    return {emit.empty(result, getTensor(input).getElementType())};
  bool isForward =
      llvm::all_of(op.getStrides(), [](int64_t stride) { return stride > 0; });
  if (isForward) {
    Extents strides =
        getAsIndexOpFoldResult(emit.getContext(), op.getStrides());
    return {
        tensor::ExtractSliceOp::create(emit, input, offsets, result, strides)};
  }
  Values starts;
  for (OpFoldResult offset : offsets)
    starts.push_back(emit.toValue(offset));
  return {emit.generate(
      result, getTensor(input).getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) {
        Values indices;
        for (auto [axis, stride] : llvm::enumerate(op.getStrides()))
          indices.push_back(
              emit.add(starts[axis],
                       emit.mul(emit.loopIndex(axis), emit.index(stride))));
        return emit.extract(input, indices);
      })};
}

//===----------------------------------------------------------------------===//
// Pad and tile
//===----------------------------------------------------------------------===//

/// Where an index before or after the axis is found inside it. `i` counts from
/// the axis' first element.
static Value foldIndex(Emitter &emit, PadMode mode, Value i, Value extent) {
  Value zero = emit.index(0), one = emit.index(1);
  Value last = emit.sub(extent, one);
  if (mode == PadMode::edge)
    return emit.clamp(i, zero, last);
  // Modulo the period, with the sign of the divisor; an extent of 1 reflects to
  // itself, and one of 0 is never read.
  Value period = mode == PadMode::wrap ? extent : emit.add(last, last);
  period = arith::MaxSIOp::create(emit, period, one);
  Value rest = arith::RemSIOp::create(emit, i, period);
  rest = arith::SelectOp::create(emit, emit.less(rest, zero),
                                 emit.add(rest, period), rest);
  if (mode == PadMode::wrap)
    return rest;
  Value mirrored = emit.sub(period, rest);
  Value index =
      arith::SelectOp::create(emit, emit.less(last, rest), mirrored, rest);
  return emit.clamp(index, zero, last);
}

static Values padByIndex(PadOp op, Emitter &emit, Value input,
                         ArrayRef<OpFoldResult> result) {
  Values lows, extents;
  for (auto [axis, low] : llvm::enumerate(op.getMixedLow())) {
    lows.push_back(emit.toValue(low));
    extents.push_back(emit.toValue(emit.extent(input, axis)));
  }
  auto high = op.getMixedHigh();
  auto isPadded = [&](int64_t axis) {
    return !isConstantIntValue(op.getMixedLow()[axis], 0) ||
           !isConstantIntValue(high[axis], 0);
  };
  for (auto [axis, extent] : llvm::enumerate(extents)) {
    if (!isPadded(axis) || getConstantIntValue(extent).value_or(0) > 0)
      continue;
    Value zero = emit.index(0);
    Value isNothing = arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                            emit.toValue(result[axis]), zero);
    emit.check(arith::OrIOp::create(emit, isNothing, emit.less(zero, extent)),
               "an axis without elements is padded by elements of its own");
  }
  return {emit.generate(result, getTensor(input).getElementType(), ValueRange(),
                        {}, [&](Emitter &emit, ValueRange) {
                          Values indices;
                          for (size_t axis = 0; axis < lows.size(); ++axis) {
                            Value index = emit.loopIndex(axis);
                            if (isPadded(axis))
                              index = foldIndex(emit, op.getMode(),
                                                emit.sub(index, lows[axis]),
                                                extents[axis]);
                            indices.push_back(index);
                          }
                          return emit.extract(input, indices);
                        })};
}

Values qcc::conversion::lower(PadOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents result = emit.resultExtents(op);
  if (op.getMode() != PadMode::constant)
    return padByIndex(op, emit, input, result);
  Type element = getTensor(input).getElementType();
  Value value = op.getValue()
                    ? emit.extract(emit.storage(op.getValue()), ValueRange())
                    : emit.number(element, 0);
  Value filled = emit.filled(result, value);
  if (isEmpty(input))
    return {filled};
  return {insert(emit, input, filled, op.getMixedLow())};
}

Values qcc::conversion::lower(TileOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents result = emit.resultExtents(op);
  emit.checkNotNegative(op.getMixedRepeats(),
                        "a tensor is repeated a negative number of times");
  Values extents;
  for (int64_t axis = 0; axis < getTensor(input).getRank(); ++axis)
    extents.push_back(arith::MaxSIOp::create(
        emit, emit.toValue(emit.extent(input, axis)), emit.index(1)));
  return {emit.generate(
      result, getTensor(input).getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) {
        Values indices;
        for (auto [axis, repeat] : llvm::enumerate(op.getMixedRepeats())) {
          Value index = emit.loopIndex(axis);
          if (!isConstantIntValue(repeat, 1))
            index = arith::RemUIOp::create(emit, index, extents[axis]);
          indices.push_back(index);
        }
        return emit.extract(input, indices);
      })};
}

Values qcc::conversion::lower(IotaOp op, Emitter &emit) {
  Type type = op.getType().getElementType();
  Type wide = emit.getI64Type();
  return {emit.generate(emit.resultExtents(op), type, ValueRange(), {},
                        [&](Emitter &emit, ValueRange) {
                          Value position = arith::IndexCastOp::create(
                              emit, wide, emit.loopIndex(op.getAxis()));
                          return emitCast(emit, position, wide, type, true,
                                          "up");
                        })};
}
