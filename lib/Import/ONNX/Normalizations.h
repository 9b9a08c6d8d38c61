#ifndef LIB_IMPORT_ONNX_NORMALIZATIONS_H
#define LIB_IMPORT_ONNX_NORMALIZATIONS_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

/// What LayerNormalization gives, and the square root of variance + epsilon.
struct LayerNorm {
  Value y, mean, deviation;
};

/// (x - mean) / deviation * scale + shift over the axes from `axis` on. Without
/// a shift it is null. Moments of f16 and bf16 are computed in f32 if `isWide`.
LayerNorm makeLayerNorm(Emit &e, Value x, Value scale, Value shift,
                        int64_t axis, double epsilon, bool isWide = true);

/// x / sqrt(mean(x^2) + epsilon) * scale over the axes from `axis` on.
Value makeRMSNorm(Emit &e, Value x, Value scale, int64_t axis, double epsilon);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_NORMALIZATIONS_H
