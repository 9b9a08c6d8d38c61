// Contractions of integer codes as arithmetic on plain tensors, in the order
// that docs/numerics.md fixes.

#ifndef DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H
#define DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H

#include "dialects/QNN/IR/Ops.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::qnn {

/// A formatted value of integer codes, opened. Scale and zero point are scalars
/// or vectors along an axis; the scale is of f32. Those of blocks are as well,
/// unless there is more than one block along several axes.
struct QuantizedOperand {
  FormattedType type;
  mlir::Value codes;     ///< Signless, as stored.
  mlir::Value scale;     ///< Null: not scaled.
  mlir::Value zeroPoint; ///< Of the codes' type; null: none.
  int64_t axis = -1;     ///< That vectors follow; -1: they are scalars.
};

/// `value` with elements of another type, by qnn.cast.
mlir::Value castTo(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                   mlir::Type elementType);

QuantizedOperand openOperand(mlir::ImplicitLocOpBuilder &b, mlir::Value value);

/// Codes, or zero points, of `codec` as integers of type `element`.
mlir::Value toInteger(mlir::ImplicitLocOpBuilder &b, mlir::Value codes,
                      const formats::Codec &codec, mlir::Type element);
mlir::Value toI32(mlir::ImplicitLocOpBuilder &b, mlir::Value codes,
                  const formats::Codec &codec);

/// Codes less their zero points, as integers of type `element`, which must hold
/// one bit more than the codes.
mlir::Value toCentered(mlir::ImplicitLocOpBuilder &b,
                       const QuantizedOperand &operand, mlir::Type element);

/// A vector as one along `axis` of a tensor of rank `rank`; a scalar, or null,
/// as it is.
mlir::Value broadcastAlong(mlir::ImplicitLocOpBuilder &b, mlir::Value vector,
                           int64_t axis, int64_t rank);

/// zx * the sum of the weights of each output channel, [K] of the accumulator's
/// type. `weights` are canonical codes: all axes but the first are summed.
mlir::Value multiplyZeroPoint(mlir::ImplicitLocOpBuilder &b,
                              const QuantizedOperand &input,
                              mlir::Value weights,
                              const QuantizedOperand &weightParts,
                              mlir::Type accumulator);

/// What makes a product and a sum: of scalars in a region, or of tensors.
struct RealOps {
  using Make = llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)>;
  Make mul, add;
};

/// fl(sum * fl(sx * sw)) + bias, where `sum` is fl(acc): the order that
/// docs/numerics.md fixes. A scale or bias that is null is left out.
mlir::Value finishSum(const RealOps &ops, mlir::Value sum,
                      mlir::Value inputScale, mlir::Value weightsScale,
                      mlir::Value bias);

/// The same for `sums`, of the type of `op`'s result, of a contraction `op` of
/// opened operands.
mlir::Value scaleSums(mlir::ImplicitLocOpBuilder &b, mlir::Operation *op,
                      mlir::Value sums, const QuantizedOperand &left,
                      const QuantizedOperand &right, mlir::Value bias);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H
