// What the lowerings of this folder share: a builder of loops over tensors.
//
// Element types. The graph's types say what a number means (ui8, i4, f8E4M3FN);
// what memory holds is its storage type: signless integers of 8 bits or more,
// i1, and floats of 16 bits or more. A lowering asks the original op for the
// meaning and works on values of the storage type, which storage() gives. The
// last step of the pass retypes the module, so casts between the two vanish.

#ifndef LIB_CONVERSION_QNNTOLINALG_EMITTER_H
#define LIB_CONVERSION_QNNTOLINALG_EMITTER_H

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::conversion {

using Extents = llvm::SmallVector<mlir::OpFoldResult>;
using Values = llvm::SmallVector<mlir::Value>;

/// What memory holds for elements of `type`; types that are no element stay.
mlir::Type getStorageElement(mlir::Type type);

/// The same for tensors; other types stay.
mlir::Type getStorageType(mlir::Type type);

class Emitter : public mlir::ImplicitLocOpBuilder {
public:
  using Body = llvm::function_ref<mlir::Value(Emitter &, mlir::ValueRange)>;

  explicit Emitter(mlir::Operation *op)
      : ImplicitLocOpBuilder(op->getLoc(), op) {}
  Emitter(mlir::OpBuilder &builder, mlir::Location loc)
      : ImplicitLocOpBuilder(loc, builder) {}

  /// The value with its storage type.
  mlir::Value storage(mlir::Value value);

  mlir::Value index(int64_t number);
  /// An integer (of this value modulo its width) or float constant.
  mlir::Value number(mlir::Type type, double value);
  mlir::Value integer(mlir::Type type, int64_t value);
  mlir::Value toValue(mlir::OpFoldResult extent);
  /// An affine expression of symbols.
  mlir::OpFoldResult compute(mlir::AffineExpr expr,
                             llvm::ArrayRef<mlir::OpFoldResult> symbols);
  mlir::Value computeIndex(mlir::AffineExpr expr, mlir::ValueRange symbols);
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs);
  /// lhs < rhs of indices.
  mlir::Value less(mlir::Value lhs, mlir::Value rhs);
  mlir::Value clamp(mlir::Value value, mlir::Value low, mlir::Value high);

  mlir::OpFoldResult extent(mlir::Value tensor, int64_t axis);
  Extents extents(mlir::Value tensor);
  /// The extents of a result of an op that can tell them, static exactly where
  /// its type is.
  Extents resultExtents(mlir::Operation *op, unsigned result = 0);

  mlir::Value empty(llvm::ArrayRef<mlir::OpFoldResult> extents,
                    mlir::Type element);
  mlir::Value filled(llvm::ArrayRef<mlir::OpFoldResult> extents,
                     mlir::Value scalar);

  /// A tensor of `element` whose elements `body` computes from those of
  /// `inputs` at `maps`; linalg.index gives the position.
  mlir::Value generate(llvm::ArrayRef<mlir::OpFoldResult> extents,
                       mlir::Type element, mlir::ValueRange inputs,
                       llvm::ArrayRef<mlir::AffineMap> maps, Body body);

  /// As generate(), inputs broadcast as in NumPy.
  mlir::Value broadcast(llvm::ArrayRef<mlir::OpFoldResult> extents,
                        mlir::Type element, mlir::ValueRange inputs, Body body);

  /// Combines into `init`, with loops of any kind; the last argument of the
  /// body is the accumulator.
  mlir::Value reduce(mlir::Value init, mlir::AffineMap initMap,
                     mlir::ValueRange inputs,
                     llvm::ArrayRef<mlir::AffineMap> maps,
                     llvm::ArrayRef<mlir::utils::IteratorType> iterators,
                     Body body);

  /// The map by which a tensor of `shape` is read in a broadcast to `result`.
  mlir::AffineMap broadcastMap(llvm::ArrayRef<int64_t> shape,
                               llvm::ArrayRef<int64_t> result);

  /// Position along a loop, inside a body.
  mlir::Value loopIndex(int64_t dim);
  Values loopIndices(int64_t rank);
  mlir::Value extract(mlir::Value tensor, mlir::ValueRange indices);

  /// for (i = 0; i < count; ++i) with values carried around.
  Values forLoop(mlir::Value count, mlir::ValueRange inits,
                 llvm::function_ref<Values(Emitter &, mlir::Value i,
                                           mlir::ValueRange carried)>
                     body);
  Values forLoop(mlir::Value begin, mlir::Value end, mlir::ValueRange inits,
                 llvm::function_ref<Values(Emitter &, mlir::Value i,
                                           mlir::ValueRange carried)>
                     body);

  /// Error of the run when `condition` is false.
  void check(mlir::Value condition, llvm::StringRef message);
  /// Error of the run when an extent that the model computes is negative.
  void checkNotNegative(llvm::ArrayRef<mlir::OpFoldResult> extents,
                        llvm::StringRef message);

  /// All elements in another shape, without a copy.
  mlir::Value reshape(mlir::Value tensor,
                      llvm::ArrayRef<mlir::OpFoldResult> extents);

private:
  Values loops; ///< linalg.index of each loop, in a body.
};

} // namespace qcc::conversion

#endif // LIB_CONVERSION_QNNTOLINALG_EMITTER_H
