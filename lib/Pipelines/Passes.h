// Passes of this folder; Passes.td describes them.

#ifndef LIB_PIPELINES_PASSES_H
#define LIB_PIPELINES_PASSES_H

#include "mlir/Pass/Pass.h"

#include <string>

namespace qcc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Pipelines/Passes.h.inc"

} // namespace qcc

#endif // LIB_PIPELINES_PASSES_H
