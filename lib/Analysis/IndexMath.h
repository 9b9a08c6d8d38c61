// Arithmetic on extents: constants are folded while building, and what was
// built once is not built again, so that equal extents are mostly one SSA value
// and can be seen to be equal.

#ifndef LIB_ANALYSIS_INDEXMATH_H
#define LIB_ANALYSIS_INDEXMATH_H

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <optional>
#include <tuple>
#include <vector>

namespace qcc::analysis {

/// Builds at the builder's position. Results may be used later only where that
/// position dominates: bracket what is built inside a region with a Scope.
class IndexMath {
public:
  explicit IndexMath(mlir::OpBuilder &builder) : builder(builder) {}

  class Scope {
  public:
    explicit Scope(IndexMath &math) : math(math), mark(math.log.size()) {}
    ~Scope();

  private:
    IndexMath &math;
    size_t mark;
  };

  mlir::OpFoldResult constant(int64_t value) const {
    return builder.getIndexAttr(value);
  }

  mlir::OpFoldResult add(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult sub(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult mul(mlir::OpFoldResult a, mlir::OpFoldResult b);
  /// Rounds toward zero. A constant divisor must not be zero.
  mlir::OpFoldResult div(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult ceilDiv(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult rem(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult min(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult max(mlir::OpFoldResult a, mlir::OpFoldResult b);

  /// An i1: a constant where both are known, or where the sign tells.
  mlir::OpFoldResult equal(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult less(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult select(mlir::OpFoldResult condition, mlir::OpFoldResult a,
                            mlir::OpFoldResult b);

  mlir::OpFoldResult product(llvm::ArrayRef<mlir::OpFoldResult> factors);

  /// product(numerator) / product(denominator), which is known to be exact:
  /// equal factors cancel, so that [b, s, 384] / [b, 12, 32] is s.
  mlir::OpFoldResult exactDiv(llvm::ArrayRef<mlir::OpFoldResult> numerator,
                              llvm::ArrayRef<mlir::OpFoldResult> denominator);

  /// Whether the products are seen to be equal whatever the extents are.
  static bool isSameProduct(llvm::ArrayRef<mlir::OpFoldResult> a,
                            llvm::ArrayRef<mlir::OpFoldResult> b);

  /// As an SSA value of type index (or i1).
  mlir::Value materialize(mlir::OpFoldResult value);
  mlir::SmallVector<mlir::Value>
  materialize(llvm::ArrayRef<mlir::OpFoldResult> values);

  /// Whether they are the same constant or SSA value; false: unknown.
  static bool isSame(mlir::OpFoldResult a, mlir::OpFoldResult b);
  static bool isConstant(mlir::OpFoldResult value, int64_t number) {
    return mlir::getConstantIntValue(value) == number;
  }

  /// Whether the value is an extent or made of extents by sums and products.
  bool isNonNegative(mlir::OpFoldResult value, unsigned depth = 0) const;
  /// The value is an extent of a tensor, however it is computed.
  void setExtent(mlir::OpFoldResult value);
  bool isExtent(mlir::OpFoldResult value) const;

private:
  using Key = std::tuple<unsigned, void *, void *, void *>;
  template <typename OpT, typename... Args>
  mlir::OpFoldResult build(unsigned opcode, mlir::OpFoldResult a,
                           mlir::OpFoldResult b, Args... args);

  mlir::OpBuilder &builder;
  llvm::DenseMap<Key, mlir::Value> known;
  llvm::DenseSet<mlir::Value> extents;
  std::vector<Key> log;
};

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_INDEXMATH_H
