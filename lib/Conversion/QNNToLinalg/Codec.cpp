// Codes to real values and back: the arithmetic of codecs as IR.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"
#include "lib/Formats/AutoScale.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {

/// A format's arithmetic on elements of a tensor whose extents are given.
/// Inside a loop body, an element is named by its indices along all axes.
class FormatArithmetic {
public:
  FormatArithmetic(FormatAttr format, Type valueType, ArrayRef<Value> extents)
      : codec(format.getCodec()), scaling(format.getScaling()),
        extents(extents), range(codec.getIntegerRange()),
        bits(codec.getBits()) {
    MLIRContext *context = format.getContext();
    compute = valueType.isF64() ? Type(Float64Type::get(context))
                                : Type(Float32Type::get(context));
    exact = bits > 16 ? Type(Float64Type::get(context)) : compute;
  }

  /// Along the innermost axis; a scalar's code has a byte of its own.
  bool isPacked() const { return bits < 8 && !extents.empty(); }
  Type getCompute() const { return compute; }

  /// The scale's or zero point's indices of an element.
  Values getGroup(Emitter &emit, ValueRange element);
  Value readScale(Emitter &emit, Value scales, ValueRange element);
  /// As a number of type `exact`; null where it is always 0.
  Value readZero(Emitter &emit, Value zeros, ValueRange element);

  Value decode(Emitter &emit, Value code, Value scale, Value zero);
  /// As an i32 of which the low bits are the code.
  Value encode(Emitter &emit, Value x, Value scale, Value zero);

  /// The code of an element, as an i32, from codes packed or not.
  Value readCode(Emitter &emit, Value codes, ValueRange element);

  const qcc::formats::Codec &codec;
  Scaling scaling;
  ArrayRef<Value> extents;
  std::optional<qcc::formats::IntegerRange> range;
  unsigned bits;
  Type compute;
  Type exact; ///< Holds every integer of the codec.

private:
  Value decodeTable(Emitter &emit, Value code);
  Value encodeTable(Emitter &emit, Value x);
};

Values FormatArithmetic::getGroup(Emitter &emit, ValueRange element) {
  if (auto axis = dyn_cast<AxisScalingAttr>(scaling))
    return {element[axis.getAxis()]};
  auto blocks = dyn_cast<BlockScalingAttr>(scaling);
  if (!blocks)
    return {};
  Values group;
  for (auto [index, block] : llvm::zip_equal(element, blocks.getBlock()))
    group.push_back(block == 1
                        ? index
                        : arith::DivUIOp::create(emit, index, emit.index(block))
                              .getResult());
  return group;
}

Value FormatArithmetic::readScale(Emitter &emit, Value scales,
                                  ValueRange element) {
  if (!scales)
    return {};
  Type type = scaling.getScaleType();
  Value stored = emit.extract(scales, getGroup(emit, element));
  return emitCast(emit, stored, type, compute, true, "up");
}

/// A code of an integer codec, sign- or zero-extended from its low bits.
static Value extend(Emitter &emit, Value code, unsigned bits, bool isSigned) {
  Type i32 = emit.getI32Type();
  if (bits == 32)
    return code;
  if (!isSigned)
    return arith::AndIOp::create(emit, code,
                                 emit.integer(i32, (int64_t(1) << bits) - 1));
  Value shift = emit.integer(i32, 32 - bits);
  Value high = arith::ShLIOp::create(emit, code, shift);
  return arith::ShRSIOp::create(emit, high, shift);
}

Value FormatArithmetic::readZero(Emitter &emit, Value zeros,
                                 ValueRange element) {
  Attribute constant = scaling.getZeroPoint();
  if (auto number = dyn_cast_if_present<IntegerAttr>(constant))
    return emit.number(exact, static_cast<double>(number.getInt()));
  if (!zeros)
    return {};
  Value stored = emit.extract(zeros, getGroup(emit, element));
  Type i32 = emit.getI32Type();
  if (stored.getType() != i32)
    stored = arith::ExtUIOp::create(emit, i32, stored);
  bool isSigned = range->min < 0;
  Value zero = extend(emit, stored, bits, isSigned);
  if (isSigned || bits < 32)
    return arith::SIToFPOp::create(emit, exact, zero);
  return arith::UIToFPOp::create(emit, exact, zero);
}

