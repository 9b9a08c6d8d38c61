#include "dialects/QNN/Transforms/IntegerArithmetic.h"
#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Layout.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace qcc::qnn {

Value castTo(ImplicitLocOpBuilder &b, Value value, Type elementType) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == elementType)
    return value;
  return CastOp::create(b, RankedTensorType::get(type.getShape(), elementType),
                        value);
}

/// A constant zero point as a scalar of the codes' type; null: none.
static Value makeZeroPoint(ImplicitLocOpBuilder &b, FormattedType type) {
  auto number = type.getFormat().getScaling().getConstantZeroPoint();
  if (!number)
    return {};
  Type element =
      type.getComponents()[*type.find(Component::Codes)].type.getElementType();
  APInt code(element.getIntOrFloatBitWidth(), *number,
             /*isSigned=*/true, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get({}, element), code));
}

/// The axes of a value of `type` along which it has more than one scale.
static SmallVector<int64_t> getScaledAxes(FormattedType type) {
  Scaling scaling = type.getFormat().getScaling();
  SmallVector<int64_t> axes;
  for (auto [axis, count] :
       llvm::zip_equal(scaling.getScaleAxes(type.getRank()),
                       scaling.getScaleShape(type.getShape())))
    if (count != 1)
      axes.push_back(axis);
  return axes;
}

/// `parameter`, one for each `block` indices along `axis` of `value`, as one
/// for each index.
static Value repeatAlong(ImplicitLocOpBuilder &b, Value value, int64_t axis,
                         Value parameter, int64_t block) {
  auto type = cast<FormattedType>(value.getType());
  OpFoldResult count = tensor::getMixedSize(b, b.getLoc(), parameter, axis);
  if (block == 1)
    return ReshapeOp::create(b, parameter, count);
  OpFoldResult all = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), b.getAffineSymbolExpr(0) * block, count);
  OpFoldResult extent =
      type.isDynamicDim(axis)
          ? OpFoldResult(DimOp::create(b, value, axis).getResult())
          : OpFoldResult(b.getIndexAttr(type.getDimSize(axis)));
  OpFoldResult one = b.getIndexAttr(1), length = b.getIndexAttr(block);
  Value column = ReshapeOp::create(b, parameter, {count, one});
  Value repeated = ExpandOp::create(b, column, {count, length});
  Value vector = ReshapeOp::create(b, repeated, all);
  if (all == extent)
    return vector;
  return SliceOp::create(b, vector, OpFoldResult(b.getIndexAttr(0)), extent,
                         ArrayRef<int64_t>{1});
}

/// Scales or zero points of `value` as a scalar or, along its only scaled axis,
/// a vector. Those of blocks along several axes stay as they are.
static Value flatten(ImplicitLocOpBuilder &b, Value value, Value parameter) {
  auto type = cast<FormattedType>(value.getType());
  SmallVector<int64_t> axes = getScaledAxes(type);
  int64_t rank = cast<ShapedType>(parameter.getType()).getRank();
  if (rank == 0 || axes.size() > 1)
    return parameter;
  if (axes.empty())
    return ReshapeOp::create(b, parameter, ArrayRef<OpFoldResult>());
  int64_t axis = axes.front();
  Scaling scaling = type.getFormat().getScaling();
  // Of no elements, blocks have none.
  int64_t block = std::max<int64_t>(scaling.getBlock(type.getShape())[axis], 1);
  if (rank == 1 && block == 1)
    return parameter;
  return repeatAlong(b, value, axis, parameter, block);
}

QuantizedOperand openOperand(ImplicitLocOpBuilder &b, Value value) {
  QuantizedOperand parts;
  parts.type = cast<FormattedType>(value.getType());
  SmallVector<Value> components = getComponents(b, b.getLoc(), value);
  parts.codes = parts.type.getComponent(components, Component::Codes);
  if (Value scale = parts.type.getComponent(components, Component::Scales))
    parts.scale = flatten(b, value, castTo(b, scale, b.getF32Type()));
  Value zero = parts.type.getComponent(components, Component::ZeroPoints);
  parts.zeroPoint =
      zero ? flatten(b, value, zero) : makeZeroPoint(b, parts.type);
  if (SmallVector<int64_t> axes = getScaledAxes(parts.type); axes.size() == 1)
    parts.axis = axes.front();
  return parts;
}

Value toInteger(ImplicitLocOpBuilder &b, Value codes,
                const formats::Codec &codec, Type element) {
  auto type = cast<RankedTensorType>(codes.getType());
  if (codec.getIntegerRange()->min >= 0) { // Codes are unsigned.
    Type bits = b.getIntegerType(type.getElementTypeBitWidth(),
                                 /*isSigned=*/false);
    codes = BitcastOp::create(b, RankedTensorType::get(type.getShape(), bits),
                              codes);
  }
  return castTo(b, codes, element);
}

