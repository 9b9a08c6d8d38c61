// Passes of this folder; Passes.td describes them.

#ifndef LIB_COMPRESS_QUANTIZE_PASSES_H
#define LIB_COMPRESS_QUANTIZE_PASSES_H

#include "mlir/Pass/Pass.h"

#include <string>

namespace qcc::compress {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Compress/Quantize/Passes.h.inc"

} // namespace qcc::compress

#endif // LIB_COMPRESS_QUANTIZE_PASSES_H
