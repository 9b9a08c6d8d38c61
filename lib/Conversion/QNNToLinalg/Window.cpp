// Maximum and mean of windows.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

/// Windows of at most so many elements are written out, so that the loop over
/// channels is the innermost one and vectorized.
static constexpr int64_t unrollLimit = 25;

namespace {

/// One output element, inside the loop body.
class WindowBody {
public:
  WindowBody(PoolOp op, Value input, ArrayRef<Value> extents)
      : op(op), input(input), extents(extents),
        type(op.getInput().getType().getElementType()),
        compute(getComputeType(type)), first(op.getChannelsLast() ? 1 : 2),
        axes(op.getWindow().size()) {}

  Value emitElement(Emitter &emit);

private:
  bool isMax() { return op.getKind() == PoolKind::max; }
  int64_t getPad(int64_t d) { return op.getPads()[d]; }
  Value getStart(Emitter &emit, int64_t d);
  Value getNeutral(Emitter &emit);
  Value combine(Emitter &emit, Value acc, Value x);
  Value combineAll(Emitter &emit, ArrayRef<Value> elements);
  Value countTaps(Emitter &emit, int64_t d, Value low, Value high);
  Value countAll(Emitter &emit);
  Value readAt(Emitter &emit, ValueRange spatial);
  Value emitUnrolled(Emitter &emit, ArrayRef<Value> starts);
  Value emitLoops(Emitter &emit, ArrayRef<Value> starts, Values &spatial,
                  Value acc);
  /// Whether a clamped position repeats one of the window, so that a maximum
  /// needs no test.
  bool canClamp();
  bool isInside();

  PoolOp op;
  Value input;
  ArrayRef<Value> extents; ///< Of the spatial axes.
  Type type, compute;
  int64_t first, axes;
};

Value WindowBody::getStart(Emitter &emit, int64_t d) {
  Value start =
      emit.mul(emit.loopIndex(first + d), emit.index(op.getStrides()[d]));
  return emit.sub(start, emit.index(getPad(d)));
}

Value WindowBody::getNeutral(Emitter &emit) {
  if (!isMax())
    return emit.number(compute, 0);
  if (isa<FloatType>(compute))
    return emit.number(compute, -HUGE_VAL);
  unsigned bits = type.getIntOrFloatBitWidth();
  return emit.integer(
      compute,
      isUnsigned(type) ? 0 : APInt::getSignedMinValue(bits).getSExtValue());
}

Value WindowBody::combine(Emitter &emit, Value acc, Value x) {
  if (!isMax())
    return emitBinary(emit, BinaryKind::add, acc, x, type);
  if (!isa<FloatType>(compute))
    return emitBinary(emit, BinaryKind::max, acc, x, type);
  // The select is one instruction, in which an accumulator that is NaN stays.
  // An element that is NaN would be passed over.
  Value isMore = emitCompare(emit, CompareKind::gt, x, acc, type);
  Value most = arith::SelectOp::create(emit, isMore, x, acc);
  Value isNaN = emitCompare(emit, CompareKind::ne, x, x, type);
  return arith::SelectOp::create(emit, isNaN, x, most);
}

/// How many taps t of axis d have low <= start + t * dilation < high, where
/// `low` and `high` count from the start.
Value WindowBody::countTaps(Emitter &emit, int64_t d, Value low, Value high) {
  Value zero = emit.index(0), window = emit.index(op.getWindow()[d]);
  Value dilation = emit.index(op.getDilations()[d]);
  auto ceil = [&](Value x) -> Value {
    Value up = arith::CeilDivSIOp::create(emit, x, dilation);
    return emit.clamp(up, zero, window);
  };
  return emit.sub(ceil(high), ceil(low));
}

Value WindowBody::countAll(Emitter &emit) {
  Value count = emit.index(1);
  for (int64_t d = 0; d < axes; ++d) {
    Value start = getStart(emit, d);
    Value low = emit.index(0), high = extents[d];
    if (op.getCountPadding()) {
      low = emit.index(-getPad(d));
      high = emit.add(high, emit.index(op.getPads()[axes + d]));
    }
    count = emit.mul(
        count, countTaps(emit, d, emit.sub(low, start), emit.sub(high, start)));
  }
  Value wide = arith::IndexCastOp::create(emit, emit.getI32Type(), count);
  Type real = isa<FloatType>(compute) ? compute : emit.getF64Type();
  return emitCast(emit, wide, emit.getI32Type(), real, true, "up");
}

Value WindowBody::readAt(Emitter &emit, ValueRange spatial) {
  Values position{emit.loopIndex(0)};
  if (!op.getChannelsLast())
    position.push_back(emit.loopIndex(1));
  llvm::append_range(position, spatial);
  if (op.getChannelsLast())
    position.push_back(emit.loopIndex(axes + 1));
  return load(emit, emit.extract(input, position), type);
}

bool WindowBody::isInside() {
  return !op.getCeilMode() &&
         llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; });
}

bool WindowBody::canClamp() {
  if (!isMax())
    return false;
  for (int64_t d = 0; d < axes; ++d)
    if (op.getDilations()[d] != 1 || getPad(d) >= op.getWindow()[d] ||
        op.getPads()[axes + d] >= op.getWindow()[d])
      return false;
  return true;
}

