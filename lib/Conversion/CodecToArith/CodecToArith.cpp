#include "lib/Conversion/CodecToArith/CodecToArith.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc;
using formats::NumberType;
using formats::Opcode;

namespace {

/// Emits the nodes that a graph's result depends on.
class GraphEmitter {
public:
  /// `like`: a scalar or vector type whose shape all values have.
  GraphEmitter(ImplicitLocOpBuilder &b, const formats::Graph &graph, Type like,
               ValueRange inputs, conversion::LookUp lookUp)
      : b(b), graph(graph), like(like), inputs(inputs), lookUp(lookUp),
        values(graph.getNodes().size()) {}

  Value emit(uint32_t node);

private:
  Type getType(NumberType type) const;
  Value emitNode(const formats::Node &node, ArrayRef<Value> operands);
  Value emitConstant(const formats::Node &node);
  Value emitComparison(arith::CmpFPredicate ofFloats,
                       arith::CmpIPredicate ofIntegers, Value x, Value y);
  template <typename FloatOp, typename IntegerOp>
  Value emitEither(ArrayRef<Value> operands);
  static bool isFloat(Value value) {
    return isa<FloatType>(getElementTypeOrSelf(value.getType()));
  }

  ImplicitLocOpBuilder &b;
  const formats::Graph &graph;
  Type like;
  ValueRange inputs;
  conversion::LookUp lookUp;
  std::vector<Value> values;
};

} // namespace

Value GraphEmitter::emit(uint32_t index) {
  if (values[index])
    return values[index];
  const formats::Node &node = graph.getNodes()[index];
  SmallVector<Value, 3> operands;
  for (unsigned i = 0; i < formats::getNumOperands(node.opcode); ++i)
    operands.push_back(emit(node.operands[i]));
  return values[index] = emitNode(node, operands);
}

Type GraphEmitter::getType(NumberType type) const {
  Type element;
  switch (type) {
  case NumberType::Bool:
    element = b.getI1Type();
    break;
  case NumberType::Int:
    element = b.getI32Type();
    break;
  case NumberType::F32:
    element = b.getF32Type();
    break;
  case NumberType::F64:
    element = b.getF64Type();
    break;
  }
  auto vector = dyn_cast<VectorType>(like);
  return vector ? vector.clone(element) : element;
}

Value GraphEmitter::emitConstant(const formats::Node &node) {
  Type type = getType(node.type);
  Type element = getElementTypeOrSelf(type);
  TypedAttr value = node.type == NumberType::Int
                        ? TypedAttr(b.getIntegerAttr(
                              element, static_cast<int32_t>(node.integer)))
                        : TypedAttr(b.getFloatAttr(element, node.real));
  if (auto vector = dyn_cast<VectorType>(type))
    value = DenseElementsAttr::get(vector, Attribute(value));
  return arith::ConstantOp::create(b, value);
}

Value GraphEmitter::emitComparison(arith::CmpFPredicate ofFloats,
                                   arith::CmpIPredicate ofIntegers, Value x,
                                   Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, ofFloats, x, y);
  return arith::CmpIOp::create(b, ofIntegers, x, y);
}

template <typename FloatOp, typename IntegerOp>
Value GraphEmitter::emitEither(ArrayRef<Value> operands) {
  if (isFloat(operands[0]))
    return FloatOp::create(b, operands[0], operands[1]);
  return IntegerOp::create(b, operands[0], operands[1]);
}

Value GraphEmitter::emitNode(const formats::Node &node, ArrayRef<Value> x) {
  Type type = getType(node.type);
  switch (node.opcode) {
  case Opcode::Input:
    return inputs[node.integer];
  case Opcode::Constant:
    return emitConstant(node);
  case Opcode::Add:
    return emitEither<arith::AddFOp, arith::AddIOp>(x);
  case Opcode::Sub:
    return emitEither<arith::SubFOp, arith::SubIOp>(x);
  case Opcode::Mul:
    return arith::MulFOp::create(b, x[0], x[1]);
  case Opcode::And:
    return arith::AndIOp::create(b, x[0], x[1]);
  case Opcode::Or:
    return arith::OrIOp::create(b, x[0], x[1]);
  case Opcode::ShiftLeft:
    return arith::ShLIOp::create(b, x[0], x[1]);
  case Opcode::ShiftRight:
    return arith::ShRUIOp::create(b, x[0], x[1]);
  case Opcode::ShiftRightSigned:
    return arith::ShRSIOp::create(b, x[0], x[1]);
  case Opcode::LeadingZeros:
    return math::CountLeadingZerosOp::create(b, x[0]);
  case Opcode::Equal:
    return emitComparison(arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                          x[0], x[1]);
  case Opcode::Less:
    return emitComparison(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                          x[0], x[1]);
  case Opcode::LessEqual:
    return emitComparison(arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle,
                          x[0], x[1]);
  case Opcode::IsNaN:
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x[0], x[0]);
  case Opcode::Select:
    return arith::SelectOp::create(b, x[0], x[1], x[2]);
  case Opcode::LookUp:
    return lookUp(node.table, x[0]);
  case Opcode::RoundEven:
    return math::RoundEvenOp::create(b, x[0]);
  case Opcode::Convert:
    if (node.type == NumberType::F64)
      return arith::ExtFOp::create(b, type, x[0]);
    return arith::TruncFOp::create(b, type, x[0]);
  case Opcode::FromInt:
    return arith::SIToFPOp::create(b, type, x[0]);
  case Opcode::FromUnsigned:
    return arith::UIToFPOp::create(b, type, x[0]);
  case Opcode::ToInt:
    return arith::FPToSIOp::create(b, type, x[0]);
  case Opcode::ToUnsigned:
    return arith::FPToUIOp::create(b, type, x[0]);
  case Opcode::BitsOf:
  case Opcode::FromBits:
    return arith::BitcastOp::create(b, type, x[0]);
  }
  llvm_unreachable("all opcodes are emitted");
}

static NumberType getNumberType(Type type) {
  return getElementTypeOrSelf(type).isF64() ? NumberType::F64 : NumberType::F32;
}

Value conversion::emitDecode(ImplicitLocOpBuilder &b,
                             const formats::Codec &codec, Value code,
                             Value zeroPoint, Type number, LookUp lookUp) {
  formats::Graph graph;
  NumberType type = getNumberType(number);
  formats::Expr input = graph.addInput(NumberType::Int), zero;
  SmallVector<Value, 2> inputs = {code};
  if (zeroPoint) {
    zero = graph.addInput(type);
    inputs.push_back(zeroPoint);
  }
  graph.setResult(codec.describeDecode(input, zero, type));
  return GraphEmitter(b, graph, code.getType(), inputs, lookUp)
      .emit(graph.getResult());
}

Value conversion::emitEncode(ImplicitLocOpBuilder &b,
                             const formats::Codec &codec, Value number,
                             Value zeroPoint, LookUp lookUp) {
  formats::Graph graph;
  formats::Expr input = graph.addInput(getNumberType(number.getType())), zero;
  SmallVector<Value, 2> inputs = {number};
  if (zeroPoint) {
    zero = graph.addInput(getNumberType(zeroPoint.getType()));
    inputs.push_back(zeroPoint);
  }
  graph.setResult(codec.describeEncode(input, zero));
  return GraphEmitter(b, graph, number.getType(), inputs, lookUp)
      .emit(graph.getResult());
}
