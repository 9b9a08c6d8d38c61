#ifndef POW2_PASSES_H
#define POW2_PASSES_H

#include "dialects/QNN/IR/Dialect.h"

#include "mlir/Pass/Pass.h"

namespace pow2 {
#define GEN_PASS_DECL
#include "Passes.h.inc"
} // namespace pow2

#endif // POW2_PASSES_H
