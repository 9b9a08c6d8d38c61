// Records the kernel of each contraction. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "lib/Analysis/Work.h"
#include "qcc/Target/Registry.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_DECIDEKERNELS
#include "dialects/QNN/Transforms/Passes.h.inc"

/// Of which a plain loop takes a noticeable time.
static constexpr double kManyMACs = 1e6;

namespace {
struct DecideKernels : impl::DecideKernelsBase<DecideKernels> {
  void runOnOperation() override {
    FailureOr<const TargetModel *> model = getTargetModel(getOperation());
    if (failed(model))
      return signalPassFailure();
    getOperation()->walk([&](Operation *op) {
      if (isContraction(op) && !op->hasAttr(kKernelAttrName))
        decide(op, **model);
    });
  }

private:
  static constexpr llvm::StringLiteral kKernelAttrName = "kernel";

  void decide(Operation *op, const TargetModel &model) {
    std::string whyNot;
    SmallVector<Candidate> candidates = getCandidates(op, model, whyNot);
    if (candidates.empty()) {
      op->setAttr(kWhyNotAttrName, StringAttr::get(&getContext(), whyNot));
      if (isMadeOfConstants(op->getOperand(1)) &&
          analysis::getWork(cast<WorkOpInterface>(op)).macs > kManyMACs)
        op->emitWarning("is computed without a kernel, which may take many "
                        "times longer: ")
            << whyNot;
      ++numWithout;
      return;
    }
    op->setAttr(kKernelAttrName, candidates.front().kernel);
    op->removeAttr(kWhyNotAttrName); // Of an earlier run.
    ++numDecided;
  }
};
} // namespace

} // namespace qcc::qnn
