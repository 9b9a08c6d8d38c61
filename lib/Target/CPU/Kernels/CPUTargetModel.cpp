#include "lib/Target/CPU/CPUTargetModel.h"

#include "dialects/QNN/IR/Ops.h"
#include "lib/Target/CPU/Kernels/KernelBuilder.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/WorkKernels.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::cpu;

namespace {

class CPUTargetModel final : public TargetModel {
public:
  CPUTargetModel(ISA isa, bool isX86, const CostParameters &costs)
      : isa(isa), isX86(isX86), costs(costs),
        spaces(cpu::getMemorySpaces(costs)) {}

  ImageLayout getImageLayout() const override {
    return ImageLayout::ChannelsLast;
  }
  ArrayRef<MemorySpace> getMemorySpaces() const override { return spaces; }

  SmallVector<Candidate> getCandidates(const Work &work,
                                       std::string &whyNot) const override;
  Cost getCost(const Work &work) const override;
  llvm::Error check(const Work &work, qnn::KernelAttr kernel) const override;

private:
  ISA isa;
  bool isX86;
  CostParameters costs;
  SmallVector<MemorySpace> spaces;
};

} // namespace

static qnn::KernelAttr
makeKernel(MLIRContext *context, const KernelConfig &config, Type accumulator) {
  return qnn::KernelAttr::get(
      context, config.getKernelName(), accumulator, config.getTile(),
      config.isProduct() ? qnn::PackingAttr() : getPacking(context, config));
}

SmallVector<Candidate>
CPUTargetModel::getCandidates(const Work &work, std::string &whyNot) const {
  std::optional<KernelChoices> choices = findKernels(work, isa, isX86, whyNot);
  if (!choices)
    return {};
  KernelExtents extents = getKernelExtents(work, choices->shape);
  SmallVector<Candidate> candidates;
  for (const KernelConfig &config : choices->configs)
    candidates.push_back(
        {makeKernel(work.op->getContext(), config, choices->accumulator),
         predictCost(extents, config, costs)});
  // Costs are not known to a few percent, and less well of a few rows: all
  // tiles do these one by one, and the processor overlaps one panel with the
  // next. Among the best, the one that comes first in the list is that of other
  // layers, too, and shares their code.
  double asGood = extents.rows < kRestRows ? 1.5 : 1.05;
  double least =
      llvm::min_element(candidates, [](const auto &a, const auto &b) {
        return a.cost.seconds < b.cost.seconds;
      })->cost.seconds;
  auto isAsGood = [&](const Candidate &candidate) {
    return candidate.cost.seconds <= asGood * least;
  };
  llvm::stable_sort(candidates, [&](const Candidate &a, const Candidate &b) {
    if (isAsGood(a) || isAsGood(b))
      return isAsGood(a) && !isAsGood(b);
    return a.cost.seconds < b.cost.seconds;
  });
  return candidates;
}

/// Whether an element takes a polynomial, or as long.
static bool computesFunction(Operation *op) {
  auto unary = dyn_cast<qnn::UnaryOp>(op);
  if (!unary)
    return isa<qnn::TopKOp, qnn::ResizeOp, qnn::GridSampleOp>(op);
  switch (unary.getKind()) {
  case qnn::UnaryKind::abs:
  case qnn::UnaryKind::neg:
  case qnn::UnaryKind::sign:
  case qnn::UnaryKind::relu:
  case qnn::UnaryKind::ceil:
  case qnn::UnaryKind::floor:
  case qnn::UnaryKind::round:
  case qnn::UnaryKind::sqrt:
  case qnn::UnaryKind::reciprocal:
  case qnn::UnaryKind::bitwise_not:
    return false;
  default:
    return true;
  }
}

Cost CPUTargetModel::getCost(const Work &open) const {
  Work work = closeExtents(open);
  double time = work.macs != 0              ? costs.product
                : computesFunction(work.op) ? costs.function
                                            : costs.point;
  return predictLoops(work.points * time, work.getBytes(), costs);
}

