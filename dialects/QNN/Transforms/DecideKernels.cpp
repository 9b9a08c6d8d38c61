// Records the kernel of each contraction. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Target/Registry.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_DECIDEKERNELS
#include "dialects/QNN/Transforms/Passes.h.inc"

/// Products of which a plain loop takes a noticeable time.
static constexpr double kManyProducts = 1e6;

/// Products of a contraction, for extents of 1 where they are open.
static double countProducts(Operation *op) {
  auto getCount = [](ShapedType type) {
    double count = 1;
    for (int64_t extent : type.getShape())
      count *= ShapedType::isDynamic(extent) ? 1 : extent;
    return count;
  };
  auto result = cast<ShapedType>(op->getResult(0).getType());
  auto weights = cast<ShapedType>(op->getOperand(1).getType());
  auto matmul = dyn_cast<MatmulOp>(op);
  int64_t outputs = matmul ? result.getShape().back() : weights.getDimSize(0);
  double sum = ShapedType::isDynamic(outputs) || outputs == 0
                   ? 1
                   : getCount(weights) / outputs;
  return getCount(result) * sum;
}

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
      if (isMadeOfConstants(op->getOperand(1)) &&
          countProducts(op) > kManyProducts)
        op->emitWarning("is computed without a kernel, which may take many "
                        "times longer: ")
            << whyNot;
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
