// ONNX's Resize.
//
// What an output element takes from an axis depends on its position along that
// axis only. So tables are made first, one row for each output position: the
// first input element, and the weights of it and those that follow. The loop
// over the output then has nothing of the model's many coordinate modes in it.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

namespace {

/// Arithmetic in f64 at one output position.
class Real {
public:
  explicit Real(Emitter &emit) : emit(emit) {}
  Value of(double number) { return emit.number(emit.getF64Type(), number); }
  Value ofIndex(Value index) {
    Value wide = arith::IndexCastOp::create(emit, emit.getI64Type(), index);
    return arith::SIToFPOp::create(emit, emit.getF64Type(), wide);
  }
  Value toIndex(Value x) {
    Value wide = emitToInteger(emit, x, emit.getI64Type());
    return arith::IndexCastOp::create(emit, emit.getIndexType(), wide);
  }
  Value add(Value a, Value b) { return arith::AddFOp::create(emit, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(emit, a, b); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(emit, a, b); }
  Value div(Value a, Value b) { return arith::DivFOp::create(emit, a, b); }
  Value floor(Value x) { return math::FloorOp::create(emit, x); }
  Value is(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(emit, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(emit, condition, a, b);
  }

private:
  Emitter &emit;
};

/// The tables of one axis.
class AxisTables {
public:
  AxisTables(ResizeOp op, int64_t axis, Value input, OpFoldResult output,
             Value scale, Emitter &emit)
      : op(op), output(output),
        inputExtent(emit.toValue(emit.extent(input, axis))),
        outputExtent(emit.toValue(output)), scale(scale) {
    if (op.getRoi()) {
      Type type = op.getRoi().getType().getElementType();
      int64_t rank = op.getType().getRank();
      auto read = [&](int64_t at) {
        Value x = emit.extract(op.getRoi(), emit.index(at));
        return emitCast(emit, x, type, emit.getF64Type(), true, "up");
      };
      roiStart = read(axis);
      roiEnd = read(rank + axis);
    }
    computeTaps(emit);
    makeTables(emit);
  }

  /// Inside the loop over the output.
  Value readPosition(Emitter &emit, Value out, Value tap) {
    Value at = emit.add(emit.extract(firsts, out), tap);
    return emit.clamp(at, emit.index(0), emit.sub(inputExtent, emit.index(1)));
  }
  Value readWeight(Emitter &emit, Value out, Value tap) {
    return emit.extract(weights, {out, tap});
  }
  Value readOutside(Emitter &emit, Value out) {
    return outsides ? emit.extract(outsides, out) : Value();
  }
  OpFoldResult taps; ///< How many elements an output is made of.

private:
  void computeTaps(Emitter &emit);
  void makeTables(Emitter &emit);
  Value unscale(Emitter &emit, Value x, double shift);
  Value getCoordinate(Emitter &emit, Value out);
  Value getNearest(Emitter &emit, Value x);
  Value getWeight(Emitter &emit, Value fraction, Value tap);
  Value getCubic(Emitter &emit, Value x);

  ResizeOp op;
  OpFoldResult output;
  Value inputExtent, outputExtent, scale, roiStart, roiEnd;
  Value firstTap, stretch; ///< As index and f64.
  Value firsts, weights, outsides;
};

void AxisTables::computeTaps(Emitter &emit) {
  if (op.getMode() == ResizeMode::nearest) {
    taps = emit.getIndexAttr(1);
    return;
  }
  int64_t reach = op.getMode() == ResizeMode::cubic ? 2 : 1;
  Real real(emit);
  if (!op.getAntialias()) {
    taps = emit.getIndexAttr(2 * reach);
    firstTap = emit.index(1 - reach);
    stretch = real.of(1);
    return;
  }
  stretch = real.select(real.is(arith::CmpFPredicate::OLT, scale, real.of(1)),
                        scale, real.of(1));
  // A scale that is no scale must not make endless taps.
  stretch =
      real.select(real.is(arith::CmpFPredicate::OGT, stretch, real.of(1e-6)),
                  stretch, real.of(1e-6));
  Value lowest = real.floor(real.div(real.of(-reach), stretch));
  firstTap = emit.add(real.toIndex(lowest), emit.index(1));
  taps = emit.sub(emit.index(2), emit.add(firstTap, firstTap));
}

/// (x + shift) / scale - shift in f32, as ONNX Runtime has it: where it is a
/// whole number, the last bit decides which element is the nearest.
Value AxisTables::unscale(Emitter &emit, Value x, double shift) {
  Type f32 = emit.getF32Type();
  Value by = emit.number(f32, shift);
  Value moved =
      arith::AddFOp::create(emit, arith::TruncFOp::create(emit, f32, x), by);
  Value ratio = arith::DivFOp::create(
      emit, moved, arith::TruncFOp::create(emit, f32, scale));
  Value result = arith::SubFOp::create(emit, ratio, by);
  return arith::ExtFOp::create(emit, emit.getF64Type(), result);
}

Value AxisTables::getCoordinate(Emitter &emit, Value out) {
  Real real(emit);
  Value x = real.ofIndex(out), half = real.of(0.5), one = real.of(1);
  Value last = real.sub(real.ofIndex(inputExtent), one);
  // A product in f32, so that a third of three is one.
  Type f32 = emit.getF32Type();
  Value product = arith::MulFOp::create(
      emit, arith::TruncFOp::create(emit, f32, scale),
      arith::TruncFOp::create(emit, f32, real.ofIndex(inputExtent)));
  Value width = arith::ExtFOp::create(emit, emit.getF64Type(), product);
  Value isOne = real.is(arith::CmpFPredicate::OEQ, width, one);
  switch (op.getCoordinates()) {
  case CoordinateMode::half_pixel:
    return unscale(emit, x, 0.5);
  case CoordinateMode::half_pixel_symmetric: {
    auto narrow = [&](Value v) -> Value {
      return arith::TruncFOp::create(emit, f32, v);
    };
    Value adjustment = arith::DivFOp::create(
        emit, narrow(real.ofIndex(outputExtent)), product);
    Value rest = arith::SubFOp::create(emit, emit.number(f32, 1), adjustment);
    Value offset = arith::MulFOp::create(
        emit, narrow(real.mul(real.ofIndex(inputExtent), half)), rest);
    offset = arith::ExtFOp::create(emit, emit.getF64Type(), offset);
    Value along = real.div(real.add(x, half), scale);
    Value at = narrow(real.sub(real.add(offset, along), half));
    return arith::ExtFOp::create(emit, emit.getF64Type(), at);
  }
  case CoordinateMode::pytorch_half_pixel:
    return real.select(isOne, real.of(-0.5), unscale(emit, x, 0.5));
  case CoordinateMode::align_corners:
    return real.select(isOne, real.of(0),
                       real.div(real.mul(x, last), real.sub(width, one)));
  case CoordinateMode::asymmetric:
    return unscale(emit, x, 0);
  case CoordinateMode::tf_crop_and_resize: {
    Value start = roiStart ? roiStart : real.of(0);
    Value end = roiEnd ? roiEnd : one;
    Value span = real.mul(real.sub(end, start), last);
    Value along =
        real.select(isOne, real.mul(span, half),
                    real.div(real.mul(x, span), real.sub(width, one)));
    return real.add(along, real.mul(start, last));
  }
  }
  llvm_unreachable("all modes are listed");
}

Value AxisTables::getNearest(Emitter &emit, Value x) {
  Real real(emit);
  Value half = real.of(0.5);
  switch (op.getRounding()) {
  case NearestMode::round_prefer_floor:
    return math::CeilOp::create(emit, real.sub(x, half));
  case NearestMode::round_prefer_ceil:
    return real.floor(real.add(x, half));
  case NearestMode::floor:
    return real.floor(x);
  case NearestMode::ceil:
    return math::CeilOp::create(emit, x);
  }
  llvm_unreachable("all modes are listed");
}

/// Keys' cubic convolution at distance x.
Value AxisTables::getCubic(Emitter &emit, Value x) {
  Real real(emit);
  Value a = real.of(op.getCubicCoefficient().convertToFloat());
  auto times = [&](double factor) { return real.mul(a, real.of(factor)); };
  x = math::AbsFOp::create(emit, x);
  Value near =
      real.sub(real.mul(real.add(a, real.of(2)), x), real.add(a, real.of(3)));
  near = real.add(real.mul(real.mul(near, x), x), real.of(1));
  Value far = real.sub(real.mul(a, x), times(5));
  far = real.add(real.mul(far, x), times(8));
  far = real.sub(real.mul(far, x), times(4));
  Value result = real.select(real.is(arith::CmpFPredicate::OLT, x, real.of(2)),
                             far, real.of(0));
  return real.select(real.is(arith::CmpFPredicate::OLE, x, real.of(1)), near,
                     result);
}

Value AxisTables::getWeight(Emitter &emit, Value fraction, Value tap) {
  Real real(emit);
  Value at = real.ofIndex(emit.add(firstTap, tap));
  Value x = real.mul(stretch, real.sub(at, fraction));
  if (op.getMode() == ResizeMode::cubic)
    return getCubic(emit, x);
  Value height = real.sub(real.of(1), math::AbsFOp::create(emit, x));
  return arith::MaximumFOp::create(emit, height, real.of(0));
}

void AxisTables::makeTables(Emitter &emit) {
  bool isNearest = op.getMode() == ResizeMode::nearest;
  firsts =
      emit.generate(output, emit.getIndexType(), ValueRange(), {},
                    [&](Emitter &emit, ValueRange) {
                      Real real(emit);
                      Value x = getCoordinate(emit, emit.loopIndex(0));
                      if (isNearest)
                        return real.toIndex(getNearest(emit, x));
                      return emit.add(real.toIndex(real.floor(x)), firstTap);
                    });
  if (op.getCoordinates() == CoordinateMode::tf_crop_and_resize)
    outsides = emit.generate(
        output, emit.getI1Type(), ValueRange(), {},
        [&](Emitter &emit, ValueRange) -> Value {
          Real real(emit);
          Value x = getCoordinate(emit, emit.loopIndex(0));
          Value last = real.sub(real.ofIndex(inputExtent), real.of(1));
          Value isLow = real.is(arith::CmpFPredicate::ULT, x, real.of(0));
          Value isHigh = real.is(arith::CmpFPredicate::UGT, x, last);
          return arith::OrIOp::create(emit, isLow, isHigh);
        });
  if (isNearest)
    return;
  Value tapCount = emit.toValue(taps);
  weights = emit.generate(
      {output, taps}, emit.getF64Type(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) -> Value {
        Real real(emit);
        Value x = getCoordinate(emit, emit.loopIndex(0));
        Value floor = real.floor(x), fraction = real.sub(x, floor);
        Value first = emit.add(real.toIndex(floor), firstTap);
        auto weigh = [&](Emitter &emit, Value tap) -> Value {
          Value weight = getWeight(emit, fraction, tap);
          if (!op.getExcludeOutside())
            return weight;
          Value isInside =
              arith::CmpIOp::create(emit, arith::CmpIPredicate::ult,
                                    emit.add(first, tap), inputExtent);
          return arith::SelectOp::create(emit, isInside, weight,
                                         emit.number(emit.getF64Type(), 0));
        };
        Value weight = weigh(emit, emit.loopIndex(1));
        if (!op.getExcludeOutside() && !op.getAntialias())
          return weight;
        Value sum = emit.forLoop(
            tapCount, real.of(0),
            [&](Emitter &emit, Value tap, ValueRange carried) -> Values {
              return {
                  arith::AddFOp::create(emit, carried[0], weigh(emit, tap))};
            })[0];
        Value isNone = real.is(arith::CmpFPredicate::OEQ, sum, real.of(0));
        return real.div(weight, real.select(isNone, real.of(1), sum));
      });
}

/// One output element: the sum over all combinations of the axes' taps.
class ResizeBody {
public:
  ResizeBody(ResizeOp op, Value input,
             MutableArrayRef<std::unique_ptr<AxisTables>> tables)
      : op(op), input(input), tables(tables),
        type(op.getInput().getType().getElementType()) {}

  Value emitElement(Emitter &emit) {
    Values position = emit.loopIndices(tables.size());
    Value result;
    if (op.getMode() == ResizeMode::nearest) {
      Value zero = emit.index(0);
      for (auto [i, table] : llvm::zip_equal(position, tables))
        if (table)
          i = table->readPosition(emit, i, zero);
      result = emit.extract(input, position);
    } else {
      Values out = position;
      Value sum = emitFrom(emit, 0, out, position);
      result = emitCast(emit, sum, emit.getF64Type(), type, true, "up");
    }
    return extrapolate(emit, result);
  }

private:
  Value emitFrom(Emitter &emit, size_t axis, ArrayRef<Value> out,
                 Values &position) {
    if (axis == tables.size())
      return emitCast(emit, emit.extract(input, position), type,
                      emit.getF64Type(), true, "up");
    if (!tables[axis])
      return emitFrom(emit, axis + 1, out, position);
    Value zero = emit.number(emit.getF64Type(), 0);
    return emit.forLoop(
        emit.toValue(tables[axis]->taps), zero,
        [&](Emitter &emit, Value tap, ValueRange carried) -> Values {
          position[axis] = tables[axis]->readPosition(emit, out[axis], tap);
          Value weight = tables[axis]->readWeight(emit, out[axis], tap);
          Value x = emitFrom(emit, axis + 1, out, position);
          // What has no weight may be infinite.
          Value term = arith::MulFOp::create(emit, weight, x);
          Value none = emit.number(emit.getF64Type(), 0);
          Value isNone = arith::CmpFOp::create(emit, arith::CmpFPredicate::OEQ,
                                               weight, none);
          term = arith::SelectOp::create(emit, isNone, none, term);
          return {arith::AddFOp::create(emit, carried[0], term)};
        })[0];
  }

  Value extrapolate(Emitter &emit, Value result) {
    Value outside;
    for (auto [axis, table] : llvm::enumerate(tables)) {
      if (!table)
        continue;
      Value here = table->readOutside(emit, emit.loopIndex(axis));
      if (here)
        outside = outside
                      ? arith::OrIOp::create(emit, outside, here).getResult()
                      : here;
    }
    if (!outside)
      return result;
    Value value = emit.number(emit.getF64Type(),
                              op.getExtrapolationValue().convertToFloat());
    value = emitCast(emit, value, emit.getF64Type(), type, true, "up");
    return arith::SelectOp::create(emit, outside, value, result);
  }

  ResizeOp op;
  Value input;
  MutableArrayRef<std::unique_ptr<AxisTables>> tables;
  Type type;
};

} // namespace

/// Whether the axis is known to be copied.
static bool isCopied(ResizeOp op, int64_t axis, Emitter &emit) {
  DenseFPElementsAttr scales;
  if (op.getRoi() || !matchPattern(op.getScales(), m_Constant(&scales)))
    return false;
  float scale = scales.getValues<float>()[axis];
  return scale == 1.0f &&
         isEqualConstantIntOrValue(emit.extent(op.getInput(), axis),
                                   op.getMixedSizes()[axis]);
}

Values qcc::conversion::lower(ResizeOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Extents result = emit.resultExtents(op);
  std::vector<std::unique_ptr<AxisTables>> tables(result.size());
  for (auto [axis, table] : llvm::enumerate(tables)) {
    if (isCopied(op, axis, emit))
      continue;
    Value scale = emit.extract(op.getScales(), emit.index(axis));
    Value isScale =
        arith::CmpFOp::create(emit, arith::CmpFPredicate::OGT, scale,
                              emit.number(scale.getType(), 0));
    emit.check(isScale, "a scale is not positive");
    if (op.getInput().getType().isDynamicDim(axis)) {
      Value zero = emit.index(0);
      Value isNothing = arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                              emit.toValue(result[axis]), zero);
      Value hasElements =
          emit.less(zero, emit.toValue(emit.extent(input, axis)));
      emit.check(arith::OrIOp::create(emit, isNothing, hasElements),
                 "an axis without elements cannot be scaled");
    }
    scale = arith::ExtFOp::create(emit, emit.getF64Type(), scale);
    table = std::make_unique<AxisTables>(op, axis, input, result[axis], scale,
                                         emit);
  }
  ResizeBody body(op, input, tables);
  return {emit.generate(
      result, op.getType().getElementType(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) { return body.emitElement(emit); })};
}
