// Elements combined along axes.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// What a reduction of nothing gives.
static Value getNeutral(Emitter &emit, ReduceKind kind, Type type) {
  Type compute = getComputeType(type);
  bool isMax = kind == ReduceKind::max;
  if (kind == ReduceKind::prod)
    return emit.number(compute, 1);
  if (kind != ReduceKind::max && kind != ReduceKind::min)
    return emit.number(compute, 0);
  if (isa<FloatType>(compute))
    return emit.number(compute, isMax ? -HUGE_VAL : HUGE_VAL);
  unsigned bits = type.getIntOrFloatBitWidth();
  if (isUnsigned(type))
    return emit.integer(compute,
                        isMax ? 0 : APInt::getMaxValue(bits).getZExtValue());
  return emit.integer(compute,
                      isMax ? APInt::getSignedMinValue(bits).getSExtValue()
                            : APInt::getSignedMaxValue(bits).getSExtValue());
}

static Value combine(Emitter &emit, ReduceKind kind, Value x, Value y,
                     Type type) {
  if (type.isInteger(1))
    return kind == ReduceKind::max
               ? arith::OrIOp::create(emit, x, y).getResult()
               : arith::AndIOp::create(emit, x, y).getResult();
  switch (kind) {
  case ReduceKind::sum:
  case ReduceKind::mean:
    return emitBinary(emit, BinaryKind::add, x, y, type);
  case ReduceKind::prod:
    return emitBinary(emit, BinaryKind::mul, x, y, type);
  case ReduceKind::max:
    return emitBinary(emit, BinaryKind::max, x, y, type);
  case ReduceKind::min:
    return emitBinary(emit, BinaryKind::min, x, y, type);
  }
  llvm_unreachable("all kinds are listed");
}

/// The count of reduced elements as a number of the compute type.
static Value countReduced(Emitter &emit, Value input, ArrayRef<int64_t> axes,
                          Type compute) {
  Value count = emit.index(1);
  for (int64_t axis : axes)
    count = emit.mul(count, emit.toValue(emit.extent(input, axis)));
  Value wide = arith::IndexCastOp::create(emit, emit.getI64Type(), count);
  return emitCast(emit, wide, emit.getI64Type(), compute, true, "up");
}

/// Reduced axes run inside all others, unless the innermost axis is kept: then
/// they run just outside it, so that it stays the one of contiguous memory.
static SmallVector<int64_t> orderAxes(int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> kept, order;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(axes, axis))
      kept.push_back(axis);
  bool isInnerKept = !kept.empty() && kept.back() == rank - 1;
  order.assign(kept.begin(), isInnerKept ? std::prev(kept.end()) : kept.end());
  llvm::append_range(order, axes);
  if (isInnerKept)
    order.push_back(rank - 1);
  return order;
}

namespace {
/// The loops of a reduction and the maps of its input and its compact result.
struct ReductionLoops {
  ReductionLoops(Emitter &emit, int64_t rank, ArrayRef<int64_t> axes) {
    SmallVector<int64_t> order = orderAxes(rank, axes);
    SmallVector<AffineExpr> inputExprs(rank), resultExprs;
    for (auto [loop, axis] : llvm::enumerate(order)) {
      bool isReduced = llvm::is_contained(axes, axis);
      iterators.push_back(isReduced ? utils::IteratorType::reduction
                                    : utils::IteratorType::parallel);
      inputExprs[axis] = emit.getAffineDimExpr(loop);
    }
    for (int64_t axis = 0; axis < rank; ++axis)
      if (!llvm::is_contained(axes, axis))
        resultExprs.push_back(inputExprs[axis]);
    input = AffineMap::get(rank, 0, inputExprs, emit.getContext());
    result = AffineMap::get(rank, 0, resultExprs, emit.getContext());
  }
  SmallVector<utils::IteratorType> iterators;
  AffineMap input, result;
};
} // namespace

Values qcc::conversion::lower(ReduceOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Type type = op.getInput().getType().getElementType();
  Type compute = getComputeType(type);
  ReduceKind kind = op.getKind();
  ReductionLoops loops(emit, getTensor(input).getRank(), op.getAxes());

  Extents kept;
  for (auto [axis, extent] : llvm::enumerate(emit.extents(input)))
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(axis)))
      kept.push_back(extent);
  Value init = emit.filled(kept, getNeutral(emit, kind, type));
  Value sums =
      emit.reduce(init, loops.result, input, loops.input, loops.iterators,
                  [&](Emitter &emit, ValueRange arguments) {
                    Value x = load(emit, arguments[0], type);
                    return combine(emit, kind, arguments[1], x, type);
                  });
  if (kind == ReduceKind::mean || compute != getStorageElement(type)) {
    Value count;
    if (kind == ReduceKind::mean)
      count =
          countReduced(emit, input, op.getAxes(),
                       isa<FloatType>(compute) ? compute : emit.getF64Type());
    sums = emit.broadcast(
        kept, type, sums, [&](Emitter &emit, ValueRange arguments) {
          Value x = arguments[0];
          if (count && isa<FloatType>(compute)) {
            x = arith::DivFOp::create(emit, x, count);
          } else if (count) {
            Value real = emitCast(emit, x, type, count.getType(), true, "up");
            real = arith::DivFOp::create(emit, real, count);
            x = emitCast(emit, real, count.getType(), type, true, "up");
          }
          return store(emit, x, type);
        });
  }
  if (!op.getKeepDims())
    return {sums};
  return {emit.reshape(sums, emit.resultExtents(op))};
}