Value FormatArithmetic::readCode(Emitter &emit, Value codes,
                                 ValueRange element) {
  Type i32 = emit.getI32Type();
  if (!isPacked()) {
    Value stored = emit.extract(codes, element);
    return stored.getType() == i32
               ? stored
               : arith::ExtUIOp::create(emit, i32, stored).getResult();
  }
  // Bit `last * bits` of the row, which may reach into the next byte.
  Values position(element);
  Value bit = emit.mul(position.back(), emit.index(bits));
  Value byte = arith::DivUIOp::create(emit, bit, emit.index(8));
  position.back() = byte;
  Value low = arith::ExtUIOp::create(emit, i32, emit.extract(codes, position));
  if (8 % bits != 0) {
    Value bytes = emit.toValue(emit.extent(
        codes, cast<RankedTensorType>(codes.getType()).getRank() - 1));
    Value next = emit.add(byte, emit.index(1));
    position.back() =
        arith::MinUIOp::create(emit, next, emit.sub(bytes, emit.index(1)));
    Value high =
        arith::ExtUIOp::create(emit, i32, emit.extract(codes, position));
    high = arith::ShLIOp::create(emit, high, emit.integer(i32, 8));
    low = arith::OrIOp::create(emit, low, high);
  }
  Value inByte = arith::RemUIOp::create(emit, bit, emit.index(8));
  Value shift = arith::IndexCastOp::create(emit, i32, inByte);
  Value code = arith::ShRUIOp::create(emit, low, shift);
  return arith::AndIOp::create(emit, code,
                               emit.integer(i32, (int64_t(1) << bits) - 1));
}

/// Numbers of all codes, as a constant that is read.
Value FormatArithmetic::decodeTable(Emitter &emit, Value code) {
  SmallVector<float> table;
  for (uint32_t number = 0; number < (1u << bits); ++number)
    table.push_back(static_cast<float>(codec.decode(number, 0)));
  auto type = RankedTensorType::get({static_cast<int64_t>(table.size())},
                                    emit.getF32Type());
  Value constant = arith::ConstantOp::create(
      emit, DenseElementsAttr::get(type, ArrayRef<float>(table)));
  Value index = arith::IndexCastUIOp::create(emit, emit.getIndexType(), code);
  Value number = emit.extract(constant, index);
  return emitCast(emit, number, emit.getF32Type(), compute, true, "up");
}

Value FormatArithmetic::decode(Emitter &emit, Value code, Value scale,
                               Value zero) {
  Value number;
  if (!range) {
    number = decodeTable(emit, code);
  } else {
    bool isSigned = range->min < 0;
    Value integer = extend(emit, code, bits, isSigned);
    number = isSigned || bits < 32
                 ? arith::SIToFPOp::create(emit, exact, integer).getResult()
                 : arith::UIToFPOp::create(emit, exact, integer).getResult();
    if (zero)
      number = arith::SubFOp::create(emit, number, zero);
    number = emitCast(emit, number, exact, compute, true, "up");
  }
  return scale ? arith::MulFOp::create(emit, number, scale).getResult()
               : number;
}

/// The least f32 whose code stands for `number` or for one above it, where
/// `middle` is halfway from the number below. The codec decides, not the f32
/// nearest to the middle, which may lie on either side of it.
static float getThreshold(const qcc::formats::Codec &codec, double number,
                          double middle) {
  auto isUp = [&](float x) {
    return codec.decode(codec.encode(x, 0), 0) >= number;
  };
  constexpr float infinity = std::numeric_limits<float>::infinity();
  auto threshold = static_cast<float>(middle);
  while (!isUp(threshold))
    threshold = std::nextafter(threshold, infinity);
  while (isUp(std::nextafter(threshold, -infinity)))
    threshold = std::nextafter(threshold, -infinity);
  return threshold;
}