/// Limits of a tile that keep buffers on a thread's stack and that the code of
/// a kernel relies on.
static llvm::Error checkTile(const KernelConfig &config) {
  auto refuse = [&](const llvm::Twine &why) {
    return llvm::createStringError("the tile of kernel '" +
                                   config.getKernelName() + "' " + why);
  };
  int64_t widest = getMaxLanes(config.isa);
  if (config.lanes > widest)
    return refuse("has vectors of " + llvm::Twine(config.lanes) +
                  " lanes, where its instructions have " + llvm::Twine(widest));
  if (config.numbers != Numbers::Decode && !config.isProduct())
    return llvm::Error::success();
  if (config.reduction == 0 || config.reduction % 8 != 0 ||
      config.reduction % config.unroll != 0)
    return refuse("decodes " + llvm::Twine(config.reduction) +
                  " elements of the sum at once, which must be a positive "
                  "multiple of 8 and of the steps that are unrolled");
  if (!fitsStack(config))
    return refuse("needs more memory than a thread has: at most " +
                  llvm::Twine(kDecodeBufferBytes) +
                  " bytes of decoded weights and " +
                  llvm::Twine(kSumsBufferBytes) + " of sums");
  return llvm::Error::success();
}

llvm::Error CPUTargetModel::check(const Work &work,
                                  qnn::KernelAttr kernel) const {
  llvm::Expected<KernelConfig> config = KernelConfig::parse(kernel);
  if (!config)
    return config.takeError();
  std::string whyNot;
  std::optional<KernelChoices> choices = findKernels(work, isa, isX86, whyNot);
  if (!choices)
    return llvm::createStringError(whyNot);
  const KernelConfig &usual = choices->configs.front();
  if (config->shape != usual.shape || config->numbers != usual.numbers)
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' is not for this work, but '" +
                                   usual.getKernelName() + "' is");
  if (config->isa > isa)
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' needs instructions that the processor "
                                   "lacks; it has " +
                                   getName(isa));
  if (llvm::Error error = checkTile(*config))
    return error;
  if (kernel.getAccumulator() != choices->accumulator)
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' has another accumulator for this work");
  if (kernel !=
      makeKernel(kernel.getContext(), *config, kernel.getAccumulator()))
    return llvm::createStringError("the packing is not that of kernel '" +
                                   kernel.getName() + "' with this tile");
  bool isListed = llvm::any_of(choices->configs, [&](const auto &known) {
    return known.getKernelName() == config->getKernelName() &&
           known.getTile() == config->getTile();
  });
  if (isListed)
    return llvm::Error::success();
  std::string tile;
  for (int64_t part : usual.getTile())
    tile += (tile.empty() ? "" : ", ") + std::to_string(part);
  return llvm::createStringError(
      "its tile is none of the " + llvm::Twine(choices->configs.size()) +
      " of '" + usual.getKernelName() + "' for this work; the usual one is [" +
      tile + "]");
}

/// The command that makes costs for the processor that `target` names.
static std::string describeTuning(qnn::TargetAttr target) {
  std::string command = "qcc tune";
  for (StringRef name : {"mcpu", "mattr", "mtriple"})
    if (StringRef value = target.getOption(name); !value.empty())
      command += (" --" + name + "=" + value).str();
  return command + " -o FILE";
}

static llvm::Expected<CostParameters> readCosts(qnn::TargetAttr target,
                                                ISA isa) {
  StringRef path = target.getOption("costs");
  auto file = llvm::MemoryBuffer::getFile(path);
  auto refuse = [&](const Twine &why) {
    return llvm::createStringError("option '--costs=" + path + "': " + why);
  };
  if (!file)
    return refuse(file.getError().message());
  llvm::Expected<CostParameters> costs =
      CostParameters::parse((*file)->getBuffer());
  if (!costs)
    return refuse(llvm::toString(costs.takeError()));
  if (costs->isa != isa)
    return refuse("it was measured with instructions '" + getName(costs->isa) +
                  "', and the processor compiled for has '" + getName(isa) +
                  "'; `" + describeTuning(target) + "` makes a file for those");
  return costs;
}

llvm::Expected<std::unique_ptr<TargetModel>>
qcc::cpu::createCPUTargetModel(qnn::TargetAttr target) {
  llvm::Expected<ISA> isa = getISA(target);
  if (!isa)
    return isa.takeError();
  llvm::Expected<CostParameters> costs = target.getOption("costs").empty()
                                             ? CostParameters::getShipped(*isa)
                                             : readCosts(target, *isa);
  if (!costs)
    return costs.takeError();
  return createCPUTargetModel(*isa, cpu::isX86(target), *costs);
}

std::unique_ptr<TargetModel>
qcc::cpu::createCPUTargetModel(ISA isa, bool isX86,
                               const CostParameters &costs) {
  return std::make_unique<CPUTargetModel>(isa, isX86, costs);
}
