// Codes to real values and back: the arithmetic of codecs as IR.

#include "lib/Conversion/CodecToArith/CodecToArith.h"
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
  FormatArithmetic(FormattedType type, ArrayRef<Value> extents)
      : codec(type.getFormat().getCodec()),
        scaling(type.getFormat().getScaling()),
        block(scaling.getBlock(type.getShape())),
        scaleAxes(scaling.getScaleAxes(type.getRank())), extents(extents),
        range(codec.getIntegerRange()), bits(codec.getBits()) {
    MLIRContext *context = type.getContext();
    compute = type.getElementType().isF64() ? Type(Float64Type::get(context))
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
  SmallVector<int64_t> block;     ///< Of elements that share a scale.
  SmallVector<int64_t> scaleAxes; ///< Along which blocks are static.
  ArrayRef<Value> extents;
  std::optional<qcc::formats::IntegerRange> range;
  unsigned bits;
  Type compute;
  Type exact; ///< Holds every integer of the codec.

private:
  Value extendCode(Emitter &emit, Value stored);
  Value maskCode(Emitter &emit, Value code);
  /// Of codes' numbers: those that are not integers are f32.
  Type getNumberType() const {
    return range ? exact : Type(Float32Type::get(compute.getContext()));
  }
};

Values FormatArithmetic::getGroup(Emitter &emit, ValueRange element) {
  Values group;
  for (int64_t axis : scaleAxes) {
    Value index = element[axis];
    if (block[axis] > 1)
      index = arith::DivUIOp::create(emit, index, emit.index(block[axis]));
    group.push_back(index);
  }
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

/// A table is a constant that is read.
static Value readTable(Emitter &emit, ArrayRef<float> table, Value index) {
  auto type = RankedTensorType::get({static_cast<int64_t>(table.size())},
                                    emit.getF32Type());
  Value constant =
      arith::ConstantOp::create(emit, DenseElementsAttr::get(type, table));
  return emit.extract(
      constant, arith::IndexCastUIOp::create(emit, emit.getIndexType(), index)
                    .getResult());
}

Value FormatArithmetic::readZero(Emitter &emit, Value zeros,
                                 ValueRange element) {
  if (std::optional<int64_t> constant = scaling.getConstantZeroPoint())
    return emit.number(exact, static_cast<double>(*constant));
  if (!zeros)
    return {};
  // A zero point is what the code that stores it stands for.
  Value code = extendCode(emit, emit.extract(zeros, getGroup(emit, element)));
  return emitDecode(emit, codec, code, /*zeroPoint=*/nullptr, exact,
                    [&](ArrayRef<float> table, Value i) {
                      return readTable(emit, table, i);
                    });
}

/// A stored code as an i32 of which only the code's bits are set.
Value FormatArithmetic::extendCode(Emitter &emit, Value stored) {
  Type i32 = emit.getI32Type();
  if (stored.getType() != i32)
    stored = arith::ExtUIOp::create(emit, i32, stored);
  return bits < 8 ? maskCode(emit, stored) : stored;
}

Value FormatArithmetic::maskCode(Emitter &emit, Value code) {
  return arith::AndIOp::create(
      emit, code, emit.integer(emit.getI32Type(), (int64_t(1) << bits) - 1));
}

Value FormatArithmetic::readCode(Emitter &emit, Value codes,
                                 ValueRange element) {
  Type i32 = emit.getI32Type();
  if (!isPacked())
    return extendCode(emit, emit.extract(codes, element));
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
  return maskCode(emit, arith::ShRUIOp::create(emit, low, shift));
}

Value FormatArithmetic::decode(Emitter &emit, Value code, Value scale,
                               Value zero) {
  Value number = emitDecode(emit, codec, code, zero, getNumberType(),
                            [&](ArrayRef<float> table, Value i) {
                              return readTable(emit, table, i);
                            });
  number = emitCast(emit, number, getNumberType(), compute, true, "up");
  return scale ? arith::MulFOp::create(emit, number, scale).getResult()
               : number;
}

Value FormatArithmetic::encode(Emitter &emit, Value x, Value scale,
                               Value zero) {
  if (scale)
    x = arith::DivFOp::create(emit, x, scale);
  if (!range)
    x = emitCast(emit, x, compute, getNumberType(), true, "up");
  return emitEncode(emit, codec, x, zero, [&](ArrayRef<float> table, Value i) {
    return readTable(emit, table, i);
  });
}

Values toValues(Emitter &emit, ArrayRef<OpFoldResult> extents) {
  Values values;
  for (OpFoldResult extent : extents)
    values.push_back(emit.toValue(extent));
  return values;
}

/// A component as it is stored; null stays null.
Value getStorage(Emitter &emit, Value component) {
  return component ? emit.storage(component) : Value();
}

} // namespace

