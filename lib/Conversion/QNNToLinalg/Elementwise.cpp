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

Values qcc::conversion::lower(BinaryOp op, Emitter &emit) {
  Type type = getElement(op.getLhs()), other = getElement(op.getRhs());
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
