// Scales and zero points as ONNX gives them, and the formats that they mean.

#ifndef LIB_IMPORT_ONNX_QUANTIZATION_H
#define LIB_IMPORT_ONNX_QUANTIZATION_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

/// real = scale * (code - zero point).
struct Scaling {
  Value scale;
  /// Null: none.
  Value zero;
  /// Along which scales differ, if there are several.
  int64_t axis = 0;
  /// Elements along the axis that share a scale, 0 if there is one for each.
  int64_t block = 0;
};

/// A format and the values of its parameters.
struct Format {
  qnn::FormattedType type;
  llvm::SmallVector<Value> parameters;
};

/// The name in the codec registry of numbers of the type; empty if there is
/// none.
llvm::StringRef getCodecName(mlir::Type codes);

/// The format of codes of a type with the shape of `like` that stand for values
/// of `valueType`. A zero point that is constant becomes a part of the type.
/// Null without a codec for `codes`.
Format makeFormat(Emit &e, mlir::RankedTensorType like, mlir::Type valueType,
                  mlir::Type codes, const Scaling &scaling);

/// Plain integers (or small floats) of a byte or more as a formatted value.
Value wrap(Emit &e, Value codes, const Scaling &scaling, mlir::Type valueType);
/// A formatted value's codes as plain numbers of the type.
Value unwrapCodes(Emit &e, Value formatted, mlir::Type codes);

/// As wrap and decode; for what has no codec by arithmetic.
Value dequantize(Emit &e, Value codes, const Scaling &scaling,
                 mlir::Type valueType);
/// clamp(round(x / scale) + zero point).
Value quantize(Emit &e, Value x, const Scaling &scaling, mlir::Type codes,
               bool saturate = true);

/// Scales or zero points so that they can be broadcast to `like`.
Value spread(Emit &e, Value v, Value like, const Scaling &scaling);

/// A tensor of one type as another that differs in what is static.
Value castShape(Emit &e, Value v, mlir::RankedTensorType type);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_QUANTIZATION_H