/// The nearest number of a table, of an f32: as many steps up from the lowest
/// as there are thresholds at or below x.
Value FormatArithmetic::encodeTable(Emitter &emit, Value x) {
  SmallVector<std::pair<double, uint32_t>> numbers;
  for (uint32_t code = 0; code < (1u << bits); ++code) {
    double number = codec.decode(code, 0);
    if (!std::isnan(number) && codec.encode(number, 0) == code)
      numbers.emplace_back(number, code);
  }
  llvm::sort(numbers);
  Type i32 = emit.getI32Type();
  Value code = emit.integer(i32, numbers.front().second);
  for (size_t i = 1; i < numbers.size(); ++i) {
    double middle = (numbers[i - 1].first + numbers[i].first) / 2;
    Value isAbove = arith::CmpFOp::create(
        emit, arith::CmpFPredicate::OGE, x,
        emit.number(x.getType(),
                    getThreshold(codec, numbers[i].first, middle)));
    code = arith::SelectOp::create(emit, isAbove,
                                   emit.integer(i32, numbers[i].second), code);
  }
  Value isNaN = arith::CmpFOp::create(emit, arith::CmpFPredicate::UNO, x, x);
  Value nan = emit.integer(i32, codec.encode(std::nan(""), 0));
  return arith::SelectOp::create(emit, isNaN, nan, code);
}

Value FormatArithmetic::encode(Emitter &emit, Value x, Value scale,
                               Value zero) {
  if (scale)
    x = arith::DivFOp::create(emit, x, scale);
  Type i32 = emit.getI32Type();
  if (!range)
    x = emitCast(emit, x, compute, emit.getF32Type(), true, "up");
  if (!range && codec.getName() == "e4m3fn") {
    Value code = encodeMinifloat(
        emit, x, Float8E4M3FNType::get(emit.getContext()), true, "up");
    return arith::ExtUIOp::create(emit, i32, code);
  }
  if (!range)
    return encodeTable(emit, x);
  Value rounded = math::RoundEvenOp::create(emit, x);
  rounded = emitCast(emit, rounded, compute, exact, true, "up");
  if (zero)
    rounded = arith::AddFOp::create(emit, rounded, zero);
  Value low = emit.number(exact, static_cast<double>(range->min));
  Value high = emit.number(exact, static_cast<double>(range->max));
  // NaN is not greater than the lowest, so it becomes that.
  Value isMore =
      arith::CmpFOp::create(emit, arith::CmpFPredicate::OGT, rounded, low);
  rounded = arith::SelectOp::create(emit, isMore, rounded, low);
  Value isLess =
      arith::CmpFOp::create(emit, arith::CmpFPredicate::OLT, rounded, high);
  rounded = arith::SelectOp::create(emit, isLess, rounded, high);
  if (bits < 32 || range->min < 0)
    return arith::FPToSIOp::create(emit, i32, rounded);
  return arith::FPToUIOp::create(emit, i32, rounded);
}

Values toValues(Emitter &emit, ArrayRef<OpFoldResult> extents) {
  Values values;
  for (OpFoldResult extent : extents)
    values.push_back(emit.toValue(extent));
  return values;
}

/// Scales and zero points among the components that follow the codes.
struct Parameters {
  Parameters(Emitter &emit, Scaling scaling, ValueRange components) {
    unsigned next = 0;
    if (scaling.getScaleType() && next < components.size())
      scales = emit.storage(components[next++]);
    if (isa_and_nonnull<UnitAttr>(scaling.getZeroPoint()) &&
        next < components.size())
      zeros = emit.storage(components[next++]);
  }
  Value scales, zeros;
};

} // namespace

Values qcc::conversion::lower(DecodeStoredOp op, Emitter &emit) {
  FormatAttr format = op.getFormat();
  if (!isa<DenseLayoutAttr>(format.getLayout()))
    return {};
  Type type = op.getType().getElementType();
  Extents result = emit.resultExtents(op);
  Values extents = toValues(emit, result);
  FormatArithmetic arithmetic(format, type, extents);
  Value codes = emit.storage(op.getComponents().front());
  Parameters parameters(emit, format.getScaling(),
                        op.getComponents().drop_front());
  return {emit.generate(
      result, type, ValueRange(), {}, [&](Emitter &emit, ValueRange) {
        Values element = emit.loopIndices(extents.size());
        Value code = arithmetic.readCode(emit, codes, element);
        Value x = arithmetic.decode(
            emit, code, arithmetic.readScale(emit, parameters.scales, element),
            arithmetic.readZero(emit, parameters.zeros, element));
        return emitCast(emit, x, arithmetic.getCompute(), type, true, "up");
      })};
}

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

