#ifndef LIB_FUSE_PASSES_H
#define LIB_FUSE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::fuse {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Fuse/Passes.h.inc"

} // namespace qcc::fuse

#endif // LIB_FUSE_PASSES_H