Values qcc::conversion::lower(ArgReduceOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Type type = op.getInput().getType().getElementType();
  int64_t axis = op.getAxis(), rank = getTensor(input).getRank();
  Value extent = emit.toValue(emit.extent(input, axis));
  bool isMax = op.getKind() == ReduceKind::max;
  CompareKind better =
      isMax ? (op.getSelectLast() ? CompareKind::ge : CompareKind::gt)
            : (op.getSelectLast() ? CompareKind::le : CompareKind::lt);
  auto readAt = [&](Emitter &emit, Value i) {
    Values position;
    for (int64_t d = 0; d < rank; ++d) {
      bool isAfter = d > axis && !op.getKeepDims();
      position.push_back(d == axis ? i : emit.loopIndex(isAfter ? d - 1 : d));
    }
    return load(emit, emit.extract(input, position), type);
  };
  auto body = [&](Emitter &emit, ValueRange) -> Value {
    Values best = emit.forLoop(
        emit.index(0), extent,
        {emit.index(0), getNeutral(emit, op.getKind(), type)},
        [&](Emitter &emit, Value i, ValueRange carried) -> Values {
          Value x = readAt(emit, i);
          Value wins = emitCompare(emit, better, x, carried[1], type);
          Value isFirst = arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                                i, emit.index(0));
          wins = arith::OrIOp::create(emit, wins, isFirst);
          if (isa<FloatType>(x.getType())) {
            // The first NaN wins, as in NumPy.
            Value isNaN = emitTest(emit, TestKind::is_nan, x);
            Value hadNaN = emitTest(emit, TestKind::is_nan, carried[1]);
            Value isNew = arith::XOrIOp::create(
                emit, hadNaN, emit.integer(emit.getI1Type(), 1));
            wins = arith::OrIOp::create(
                emit, wins, arith::AndIOp::create(emit, isNaN, isNew));
          }
          return {arith::SelectOp::create(emit, wins, i, carried[0]),
                  arith::SelectOp::create(emit, wins, x, carried[1])};
        });
    return arith::IndexCastOp::create(emit, emit.getI64Type(), best[0]);
  };
  return {emit.generate(emit.resultExtents(op), emit.getI64Type(), ValueRange(),
                        {}, body)};
}

Values qcc::conversion::lower(CumulateOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Type type = op.getInput().getType().getElementType();
  Type compute = getComputeType(type);
  int64_t axis = op.getAxis();
  Extents extents = emit.extents(input);
  Value count = emit.toValue(extents[axis]);
  bool isSum = op.getKind() == CumulateKind::sum;
  BinaryKind kind = isSum ? BinaryKind::add : BinaryKind::mul;

  Extents lines(extents);
  lines.erase(lines.begin() + axis);
  Value result = emit.empty(extents, type);
  Values outer;
  for (OpFoldResult extent : lines)
    outer.push_back(emit.toValue(extent));

  auto step = [&](Emitter &emit, ValueRange position, Value sum,
                  Value tensor) -> std::pair<Value, Value> {
    Value x = load(emit, emit.extract(input, position), type);
    Value next = emitBinary(emit, kind, sum, x, type);
    Value stored = store(emit, op.getExclusive() ? sum : next, type);
    return {next, tensor::InsertOp::create(emit, stored, tensor, position)};
  };
  // for each line: for each element along the axis.
  std::function<Value(Emitter &, Values &, Value)> nest =
      [&](Emitter &emit, Values &line, Value tensor) -> Value {
    if (line.size() == outer.size()) {
      Value start = emit.number(compute, isSum ? 0 : 1);
      return emit.forLoop(
          count, {start, tensor},
          [&](Emitter &emit, Value i, ValueRange carried) -> Values {
            Value at = i;
            if (op.getReverse())
              at = emit.sub(emit.sub(count, emit.index(1)), i);
            Values position(line);
            position.insert(position.begin() + axis, at);
            auto [next, updated] = step(emit, position, carried[0], carried[1]);
            return {next, updated};
          })[1];
    }
    return emit.forLoop(
        outer[line.size()], tensor,
        [&](Emitter &emit, Value i, ValueRange carried) -> Values {
          line.push_back(i);
          Value next = nest(emit, line, carried[0]);
          line.pop_back();
          return {next};
        })[0];
  };
  Values line;
  return {nest(emit, line, result)};
}
