#ifndef LIB_IMPORT_ONNX_NORMALIZATIONS_H
#define LIB_IMPORT_ONNX_NORMALIZATIONS_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

/// x / sqrt(mean(x^2) + epsilon) * scale over the axes from `axis` on.
Value makeRMSNorm(Emit &e, Value x, Value scale, int64_t axis, double epsilon);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_NORMALIZATIONS_H