namespace {
class EncodeLowering {
public:
  EncodeLowering(EncodeStoredOp op, Emitter &emit)
      : op(op), emit(emit), input(emit.storage(op.getInput())),
        type(op.getInput().getType().getElementType()),
        extents(toValues(emit, emit.extents(input))),
        arithmetic(op.getFormat(), type, extents) {}

  Values lower();

private:
  Value makeCodes(Value scales, Value zeros);
  Value makePackedCodes(Value scales, Value zeros);
  Value encodeAt(Emitter &emit, ValueRange element, Value scales, Value zeros);
  Extents getScaleExtents();
  using Combine = llvm::function_ref<Value(Emitter &, Value acc, Value x)>;
  Value reduceGroups(Type element, Combine combine);
  Value reduceRange(bool takesMaximum);
  Value reduceMagnitudes();
  Value makeScales(ValueRange range);
  Value makeZeros(Value low, Value scales);
  Value roundScale(Emitter &emit, Value scale);
  Value floorLog2(Emitter &emit, Value x);
  Value combineRange(Emitter &emit, bool takesMaximum, Value acc, Value x);

  EncodeStoredOp op;
  Emitter &emit;
  Value input;
  Type type;
  Values extents;
  FormatArithmetic arithmetic;
};
} // namespace

Value EncodeLowering::encodeAt(Emitter &emit, ValueRange element, Value scales,
                               Value zeros) {
  Value x = emitCast(emit, emit.extract(input, element), type,
                     arithmetic.getCompute(), true, "up");
  return arithmetic.encode(emit, x, arithmetic.readScale(emit, scales, element),
                           arithmetic.readZero(emit, zeros, element));
}

Value EncodeLowering::makeCodes(Value scales, Value zeros) {
  if (arithmetic.isPacked())
    return makePackedCodes(scales, zeros);
  Type code =
      getStorageElement(getTensor(op.getComponents()[0]).getElementType());
  return emit.generate(
      emit.extents(input), code, input,
      emit.getMultiDimIdentityMap(extents.size()),
      [&](Emitter &emit, ValueRange arguments) -> Value {
        Values element = emit.loopIndices(extents.size());
        Value x = emitCast(emit, arguments[0], type, arithmetic.getCompute(),
                           true, "up");
        Value number = arithmetic.encode(
            emit, x, arithmetic.readScale(emit, scales, element),
            arithmetic.readZero(emit, zeros, element));
        if (code.getIntOrFloatBitWidth() == 32)
          return number;
        if (arithmetic.bits < 8)
          number = arith::AndIOp::create(
              emit, number,
              emit.integer(emit.getI32Type(),
                           (int64_t(1) << arithmetic.bits) - 1));
        return arith::TruncIOp::create(emit, code, number);
      });
}

