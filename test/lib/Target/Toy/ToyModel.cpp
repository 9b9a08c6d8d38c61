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

bool hasOneScale(const WorkOperand &operand) {
  qnn::Scaling scaling = operand.format.getScaling();
  return scaling.getScaleType() &&
         scaling.getScaleAxes(operand.shape.size()).empty();
}

class ToyModel : public TargetModel {
public:
  explicit ToyModel(ImageLayout layout) : layout(layout) {}

  ImageLayout getImageLayout() const override { return layout; }
  ArrayRef<MemorySpace> getMemorySpaces() const override { return spaces; }

  SmallVector<Candidate> getCandidates(const Work &work,
                                       std::string &whyNot) const override {
    MLIRContext *context = work.op->getContext();
    if (work.macs == 0) {
      whyNot = "the toy has kernels for products only";
      return {};
    }
    const WorkOperand &weights = work.operands[1];
    if (!weights.isConstant) {
      whyNot = "the weights are computed at run time";
      return {};
    }
    if (isa<qnn::MatmulOp>(work.op) && weights.shape.size() > 2) {
      whyNot = "the toy multiplies by one matrix, not by a batch of them";
      return {};
    }
    bool areCodes =
        hasIntegers(work.getFormat(0)) && hasIntegers(weights.format);
    if (!areCodes && (work.getFormat(0) || weights.format)) {
      whyNot = "the toy multiplies plain numbers or integer codes";
      return {};
    }
    if (areCodes && hasZeroPoint(weights.format)) {
      whyNot = "the toy has no zero point of weights";
      return {};
    }
    if (areCodes && !hasOneScale(work.operands[0])) {
      whyNot = "the toy has one scale of what it multiplies by weights";
      return {};
    }
    if (getWindowBytes(weights) > spaces.front().bytes) {
      whyNot = "the window of one result does not fit into the scratchpad";
      return {};
    }
    Builder builder(context);
    Type accumulator = builder.getF32Type();
    if (areCodes)
      accumulator = builder.getI32Type();
    qnn::KernelAttr kernel = qnn::KernelAttr::get(
        context, areCodes ? "toy_codes" : "toy_reals", accumulator, {}, {});
    return {{kernel, getCost(work)}};
  }

  /// One product, or one element, a cycle of a microsecond, after a transfer of
  /// a word a cycle.
  Cost getCost(const Work &work) const override {
    Cost cost;
    double words = work.getBytes() / sizeof(uint32_t);
    cost.seconds = 1e-6 * (work.points + words);
    cost.traffic = {work.getBytes(), work.getBytes()};
    return cost;
  }

private:
  static bool hasIntegers(qnn::FormatAttr format) {
    return format && format.getCodec().getIntegerRange();
  }

  /// Another than 0. Shared passes see to those that are a component.
  static bool hasZeroPoint(qnn::FormatAttr format) {
    auto zero =
        dyn_cast_if_present<IntegerAttr>(format.getScaling().getZeroPoint());
    return zero && zero.getInt() != 0;
  }

  /// What one result reads of the weights.
  static int64_t getWindowBytes(const WorkOperand &weights) {
    int64_t bytes = weights.format ? 1 : 4;
    for (int64_t extent : ArrayRef(weights.shape).drop_front())
      bytes *= extent;
    return bytes;
  }

  ImageLayout layout;
  SmallVector<MemorySpace> spaces = {
      {"scratchpad", TOY_SCRATCHPAD_WORDS * sizeof(uint32_t),
       /*isManaged=*/true},
      {"memory", /*bytes=*/0, /*isManaged=*/false}};
};

} // namespace

std::unique_ptr<TargetModel> makeToyModel(ImageLayout layout) {
  return std::make_unique<ToyModel>(layout);
}

} // namespace qcc::toy
