#include "lib/Import/ONNX/Axes.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

void qcc::importer::checkAxis(Emit &e, OpFoldResult axis, int64_t rank) {
  auto &math = e.math;
  OpFoldResult isFromFront = math.less(math.constant(-1), axis);
  e.check(math.select(isFromFront, math.less(axis, math.constant(rank)),
                      math.less(math.constant(-rank - 1), axis)),
          "an axis is not one of a tensor of rank " + llvm::Twine(rank));
}

Axes::Axes(Emit &e, ArrayRef<OpFoldResult> given, int64_t rank)
    : count(given.size()) {
  auto &math = e.math;
  for (OpFoldResult each : given)
    checkAxis(e, each, rank);
  for (int64_t axis : llvm::seq(rank)) {
    OpFoldResult isNamed = e.b.getBoolAttr(false);
    OpFoldResult yes = e.b.getBoolAttr(true);
    for (OpFoldResult each : given)
      for (int64_t spelling : {axis, axis - rank})
        isNamed = math.select(math.equal(each, math.constant(spelling)), yes,
                              isNamed);
    named.push_back(isNamed);
  }
}

OpFoldResult Axes::isNamed(Emit &e, int64_t axis) const {
  if (isFixed())
    return e.b.getBoolAttr(llvm::is_contained(fixed, axis));
  return named[axis];
}

Value Axes::reduce(Emit &e, qnn::ReduceKind kind, Value x,
                   bool keepDims) const {
  if (isFixed())
    return e.reduce(kind, x, fixed, keepDims);
  auto &math = e.math;
  // Along each axis the reduction stands behind the elements, and one of the
  // two is cut out.
  for (int64_t axis = 0; x && axis < int64_t(named.size()); ++axis) {
    OpFoldResult extent = e.extent(x, axis);
    Value both = e.concat({x, e.reduce(kind, x, {axis}, true)}, axis);
    x = e.slice(both, axis, math.select(named[axis], extent, math.constant(0)),
                math.select(named[axis], math.constant(1), extent));
  }
  return keepDims ? x : drop(e, x);
}

/// `extents[at]`, of which the position is known when the model runs.
static OpFoldResult pick(Emit &e, ArrayRef<OpFoldResult> extents,
                         OpFoldResult at) {
  OpFoldResult result = e.math.constant(1);
  for (auto [i, extent] : llvm::enumerate(extents))
    result =
        e.math.select(e.math.equal(at, e.math.constant(i)), extent, result);
  return result;
}

Value Axes::drop(Emit &e, Value x) const {
  if (isFixed())
    return e.squeeze(x, fixed);
  if (!x)
    return {};
  auto &math = e.math;
  Extents own = e.extents(x);
  Extents target(own.size() - count, math.constant(1));
  OpFoldResult position = math.constant(0), no = e.b.getBoolAttr(false);
  for (auto [axis, extent] : llvm::enumerate(own)) {
    for (auto [i, result] : llvm::enumerate(target)) {
      OpFoldResult isHere =
          math.select(named[axis], no, math.equal(position, math.constant(i)));
      result = math.select(isHere, extent, result);
    }
    position = math.add(
        position, math.select(named[axis], math.constant(0), math.constant(1)));
  }
  return e.reshape(x, target);
}

Value Axes::insert(Emit &e, Value x) const {
  if (isFixed())
    return e.unsqueeze(x, fixed);
  if (!x)
    return {};
  auto &math = e.math;
  Extents own = e.extents(x), target;
  OpFoldResult position = math.constant(0);
  for (OpFoldResult isNamed : named) {
    target.push_back(
        math.select(isNamed, math.constant(1), pick(e, own, position)));
    position = math.add(
        position, math.select(isNamed, math.constant(0), math.constant(1)));
  }
  return e.reshape(x, target);
}

FailureOr<std::optional<Axes>> qcc::importer::getAxes(Node &n, StringRef name,
                                                      int i, int64_t rank) {
  using Result = std::optional<Axes>;
  std::optional<SmallVector<int64_t>> numbers = n.getInts(name);
  if (n.hasBadAttribute)
    return failure();
  if (!numbers && !n.has(i))
    return Result();
  if (!numbers)
    numbers = n.constantInts(i);
  if (numbers) {
    FailureOr<SmallVector<int64_t>> axes = n.axes(*numbers, rank);
    if (failed(axes))
      return failure();
    return Result(*axes);
  }
  FailureOr<Extents> values = n.requireExtents(i);
  if (failed(values))
    return failure();
  if (int64_t(values->size()) > rank) {
    n.error() << "names " << values->size() << " axes of a tensor of rank "
              << rank;
    return failure();
  }
  return Result(Axes(n.e, *values, rank));
}
