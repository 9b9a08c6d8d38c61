#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace qcc::qnn;

/// The broadcast of all operands, with the given element type.
static LogicalResult inferBroadcast(MaybeLocation loc, ValueRange operands,
                                    Type elementType,
                                    SmallVectorImpl<Type> &types) {
  Shape shape;
  for (Value operand : operands) {
    FailureOr<Shape> merged = broadcast(shape, getShaped(operand).getShape());
    if (failed(merged))
      return emitOptionalError(
          loc, "shapes cannot be broadcast: ", operands.front().getType(),
          " and ", operand.getType());
    shape = *merged;
  }
  types.push_back(RankedTensorType::get(shape, elementType));
  return success();
}

static bool isBool(Type type) { return type.isInteger(1); }

//===----------------------------------------------------------------------===//
// Of one operand
//===----------------------------------------------------------------------===//

LogicalResult UnaryOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  types.push_back(getPlainType(adaptor.getInput().getType())); // C1
  return success();
}

LogicalResult UnaryOp::verify() {
  Type element = getInput().getType().getElementType();
  bool isInteger = isa<IntegerType>(element);
  bool isFit;
  switch (getKind()) {
  case UnaryKind::abs:
  case UnaryKind::neg:
  case UnaryKind::sign:
  case UnaryKind::relu:
    isFit = !isBool(element);
    break;
  case UnaryKind::bitwise_not:
    isFit = isInteger;
    break;
  default:
    isFit = !isInteger;
  }
  if (!isFit) // C2
    return emitOpError() << stringifyUnaryKind(getKind())
                         << " is no function of " << element;
  return success();
}

/// What is applied twice and undoes itself, or changes nothing the second time.
OpFoldResult UnaryOp::fold(FoldAdaptor) {
  auto inner = getInput().getDefiningOp<UnaryOp>();
  if (!inner || inner.getKind() != getKind())
    return {};
  switch (getKind()) {
  case UnaryKind::neg:
  case UnaryKind::bitwise_not:
    return inner.getInput();
  case UnaryKind::abs:
  case UnaryKind::relu:
  case UnaryKind::ceil:
  case UnaryKind::floor:
  case UnaryKind::round:
    return inner.getResult();
  default:
    return {};
  }
}

LogicalResult UnaryOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}

LogicalResult TestOp::inferReturnTypes(MLIRContext *context, MaybeLocation,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get( // C1
      getShaped(adaptor.getInput()).getShape(), IntegerType::get(context, 1)));
  return success();
}

LogicalResult TestOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}

LogicalResult CastOp::verify() {
  if (getInput().getType().getShape() != getType().getShape()) // C1
    return emitOpError("changes the shape of ")
           << getInput().getType() << " to that of " << getType();
  return success();
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return {};
}

LogicalResult CastOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}

LogicalResult BitcastOp::verify() {
  RankedTensorType from = getInput().getType(), to = getType();
  if (from.getShape() != to.getShape()) // C1
    return emitOpError("changes the shape of ") << from << " to that of " << to;
  if (from.getElementTypeBitWidth() != to.getElementTypeBitWidth()) // C2
    return emitOpError("reads the bits of ")
           << from.getElementType() << " as " << to.getElementType()
           << ", which has another width";
  return success();
}

OpFoldResult BitcastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<BitcastOp>();
  if (inner && inner.getInput().getType() == getType())
    return inner.getInput();
  // One element, however large the tensor: no matter of budgets.
  auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getInput());
  auto isBytes = [](Type type) {
    auto integer =
        dyn_cast<IntegerType>(cast<ShapedType>(type).getElementType());
    return integer && integer.getWidth() % 8 == 0;
  };
  if (splat && isBytes(getInput().getType()) && isBytes(getType()))
    return DenseElementsAttr::getFromRawBuffer(cast<ShapedType>(getType()),
                                               splat.getRawData());
  return {};
}

LogicalResult BitcastOp::reifyResultShapes(OpBuilder &builder,
                                           ReifiedShapes &shapes) {
  return reifyAs(getInput(), builder, shapes);
}

