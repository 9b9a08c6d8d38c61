// A codec's arithmetic as a typed graph of simple operations, of which the IR
// of scalars and of vectors is made (lib/Conversion/CodecToArith). A codec
// builds it once: Codec::describeDecode, describeEncode.
//
//   Expr magnitude = code & 0x7F;
//   Expr number = g.toFloat(magnitude << 20) * 0x1p120;
//
// What an operation means is what those of MLIR's arith and math dialects of
// its name mean. None of them may be undefined for any input: shifts are by
// less than 32, and what becomes an integer is in its range.

#ifndef LIB_FORMATS_ARITHMETIC_H
#define LIB_FORMATS_ARITHMETIC_H

#include <array>
#include <cstdint>
#include <vector>

namespace qcc::formats {

enum class NumberType {
  Bool,
  Int, ///< 32 bits; signed where that matters.
  F32,
  F64,
};

enum class Opcode {
  Input,            ///< Number `integer` of what the graph is given.
  Constant,         ///< `integer` of an Int, `real` of a float.
  Add,              ///< Of two Ints, modulo 2^32, or of two floats; so
  Sub,              ///< does Sub.
  Mul,              ///< Of two floats.
  And,              ///< Of two Ints or Bools.
  Or,               ///< Likewise.
  ShiftLeft,        ///< Of an Int by a number from 0 to 31.
  ShiftRight,       ///< Likewise, filled with zeros.
  ShiftRightSigned, ///< Likewise, filled with the sign.
  LeadingZeros,     ///< Of an Int: 32 of 0.
  Equal,            ///< Bool, of two Ints or two floats: NaN equals nothing.
  Less,             ///< Bool, of two signed Ints or two floats.
  LessEqual,        ///< Likewise.
  IsNaN,            ///< Bool, of a float.
  Select,           ///< Of a Bool, what is if it holds, and what if not.
  LookUp,           ///< The element of `table`, an F32, at an Int within it.
  RoundEven,        ///< A float to the nearest integer, of two to the even one.
  Convert,          ///< A float to `type`, another float.
  FromInt,          ///< A signed Int to `type`, a float.
  FromUnsigned,     ///< An unsigned Int to `type`, a float.
  ToInt,            ///< A float that is a signed Int.
  ToUnsigned,       ///< A float that is an unsigned Int.
  BitsOf,           ///< An F32's bits as an Int.
  FromBits,         ///< An Int's bits as an F32.
};

struct Node {
  Opcode opcode;
  NumberType type;                       ///< Of the result.
  std::array<uint32_t, 3> operands = {}; ///< As many as the operation has.
  int64_t integer = 0;
  double real = 0;
  std::vector<float> table = {};
};

unsigned getNumOperands(Opcode opcode);

class Graph;

/// A node of a graph; null by default.
class Expr {
public:
  Expr() = default;
  Expr(Graph *graph, uint32_t node) : graph(graph), node(node) {}

  explicit operator bool() const { return graph != nullptr; }
  Graph &getGraph() const { return *graph; }
  uint32_t getNode() const { return node; }
  NumberType getType() const;

private:
  Graph *graph = nullptr;
  uint32_t node = 0;
};

/// Nodes in an order in which operands stand before what uses them. Equal ones
/// are one.
class Graph {
public:
  Graph() = default;
  Graph(const Graph &) = delete; // Expressions point to it.
  Graph &operator=(const Graph &) = delete;

  Expr addInput(NumberType type);
  Expr integer(int64_t value);
  Expr real(NumberType type, double value);

  Expr select(Expr condition, Expr ifTrue, Expr ifFalse);
  Expr lookUp(std::vector<float> table, Expr index);
  Expr leadingZeros(Expr x);
  Expr isNaN(Expr x);
  Expr roundEven(Expr x);
  Expr convert(Expr x, NumberType type);
  Expr fromInt(Expr x, NumberType type);
  Expr fromUnsigned(Expr x, NumberType type);
  Expr toInt(Expr x);
  Expr toUnsigned(Expr x);
  Expr bitsOf(Expr x);
  Expr fromBits(Expr x);
  Expr shiftRightSigned(Expr x, Expr by);
  Expr apply(Opcode opcode, NumberType type,
             std::initializer_list<Expr> operands);

  const std::vector<Node> &getNodes() const { return nodes; }
  unsigned getNumInputs() const { return numInputs; }

  /// What it computes.
  void setResult(Expr result) { this->result = result.getNode(); }
  uint32_t getResult() const { return result; }

  /// Operations that the result depends on: what a code, or a vector of them,
  /// costs.
  unsigned countOperations() const;

private:
  Expr add(Node node);

  std::vector<Node> nodes;
  unsigned numInputs = 0;
  uint32_t result = 0;
};

// Constants take the type of the other operand.
Expr operator+(Expr a, Expr b);
Expr operator-(Expr a, Expr b);
Expr operator*(Expr a, Expr b);
Expr operator&(Expr a, Expr b);
Expr operator|(Expr a, Expr b);
Expr operator<<(Expr a, Expr b);
Expr operator>>(Expr a, Expr b); ///< Filled with zeros.
Expr operator==(Expr a, Expr b);
Expr operator<(Expr a, Expr b);
Expr operator<=(Expr a, Expr b);
Expr operator+(Expr a, double b);
Expr operator-(Expr a, double b);
Expr operator*(Expr a, double b);
Expr operator&(Expr a, int64_t b);
Expr operator|(Expr a, int64_t b);
Expr operator<<(Expr a, int64_t b);
Expr operator>>(Expr a, int64_t b);
Expr operator==(Expr a, double b);
Expr operator<(Expr a, double b);
Expr operator<(double a, Expr b);
Expr operator<=(Expr a, double b);
Expr operator<=(double a, Expr b);

} // namespace qcc::formats

#endif // LIB_FORMATS_ARITHMETIC_H
