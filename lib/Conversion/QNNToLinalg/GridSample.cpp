// ONNX's GridSample.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

namespace {

/// Arithmetic in f64 on coordinates.
class Coordinates {
public:
  explicit Coordinates(Emitter &emit) : emit(emit), type(emit.getF64Type()) {}
  Value of(double number) { return emit.number(type, number); }
  Value add(Value a, Value b) { return arith::AddFOp::create(emit, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(emit, a, b); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(emit, a, b); }
  Value div(Value a, Value b) { return arith::DivFOp::create(emit, a, b); }
  Value is(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(emit, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(emit, condition, a, b);
  }
  Value ofIndex(Value index) {
    Value wide = arith::IndexCastOp::create(emit, emit.getI64Type(), index);
    return arith::SIToFPOp::create(emit, type, wide);
  }
  Value toIndex(Value x) {
    Value wide = emitToInteger(emit, x, emit.getI64Type());
    return arith::IndexCastOp::create(emit, emit.getIndexType(), wide);
  }

private:
  Emitter &emit;
  Type type;
};

/// An input element and what it counts; `inside` is null where always so.
struct Tap {
  Value position, inside, weight;
};

class GridBody {
public:
  GridBody(GridSampleOp op, Value input, ArrayRef<Value> extents)
      : op(op), input(input), extents(extents), axes(extents.size()),
        type(op.getInput().getType().getElementType()) {}

  Value emitElement(Emitter &emit);

private:
  Value readGrid(Emitter &emit, int64_t axis);
  Value reflect(Emitter &emit, Value x, Value low, Value high);
  Tap makeTap(Emitter &emit, int64_t axis, Value at, Value weight);
  SmallVector<Tap> makeTaps(Emitter &emit, int64_t axis);
  Value getLow(Emitter &emit);
  Value getHigh(Emitter &emit, int64_t axis);
  Value getCubic(Emitter &emit, Value x);
  Value sum(Emitter &emit, ArrayRef<SmallVector<Tap>> taps, Values &position,
            Value inside);

  GridSampleOp op;
  Value input;
  ArrayRef<Value> extents;
  int64_t axes;
  Type type;
};

Value GridBody::getLow(Emitter &emit) {
  return Coordinates(emit).of(op.getAlignCorners() ? 0 : -0.5);
}

Value GridBody::getHigh(Emitter &emit, int64_t axis) {
  Coordinates c(emit);
  return c.sub(c.ofIndex(extents[axis]),
               c.of(op.getAlignCorners() ? 1.0 : 0.5));
}

/// The coordinate along a spatial axis, from [-1, 1] in f32.
Value GridBody::readGrid(Emitter &emit, int64_t axis) {
  Values position{emit.loopIndex(0)};
  for (int64_t d = 0; d < axes; ++d)
    position.push_back(emit.loopIndex(2 + d));
  position.push_back(emit.index(axes - 1 - axis));
  Type gridType = op.getGrid().getType().getElementType();
  Type f32 = emit.getF32Type();
  Value x = emitCast(emit, emit.extract(op.getGrid(), position), gridType, f32,
                     true, "up");
  Value wide =
      arith::IndexCastOp::create(emit, emit.getI64Type(), extents[axis]);
  Value length = arith::SIToFPOp::create(emit, f32, wide);
  Value one = emit.number(f32, 1), two = emit.number(f32, 2);
  Value shifted = arith::AddFOp::create(emit, x, one);
  Value result;
  if (op.getAlignCorners()) {
    Value half = arith::DivFOp::create(emit, shifted, two);
    result = arith::MulFOp::create(emit, half,
                                   arith::SubFOp::create(emit, length, one));
  } else {
    Value scaled = arith::MulFOp::create(emit, shifted, length);
    result = arith::DivFOp::create(
        emit, arith::SubFOp::create(emit, scaled, one), two);
  }
  return arith::ExtFOp::create(emit, emit.getF64Type(), result);
}

/// Mirrored at the borders until it lies within.
Value GridBody::reflect(Emitter &emit, Value x, Value low, Value high) {
  Coordinates c(emit);
  using P = arith::CmpFPredicate;
  Value range = c.sub(high, low);
  Value isRange = c.is(P::OGT, range, c.of(0));
  Value divisor = c.select(isRange, range, c.of(1));
  Value isLow = c.is(P::OLT, x, low);
  Value beyond = c.select(isLow, c.sub(low, x), c.sub(x, high));
  Value count = math::TruncOp::create(emit, c.div(beyond, divisor));
  Value rest = c.sub(beyond, c.mul(count, divisor));
  Value halves = c.mul(count, c.of(0.5));
  Value isEven = c.is(P::OEQ, math::FloorOp::create(emit, halves), halves);
  Value isSame =
      arith::CmpIOp::create(emit, arith::CmpIPredicate::eq, isEven, isLow);
  Value mirrored = c.select(isSame, c.add(low, rest), c.sub(high, rest));
  Value isWithin =
      arith::AndIOp::create(emit, c.is(P::OGE, x, low), c.is(P::OLE, x, high));
  Value result = c.select(isWithin, x, mirrored);
  return c.select(isRange, result, low);
}

Tap GridBody::makeTap(Emitter &emit, int64_t axis, Value at, Value weight) {
  Coordinates c(emit);
  Value last = emit.sub(extents[axis], emit.index(1));
  Value inside;
  if (op.getPadding() == GridPadding::zeros) {
    inside = arith::CmpIOp::create(emit, arith::CmpIPredicate::ult, at,
                                   extents[axis]);
  } else if (op.getPadding() == GridPadding::reflection) {
    Value isInside = arith::CmpIOp::create(emit, arith::CmpIPredicate::ult, at,
                                           extents[axis]);
    Value mirrored = c.toIndex(
        reflect(emit, c.ofIndex(at), getLow(emit), getHigh(emit, axis)));
    at = arith::SelectOp::create(emit, isInside, at, mirrored);
  }
  return {emit.clamp(at, emit.index(0), last), inside, weight};
}

/// Keys' cubic convolution with a = -0.75 at a distance of at most 2.
Value GridBody::getCubic(Emitter &emit, Value x) {
  Coordinates c(emit);
  constexpr double a = -0.75;
  x = math::AbsFOp::create(emit, x);
  Value near = c.sub(c.mul(c.of(a + 2), x), c.of(a + 3));
  near = c.add(c.mul(c.mul(near, x), x), c.of(1));
  Value far = c.sub(c.mul(c.of(a), x), c.of(5 * a));
  far = c.add(c.mul(far, x), c.of(8 * a));
  far = c.sub(c.mul(far, x), c.of(4 * a));
  return c.select(c.is(arith::CmpFPredicate::OLE, x, c.of(1)), near, far);
}

SmallVector<Tap> GridBody::makeTaps(Emitter &emit, int64_t axis) {
  Coordinates c(emit);
  using P = arith::CmpFPredicate;
  Value x = readGrid(emit, axis);
  if (op.getMode() == ResizeMode::nearest)
    x = math::RoundEvenOp::create(emit, x);
  Value low = getLow(emit), high = getHigh(emit, axis);
  if (op.getPadding() == GridPadding::border) {
    Value isWithin = arith::AndIOp::create(emit, c.is(P::OGE, x, low),
                                           c.is(P::OLE, x, high));
    Value last = c.ofIndex(emit.sub(extents[axis], emit.index(1)));
    Value clamped = c.select(c.is(P::OGT, x, c.of(0)), x, c.of(0));
    clamped = c.select(c.is(P::OLT, clamped, last), clamped, last);
    x = c.select(isWithin, x, clamped);
  } else if (op.getPadding() == GridPadding::reflection) {
    x = reflect(emit, x, low, high);
  }
  // NaN, and what no integer holds, is far outside.
  Value isNumber = c.is(P::OLT, math::AbsFOp::create(emit, x), c.of(1e15));
  x = c.select(isNumber, x, c.of(-1e15));
  Value floor = math::FloorOp::create(emit, x);
  Value fraction = c.sub(x, floor), at = c.toIndex(floor);
  auto shifted = [&](int64_t by) { return emit.add(at, emit.index(by)); };
  switch (op.getMode()) {
  case ResizeMode::nearest:
    return {makeTap(emit, axis, at, Value())};
  case ResizeMode::linear:
    return {makeTap(emit, axis, at, c.sub(c.of(1), fraction)),
            makeTap(emit, axis, shifted(1), fraction)};
  case ResizeMode::cubic: {
    SmallVector<Tap> taps;
    for (int64_t i = -1; i <= 2; ++i)
      taps.push_back(makeTap(emit, axis, shifted(i),
                             getCubic(emit, c.sub(fraction, c.of(i)))));
    return taps;
  }
  }
  llvm_unreachable("all modes are listed");
}

Value GridBody::sum(Emitter &emit, ArrayRef<SmallVector<Tap>> taps,
                    Values &position, Value inside) {
  Coordinates c(emit);
  size_t axis = position.size() - 2;
  if (axis == taps.size()) {
    Value x = emitCast(emit, emit.extract(input, position), type,
                       emit.getF64Type(), true, "up");
    return inside ? c.select(inside, x, c.of(0)) : x;
  }
  Value total;
  for (const Tap &tap : taps[axis]) {
    Value both = inside;
    if (tap.inside)
      both = both ? arith::AndIOp::create(emit, both, tap.inside).getResult()
                  : tap.inside;
    position.push_back(tap.position);
    Value x = sum(emit, taps, position, both);
    position.pop_back();
    if (tap.weight) {
      // What has no weight may be infinite.
      Value isNone = c.is(arith::CmpFPredicate::OEQ, tap.weight, c.of(0));
      x = c.select(isNone, c.of(0), c.mul(tap.weight, x));
    }
    total = total ? c.add(total, x) : x;
  }
  return total;
}

Value GridBody::emitElement(Emitter &emit) {
  SmallVector<SmallVector<Tap>> taps;
  for (int64_t axis = 0; axis < axes; ++axis)
    taps.push_back(makeTaps(emit, axis));
  Values position{emit.loopIndex(0), emit.loopIndex(1)};
  Value result = sum(emit, taps, position, Value());
  return emitCast(emit, result, emit.getF64Type(), type, true, "up");
}

} // namespace

Values qcc::conversion::lower(GridSampleOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  int64_t axes = op.getInput().getType().getRank() - 2;
  Value batch = emit.toValue(emit.extent(input, 0));
  Value grids = emit.toValue(emit.extent(op.getGrid(), 0));
  emit.check(
      arith::CmpIOp::create(emit, arith::CmpIPredicate::eq, batch, grids),
      "input and grid differ in their first extent");
  Values extents;
  for (int64_t d = 0; d < axes; ++d) {
    extents.push_back(emit.toValue(emit.extent(input, 2 + d)));
    if (op.getInput().getType().isDynamicDim(2 + d))
      emit.check(emit.less(emit.index(0), extents.back()),
                 "an axis has no elements to sample");
  }
  GridBody body(op, input, extents);
  return {emit.generate(
      emit.resultExtents(op), op.getType().getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) { return body.emitElement(emit); })};
}
