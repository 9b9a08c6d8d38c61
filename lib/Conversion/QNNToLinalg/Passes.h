#ifndef LIB_CONVERSION_QNNTOLINALG_PASSES_H
#define LIB_CONVERSION_QNNTOLINALG_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::conversion {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Conversion/QNNToLinalg/Passes.h.inc"

} // namespace qcc::conversion

#endif // LIB_CONVERSION_QNNTOLINALG_PASSES_H