Value toI32(ImplicitLocOpBuilder &b, Value codes, const formats::Codec &codec) {
  return toInteger(b, codes, codec, b.getI32Type());
}

Value broadcastAlong(ImplicitLocOpBuilder &b, Value vector, int64_t axis,
                     int64_t rank) {
  if (!vector || cast<RankedTensorType>(vector.getType()).getRank() == 0 ||
      axis == rank - 1)
    return vector;
  SmallVector<OpFoldResult> sizes(rank - axis, b.getIndexAttr(1));
  sizes[0] = tensor::getMixedSize(b, b.getLoc(), vector, 0);
  return ReshapeOp::create(b, vector, sizes);
}

/// Codes that lie several to a byte: their numbers are what they decode to
/// without a scale.
static Value unpack(ImplicitLocOpBuilder &b, const QuantizedOperand &operand,
                    Type element) {
  FormattedType type = operand.type;
  auto unscaled =
      FormattedType::get(b.getContext(), type.getShape(), b.getF32Type(),
                         type.getFormat().getUnscaled());
  Value wrapped = WrapOp::create(b, unscaled, operand.codes);
  return castTo(b, DecodeOp::create(b, wrapped), element);
}

Value toCentered(ImplicitLocOpBuilder &b, const QuantizedOperand &operand,
                 Type element) {
  FormatAttr format = operand.type.getFormat();
  const formats::Codec &codec = format.getCodec();
  Value codes = codec.getBits() < 8
                    ? unpack(b, operand, element)
                    : toInteger(b, operand.codes, codec, element);
  if (!operand.zeroPoint)
    return codes;
  Value zeroPoint = toInteger(b, operand.zeroPoint, codec, element);
  if (operand.axis >= 0)
    zeroPoint =
        broadcastAlong(b, zeroPoint, operand.axis, operand.type.getRank());
  return BinaryOp::create(b, BinaryKind::sub, codes, zeroPoint);
}

Value multiplyZeroPoint(ImplicitLocOpBuilder &b, const QuantizedOperand &input,
                        Value weights, const QuantizedOperand &weightParts,
                        Type accumulator) {
  Value wide = toI32(b, weights, weightParts.type.getFormat().getCodec());
  if (weightParts.zeroPoint)
    wide = BinaryOp::create(b, BinaryKind::sub, wide,
                            toI32(b, weightParts.zeroPoint,
                                  weightParts.type.getFormat().getCodec()));
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(
      1, cast<RankedTensorType>(weights.getType()).getRank()));
  Value sums = ReduceOp::create(b, ReduceKind::sum, wide, axes,
                                /*keep_dims=*/false);
  Value zeroPoint = toInteger(b, input.zeroPoint,
                              input.type.getFormat().getCodec(), accumulator);
  return BinaryOp::create(b, BinaryKind::mul, castTo(b, sums, accumulator),
                          zeroPoint);
}

Value finishSum(const RealOps &ops, Value sum, Value inputScale,
                Value weightsScale, Value bias) {
  Value scale = inputScale && weightsScale ? ops.mul(inputScale, weightsScale)
                : inputScale               ? inputScale
                                           : weightsScale;
  if (scale)
    sum = ops.mul(sum, scale);
  return bias ? ops.add(sum, bias) : sum;
}

/// The axis of the result that is the one of the left operand's rows, or the
/// right operand's columns (a convolution's output channels).
static int64_t getResultAxis(Operation *op, bool isLeft) {
  int64_t rank = cast<ShapedType>(op->getResult(0).getType()).getRank();
  if (auto conv = dyn_cast<ConvOp>(op))
    return isLeft ? 0 : conv.getChannelsLast() ? rank - 1 : 1;
  return rank - (isLeft ? 2 : 1);
}

Value scaleSums(ImplicitLocOpBuilder &b, Operation *op, Value sums,
                const QuantizedOperand &left, const QuantizedOperand &right,
                Value bias) {
  int64_t rank = cast<ShapedType>(sums.getType()).getRank();
  auto alongResult = [&](Value vector, bool isLeft) {
    return broadcastAlong(b, vector, getResultAxis(op, isLeft), rank);
  };
  auto mul = [&](Value x, Value y) -> Value {
    return BinaryOp::create(b, BinaryKind::mul, x, y);
  };
  auto add = [&](Value x, Value y) -> Value {
    return BinaryOp::create(b, BinaryKind::add, x, y);
  };
  return finishSum({mul, add}, sums, alongResult(left.scale, /*isLeft=*/true),
                   alongResult(right.scale, /*isLeft=*/false),
                   alongResult(bias, /*isLeft=*/false));
}

} // namespace qcc::qnn
