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
  Value emitFloat(const formats::Node &node, ArrayRef<Value> operands);
  Value emitInteger(const formats::Node &node, ArrayRef<Value> operands);
  Value emitConstant(const formats::Node &node);
  Value emitComparison(Opcode opcode, Value a, Value b);

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

Value GraphEmitter::emitComparison(Opcode opcode, Value x, Value y) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(x.getType()));
  switch (opcode) {
  case Opcode::Equal:
    return isFloat ? arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, y)
                         .getResult()
                   : arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, y)
                         .getResult();
  case Opcode::Less:
    return isFloat ? arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, y)
                         .getResult()
                   : arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, y)
                         .getResult();
  default:
    return isFloat ? arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, x, y)
                         .getResult()
                   : arith::CmpIOp::create(b, arith::CmpIPredicate::sle, x, y)
                         .getResult();
  }
}

Value GraphEmitter::emitFloat(const formats::Node &node,
                              ArrayRef<Value> operands) {
  Type type = getType(node.type);
  switch (node.opcode) {
  case Opcode::Add:
    return arith::AddFOp::create(b, operands[0], operands[1]);
  case Opcode::Sub:
    return arith::SubFOp::create(b, operands[0], operands[1]);
  case Opcode::Mul:
    return arith::MulFOp::create(b, operands[0], operands[1]);
  case Opcode::RoundEven:
    return math::RoundEvenOp::create(b, operands[0]);
  case Opcode::Convert:
    return node.type == NumberType::F64
               ? arith::ExtFOp::create(b, type, operands[0]).getResult()
               : arith::TruncFOp::create(b, type, operands[0]).getResult();
  case Opcode::FromInt:
    return arith::SIToFPOp::create(b, type, operands[0]);
  case Opcode::FromUnsigned:
    return arith::UIToFPOp::create(b, type, operands[0]);
  case Opcode::FromBits:
    return arith::BitcastOp::create(b, type, operands[0]);
  case Opcode::LookUp:
    return lookUp(node.table, operands[0]);
  default:
    llvm_unreachable("no operation that gives a float");
  }
}

Value GraphEmitter::emitInteger(const formats::Node &node,
                                ArrayRef<Value> operands) {
  Type type = getType(node.type);
  switch (node.opcode) {
  case Opcode::Add:
    return arith::AddIOp::create(b, operands[0], operands[1]);
  case Opcode::Sub:
    return arith::SubIOp::create(b, operands[0], operands[1]);
  case Opcode::And:
    return arith::AndIOp::create(b, operands[0], operands[1]);
  case Opcode::Or:
    return arith::OrIOp::create(b, operands[0], operands[1]);
  case Opcode::ShiftLeft:
    return arith::ShLIOp::create(b, operands[0], operands[1]);
  case Opcode::ShiftRight:
    return arith::ShRUIOp::create(b, operands[0], operands[1]);
  case Opcode::ShiftRightSigned:
    return arith::ShRSIOp::create(b, operands[0], operands[1]);
  case Opcode::LeadingZeros:
    return math::CountLeadingZerosOp::create(b, operands[0]);
  case Opcode::Equal:
  case Opcode::Less:
  case Opcode::LessEqual:
    return emitComparison(node.opcode, operands[0], operands[1]);
  case Opcode::IsNaN:
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, operands[0],
                                 operands[0]);
  case Opcode::ToInt:
    return arith::FPToSIOp::create(b, type, operands[0]);
  case Opcode::ToUnsigned:
    return arith::FPToUIOp::create(b, type, operands[0]);
  case Opcode::BitsOf:
    return arith::BitcastOp::create(b, type, operands[0]);
  default:
    llvm_unreachable("no operation that gives an integer");
  }
}

Value GraphEmitter::emitNode(const formats::Node &node,
                             ArrayRef<Value> operands) {
  switch (node.opcode) {
  case Opcode::Input:
    return inputs[node.integer];
  case Opcode::Constant:
    return emitConstant(node);
  case Opcode::Select:
    return arith::SelectOp::create(b, operands[0], operands[1], operands[2]);
  default:
    break;
  }
  bool isFloat = node.type == NumberType::F32 || node.type == NumberType::F64;
  return isFloat ? emitFloat(node, operands) : emitInteger(node, operands);
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
  formats::Expr result = codec.describeDecode(input, zero, type);
  return GraphEmitter(b, graph, code.getType(), inputs, lookUp)
      .emit(result.getNode());
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
  formats::Expr result = codec.describeEncode(input, zero);
  return GraphEmitter(b, graph, number.getType(), inputs, lookUp)
      .emit(result.getNode());
}
