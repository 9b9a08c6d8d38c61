// Prints which loops decode weights. See Passes.td.

#include "lib/Analysis/DecodedWeights.h"
#include "lib/Analysis/Passes.h"

using namespace mlir;

namespace qcc::analysis {

#define GEN_PASS_DEF_PRINTDECODEDWEIGHTS
#include "lib/Analysis/Passes.h.inc"

namespace {
struct PrintDecodedWeights
    : impl::PrintDecodedWeightsBase<PrintDecodedWeights> {
  void runOnOperation() override {
    for (Operation *op : findDecodingLoops(getOperation()))
      op->emitRemark("decodes weights");
    markAllAnalysesPreserved();
  }
};
} // namespace
} // namespace qcc::analysis