/// Bytes of several codes, the first in the lowest bits. A code may reach over
/// two bytes, each of which takes its part.
Value EncodeLowering::makePackedCodes(Value scales, Value zeros) {
  int64_t rank = extents.size();
  unsigned bits = arithmetic.bits;
  Extents packed = emit.extents(input);
  packed.back() = emit.compute((emit.getAffineSymbolExpr(0) * bits).ceilDiv(8),
                               {packed.back()});
  Type i32 = emit.getI32Type();
  return emit.generate(
      packed, emit.getI8Type(), ValueRange(), {},
      [&](Emitter &emit, ValueRange) -> Value {
        Values element = emit.loopIndices(rank);
        Value firstBit = emit.mul(element.back(), emit.index(8));
        Value first = arith::DivUIOp::create(emit, firstBit, emit.index(bits));
        Value end = arith::CeilDivUIOp::create(
            emit, emit.add(firstBit, emit.index(8)), emit.index(bits));
        end = arith::MinUIOp::create(emit, end, extents.back());
        Value byte = emit.forLoop(
            first, end, emit.integer(i32, 0),
            [&](Emitter &emit, Value at, ValueRange carried) -> Values {
              Values position(element);
              position.back() = at;
              Value code = encodeAt(emit, position, scales, zeros);
              code = arith::AndIOp::create(
                  emit, code, emit.integer(i32, (int64_t(1) << bits) - 1));
              // Shifted by 8 so that a negative distance needs no case.
              Value distance =
                  emit.add(emit.sub(emit.mul(at, emit.index(bits)), firstBit),
                           emit.index(8));
              Value shift = arith::IndexCastOp::create(emit, i32, distance);
              code = arith::ShLIOp::create(emit, code, shift);
              code = arith::ShRUIOp::create(emit, code, emit.integer(i32, 8));
              return {arith::OrIOp::create(emit, carried[0], code)};
            })[0];
        return arith::TruncIOp::create(emit, emit.getI8Type(), byte);
      });
}

Extents EncodeLowering::getScaleExtents() {
  Scaling scaling = arithmetic.scaling;
  Extents all = emit.extents(input), result;
  if (auto axis = dyn_cast<AxisScalingAttr>(scaling))
    return {all[axis.getAxis()]};
  auto blocks = dyn_cast<BlockScalingAttr>(scaling);
  if (!blocks)
    return {};
  for (auto [extent, block] : llvm::zip_equal(all, blocks.getBlock()))
    result.push_back(
        emit.compute(emit.getAffineSymbolExpr(0).ceilDiv(block), {extent}));
  return result;
}

/// NaN is passed over.
Value EncodeLowering::combineRange(Emitter &emit, bool takesMaximum, Value acc,
                                   Value x) {
  Value wins = arith::CmpFOp::create(emit,
                                     takesMaximum ? arith::CmpFPredicate::OGT
                                                  : arith::CmpFPredicate::OLT,
                                     x, acc);
  return arith::SelectOp::create(emit, wins, x, acc);
}

/// Combines 0 of type `element` and the numbers, in f32, that share a scale.
Value EncodeLowering::reduceGroups(Type element, Combine combine) {
  Type f32 = emit.getF32Type();
  int64_t rank = extents.size();
  Extents groups = getScaleExtents();
  auto readX = [&](Emitter &emit, Value stored) {
    return emitCast(emit, stored, type, f32, true, "up");
  };
  if (!isa<BlockScalingAttr>(arithmetic.scaling)) {
    auto axis = dyn_cast<AxisScalingAttr>(arithmetic.scaling);
    SmallVector<AffineExpr> exprs;
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::reduction);
    if (axis) {
      exprs.push_back(emit.getAffineDimExpr(axis.getAxis()));
      iterators[axis.getAxis()] = utils::IteratorType::parallel;
    }
    AffineMap map = AffineMap::get(rank, 0, exprs, emit.getContext());
    return emit.reduce(emit.filled(groups, emit.number(element, 0)), map, input,
                       emit.getMultiDimIdentityMap(rank), iterators,
                       [&](Emitter &emit, ValueRange arguments) {
                         return combine(emit, arguments[1],
                                        readX(emit, arguments[0]));
                       });
  }
  auto block = cast<BlockScalingAttr>(arithmetic.scaling).getBlock();
  return emit.generate(
      groups, element, ValueRange(), {}, [&](Emitter &emit, ValueRange) {
        Values group = emit.loopIndices(rank), at;
        std::function<Value(Emitter &, Value)> nest = [&](Emitter &emit,
                                                          Value acc) -> Value {
          size_t axis = at.size();
          if (axis == extents.size())
            return combine(emit, acc, readX(emit, emit.extract(input, at)));
          Value begin = emit.mul(group[axis], emit.index(block[axis]));
          Value end = arith::MinUIOp::create(
              emit, emit.add(begin, emit.index(block[axis])), extents[axis]);
          return emit.forLoop(
              begin, end, acc,
              [&](Emitter &emit, Value i, ValueRange carried) -> Values {
                at.push_back(i);
                Value next = nest(emit, carried[0]);
                at.pop_back();
                return {next};
              })[0];
        };
        return nest(emit, emit.number(element, 0));
      });
}

