#ifndef LIB_HOST_PASSES_H
#define LIB_HOST_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::host {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Host/Passes.h.inc"

} // namespace qcc::host

#endif // LIB_HOST_PASSES_H
