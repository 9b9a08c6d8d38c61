// Ops that read or write at indices which are data.
//
// An index out of range is an error of the run. It is found by a pass over the
// indices before, so that the loop that moves elements has no exit; there
// indices are clamped, which keeps the memory that they address valid even
// then.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The index of an axis that `stored` means: negative ones count from the end.
static Value wrapIndex(Emitter &emit, Value stored, Value extent) {
  Value index = arith::IndexCastOp::create(emit, emit.getIndexType(), stored);
  Value fromEnd = emit.add(index, extent);
  return arith::SelectOp::create(emit, emit.less(index, emit.index(0)), fromEnd,
                                 index);
}

static Value readIndex(Emitter &emit, Value stored, Value extent) {
  Value zero = emit.index(0);
  Value last =
      arith::MaxSIOp::create(emit, emit.sub(extent, emit.index(1)), zero);
  return emit.clamp(wrapIndex(emit, stored, extent), zero, last);
}

/// Checks that every index is one of its axis; `extents` has one for all, or
/// one for each position of the innermost axis.
static void checkIndices(Emitter &emit, Value indices, ValueRange extents) {
  RankedTensorType type = getTensor(indices);
  int64_t rank = type.getRank();
  Value init = emit.filled({}, emit.integer(emit.getI1Type(), 1));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::reduction);
  AffineMap scalar = AffineMap::get(rank, 0, {}, emit.getContext());
  Value result = emit.reduce(
      init, scalar, indices, emit.getMultiDimIdentityMap(rank), iterators,
      [&](Emitter &emit, ValueRange arguments) -> Value {
        Value extent = extents.front();
        for (size_t i = 1; i < extents.size(); ++i) {
          Value isThis =
              arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                    emit.loopIndex(rank - 1), emit.index(i));
          extent = arith::SelectOp::create(emit, isThis, extents[i], extent);
        }
        Value index = wrapIndex(emit, arguments[0], extent);
        Value isInside = arith::CmpIOp::create(emit, arith::CmpIPredicate::ult,
                                               index, extent);
        return arith::AndIOp::create(emit, isInside, arguments[1]);
      });
  emit.check(emit.extract(result, ValueRange()), "an index is out of range");
}

/// An error of the run unless the extents of `a` and `b` along one axis each
/// are related so; nothing where the op's verifier has seen both.
static void checkExtents(Emitter &emit, arith::CmpIPredicate predicate, Value a,
                         int64_t axisA, Value b, int64_t axisB,
                         const Twine &message) {
  if (!getTensor(a).isDynamicDim(axisA) && !getTensor(b).isDynamicDim(axisB))
    return;
  Value left = emit.toValue(emit.extent(a, axisA));
  Value right = emit.toValue(emit.extent(b, axisB));
  emit.check(arith::CmpIOp::create(emit, predicate, left, right),
             message.str());
}

/// Along other axes than `axis`, indices of single elements stand for
/// themselves.
static void checkReach(Emitter &emit, Value input, Value indices,
                       int64_t axis) {
  for (int64_t i : llvm::seq(getTensor(input).getRank()))
    if (i != axis)
      checkExtents(emit, arith::CmpIPredicate::sle, indices, i, input, i,
                   "indices reach over more elements along axis " + Twine(i) +
                       " than the input has");
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

Values qcc::conversion::lower(GatherOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput()), indices = op.getIndices();
  int64_t axis = op.getAxis(), rank = getTensor(input).getRank();
  int64_t count = getTensor(indices).getRank();
  Value extent = emit.toValue(emit.extent(input, axis));
  checkIndices(emit, indices, extent);
  Extents result = emit.resultExtents(op);
  AffineMap map =
      AffineMap::getMultiDimIdentityMap(result.size(), emit.getContext())
          .getSliceMap(axis, count);
  return {emit.generate(result, getTensor(input).getElementType(), indices, map,
                        [&](Emitter &emit, ValueRange arguments) {
                          Values position;
                          for (int64_t i = 0; i < axis; ++i)
                            position.push_back(emit.loopIndex(i));
                          position.push_back(
                              readIndex(emit, arguments[0], extent));
                          for (int64_t i = axis + 1; i < rank; ++i)
                            position.push_back(emit.loopIndex(i + count - 1));
                          return emit.extract(input, position);
                        })};
}

Values qcc::conversion::lower(GatherElementsOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput()), indices = op.getIndices();
  int64_t axis = op.getAxis(), rank = getTensor(input).getRank();
  Value extent = emit.toValue(emit.extent(input, axis));
  checkReach(emit, input, indices, axis);
  checkIndices(emit, indices, extent);
  return {
      emit.generate(emit.resultExtents(op), getTensor(input).getElementType(),
                    indices, emit.getMultiDimIdentityMap(rank),
                    [&](Emitter &emit, ValueRange arguments) {
                      Values position = emit.loopIndices(rank);
                      position[axis] = readIndex(emit, arguments[0], extent);
                      return emit.extract(input, position);
                    })};
}

/// Extents of the axes of `tensor` that tuples of `depth` positions address.
static Values getAddressed(Emitter &emit, Value tensor, int64_t first,
                           int64_t depth) {
  Values extents;
  for (int64_t i = 0; i < depth; ++i)
    extents.push_back(emit.toValue(emit.extent(tensor, first + i)));
  return extents;
}