/// The largest (smallest) of 0 and the numbers that share a scale, in f32.
Value EncodeLowering::reduceRange(bool takesMaximum) {
  return reduceGroups(emit.getF32Type(),
                      [&](Emitter &emit, Value acc, Value x) {
                        return combineRange(emit, takesMaximum, acc, x);
                      });
}

/// The largest magnitude among the numbers that share a scale, as the bits of
/// an f32: those of magnitudes are ordered as integers are, of which, unlike of
/// floats, LLVM takes the maximum in vectors. NaN is passed over.
Value EncodeLowering::reduceMagnitudes() {
  constexpr int64_t magnitudeBits = 0x7fffffff, infinityBits = 0x7f800000;
  Type i32 = emit.getI32Type();
  return reduceGroups(i32, [&](Emitter &emit, Value acc, Value x) -> Value {
    Value bits = arith::BitcastOp::create(emit, i32, x);
    bits = arith::AndIOp::create(emit, bits, emit.integer(i32, magnitudeBits));
    Value isNaN = arith::CmpIOp::create(emit, arith::CmpIPredicate::sgt, bits,
                                        emit.integer(i32, infinityBits));
    bits = arith::SelectOp::create(emit, isNaN, emit.integer(i32, 0), bits);
    return arith::MaxSIOp::create(emit, acc, bits);
  });
}

/// floor(log2 x) of a positive, finite f32, as an i32.
Value EncodeLowering::floorLog2(Emitter &emit, Value x) {
  Type i32 = emit.getI32Type();
  Value all = arith::BitcastOp::create(emit, i32, x);
  Value exponent = arith::ShRUIOp::create(emit, all, emit.integer(i32, 23));
  Value isSubnormal = arith::CmpIOp::create(emit, arith::CmpIPredicate::eq,
                                            exponent, emit.integer(i32, 0));
  // In steps of 2^-149, the highest bit counts.
  Value zeros = math::CountLeadingZerosOp::create(emit, all);
  Value small = emit.sub(emit.integer(i32, 31 - 149), zeros);
  exponent = emit.sub(exponent, emit.integer(i32, 127));
  return arith::SelectOp::create(emit, isSubnormal, small, exponent);
}

/// As lib/Formats/AutoScale.h: at most the type's largest number, never 0.
Value EncodeLowering::roundScale(Emitter &emit, Value scale) {
  Type f32 = emit.getF32Type();
  auto scaleType = cast<FloatType>(arithmetic.scaling.getScaleType());
  double limit = qcc::formats::getLargestScale(scaleType.getFloatSemantics());
  Value isMore = arith::CmpFOp::create(emit, arith::CmpFPredicate::OGT, scale,
                                       emit.number(f32, limit));
  scale = arith::SelectOp::create(emit, isMore, emit.number(f32, limit), scale);
  if (scaleType.getWidth() < 32) {
    scale = emitCast(emit, scale, f32, scaleType, true, "nearest");
    scale = emitCast(emit, scale, scaleType, f32, true, "nearest");
  }
  Value isZero = arith::CmpFOp::create(emit, arith::CmpFPredicate::OEQ, scale,
                                       emit.number(f32, 0));
  return arith::SelectOp::create(emit, isZero, emit.number(f32, 1), scale);
}

