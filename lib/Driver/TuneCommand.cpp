#include "lib/Driver/Commands.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/ModuleTarget.h"
#include "lib/Driver/Programs.h"

#include "dialects/QNN/Transforms/Contraction.h"
#include "lib/Analysis/Work.h"
#include "qcc/Target/Registry.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <chrono>
#include <random>

using namespace llvm;

namespace qcc::driver {

namespace {

/// A kernel of a problem, compiled.
struct Way {
  qnn::KernelAttr kernel; ///< Null: none.
  std::unique_ptr<Artifact> artifact;
  /// Medians of two repeats, seconds of the computation alone.
  double repeats[2] = {0, 0};

  double getSeconds() const { return (repeats[0] + repeats[1]) / 2; }
  double getSpread() const {
    return std::abs(repeats[0] - repeats[1]) / getSeconds();
  }
};

/// A problem of the target, with what was measured of it.
struct Problem {
  std::string name;
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< Behind phase `layout`.
  Work work;
  std::vector<Tensor> inputs;
  std::vector<Way> ways;
};

/// Of how predictions compare with measurements of kernels.
struct Accuracy {
  size_t pairs = 0, problems = 0;
  double medianError = 0;
  size_t goodChoices = 0; ///< Best predicted within 15 % of best measured.
};

class Tuner {
public:
  Tuner(Session &session, const Arguments &arguments, ProgramOptions options)
      : session(session), arguments(arguments), options(std::move(options)) {}

  Error run();

private:
  Error findTarget();
  Error prepare();
  Expected<Problem> makeProblem(const TuningProblem &source);
  Error setWork(Problem &problem);
  std::vector<qnn::KernelAttr> sampleKernels(ArrayRef<Candidate> candidates);
  Expected<Way> compileWay(const Problem &problem, qnn::KernelAttr kernel);
  Error measure();
  Error measureCall();
  Error measureProblem(Problem &problem, unsigned repeat);
  std::vector<Measurement> collect(function_ref<bool(size_t)> isTaken) const;
  Accuracy judge(const TargetModel &model,
                 function_ref<bool(size_t)> isTaken) const;
  size_t countWays(function_ref<bool(const Way &)> isCounted) const;
  void warnOfFewTimes(const TunedModel &tuned) const;
  void report(const TunedModel &tuned, const Accuracy &heldOut);
  void printEnd() const;