Values qcc::conversion::lower(DecodeStoredOp op, Emitter &emit) {
  FormattedType stored = op.getStoredType();
  if (!stored.getFormat().getLayout().isDense())
    return {};
  Type type = op.getType().getElementType();
  Extents result = emit.resultExtents(op);
  Values extents = toValues(emit, result);
  FormatArithmetic arithmetic(stored, extents);
  auto getComponent = [&](Component::Kind kind) {
    return getStorage(emit, stored.getComponent(op.getComponents(), kind));
  };
  Value codes = getComponent(Component::Codes);
  Value scales = getComponent(Component::Scales);
  Value zeros = getComponent(Component::ZeroPoints);
  return {emit.generate(
      result, type, ValueRange(), {}, [&](Emitter &emit, ValueRange) {
        Values element = emit.loopIndices(extents.size());
        Value code = arithmetic.readCode(emit, codes, element);
        Value x = arithmetic.decode(emit, code,
                                    arithmetic.readScale(emit, scales, element),
                                    arithmetic.readZero(emit, zeros, element));
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
        stored(op.getStoredType()),
        extents(toValues(emit, emit.extents(input))),
        arithmetic(stored, extents) {}

  Values lower();

private:
  Value makeCodes(Value scales, Value zeros);
  Value makePackedCodes(Value scales, Value zeros);
  Value encodeAt(Emitter &emit, ValueRange element, Value scales, Value zeros);
  Extents getScaleExtents();
  /// The elements of a result, as they are stored.
  Type getCodeType(Component::Kind kind) {
    Value component = stored.getComponent(op.getComponents(), kind);
    return getStorageElement(getTensor(component).getElementType());
  }
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
  FormattedType stored;
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
  Type code = getCodeType(Component::Codes);
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
  Extents all = emit.extents(input), result;
  for (int64_t axis : arithmetic.scaleAxes) {
    int64_t block = std::max<int64_t>(arithmetic.block[axis], 1);
    result.push_back(
        emit.compute(emit.getAffineSymbolExpr(0).ceilDiv(block), {all[axis]}));
  }
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
  // One scale, or one for each index of an axis.
  bool isReduction = arithmetic.scaleAxes.size() <= 1 &&
                     llvm::all_of(arithmetic.scaleAxes, [&](int64_t axis) {
                       return arithmetic.block[axis] == 1;
                     });
  if (isReduction) {
    SmallVector<AffineExpr> exprs;
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::reduction);
    for (int64_t axis : arithmetic.scaleAxes) {
      exprs.push_back(emit.getAffineDimExpr(axis));
      iterators[axis] = utils::IteratorType::parallel;
    }
    AffineMap map = AffineMap::get(rank, 0, exprs, emit.getContext());
    return emit.reduce(emit.filled(groups, emit.number(element, 0)), map, input,
                       emit.getMultiDimIdentityMap(rank), iterators,
                       [&](Emitter &emit, ValueRange arguments) {
                         return combine(emit, arguments[1],
                                        readX(emit, arguments[0]));
                       });
  }
  ArrayRef<int64_t> block = arithmetic.block;
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
  bool isAsymmetric = arithmetic.scaling.hasZeroPoints();
  int64_t zero = arithmetic.scaling.getConstantZeroPoint().value_or(0);
  double steps =
      isAsymmetric
          ? static_cast<double>(arithmetic.range->max - arithmetic.range->min)
          : qcc::formats::getLargestMagnitude(arithmetic.codec, zero);
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
  Type stored = getCodeType(Component::ZeroPoints);
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
  auto getParameter = [&](Component::Kind kind) {
    return getStorage(emit, stored.getParameter(op.getParameters(), kind));
  };
  if (!op.getParameters().empty() || !arithmetic.scaling.getScaleType())
    return {makeCodes(getParameter(Component::Scales),
                      getParameter(Component::ZeroPoints))};
  bool isAsymmetric = arithmetic.scaling.hasZeroPoints();
  Values range;
  if (isAsymmetric)
    range = {reduceRange(/*takesMaximum=*/false),
             reduceRange(/*takesMaximum=*/true)};
  else
    range = {reduceMagnitudes()};
  Value scales = makeScales(range), zeros;
  if (isAsymmetric)
    zeros = makeZeros(range.front(), scales);
  Value codes = makeCodes(scales, zeros);
  Values results;
  for (const Component &component : stored.getComponents())
    results.push_back(component.kind == Component::Codes    ? codes
                      : component.kind == Component::Scales ? scales
                                                            : zeros);
  return results;
}

Values qcc::conversion::lower(EncodeStoredOp op, Emitter &emit) {
  return EncodeLowering(op, emit).lower();
}
