// Ops whose result depends on the order or number of elements.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Loops over `extents`, outermost first, that carry tensors.
static Values
nest(Emitter &emit, ArrayRef<Value> extents, ValueRange carried, Values &line,
     llvm::function_ref<Values(Emitter &, ValueRange, ValueRange)> body) {
  if (line.size() == extents.size())
    return body(emit, line, carried);
  return emit.forLoop(extents[line.size()], carried,
                      [&](Emitter &inner, Value i, ValueRange next) -> Values {
                        line.push_back(i);
                        Values results = nest(inner, extents, next, line, body);
                        line.pop_back();
                        return results;
                      });
}

namespace {
/// A list of the best elements so far, sorted, in the output itself.
class TopKLine {
public:
  TopKLine(TopKOp op, Value input, Value k, ValueRange line)
      : op(op), input(input), k(k), line(line),
        type(op.getInput().getType().getElementType()) {}

  /// Puts element `i` where it belongs among the first min(i, k).
  Values insert(Emitter &emit, Value i, ValueRange lists) {
    Value stored = emit.extract(input, at(i));
    Value filled = arith::MinSIOp::create(emit, i, k);
    Value rank = findRank(emit, stored, filled, lists[0]);
    Value last =
        arith::MinSIOp::create(emit, filled, emit.sub(k, emit.index(1)));
    // Those behind move by one, the last first.
    Values moved = emit.forLoop(
        rank, last, lists,
        [&](Emitter &emit, Value j, ValueRange carried) -> Values {
          Value from =
              emit.sub(emit.sub(emit.add(last, rank), j), emit.index(1));
          Value to = emit.add(from, emit.index(1));
          return {
              write(emit, carried[0], to, emit.extract(carried[0], at(from))),
              write(emit, carried[1], to, emit.extract(carried[1], at(from)))};
        });
    Value end = arith::MinSIOp::create(emit, emit.add(rank, emit.index(1)), k);
    return emit.forLoop(
        rank, end, moved,
        [&](Emitter &emit, Value j, ValueRange carried) -> Values {
          Value number = arith::IndexCastOp::create(emit, emit.getI64Type(), i);
          return {write(emit, carried[0], j, stored),
                  write(emit, carried[1], j, number)};
        });
  }

private:
  Values at(Value i) {
    Values position(line);
    position.insert(position.begin() + op.getAxis(), i);
    return position;
  }
  Value write(Emitter &emit, Value tensor, Value i, Value value) {
    return tensor::InsertOp::create(emit, value, tensor, at(i));
  }
  /// Whether x comes before y. NaN is as if it were the largest number.
  Value emitWins(Emitter &emit, Value x, Value y) {
    CompareKind better = op.getLargest() ? CompareKind::gt : CompareKind::lt;
    Value wins = emitCompare(emit, better, x, y, type);
    if (!isa<FloatType>(x.getType()))
      return wins;
    Value isXNaN = emitCompare(emit, CompareKind::ne, x, x, type);
    Value isYNaN = emitCompare(emit, CompareKind::ne, y, y, type);
    Value only = op.getLargest() ? isXNaN : isYNaN;
    Value differ = arith::XOrIOp::create(emit, isXNaN, isYNaN);
    return arith::OrIOp::create(emit, wins,
                                arith::AndIOp::create(emit, only, differ));
  }
  /// How many of the list are not worse: equal ones came first.
  Value findRank(Emitter &emit, Value stored, Value filled, Value list) {
    Value x = load(emit, stored, type);
    return emit.forLoop(
        filled, emit.index(0),
        [&](Emitter &emit, Value j, ValueRange carried) -> Values {
          Value y = load(emit, emit.extract(list, at(j)), type);
          Value wins = emitWins(emit, x, y);
          Value next = emit.add(carried[0], emit.index(1));
          return {arith::SelectOp::create(emit, wins, carried[0], next)};
        })[0];
  }

  TopKOp op;
  Value input, k;
  ValueRange line;
  Type type;
};
} // namespace

Values qcc::conversion::lower(TopKOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents extents = emit.extents(input);
  Value count = emit.toValue(extents[op.getAxis()]);
  Value k = emit.toValue(op.getMixedK());
  Value isPossible =
      arith::CmpIOp::create(emit, arith::CmpIPredicate::ule, k, count);
  emit.check(isPossible, "k is negative or more than there are elements");
  Extents result = emit.resultExtents(op);
  Values lists{emit.empty(result, op.getInput().getType().getElementType()),
               emit.empty(result, emit.getI64Type())};
  Values outer, line;
  for (auto [axis, extent] : llvm::enumerate(extents))
    if (axis != static_cast<uint64_t>(op.getAxis()))
      outer.push_back(emit.toValue(extent));
  return nest(emit, outer, lists, line,
              [&](Emitter &emit, ValueRange position, ValueRange carried) {
                TopKLine list(op, input, k, position);
                return emit.forLoop(
                    count, carried,
                    [&](Emitter &emit, Value i, ValueRange next) {
                      return list.insert(emit, i, next);
                    });
              });
}

Values qcc::conversion::lower(NonZeroOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Type type = op.getInput().getType().getElementType();
  int64_t rank = getTensor(input).getRank();
  Values extents, line;
  Value count = emit.index(1);
  for (OpFoldResult extent : emit.extents(input)) {
    extents.push_back(emit.toValue(extent));
    count = emit.mul(count, extents.back());
  }
  auto resultType = cast<RankedTensorType>(op.getPositions().getType());
  OpFoldResult columns = count;
  if (!resultType.isDynamicDim(1))
    columns = emit.getIndexAttr(resultType.getDimSize(1));
  Value positions =
      emit.empty({emit.getIndexAttr(rank), columns}, emit.getI64Type());
  // Each position is written; the column is kept where the element is not zero.
  return nest(
      emit, extents, {positions, emit.index(0)}, line,
      [&](Emitter &emit, ValueRange position, ValueRange carried) -> Values {
        Value table = carried[0];
        for (auto [axis, i] : llvm::enumerate(position)) {
          Value number = arith::IndexCastOp::create(emit, emit.getI64Type(), i);
          table = tensor::InsertOp::create(
              emit, number, table, ValueRange{emit.index(axis), carried[1]});
        }
        Value isSet = emitCast(emit, emit.extract(input, position), type,
                               emit.getI1Type(), true, "up");
        Value next = emit.add(carried[1], emit.index(1));
        return {table, arith::SelectOp::create(emit, isSet, next, carried[1])};
      });
}
