// Fits the times of a processor to measurements.

#include "lib/Target/CPU/CPUTargetModel.h"

#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/TuningProblems.h"
#include "lib/Target/CPU/Kernels/WorkKernels.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::cpu;

namespace {

/// A measured kernel.
struct Sample {
  KernelExtents extents;
  KernelConfig config;
  double seconds;
};

/// A measured loop without a kernel: what the model predicts of it is asked of
/// a TargetModel.
struct LoopSample {
  const Work *work;
  double seconds;
};

/// A parameter and its step, both in logarithms.
struct Variable {
  double *value;
  double step;
  std::optional<KernelKind> kind; ///< Of samples that depend on it; none: all.
  double first;                   ///< Where it began.
};

/// Finds the times that predict samples best, one at a time: for each, a larger
/// and a smaller value are tried, and steps grow with success. Values are all
/// positive and far apart in size, so steps are factors. The predictions are
/// neither convex nor differentiable (they take maxima and count), and there
/// are few samples, so that this simple search is enough.
class Fit {
public:
  Fit(ArrayRef<Sample> samples, ArrayRef<LoopSample> loops, bool isX86,
      CostParameters start)
      : samples(samples), loops(loops), isX86(isX86), costs(std::move(start)) {}

  CostParameters run();
  /// How many costs the predictions of samples depend on, as run() left them.
  size_t countUsed();

private:
  static double getLoss(double predicted, double measured);
  double getLoss(std::optional<KernelKind> kind) const;
  double getPrior() const;
  bool improve(Variable &variable);

  ArrayRef<Sample> samples;
  ArrayRef<LoopSample> loops;
  bool isX86;
  CostParameters costs;
  std::vector<Variable> variables;
};

} // namespace

/// Pseudo-Huber of the logarithm of the ratio: squares of small errors, and
/// absolute values of large ones, which a few odd samples have.
double Fit::getLoss(double predicted, double measured) {
  constexpr double kSmall = 0.1;
  double error = std::log(predicted / measured) / kSmall;
  return std::sqrt(1 + error * error) - 1;
}

/// Whether times of `kind` appear in the prediction of `config`.
static bool dependsOn(const KernelConfig &config, KernelKind kind) {
  KernelKind own = getKernelKind(config);
  return own == kind ||
         (own == KernelKind::Decode && kind == KernelKind::DecodeRow);
}

double Fit::getLoss(std::optional<KernelKind> kind) const {
  double loss = 0;
  for (const Sample &sample : samples)
    if (!kind || dependsOn(sample.config, *kind))
      loss += getLoss(predictCost(sample.extents, sample.config, costs).seconds,
                      sample.seconds);
  if (kind)
    return loss;
  std::unique_ptr<TargetModel> model =
      createCPUTargetModel(costs.isa, isX86, costs);
  for (const LoopSample &sample : loops)
    loss += getLoss(model->getCost(*sample.work).seconds, sample.seconds);
  return loss;
}

/// Keeps what samples say nothing about where it was.
double Fit::getPrior() const {
  double prior = 0;
  for (const Variable &variable : variables)
    prior += 1e-3 * std::pow(std::log(*variable.value) - variable.first, 2);
  return prior;
}

bool Fit::improve(Variable &variable) {
  double before = *variable.value;
  double best = getLoss(variable.kind) + getPrior();
  for (double direction : {1.0, -1.0}) {
    *variable.value = before * std::exp(direction * variable.step);
    // Positive and printed with three digits.
    bool isSane = *variable.value > 1e-4 && *variable.value < 1e6;
    if (isSane && getLoss(variable.kind) + getPrior() < best) {
      variable.step = std::min(1.0, variable.step * 1.5);
      return true;
    }
  }
  *variable.value = before;
  variable.step *= 0.5;
  return false;
}

CostParameters Fit::run() {
  costs.forEach([&](const Twine &name, double &value) {
    std::string text = name.str();
    StringRef family = StringRef(text).split('.').first;
    Variable variable = {&value, 0.3, std::nullopt, std::log(value)};
    for (size_t kind = 0; kind < kNumKernelKinds; ++kind)
      if (getName(static_cast<KernelKind>(kind)) == family)
        variable.kind = static_cast<KernelKind>(kind);
    variables.push_back(variable);
  });
  constexpr double kLeastStep = 0.01;
  constexpr int kMostSweeps = 200;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool isDone = true;
    for (Variable &variable : variables) {
      if (variable.step < kLeastStep && sweep % 10 != 0)
        continue;
      variable.step = std::max(variable.step, kLeastStep);
      isDone &= !improve(variable);
    }
    if (isDone && llvm::all_of(variables, [&](const Variable &variable) {
          return variable.step < kLeastStep;
        }))
      break;
  }
  return costs;
}

