// Remarks on what a target could do. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "lib/Analysis/Work.h"
#include "qcc/Target/Registry.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_PRINTCANDIDATES
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

std::string describeCost(const Cost &cost, ArrayRef<MemorySpace> spaces) {
  std::string text = llvm::formatv("{0:F3} us", cost.seconds * 1e6);
  for (auto [space, bytes] : llvm::zip_equal(spaces, cost.traffic))
    if (bytes != 0)
      text += llvm::formatv(", {0:F0} bytes {1}", bytes, space.name);
  if (cost.joules)
    text += llvm::formatv(", {0:E2} J", *cost.joules);
  if (cost.footprint != 0)
    text += llvm::formatv(", keeps {0} bytes", cost.footprint);
  return text;
}

struct PrintCandidates : impl::PrintCandidatesBase<PrintCandidates> {
  void runOnOperation() override {
    FailureOr<const TargetModel *> model = getTargetModel(getOperation());
    if (failed(model))
      return signalPassFailure();
    getOperation()->walk([&](WorkOpInterface op) {
      isContraction(op) ? remarkCandidates(op, **model)
                        : remarkLoops(op, **model);
    });
    markAllAnalysesPreserved();
  }

private:
  static void remarkLoops(WorkOpInterface op, const TargetModel &model) {
    op->emitRemark("loops: ") << describeCost(
        model.getCost(analysis::getWork(op)), model.getMemorySpaces());
  }

  static void remarkCandidates(WorkOpInterface op, const TargetModel &model) {
    std::string whyNot;
    SmallVector<Candidate> candidates = getCandidates(op, model, whyNot);
    for (const Candidate &candidate : candidates)
      op->emitRemark() << candidate.kernel << ": "
                       << describeCost(candidate.cost, model.getMemorySpaces());
    if (!candidates.empty())
      return;
    op->emitRemark("no kernel: ") << whyNot;
    remarkLoops(op, model);
  }
};

} // namespace
} // namespace qcc::qnn
