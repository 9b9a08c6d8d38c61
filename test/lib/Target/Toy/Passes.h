#ifndef TEST_LIB_TARGET_TOY_PASSES_H
#define TEST_LIB_TARGET_TOY_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::toy {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "test/lib/Target/Toy/Passes.h.inc"

} // namespace qcc::toy

#endif // TEST_LIB_TARGET_TOY_PASSES_H
