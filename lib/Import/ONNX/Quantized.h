// Integer arithmetic that ONNX's and Microsoft's operators share.

#ifndef LIB_IMPORT_ONNX_QUANTIZED_H
#define LIB_IMPORT_ONNX_QUANTIZED_H

#include "lib/Import/ONNX/Quantization.h"

namespace qcc::importer {

/// Codes as integers of i32 without their zero point, which may be null.
Value centered(Emit &e, Value codes, Value zero);

/// The exact sums of products of codes without their zero points, as i32.
Value matmulInteger(Emit &e, Value a, Value aZero, Value b, Value bZero);

/// Codes of the type of accumulators whose unit is inputScale * weightsScale,
/// which may differ along an axis.
Value requantize(Emit &e, Value accumulators, Value inputScale,
                 Value weightsScale, const Scaling &result, mlir::Type codes,
                 int64_t axis);

/// DynamicQuantizeLinear's results: ui8 codes by the range of all of `x`.
struct DynamicCodes {
  Value codes, scale, zero;
};
mlir::FailureOr<DynamicCodes> quantizeDynamically(Emit &e, Value x);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_QUANTIZED_H