size_t Fit::countUsed() {
  size_t count = 0;
  double loss = getLoss(std::nullopt);
  for (Variable &variable : variables) {
    double value = *variable.value;
    *variable.value = value * 2;
    bool isUsed = getLoss(std::nullopt) != loss;
    *variable.value = value / 2;
    isUsed |= getLoss(std::nullopt) != loss;
    *variable.value = value;
    count += isUsed;
  }
  return count;
}

namespace {

class CPUTuning final : public Tuning {
public:
  CPUTuning(ISA isa, bool isX86, CostParameters start)
      : isa(isa), isX86(isX86), start(std::move(start)) {}

  std::vector<TuningProblem> getProblems() const override {
    return makeTuningProblems();
  }
  StringRef getOption() const override { return "costs"; }
  llvm::Expected<TunedModel> fit(ArrayRef<Measurement> measurements,
                                 StringRef machine) const override;

private:
  ISA isa;
  bool isX86;
  CostParameters start;
};

} // namespace

/// What a file of Linux's description of the first core says.
static std::string readCacheFile(unsigned index, StringRef name) {
  std::string path = llvm::formatv(
      "/sys/devices/system/cpu/cpu0/cache/index{0}/{1}", index, name);
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  return file ? (*file)->getBuffer().trim().str() : std::string();
}

/// Sizes of the caches of this machine, where the system tells them. The C
/// library's sysconf() gives the last level of all sockets together.
static void readCaches(CostParameters &costs) {
  for (unsigned index = 0;; ++index) {
    std::string level = readCacheFile(index, "level"),
                size = readCacheFile(index, "size");
    int64_t kilobytes;
    StringRef number = size;
    if (level.empty())
      return;
    if (readCacheFile(index, "type") == "Instruction" ||
        !number.consume_back("K") || number.getAsInteger(10, kilobytes) ||
        kilobytes <= 0)
      continue;
    if (level == "1")
      costs.l1Bytes = kilobytes * 1024;
    else if (level == "2")
      costs.l2Bytes = kilobytes * 1024;
    else if (level == "3")
      costs.l3Bytes = kilobytes * 1024;
  }
}

llvm::Expected<TunedModel> CPUTuning::fit(ArrayRef<Measurement> measurements,
                                          StringRef machine) const {
  std::vector<Sample> samples;
  std::vector<LoopSample> loops;
  for (const Measurement &measurement : measurements) {
    if (!measurement.kernel) {
      loops.push_back({measurement.work, measurement.seconds});
      continue;
    }
    std::string whyNot;
    std::optional<KernelChoices> choices =
        findKernels(*measurement.work, isa, isX86, whyNot);
    llvm::Expected<KernelConfig> config =
        KernelConfig::parse(measurement.kernel);
    if (!config)
      return config.takeError();
    if (!choices)
      return llvm::createStringError(whyNot);
    samples.push_back({getKernelExtents(*measurement.work, choices->shape),
                       *config, measurement.seconds});
  }
  if (samples.empty())
    return llvm::createStringError(
        "no kernel was measured so that repeats agree: measure for longer "
        "(--seconds), or on an idle machine, or more computations");
  CostParameters first = start;
  readCaches(first);
  Fit fit(samples, loops, isX86, first);
  CostParameters fitted = fit.run();
  fitted.measuredOn = machine.str();
  TunedModel tuned;
  tuned.numFitted = fit.countUsed();
  tuned.file = fitted.print();
  // The model is that of the file, whose numbers are rounded.
  fitted = llvm::cantFail(CostParameters::parse(tuned.file));
  tuned.model = createCPUTargetModel(isa, isX86, fitted);
  return tuned;
}

llvm::Expected<std::unique_ptr<Tuning>>
qcc::cpu::createCPUTuning(qnn::TargetAttr target) {
  llvm::Expected<ISA> isa = getISA(target);
  if (!isa)
    return isa.takeError();
  return std::make_unique<CPUTuning>(*isa, isX86(target),
                                     CostParameters::getShipped(*isa));
}
