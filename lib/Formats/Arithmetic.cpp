#include "lib/Formats/Arithmetic.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace qcc::formats {

unsigned getNumOperands(Opcode opcode) {
  switch (opcode) {
  case Opcode::Input:
  case Opcode::Constant:
    return 0;
  case Opcode::LeadingZeros:
  case Opcode::IsNaN:
  case Opcode::LookUp:
  case Opcode::RoundEven:
  case Opcode::Convert:
  case Opcode::FromInt:
  case Opcode::FromUnsigned:
  case Opcode::ToInt:
  case Opcode::ToUnsigned:
  case Opcode::BitsOf:
  case Opcode::FromBits:
    return 1;
  case Opcode::Add:
  case Opcode::Sub:
  case Opcode::Mul:
  case Opcode::And:
  case Opcode::Or:
  case Opcode::ShiftLeft:
  case Opcode::ShiftRight:
  case Opcode::ShiftRightSigned:
  case Opcode::Equal:
  case Opcode::Less:
  case Opcode::LessEqual:
    return 2;
  case Opcode::Select:
    return 3;
  }
  llvm_unreachable("all operations have operands");
}

NumberType Expr::getType() const { return graph->getNodes()[node].type; }

/// Whether two nodes compute the same: constants by their bits, since 0 and -0
/// are not.
static bool isSame(const Node &a, const Node &b) {
  return a.opcode == b.opcode && a.type == b.type && a.operands == b.operands &&
         a.integer == b.integer &&
         std::memcmp(&a.real, &b.real, sizeof(double)) == 0 &&
         a.table == b.table;
}

Expr Graph::add(Node node) {
  // From the end: what is asked for twice was made of late.
  for (size_t i = nodes.size(); i-- > 0;)
    if (isSame(nodes[i], node))
      return Expr(this, static_cast<uint32_t>(i));
  nodes.push_back(std::move(node));
  return Expr(this, static_cast<uint32_t>(nodes.size() - 1));
}

Expr Graph::apply(Opcode opcode, NumberType type,
                  std::initializer_list<Expr> operands) {
  assert(operands.size() == getNumOperands(opcode));
  Node node{opcode, type};
  std::transform(operands.begin(), operands.end(), node.operands.begin(),
                 [](Expr operand) { return operand.getNode(); });
  return add(std::move(node));
}

Expr Graph::addInput(NumberType type) {
  Node node{Opcode::Input, type};
  node.integer = numInputs++;
  return add(std::move(node));
}

Expr Graph::integer(int64_t value) {
  Node node{Opcode::Constant, NumberType::Int};
  node.integer = value;
  return add(std::move(node));
}

Expr Graph::real(NumberType type, double value) {
  Node node{Opcode::Constant, type};
  node.real = value;
  return add(std::move(node));
}

Expr Graph::select(Expr condition, Expr ifTrue, Expr ifFalse) {
  assert(ifTrue.getType() == ifFalse.getType());
  return apply(Opcode::Select, ifTrue.getType(), {condition, ifTrue, ifFalse});
}

Expr Graph::lookUp(std::vector<float> table, Expr index) {
  Node node{Opcode::LookUp, NumberType::F32};
  node.operands[0] = index.getNode();
  node.table = std::move(table);
  return add(std::move(node));
}

