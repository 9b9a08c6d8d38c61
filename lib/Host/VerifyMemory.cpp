// Rules about buffers. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "lib/Analysis/AllocatedBuffers.h"
#include "lib/Analysis/DecodedWeights.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_VERIFYMEMORY
#include "lib/Host/Passes.h.inc"

namespace {

struct VerifyMemory : impl::VerifyMemoryBase<VerifyMemory> {
  using VerifyMemoryBase::VerifyMemoryBase;

  void runOnOperation() override {
    bool isValid = true;
    getOperation()->walk([&](memref::AllocOp alloc) {
      isValid &= verifyDecoded(alloc);
      if (allowAllocs)
        return;
      isValid = false;
      alloc.emitOpError("is left over after the arena was planned; the runtime "
                        "has no other memory");
    });
    if (!isValid)
      signalPassFailure();
  }

private:
  bool verifyDecoded(memref::AllocOp alloc) {
    if (!alloc->hasAttr(decodedAttr))
      return true;
    MemRefType type = alloc.getType();
    if (!type.hasStaticShape()) {
      alloc.emitOpError("holds decoded weights of unknown size; decode them "
                        "inside the kernel, tile by tile");
      return false;
    }
    int64_t bytes = analysis::getStaticBytes(type);
    if (bytes <= analysis::decodedLimitBytes)
      return true;
    alloc.emitOpError("holds ")
        << bytes << " bytes of decoded weights, more than "
        << analysis::decodedLimitBytes
        << "; decode them inside the kernel, tile by tile";
    return false;
  }
};

} // namespace
} // namespace qcc::host
