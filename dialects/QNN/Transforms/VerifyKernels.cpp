// Checks recorded kernels against the target. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Target/Registry.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_VERIFYKERNELS
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {
struct VerifyKernels : impl::VerifyKernelsBase<VerifyKernels> {
  void runOnOperation() override {
    FailureOr<const TargetModel *> model = getTargetModel(getOperation());
    if (failed(model))
      return signalPassFailure();
    bool isFine = true;
    getOperation()->walk([&](Operation *op) {
      if (auto kernel = op->getAttrOfType<KernelAttr>("kernel");
          kernel && isContraction(op))
        isFine &= check(op, kernel, **model);
    });
    if (!isFine)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  static bool check(Operation *op, KernelAttr kernel,
                    const TargetModel &model) {
    std::string whyNot;
    FailureOr<Weights> weights = findWeights(op, whyNot);
    if (succeeded(weights)) {
      Work work = makeWork(op, *weights);
      if (canApply(work, kernel, *weights, whyNot))
        if (llvm::Error error = model.check(work, kernel))
          whyNot = llvm::toString(std::move(error));
    }
    if (whyNot.empty())
      return true;
    op->emitOpError("cannot be computed by kernel '")
        << kernel.getName() << "': " << whyNot
        << "; remove the attribute and let the target choose";
    return false;
  }
};
} // namespace

} // namespace qcc::qnn
