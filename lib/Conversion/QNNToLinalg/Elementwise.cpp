// Functions of each element.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static Type getElement(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

/// The op's result, element by element, from its operands broadcast.
static Values lowerElementwise(Operation *op, Emitter &emit,
                               Emitter::Body body) {
  Values inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(emit.storage(operand));
  return {emit.broadcast(emit.resultExtents(op), getElement(op->getResult(0)),
                         inputs, body)};
}

Values qcc::conversion::lower(UnaryOp op, Emitter &emit) {
  Type type = getElement(op.getInput());
  return lowerElementwise(op, emit, [&](Emitter &emit, ValueRange arguments) {
    Value x = load(emit, arguments[0], type);
    return store(emit, emitUnary(emit, op.getKind(), x, type), type);
  });
}

Values qcc::conversion::lower(TestOp op, Emitter &emit) {
  Type type = getElement(op.getInput());
  return lowerElementwise(op, emit, [&](Emitter &emit, ValueRange arguments) {
    return emitTest(emit, op.getKind(), load(emit, arguments[0], type));
  });
}

/// Whether the operand is the float `number` everywhere.
static bool isSplat(Value operand, double number) {
  DenseFPElementsAttr elements;
  if (!matchPattern(operand, m_Constant(&elements)) || !elements.isSplat())
    return false;
  return elements.getSplatValue<APFloat>().convertToDouble() == number;
}

/// Whether the operand is a constant of integers, none of which is 0.
static bool isNeverZero(Value operand) {
  ElementsAttr elements;
  if (!matchPattern(operand, m_Constant(&elements)))
    return false;
  auto values = elements.tryGetValues<APInt>();
  return values &&
         llvm::none_of(*values, [](const APInt &i) { return i.isZero(); });
}

/// An error of the run where an integer divides by 0.
static void checkDivisor(Emitter &emit, Value divisor) {
  Value stored = emit.storage(divisor);
  auto type = cast<RankedTensorType>(stored.getType());
  int64_t rank = type.getRank();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::reduction);
  Value init = emit.filled({}, emit.integer(emit.getI1Type(), 1));
  Value result =
      emit.reduce(init, AffineMap::get(rank, 0, {}, emit.getContext()), stored,
                  emit.getMultiDimIdentityMap(rank), iterators,
                  [&](Emitter &emit, ValueRange arguments) -> Value {
                    Value isNumber = arith::CmpIOp::create(
                        emit, arith::CmpIPredicate::ne, arguments[0],
                        emit.integer(arguments[0].getType(), 0));
                    return arith::AndIOp::create(emit, isNumber, arguments[1]);
                  });
  emit.check(emit.extract(result, ValueRange()),
             "an integer is divided by zero");
}

static bool isDivision(BinaryKind kind) {
  return kind == BinaryKind::div || kind == BinaryKind::mod ||
         kind == BinaryKind::fmod;
}

Values qcc::conversion::lower(BinaryOp op, Emitter &emit) {
  Type type = getElement(op.getLhs()), other = getElement(op.getRhs());
  if (isDivision(op.getKind()) && isa<IntegerType>(type) &&
      !isNeverZero(op.getRhs()))
    checkDivisor(emit, op.getRhs());
  bool isPower = op.getKind() == BinaryKind::pow;
  bool isSquare = isPower && isa<FloatType>(type) && isSplat(op.getRhs(), 2.0);
  return lowerElementwise(op, emit, [&](Emitter &emit, ValueRange arguments) {
    Value x = load(emit, arguments[0], type);
    Value y = load(emit, arguments[1], other);
    Value result;
    if (isSquare)
      result = arith::MulFOp::create(emit, x, x);
    else if (isPower)
      result = emitPower(emit, x, type, y, other);
    else
      result = emitBinary(emit, op.getKind(), x, y, type);
    return store(emit, result, type);
  });
}

Values qcc::conversion::lower(CompareOp op, Emitter &emit) {
  Type type = getElement(op.getLhs());
  return lowerElementwise(op, emit, [&](Emitter &emit, ValueRange arguments) {
    Value x = load(emit, arguments[0], type);
    Value y = load(emit, arguments[1], type);
    return emitCompare(emit, op.getKind(), x, y, type);
  });
}

Values qcc::conversion::lower(SelectOp op, Emitter &emit) {
  return lowerElementwise(op, emit,
                          [&](Emitter &emit, ValueRange arguments) -> Value {
                            return arith::SelectOp::create(
                                emit, arguments[0], arguments[1], arguments[2]);
                          });
}

Values qcc::conversion::lower(CastOp op, Emitter &emit) {
  Type from = getElement(op.getInput()), to = getElement(op.getResult());
  StringRef roundMode = op.getRoundMode().value_or("up");
  return lowerElementwise(op, emit, [&](Emitter &emit, ValueRange arguments) {
    return emitCast(emit, arguments[0], from, to, op.getSaturate(), roundMode);
  });
}

Values qcc::conversion::lower(BitcastOp op, Emitter &emit) {
  Value input = emit.storage(op.getInput());
  Type to = getStorageElement(getElement(op.getResult()));
  if (getElement(input) == to)
    return {input};
  return lowerElementwise(
      op, emit, [&](Emitter &emit, ValueRange arguments) -> Value {
        return arith::BitcastOp::create(emit, to, arguments[0]);
      });
}