Value WindowBody::emitUnrolled(Emitter &emit, ArrayRef<Value> starts) {
  int64_t total = 1;
  for (int64_t extent : op.getWindow())
    total *= extent;
  bool inside = isInside(), clamps = canClamp();
  // Positions and tests of each axis once, not of each tap.
  SmallVector<Values> positions(axes), tests(axes);
  for (int64_t d = 0; d < axes; ++d) {
    Value last = emit.sub(extents[d], emit.index(1));
    for (int64_t t = 0; t < op.getWindow()[d]; ++t) {
      Value at = emit.add(starts[d], emit.index(t * op.getDilations()[d]));
      if (!inside && !clamps)
        tests[d].push_back(arith::CmpIOp::create(
            emit, arith::CmpIPredicate::ult, at, extents[d]));
      if (!inside)
        at = emit.clamp(at, emit.index(0), last);
      positions[d].push_back(at);
    }
  }
  Value neutral = getNeutral(emit);
  Values elements;
  for (int64_t tap = 0; tap < total; ++tap) {
    Values spatial(axes);
    Value test;
    int64_t rest = tap;
    for (int64_t d = axes - 1; d >= 0; --d) {
      int64_t t = rest % op.getWindow()[d];
      rest /= op.getWindow()[d];
      spatial[d] = positions[d][t];
      if (!tests[d].empty())
        test = test ? arith::AndIOp::create(emit, test, tests[d][t]).getResult()
                    : tests[d][t];
    }
    Value x = readAt(emit, spatial);
    if (test)
      x = arith::SelectOp::create(emit, test, x, neutral);
    elements.push_back(x);
  }
  return combineAll(emit, elements);
}

/// All elements of a window. A maximum looks for NaN by itself: one comparison
/// for two elements, and one instruction for each maximum of numbers.
Value WindowBody::combineAll(Emitter &emit, ArrayRef<Value> elements) {
  Value acc = getNeutral(emit);
  if (!isMax() || !isa<FloatType>(compute)) {
    for (Value x : elements)
      acc = combine(emit, acc, x);
    return acc;
  }
  Value hasNaN;
  for (auto [i, x] : llvm::enumerate(elements)) {
    Value isMore = emitCompare(emit, CompareKind::gt, x, acc, type);
    acc = arith::SelectOp::create(emit, isMore, x, acc);
    if (i % 2 == 0 && i + 1 != elements.size())
      continue;
    Value other = i % 2 == 1 ? elements[i - 1] : x;
    Value isNaN =
        arith::CmpFOp::create(emit, arith::CmpFPredicate::UNO, x, other);
    hasNaN =
        hasNaN ? arith::OrIOp::create(emit, hasNaN, isNaN).getResult() : isNaN;
  }
  return arith::SelectOp::create(emit, hasNaN, emit.number(compute, NAN), acc);
}

Value WindowBody::emitLoops(Emitter &emit, ArrayRef<Value> starts,
                            Values &spatial, Value acc) {
  int64_t d = spatial.size();
  if (d == axes)
    return combine(emit, acc, readAt(emit, spatial));
  Value zero = emit.index(0), dilation = emit.index(op.getDilations()[d]);
  Value window = emit.index(op.getWindow()[d]);
  auto bound = [&](Value limit) {
    Value up =
        arith::CeilDivSIOp::create(emit, emit.sub(limit, starts[d]), dilation);
    return emit.clamp(up, zero, window);
  };
  return emit.forLoop(
      bound(zero), bound(extents[d]), acc,
      [&](Emitter &inner, Value t, ValueRange carried) -> Values {
        spatial.push_back(inner.add(starts[d], inner.mul(t, dilation)));
        Value next = emitLoops(inner, starts, spatial, carried[0]);
        spatial.pop_back();
        return {next};
      })[0];
}

Value WindowBody::emitElement(Emitter &emit) {
  Values starts, spatial;
  int64_t total = 1;
  for (int64_t d = 0; d < axes; ++d) {
    starts.push_back(getStart(emit, d));
    total *= op.getWindow()[d];
  }
  Value acc = total <= unrollLimit
                  ? emitUnrolled(emit, starts)
                  : emitLoops(emit, starts, spatial, getNeutral(emit));
  if (isMax())
    return store(emit, acc, type);
  Value count = countAll(emit);
  if (isa<FloatType>(compute))
    return store(emit, arith::DivFOp::create(emit, acc, count), type);
  Value real = emitCast(emit, acc, type, count.getType(), true, "up");
  real = arith::DivFOp::create(emit, real, count);
  return emitCast(emit, real, count.getType(), type, true, "up");
}

} // namespace

Values qcc::conversion::lower(PoolOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  int64_t first = op.getChannelsLast() ? 1 : 2;
  Values extents;
  for (size_t d = 0; d < op.getWindow().size(); ++d)
    extents.push_back(emit.toValue(emit.extent(input, first + d)));
  WindowBody window(op, input, extents);
  return {emit.generate(
      emit.resultExtents(op), op.getType().getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) { return window.emitElement(emit); })};
}