Expr Graph::leadingZeros(Expr x) {
  return apply(Opcode::LeadingZeros, NumberType::Int, {x});
}
Expr Graph::isNaN(Expr x) {
  return apply(Opcode::IsNaN, NumberType::Bool, {x});
}
Expr Graph::roundEven(Expr x) {
  return apply(Opcode::RoundEven, x.getType(), {x});
}
Expr Graph::convert(Expr x, NumberType type) {
  return x.getType() == type ? x : apply(Opcode::Convert, type, {x});
}
Expr Graph::fromInt(Expr x, NumberType type) {
  return apply(Opcode::FromInt, type, {x});
}
Expr Graph::fromUnsigned(Expr x, NumberType type) {
  return apply(Opcode::FromUnsigned, type, {x});
}
Expr Graph::toInt(Expr x) { return apply(Opcode::ToInt, NumberType::Int, {x}); }
Expr Graph::toUnsigned(Expr x) {
  return apply(Opcode::ToUnsigned, NumberType::Int, {x});
}
Expr Graph::bitsOf(Expr x) {
  return apply(Opcode::BitsOf, NumberType::Int, {x});
}
Expr Graph::fromBits(Expr x) {
  return apply(Opcode::FromBits, NumberType::F32, {x});
}
Expr Graph::shiftRightSigned(Expr x, Expr by) {
  return apply(Opcode::ShiftRightSigned, NumberType::Int, {x, by});
}

unsigned Graph::countOperations() const {
  std::vector<bool> isUsed(nodes.size());
  isUsed[result] = true;
  unsigned count = 0;
  for (size_t i = nodes.size(); i-- > 0;) {
    if (!isUsed[i])
      continue;
    unsigned operands = getNumOperands(nodes[i].opcode);
    count += operands > 0;
    for (unsigned operand = 0; operand < operands; ++operand)
      isUsed[nodes[i].operands[operand]] = true;
  }
  return count;
}

static Expr apply(Opcode opcode, Expr a, Expr b) {
  assert(a.getType() == b.getType());
  return a.getGraph().apply(opcode, a.getType(), {a, b});
}

static Expr shift(Opcode opcode, Expr a, Expr b) {
  return a.getGraph().apply(opcode, NumberType::Int, {a, b});
}

static Expr compare(Opcode opcode, Expr a, Expr b) {
  assert(a.getType() == b.getType());
  return a.getGraph().apply(opcode, NumberType::Bool, {a, b});
}

static Expr makeLike(Expr like, double value) {
  Graph &graph = like.getGraph();
  return like.getType() == NumberType::Int
             ? graph.integer(static_cast<int64_t>(value))
             : graph.real(like.getType(), value);
}

Expr operator+(Expr a, Expr b) { return apply(Opcode::Add, a, b); }
Expr operator-(Expr a, Expr b) { return apply(Opcode::Sub, a, b); }
Expr operator*(Expr a, Expr b) { return apply(Opcode::Mul, a, b); }
Expr operator&(Expr a, Expr b) { return apply(Opcode::And, a, b); }
Expr operator|(Expr a, Expr b) { return apply(Opcode::Or, a, b); }
Expr operator<<(Expr a, Expr b) { return shift(Opcode::ShiftLeft, a, b); }
Expr operator>>(Expr a, Expr b) { return shift(Opcode::ShiftRight, a, b); }
Expr operator==(Expr a, Expr b) { return compare(Opcode::Equal, a, b); }
Expr operator<(Expr a, Expr b) { return compare(Opcode::Less, a, b); }
Expr operator<=(Expr a, Expr b) { return compare(Opcode::LessEqual, a, b); }
Expr operator+(Expr a, double b) { return a + makeLike(a, b); }
Expr operator-(Expr a, double b) { return a - makeLike(a, b); }
Expr operator*(Expr a, double b) { return a * makeLike(a, b); }
Expr operator&(Expr a, int64_t b) { return a & a.getGraph().integer(b); }
Expr operator|(Expr a, int64_t b) { return a | a.getGraph().integer(b); }
Expr operator<<(Expr a, int64_t b) { return a << a.getGraph().integer(b); }
Expr operator>>(Expr a, int64_t b) { return a >> a.getGraph().integer(b); }
Expr operator==(Expr a, double b) { return a == makeLike(a, b); }
Expr operator<(Expr a, double b) { return a < makeLike(a, b); }
Expr operator<(double a, Expr b) { return makeLike(b, a) < b; }
Expr operator<=(Expr a, double b) { return a <= makeLike(a, b); }
Expr operator<=(double a, Expr b) { return makeLike(b, a) <= b; }

} // namespace qcc::formats
