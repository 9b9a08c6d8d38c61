// What the toy says to shared passes. It shares nothing with a CPU: a
// scratchpad of 4 KiB instead of caches, no vectors, two kernels. So passes
// that work for it assume no CPU.

#include "test/lib/Target/Toy/ToyTarget.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "test/lib/Target/Toy/ToyISA.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace qcc::toy {

namespace {

class ToyModel : public TargetModel {
public:
  explicit ToyModel(ImageLayout layout) : layout(layout) {}

  ImageLayout getImageLayout() const override { return layout; }
  int64_t getScratchpadBytes() const override {
    return TOY_SCRATCHPAD_WORDS * sizeof(uint32_t);
  }

  SmallVector<qnn::KernelAttr> getKernels(const Work &work,
                                          std::string &whyNot) const override {
    MLIRContext *context = work.op->getContext();
    Value weights = work.op->getOperand(1);
    if (isComputed(weights)) {
      whyNot = "the weights are computed at run time";
      return {};
    }
    if (isa<qnn::MatmulOp>(work.op) &&
        cast<ShapedType>(weights.getType()).getRank() > 2) {
      whyNot = "the toy multiplies by one matrix, not by a batch of them";
      return {};
    }
    bool areCodes = hasIntegers(work.input) && hasIntegers(work.weights);
    if (!areCodes && (work.input || work.weights)) {
      whyNot = "the toy multiplies plain numbers or integer codes";
      return {};
    }
    if (getWindowBytes(work) > getScratchpadBytes()) {
      whyNot = "the window of one result does not fit into the scratchpad";
      return {};
    }
    Builder builder(context);
    Type accumulator = builder.getF32Type();
    if (areCodes)
      accumulator = builder.getI32Type();
    return {qnn::KernelAttr::get(context, areCodes ? "toy_codes" : "toy_reals",
                                 accumulator, {}, {})};
  }

  llvm::Error check(const Work &work, qnn::KernelAttr kernel) const override {
    std::string whyNot;
    for (qnn::KernelAttr known : getKernels(work, whyNot)) {
      if (known == kernel)
        return llvm::Error::success();
      whyNot = "the toy does this by '" + known.getName().str() + "'";
    }
    return llvm::createStringError(whyNot);
  }

private:
  /// Whether a value does not come from constants alone.
  static bool isComputed(Value value) {
    Operation *op = value.getDefiningOp();
    return !op || llvm::any_of(op->getOperands(), isComputed);
  }

  static bool hasIntegers(qnn::FormatAttr format) {
    return format && format.getCodec().getIntegerRange();
  }

  /// What one result reads of the weights.
  static int64_t getWindowBytes(const Work &work) {
    auto type = cast<ShapedType>(work.op->getOperand(1).getType());
    int64_t bytes = work.weights ? 1 : 4;
    for (int64_t extent : type.getShape().drop_front())
      bytes *= extent;
    return bytes;
  }

  ImageLayout layout;
};

} // namespace

std::unique_ptr<TargetModel> makeToyModel(ImageLayout layout) {
  return std::make_unique<ToyModel>(layout);
}

} // namespace qcc::toy