Values qcc::conversion::lower(GatherNDOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput()), indices = op.getIndices();
  int64_t batch = op.getBatchDims(), outer = getTensor(indices).getRank() - 1;
  int64_t depth = getTensor(indices).getShape().back();
  Values extents = getAddressed(emit, input, batch, depth);
  for (int64_t i : llvm::seq(batch))
    checkExtents(emit, arith::CmpIPredicate::eq, input, i, indices, i,
                 "input and indices differ in their batch axes");
  if (depth != 0)
    checkIndices(emit, indices, extents);
  return {
      emit.generate(emit.resultExtents(op), getTensor(input).getElementType(),
                    ValueRange(), {}, [&](Emitter &emit, ValueRange) {
                      Values tuple = emit.loopIndices(outer);
                      Values position = emit.loopIndices(batch);
                      tuple.push_back(Value());
                      for (int64_t i = 0; i < depth; ++i) {
                        tuple.back() = emit.index(i);
                        position.push_back(readIndex(
                            emit, emit.extract(indices, tuple), extents[i]));
                      }
                      int64_t rest = getTensor(input).getRank() - batch - depth;
                      for (int64_t i = 0; i < rest; ++i)
                        position.push_back(emit.loopIndex(outer + i));
                      return emit.extract(input, position);
                    })};
}

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

static Value combine(Emitter &emit, ScatterKind kind, Value old, Value update,
                     Type type) {
  if (kind == ScatterKind::set)
    return update;
  Value x = load(emit, old, type), y = load(emit, update, type);
  if (type.isInteger(1)) // as in NumPy: add and max are or, mul and min are and
    return kind == ScatterKind::add || kind == ScatterKind::max
               ? arith::OrIOp::create(emit, x, y).getResult()
               : arith::AndIOp::create(emit, x, y).getResult();
  auto binary = [&](BinaryKind binaryKind) {
    return emitBinary(emit, binaryKind, x, y, type);
  };
  switch (kind) {
  case ScatterKind::add:
    return store(emit, binary(BinaryKind::add), type);
  case ScatterKind::mul:
    return store(emit, binary(BinaryKind::mul), type);
  case ScatterKind::min:
    return store(emit, binary(BinaryKind::min), type);
  default:
    return store(emit, binary(BinaryKind::max), type);
  }
}

/// Sequential loops over `extents` that carry a tensor.
static Value
loopNest(Emitter &emit, ArrayRef<Value> extents, Value init, Values &indices,
         llvm::function_ref<Value(Emitter &, ValueRange, Value)> body) {
  if (indices.size() == extents.size())
    return body(emit, indices, init);
  Value extent = extents[indices.size()];
  return emit
      .forLoop(extent, init,
               [&](Emitter &inner, Value i, ValueRange carried) -> Values {
                 indices.push_back(i);
                 Value next =
                     loopNest(inner, extents, carried[0], indices, body);
                 indices.pop_back();
                 return {next};
               })
      .front();
}

/// The update at a position, combined into the tensor.
static Value update(Emitter &emit, ScatterKind kind, Value tensor,
                    ValueRange position, Value value, Type type) {
  if (kind != ScatterKind::set)
    value = combine(emit, kind, emit.extract(tensor, position), value, type);
  return tensor::InsertOp::create(emit, value, tensor, position);
}

static Values getExtents(Emitter &emit, Value tensor) {
  Values extents;
  for (OpFoldResult extent : emit.extents(tensor))
    extents.push_back(emit.toValue(extent));
  return extents;
}

Values qcc::conversion::lower(ScatterElementsOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput()), indices = op.getIndices();
  Value updates = emit.storage(op.getUpdates());
  Type type = op.getInput().getType().getElementType();
  Value extent = emit.toValue(emit.extent(input, op.getAxis()));
  checkReach(emit, input, indices, op.getAxis());
  for (int64_t i : llvm::seq(getTensor(input).getRank()))
    checkExtents(emit, arith::CmpIPredicate::eq, indices, i, updates, i,
                 "there is not one update for each index");
  checkIndices(emit, indices, extent);
  Values indexExtents = getExtents(emit, indices), position;
  return {loopNest(emit, indexExtents, input, position,
                   [&](Emitter &emit, ValueRange loops, Value tensor) {
                     Values target(loops);
                     target[op.getAxis()] =
                         readIndex(emit, emit.extract(indices, loops), extent);
                     return update(emit, op.getKind(), tensor, target,
                                   emit.extract(updates, loops), type);
                   })};
}

Values qcc::conversion::lower(ScatterNDOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput()), indices = op.getIndices();
  Value updates = emit.storage(op.getUpdates());
  Type type = op.getInput().getType().getElementType();
  int64_t depth = getTensor(indices).getShape().back();
  int64_t outer = getTensor(indices).getRank() - 1;
  Values extents = getAddressed(emit, input, 0, depth);
  int64_t inner = getTensor(input).getRank() - depth;
  for (int64_t i : llvm::seq(outer + inner))
    checkExtents(emit, arith::CmpIPredicate::eq, updates, i,
                 i < outer ? indices : input, i < outer ? i : depth + i - outer,
                 "there is not one update for each element that "
                 "the indices address");
  if (depth != 0)
    checkIndices(emit, indices, extents);
  Values updateExtents = getExtents(emit, updates), position;
  return {loopNest(emit, updateExtents, input, position,
                   [&](Emitter &emit, ValueRange loops, Value tensor) {
                     Values tuple(loops.take_front(outer)), target;
                     tuple.push_back(Value());
                     for (int64_t i = 0; i < depth; ++i) {
                       tuple.back() = emit.index(i);
                       target.push_back(readIndex(
                           emit, emit.extract(indices, tuple), extents[i]));
                     }
                     llvm::append_range(target, loops.drop_front(outer));
                     return update(emit, op.getKind(), tensor, target,
                                   emit.extract(updates, loops), type);
                   })};
}
