// Computes what a graph of lib/Formats/Arithmetic.h says, one node at a time.

#ifndef TEST_LIB_FORMATS_EVALUATE_H
#define TEST_LIB_FORMATS_EVALUATE_H

#include "lib/Formats/Arithmetic.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"
#include "gtest/gtest.h"

#include <cmath>

namespace qcc::formats {

/// A number of one of the types: floats in `real`, others in `integer`.
struct Number {
  int32_t integer = 0;
  double real = 0;
};

class Evaluator {
public:
  explicit Evaluator(const Graph &graph) : graph(graph) {}

  /// A failure of the test where an operation is not defined.
  Number evaluate(const std::vector<Number> &inputs) {
    std::vector<Number> values;
    for (const Node &node : graph.getNodes()) {
      std::vector<Number> operands;
      std::vector<NumberType> types;
      for (unsigned i = 0; i < getNumOperands(node.opcode); ++i) {
        operands.push_back(values[node.operands[i]]);
        types.push_back(graph.getNodes()[node.operands[i]].type);
      }
      values.push_back(apply(node, operands, types, inputs));
    }
    return values[graph.getResult()];
  }

private:
  static bool isFloat(NumberType type) {
    return type == NumberType::F32 || type == NumberType::F64;
  }
  static Number makeReal(NumberType type, double value) {
    return {0, type == NumberType::F32 ? double(float(value)) : value};
  }
  static Number makeInt(int64_t value) {
    return {static_cast<int32_t>(static_cast<uint32_t>(value)), 0};
  }
  static uint32_t shiftBy(Number by) {
    if (by.integer < 0 || by.integer > 31)
      ADD_FAILURE() << "a shift by " << by.integer;
    return 31 & static_cast<uint32_t>(by.integer);
  }

  Number apply(const Node &node, const std::vector<Number> &x,
               const std::vector<NumberType> &types,
               const std::vector<Number> &inputs) {
    bool isReal = !types.empty() && isFloat(types[0]);
    switch (node.opcode) {
    case Opcode::Input:
      return inputs[node.integer];
    case Opcode::Constant:
      return isFloat(node.type) ? makeReal(node.type, node.real)
                                : makeInt(node.integer);
    case Opcode::Add:
      return isReal ? makeReal(node.type, x[0].real + x[1].real)
                    : makeInt(int64_t(x[0].integer) + x[1].integer);
    case Opcode::Sub:
      return isReal ? makeReal(node.type, x[0].real - x[1].real)
                    : makeInt(int64_t(x[0].integer) - x[1].integer);
    case Opcode::Mul:
      return makeReal(node.type, x[0].real * x[1].real);
    case Opcode::And:
      return {x[0].integer & x[1].integer, 0};
    case Opcode::Or:
      return {x[0].integer | x[1].integer, 0};
    case Opcode::ShiftLeft:
      return makeInt(int64_t(uint32_t(x[0].integer)) << shiftBy(x[1]));
    case Opcode::ShiftRight:
      return makeInt(uint32_t(x[0].integer) >> shiftBy(x[1]));
    case Opcode::ShiftRightSigned:
      return makeInt(x[0].integer >> shiftBy(x[1]));
    case Opcode::LeadingZeros:
      return makeInt(llvm::countl_zero(uint32_t(x[0].integer)));
    case Opcode::Equal:
      return {isReal ? x[0].real == x[1].real : x[0].integer == x[1].integer,
              0};
    case Opcode::Less:
      return {isReal ? x[0].real < x[1].real : x[0].integer < x[1].integer, 0};
    case Opcode::LessEqual:
      return {isReal ? x[0].real <= x[1].real : x[0].integer <= x[1].integer,
              0};
    case Opcode::IsNaN:
      return {std::isnan(x[0].real), 0};
    case Opcode::Select:
      return x[0].integer ? x[1] : x[2];
    case Opcode::LookUp:
      return {0, node.table.at(x[0].integer)};
    case Opcode::RoundEven:
      return {0, std::nearbyint(x[0].real)};
    case Opcode::Convert:
      return makeReal(node.type, x[0].real);
    case Opcode::FromInt:
      return makeReal(node.type, x[0].integer);
    case Opcode::FromUnsigned:
      return makeReal(node.type, uint32_t(x[0].integer));
    case Opcode::ToInt:
    case Opcode::ToUnsigned: {
      bool isSigned = node.opcode == Opcode::ToInt;
      if (!(x[0].real >= (isSigned ? -0x1p31 : 0) &&
            x[0].real < (isSigned ? 0x1p31 : 0x1p32))) {
        ADD_FAILURE() << x[0].real << " becomes an integer";
        return {};
      }
      return makeInt(static_cast<int64_t>(x[0].real));
    }
    case Opcode::BitsOf:
      return {llvm::bit_cast<int32_t>(static_cast<float>(x[0].real)), 0};
    case Opcode::FromBits:
      return {0, llvm::bit_cast<float>(x[0].integer)};
    }
    llvm_unreachable("all operations are computed");
  }

  const Graph &graph;
};

} // namespace qcc::formats

#endif // TEST_LIB_FORMATS_EVALUATE_H
