// Contractions of integer codes as arithmetic on plain tensors, in the order
// that docs/numerics.md fixes.

#ifndef DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H
#define DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H

#include "dialects/QNN/IR/Ops.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::qnn {

/// A formatted value of integer codes, opened. Scale and zero point are scalars
/// or vectors along an axis; the scale is of f32.
struct QuantizedOperand {
  FormattedType type;
  mlir::Value codes;     ///< Signless, as stored.
  mlir::Value scale;     ///< Null: not scaled.
  mlir::Value zeroPoint; ///< Of the codes' type; null: none.
};

QuantizedOperand openOperand(mlir::ImplicitLocOpBuilder &b, mlir::Value value);

/// Codes, or zero points, of `codec` as i32.
mlir::Value toI32(mlir::ImplicitLocOpBuilder &b, mlir::Value codes,
                  const formats::Codec &codec);

/// zx * the sum of the weights of each output channel, i32 [K]. `weights` are
/// canonical codes: all axes but the first are summed.
mlir::Value multiplyZeroPoint(mlir::ImplicitLocOpBuilder &b,
                              const QuantizedOperand &input,
                              mlir::Value weights,
                              const QuantizedOperand &weightParts);

/// fl(acc * fl(sx[m] * sw[k])) + bias[k] of rows `value`, fl(acc) [M, K].
mlir::Value applyRowScale(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                          mlir::Value rowScale, mlir::Value weightsScale,
                          mlir::Value bias);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_TRANSFORMS_INTEGERARITHMETIC_H