//===----------------------------------------------------------------------===//
// Of several operands
//===----------------------------------------------------------------------===//

LogicalResult BinaryOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferBroadcast(loc, adaptor.getOperands(), // C2
                        getShaped(adaptor.getLhs()).getElementType(), types);
}

LogicalResult BinaryOp::verify() {
  Type lhs = getLhs().getType().getElementType();
  Type rhs = getRhs().getType().getElementType();
  if (lhs != rhs && getKind() != BinaryKind::pow) // C1
    return emitOpError("has operands of different element types, ")
           << lhs << " and " << rhs;
  bool isFit;
  switch (getKind()) {
  case BinaryKind::and_:
  case BinaryKind::or_:
  case BinaryKind::xor_:
    isFit = isa<IntegerType>(lhs);
    break;
  case BinaryKind::shl:
  case BinaryKind::shr:
    isFit = lhs.isUnsignedInteger();
    break;
  default:
    isFit = !isBool(lhs);
  }
  if (!isFit) // C3
    return emitOpError() << stringifyBinaryKind(getKind())
                         << " is no function of " << lhs;
  return success();
}

/// Whether every element of a constant is `number`.
static bool isSplat(Value value, double number) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
    return false;
  if (isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().isExactlyValue(number) &&
           !elements.getSplatValue<APFloat>().isNegZero();
  if (isa<IntegerType>(elements.getElementType()))
    return elements.getSplatValue<APInt>() == static_cast<uint64_t>(number);
  return false;
}

/// x * 1, x / 1, x ** 1, and of integers x + 0 and x - 0 (a float's x + 0 is
/// not x when x is -0).
OpFoldResult BinaryOp::fold(FoldAdaptor) {
  auto getNeutral = [&]() -> std::optional<double> {
    bool isInteger = isa<IntegerType>(getType().getElementType());
    switch (getKind()) {
    case BinaryKind::mul:
    case BinaryKind::div:
    case BinaryKind::pow:
      return 1;
    case BinaryKind::add:
      return isInteger ? std::optional<double>(0) : std::nullopt;
    case BinaryKind::sub: // x - 0 is x even for -0
      return 0;
    default:
      return std::nullopt;
    }
  };
  std::optional<double> neutral = getNeutral();
  if (!neutral)
    return {};
  if (getLhs().getType() == getType() && isSplat(getRhs(), *neutral))
    return getLhs();
  bool commutes = getKind() == BinaryKind::mul || getKind() == BinaryKind::add;
  if (commutes && getRhs().getType() == getType() &&
      isSplat(getLhs(), *neutral))
    return getRhs();
  return {};
}

LogicalResult BinaryOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  return reifyBroadcast(getOperands(), builder, getLoc(), shapes);
}

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context,
                                          MaybeLocation loc, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferBroadcast(loc, adaptor.getOperands(), // C2
                        IntegerType::get(context, 1), types);
}

LogicalResult CompareOp::verify() {
  Type lhs = getLhs().getType().getElementType();
  Type rhs = getRhs().getType().getElementType();
  if (lhs != rhs) // C1
    return emitOpError("has operands of different element types, ")
           << lhs << " and " << rhs;
  return success();
}

LogicalResult CompareOp::reifyResultShapes(OpBuilder &builder,
                                           ReifiedShapes &shapes) {
  return reifyBroadcast(getOperands(), builder, getLoc(), shapes);
}

LogicalResult SelectOp::inferReturnTypes(MLIRContext *, MaybeLocation loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferBroadcast(loc, adaptor.getOperands(), // C2
                        getShaped(adaptor.getTrueValue()).getElementType(),
                        types);
}

LogicalResult SelectOp::verify() {
  Type whenTrue = getTrueValue().getType().getElementType();
  Type whenFalse = getFalseValue().getType().getElementType();
  if (whenTrue != whenFalse) // C1
    return emitOpError("selects between different element types, ")
           << whenTrue << " and " << whenFalse;
  return success();
}

LogicalResult SelectOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  return reifyBroadcast(getOperands(), builder, getLoc(), shapes);
}
