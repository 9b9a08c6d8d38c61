// Records the kernel of each contraction. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_DECIDEKERNELS
#include "dialects/QNN/Transforms/Passes.h.inc"

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
    SmallVector<KernelAttr> kernels;
    FailureOr<Weights> weights = findWeights(op, whyNot);
    if (succeeded(weights)) {
      Work work = makeWork(op, *weights);
      kernels = model.getKernels(work, whyNot);
      llvm::erase_if(kernels, [&](KernelAttr kernel) {
        return !canApply(work, kernel, *weights, whyNot);
      });
    }
    if (kernels.empty()) {
      op->setAttr(kWhyNotAttrName, StringAttr::get(&getContext(), whyNot));
      ++numWithout;
      return;
    }
    op->setAttr(kKernelAttrName, kernels.front());
    op->removeAttr(kWhyNotAttrName); // Of an earlier run.
    ++numDecided;
  }
};
} // namespace

} // namespace qcc::qnn
