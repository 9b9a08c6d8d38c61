// From a FORMAT of the command line to the types of formatted values.

#ifndef LIB_COMPRESS_QUANTIZE_FORMATSOFSPECS_H
#define LIB_COMPRESS_QUANTIZE_FORMATSOFSPECS_H

#include "dialects/QNN/IR/FormattedType.h"
#include "lib/Formats/FormatSpec.h"

namespace qcc::compress {

/// A matrix [outputs, reduction] in the format. Its scales are one for the
/// tensor, for each row, or for each group along a row.
qnn::FormattedType getMatrixType(const formats::FormatSpec &spec,
                                 mlir::RankedTensorType matrix);

} // namespace qcc::compress

#endif // LIB_COMPRESS_QUANTIZE_FORMATSOFSPECS_H