  Session &session;
  const Arguments &arguments;
  ProgramOptions options;
  ModuleTarget target = {};
  int64_t numWays = 0;
  double seconds = 0;
  std::mt19937 random{0};
  std::vector<Problem> problems;
  double call = 0; ///< Seconds of a run that computes next to nothing.
};

} // namespace

using Clock = std::chrono::steady_clock;

static double getMedian(std::vector<double> &values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Of two repeats: what differs by more was disturbed, and says nothing.
static constexpr double kMaxSpread = 0.05;

static mlir::OwningOpRef<mlir::ModuleOp>
parseModule(StringRef text, mlir::MLIRContext &context) {
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

static constexpr StringLiteral kEmptyModel =
    "func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {\n"
    "  %y = qnn.unary neg %x : (tensor<1xf32>) -> tensor<1xf32>\n"
    "  return %y : tensor<1xf32>\n}\n";

Error Tuner::findTarget() {
  auto module = parseModule(kEmptyModel, session.getContext());
  Expected<ModuleTarget> found = setTarget(session, *module, options);
  if (!found)
    return found.takeError();
  target = *found;
  if (!target.target->getTuning())
    return makeUsageError("target '" + target.info->name +
                          "' has no costs that could be fitted");
  return Error::success();
}

/// Finds the op that is measured: that with the most products, or where there
/// are none, with the most points.
Error Tuner::setWork(Problem &problem) {
  qnn::WorkOpInterface largest;
  std::pair<double, double> most;
  problem.module->walk([&](qnn::WorkOpInterface op) {
    Work work = analysis::getWork(op);
    std::pair<double, double> own = {work.macs, work.points};
    if (own > most) {
      largest = op;
      most = own;
    }
  });
  if (!largest)
    return makeDefect("tuning problem '" + problem.name + "' computes nothing");
  problem.work = qnn::getWork(largest);
  return Error::success();
}

/// The best, as they are predicted, and some of the others.
std::vector<qnn::KernelAttr>
Tuner::sampleKernels(ArrayRef<Candidate> candidates) {
  std::vector<qnn::KernelAttr> kernels;
  std::vector<size_t> rest;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i < static_cast<size_t>(numWays + 1) / 2)
      kernels.push_back(candidates[i].kernel);
    else
      rest.push_back(i);
  }
  while (!rest.empty() && kernels.size() < static_cast<size_t>(numWays)) {
    // Not std::uniform_int_distribution, which differs between libraries.
    size_t at = random() % rest.size();
    kernels.push_back(candidates[rest[at]].kernel);
    rest.erase(rest.begin() + at);
  }
  if (kernels.empty())
    kernels.push_back(nullptr);
  return kernels;
}

Expected<Way> Tuner::compileWay(const Problem &problem,
                                qnn::KernelAttr kernel) {
  mlir::IRMapping mapping;
  mlir::OwningOpRef<mlir::ModuleOp> copy =
      cast<mlir::ModuleOp>(problem.module.get()->clone(mapping));
  if (kernel)
    mapping.lookup(problem.work.op)->setAttr("kernel", kernel);
  auto artifact =
      compileAndLoad(session, *copy, Phase::Layout, options, /*threads=*/1);
  if (!artifact)
    return artifact.takeError();
  return Way{kernel, std::move(*artifact)};
}

Expected<Problem> Tuner::makeProblem(const TuningProblem &source) {
  Problem problem;
  problem.name = source.name;
  problem.module = parseModule(source.module, session.getContext());
  if (!problem.module)
    return makeDefect("tuning problem '" + source.name + "' is no module");
  if (Error error = runPhases(session, *problem.module, Phase::Import,
                              Phase::Layout, options))
    return std::move(error);
  if (Error error = setWork(problem))
    return std::move(error);
  std::string whyNot;
  SmallVector<Candidate> candidates =
      target.target->getModel().getCandidates(problem.work, whyNot);
  for (qnn::KernelAttr kernel : sampleKernels(candidates)) {
    Expected<Way> way = compileWay(problem, kernel);
    if (!way)
      return way.takeError();
    problem.ways.push_back(std::move(*way));
  }
  const Signature &signature = problem.ways.front().artifact->getSignature();
  auto inputs = makeInputs(signature, arguments, "", {}, session.getContext(),
                           /*alwaysRandom=*/true);
  if (!inputs)
    return inputs.takeError();
  problem.inputs = std::move(*inputs);
  return problem;
}

Error Tuner::prepare() {
  Activity activity("compiling what is measured");
  StringRef only = arguments.get("--only").value_or("");
  std::vector<TuningProblem> sources =
      target.target->getTuning()->getProblems();
  for (const TuningProblem &source : sources) {
    if (!StringRef(source.name).contains(only))
      continue;
    Expected<Problem> problem = makeProblem(source);
    if (!problem)
      return problem.takeError();
    problems.push_back(std::move(*problem));
  }
  if (!problems.empty())
    return Error::success();
  std::string names = join(
      map_range(sources, [](const TuningProblem &p) { return p.name; }), ", ");
  return makeUsageError(
      "option '--only=" + only +
      "': no computation has that in its name; there are: " + names);
}

/// Seconds of one run, of several that take at least a fraction of a
/// millisecond together.
static Expected<double> timeRuns(Program &program, ArrayRef<Tensor> inputs,
                                 unsigned runs) {
  auto start = Clock::now();
  for (unsigned run = 0; run < runs; ++run) {
    auto outputs = program.run(inputs);
    if (!outputs)
      return outputs.takeError();
  }
  return std::chrono::duration<double>(Clock::now() - start).count() / runs;
}

/// All ways in turn, so that they see the same machine.
static Expected<std::vector<double>> timeInTurn(ArrayRef<Program *> programs,
                                                ArrayRef<Tensor> inputs,
                                                double seconds) {
  std::vector<std::vector<double>> times(programs.size());
  double first = 0;
  for (Program *program : programs) {
    for (int warm = 0; warm < 2; ++warm) {
      Expected<double> time = timeRuns(*program, inputs, 1);
      if (!time)
        return time.takeError();
      first = *time;
    }
  }
  auto runs = static_cast<unsigned>(
      std::clamp(0.0005 / std::max(first, 1e-7), 1.0, 1000.0));
  double all = seconds * static_cast<double>(programs.size());
  auto begin = Clock::now();
  while (times[0].size() < 5 ||
         std::chrono::duration<double>(Clock::now() - begin).count() < all) {
    for (auto [program, taken] : zip_equal(programs, times)) {
      Expected<double> time = timeRuns(*program, inputs, runs);
      if (!time)
        return time.takeError();
      taken.push_back(*time);
    }
  }
  std::vector<double> medians;
  for (std::vector<double> &taken : times)
    medians.push_back(getMedian(taken));
  return medians;
}

Error Tuner::measureCall() {
  auto module = parseModule(kEmptyModel, session.getContext());
  auto artifact = compileAndLoad(session, *module, Phase::Import, options,
                                 /*threads=*/1);
  if (!artifact)
    return artifact.takeError();
  auto inputs = makeInputs((*artifact)->getSignature(), arguments, "", {},
                           session.getContext(), /*alwaysRandom=*/true);
  if (!inputs)
    return inputs.takeError();
  Program *program = artifact->get();
  Expected<std::vector<double>> time = timeInTurn(program, *inputs, seconds);
  if (!time)
    return time.takeError();
  call = time->front();
  return Error::success();
}

Error Tuner::measureProblem(Problem &problem, unsigned repeat) {
  std::vector<Program *> programs;
  for (Way &way : problem.ways)
    programs.push_back(way.artifact.get());
  Expected<std::vector<double>> times =
      timeInTurn(programs, problem.inputs, seconds / 2);
  if (!times)
    return times.takeError();
  for (auto [way, time] : zip_equal(problem.ways, *times))
    way.repeats[repeat] = std::max(time - call, time * 0.1);
  return Error::success();
}

Error Tuner::measure() {
  Activity activity("measuring");
  if (Error error = measureCall())
    return error;
  for (unsigned repeat : {0, 1})
    for (Problem &problem : problems)
      if (Error error = measureProblem(problem, repeat))
        return error;
  return Error::success();
}

std::vector<Measurement>
Tuner::collect(function_ref<bool(size_t)> isTaken) const {
  std::vector<Measurement> measurements;
  for (auto [i, problem] : enumerate(problems))
    for (const Way &way : problem.ways)
      if (isTaken(i) && way.getSpread() <= kMaxSpread)
        measurements.push_back({&problem.work, way.kernel, way.getSeconds()});
  return measurements;
}

Accuracy Tuner::judge(const TargetModel &model,
                      function_ref<bool(size_t)> isTaken) const {
  // As far from the best as a choice may be.
  constexpr double kGood = 1.15;
  Accuracy accuracy;
  std::vector<double> errors;
  for (auto [i, problem] : enumerate(problems)) {
    if (!isTaken(i))
      continue;
    std::string whyNot;
    SmallVector<Candidate> candidates =
        model.getCandidates(problem.work, whyNot);
    const Way *chosen = nullptr;
    double best = std::numeric_limits<double>::infinity();
    // Candidates are in the order in which they are chosen.
    for (const Candidate &candidate : candidates)
      for (const Way &way : problem.ways) {
        if (way.kernel != candidate.kernel || way.getSpread() > kMaxSpread)
          continue;
        errors.push_back(
            std::abs(candidate.cost.seconds / way.getSeconds() - 1));
        best = std::min(best, way.getSeconds());
        if (!chosen)
          chosen = &way;
      }
    if (!chosen)
      continue;
    ++accuracy.problems;
    accuracy.goodChoices += chosen->getSeconds() <= kGood * best;
  }
  accuracy.pairs = errors.size();
  if (!errors.empty())
    accuracy.medianError = getMedian(errors);
  return accuracy;
}

static json::Object toJSON(const Accuracy &accuracy) {
  return json::Object{{"pairs", accuracy.pairs},
                      {"computations", accuracy.problems},
                      {"median_error", accuracy.medianError},
                      {"choices_within_15_percent", accuracy.goodChoices}};
}

static void print(StringRef what, const Accuracy &accuracy) {
  if (accuracy.pairs == 0)
    return;
  outs() << left_justify(what, 26)
         << format("median error %4.1f%% of %zu times; the choice is within "
                   "15%% of the best in %zu of %zu\n",
                   accuracy.medianError * 100, accuracy.pairs,
                   accuracy.goodChoices, accuracy.problems);
}

/// Each way of each problem.
static json::Array listPairs(ArrayRef<Problem> problems,
                             const TargetModel &model) {
  json::Array pairs;
  for (const Problem &problem : problems) {
    std::string whyNot;
    SmallVector<Candidate> candidates =
        model.getCandidates(problem.work, whyNot);
    for (const Way &way : problem.ways) {
      double predicted = 0;
      for (const Candidate &candidate : candidates)
        if (candidate.kernel == way.kernel)
          predicted = candidate.cost.seconds;
      if (!way.kernel)
        predicted = model.getCost(problem.work).seconds;
      pairs.push_back(
          json::Object{{"computation", problem.name},
                       {"kernel", way.kernel ? way.kernel.getName().str() : ""},
                       {"tile", way.kernel ? json::Array(way.kernel.getTile())
                                           : json::Array()},
                       {"seconds", way.getSeconds()},
                       {"spread", way.getSpread()},
                       {"predicted_seconds", predicted}});
    }
  }
  return pairs;
}

size_t Tuner::countWays(function_ref<bool(const Way &)> isCounted) const {
  size_t count = 0;
  for (const Problem &problem : problems)
    count += count_if(problem.ways, isCounted);
  return count;
}

static bool isSteady(const Way &way) { return way.getSpread() <= kMaxSpread; }

/// With fewer times than costs, many costs explain the times equally well.
void Tuner::warnOfFewTimes(const TunedModel &tuned) const {
  size_t times = countWays(isSteady);
  if (times >= tuned.numFitted)
    return;
  clearProgress();
  errs() << "qcc: warning: " << tuned.numFitted << " costs were fitted to "
         << times << (times == 1 ? " time" : " times")
         << ": fewer times than costs do not determine them, and what they "
            "predict of other computations is chance; measure more "
            "computations (without --only), more kernels of each (--kernels), "
            "or for longer (--seconds)\n";
}

/// What was done, and what to do with it.
void Tuner::printEnd() const {
  size_t ways = countWays([](const Way &) { return true; });
  outs() << "measured " << ways << (ways == 1 ? " kernel" : " kernels")
         << " of " << problems.size()
         << (problems.size() == 1 ? " computation" : " computations") << " on "
         << sys::getHostCPUName() << "; ";
  std::optional<StringRef> path = arguments.get("-o");
  if (!path) {
    outs() << "wrote nothing, which -o FILE does\n";
    return;
  }
  outs() << "wrote " << *path << ", for 'qcc compile";
  if (!options.target.empty())
    outs() << " --target=" << options.target;
  std::string costs = ("--" + target.target->getTuning()->getOption()).str();
  for (const auto &[name, value] : options.targetOptions)
    if (name != costs)
      outs() << ' ' << name << '=' << value;
  outs() << ' ' << costs << '=' << *path << "'\n";
}

void Tuner::report(const TunedModel &tuned, const Accuracy &heldOut) {
  auto all = [](size_t) { return true; };
  Accuracy before = judge(target.target->getModel(), all),
           after = judge(*tuned.model, all);
  size_t excluded = countWays([](const Way &way) { return !isSteady(way); });
  if (arguments.has("--json")) {
    outs() << formatv("{0:2}\n",
                      json::Value(json::Object{
                          {"target", target.info->name},
                          {"call_seconds", call},
                          {"excluded", excluded},
                          {"fitted_costs", tuned.numFitted},
                          {"before", toJSON(before)},
                          {"after", toJSON(after)},
                          {"held_out", toJSON(heldOut)},
                          {"pairs", listPairs(problems, *tuned.model)}}));
    return;
  }
  print("costs in use", before);
  print("fitted", after);
  print("fitted to the other half", heldOut);
  outs() << format("left out: %zu times that differ by more than 5%% between "
                   "two repeats\n",
                   excluded);
}

/// Told now and not after minutes of measuring.
static Error checkOutput(StringRef path) {
  SmallString<128> folder = sys::path::parent_path(path);
  if (folder.empty())
    folder = ".";
  if (std::error_code error =
          sys::fs::access(folder, sys::fs::AccessMode::Write))
    return makeUsageError("option '-o': '" + path +
                          "' cannot be written: " + error.message());
  return Error::success();
}

static Error writeFile(StringRef path, StringRef text) {
  return llvm::writeToOutput(path, [&](raw_ostream &out) {
    out << text;
    return Error::success();
  });
}

Error Tuner::run() {
  Expected<int64_t> ways = arguments.getInteger("--kernels", 6, 2);
  if (!ways)
    return ways.takeError();
  Expected<double> time = arguments.getNumber("--seconds", 0.2);
  if (!time)
    return time.takeError();
  if (*ways > 1000)
    return makeUsageError("option '--kernels' needs 2 to 1000");
  if (!(*time <= 60))
    return makeUsageError("option '--seconds' needs 0 to 60 here");
  numWays = *ways;
  seconds = *time;
  if (std::optional<StringRef> path = arguments.get("-o"))
    if (Error error = checkOutput(*path))
      return error;
  if (Error error = findTarget())
    return error;
  if (Error error = prepare())
    return error;
  if (Error error = measure())
    return error;
  const Tuning &tuning = *target.target->getTuning();
  std::string machine = sys::getHostCPUName().str();
  auto fit = [&](function_ref<bool(size_t)> isTaken) {
    Activity activity("fitting");
    return tuning.fit(collect(isTaken), machine);
  };
  Expected<TunedModel> tuned = fit([](size_t) { return true; });
  if (!tuned)
    return tuned.takeError();
  // What a fit says of computations that it has not seen.
  Accuracy heldOut;
  if (problems.size() > 1) {
    auto isEven = [](size_t i) { return i % 2 == 0; };
    auto isOdd = [](size_t i) { return i % 2 != 0; };
    // Where half of them is too little, only these figures are left out.
    if (Expected<TunedModel> half = fit(isEven))
      heldOut = judge(*half->model, isOdd);
    else
      consumeError(half.takeError());
  }
  report(*tuned, heldOut);
  warnOfFewTimes(*tuned);
  if (std::optional<StringRef> path = arguments.get("-o"))
    if (Error error = writeFile(*path, tuned->file))
      return error;
  if (!arguments.has("--json"))
    printEnd();
  return Error::success();
}

static Error runTune(const Arguments &arguments) {
  Expected<int64_t> jobs = arguments.getThreads("-j", 0);
  if (!jobs)
    return jobs.takeError();
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  Session session(*jobs, errs(), arguments.getExtensions());
  return Tuner(session, arguments, std::move(*options)).run();
}

static constexpr OptionSpec options[] = {
    {"-o", "FILE",
     "where the costs are written; without it they are only "
     "compared with what was measured"},
    {"--target", "NAME", "whose costs (default: this processor's)"},
    {"--only", "TEXT", "measure computations with TEXT in their name"},
    {"--kernels", "N", "kernels measured for each computation (default: 6)"},
    {"--seconds", "S", "how long to measure each kernel (default: 0.2)"},
    {"--json", "", "print JSON, with every time"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {options, pluginOptions};

const Command commands::tune = {
    {"tune", "", "fit the costs of a target to this machine",
     "Measures kernels of the target on this machine and fits to them the "
     "costs by which it\nchooses kernels. --costs=FILE has a model compiled "
     "with what was written; compiling itself\nnever measures. Takes a few "
     "minutes, on an idle machine.",
     groups},
    runTune};

} // namespace qcc::driver