/// Of the least and the largest number, or of the bits of the largest
/// magnitude.
Value EncodeLowering::makeScales(ValueRange range) {
  Type f32 = emit.getF32Type();
  auto scaleType = arithmetic.scaling.getScaleType();
  auto constant =
      dyn_cast_if_present<IntegerAttr>(arithmetic.scaling.getZeroPoint());
  bool isAsymmetric =
      isa_and_nonnull<UnitAttr>(arithmetic.scaling.getZeroPoint());
  double steps =
      isAsymmetric
          ? static_cast<double>(arithmetic.range->max - arithmetic.range->min)
          : qcc::formats::getLargestMagnitude(arithmetic.codec,
                                              constant ? constant.getInt() : 0);
  bool isPower = isa<Float8E8M0FNUType>(scaleType);
  return emit.broadcast(
      emit.extents(range[0]), scaleType, range,
      [&](Emitter &emit, ValueRange arguments) -> Value {
        Value span, scale;
        if (isAsymmetric)
          span = arith::SubFOp::create(emit, arguments[1], arguments[0]);
        else
          span = arith::BitcastOp::create(emit, f32, arguments[0]);
        if (isPower) {
          Type i32 = emit.getI32Type();
          Value limit = emit.number(f32, std::numeric_limits<float>::max());
          span = combineRange(emit, /*takesMaximum=*/false, limit, span);
          Value exponent = emit.sub(
              floorLog2(emit, span),
              emit.integer(i32, std::ilogb(static_cast<float>(steps))));
          exponent = emit.clamp(exponent, emit.integer(i32, -127),
                                emit.integer(i32, 127));
          Value code = emit.add(exponent, emit.integer(i32, 127));
          Value isZero = arith::CmpFOp::create(emit, arith::CmpFPredicate::OEQ,
                                               span, emit.number(f32, 0));
          code = arith::SelectOp::create(emit, isZero, emit.integer(i32, 127),
                                         code);
          return arith::TruncIOp::create(emit, emit.getI8Type(), code);
        }
        scale = arith::DivFOp::create(emit, span, emit.number(f32, steps));
        return emitCast(emit, roundScale(emit, scale), f32, scaleType, true,
                        "nearest");
      });
}

/// clamp(rne(lo - min / s)), as the codes' type.
Value EncodeLowering::makeZeros(Value low, Value scales) {
  Type f32 = emit.getF32Type();
  auto scaleType = arithmetic.scaling.getScaleType();
  Type stored =
      getStorageElement(getTensor(op.getComponents()[2]).getElementType());
  return emit.broadcast(
      emit.extents(low), stored, {low, scales},
      [&](Emitter &emit, ValueRange arguments) -> Value {
        Value scale = emitCast(emit, arguments[1], scaleType, f32, true, "up");
        auto [min, max] = *arithmetic.range;
        Value zero = arith::SubFOp::create(
            emit, emit.number(f32, static_cast<double>(min)),
            arith::DivFOp::create(emit, arguments[0], scale));
        zero = math::RoundEvenOp::create(emit, zero);
        Type wide = arithmetic.bits > 16 ? Type(emit.getF64Type()) : f32;
        zero = emitCast(emit, zero, f32, wide, true, "up");
        Value lowest = emit.number(wide, static_cast<double>(min));
        Value highest = emit.number(wide, static_cast<double>(max));
        zero = combineRange(emit, true, lowest, zero);
        zero = combineRange(emit, false, highest, zero);
        if (arithmetic.bits == 32 && min == 0)
          return arith::FPToUIOp::create(emit, emit.getI32Type(), zero);
        Value number = arith::FPToSIOp::create(emit, emit.getI32Type(), zero);
        if (arithmetic.bits == 32)
          return number;
        return arith::TruncIOp::create(emit, stored, number);
      });
}

Values EncodeLowering::lower() {
  Parameters parameters(emit, arithmetic.scaling, op.getParameters());
  if (!op.getParameters().empty() || !arithmetic.scaling.getScaleType())
    return {makeCodes(parameters.scales, parameters.zeros)};
  bool isAsymmetric =
      isa_and_nonnull<UnitAttr>(arithmetic.scaling.getZeroPoint());
  Values range;
  if (isAsymmetric)
    range = {reduceRange(/*takesMaximum=*/false),
             reduceRange(/*takesMaximum=*/true)};
  else
    range = {reduceMagnitudes()};
  Value scales = makeScales(range), zeros;
  Values results{Value(), scales};
  if (isAsymmetric) {
    zeros = makeZeros(range.front(), scales);
    results.push_back(zeros);
  }
  results.front() = makeCodes(scales, zeros);
  return results;
}

Values qcc::conversion::lower(EncodeStoredOp op, Emitter &emit) {
  return EncodeLowering(op, emit).lower();
}
