#include "lib/Driver/Commands.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Peak.h"
#include "lib/Driver/Programs.h"
#include "lib/Driver/Report.h"
#include "lib/Driver/RunMacs.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace llvm;

namespace qcc::driver {

namespace {
struct Timing {
  std::vector<double> seconds; ///< Sorted.
  double quantile(double share) const {
    return seconds[static_cast<size_t>(
        share * static_cast<double>(seconds.size() - 1) + 0.5)];
  }
};

/// What a run has to do at least.
struct Demand {
  std::optional<double> macs; ///< None: not told by the extents of inputs.
  double bytes = 0;
  double items = 1;
};
} // namespace

static Expected<Timing> measure(Program &program, ArrayRef<Tensor> inputs,
                                double seconds, int64_t runs) {
  using Clock = std::chrono::steady_clock;
  Timing timing;
  Activity activity("measuring");
  auto begin = Clock::now();
  // The first run maps weights and starts threads.
  for (int64_t run = -1;; ++run) {
    auto start = Clock::now();
    auto outputs = program.run(inputs);
    auto end = Clock::now();
    if (!outputs)
      return outputs.takeError();
    if (run < 0) {
      begin = Clock::now();
      continue;
    }
    timing.seconds.push_back(
        std::chrono::duration<double>(end - start).count());
    double total = std::chrono::duration<double>(end - begin).count();
    if (runs > 0 ? run + 1 >= runs : total >= seconds && run >= 4)
      break;
  }
  sort(timing.seconds);
  return timing;
}

static Demand getDemand(const Artifact &artifact, ArrayRef<Tensor> inputs) {
  Demand demand;
  const LoadedModel &model = artifact.getModel();
  demand.bytes = static_cast<double>(model.getDescription().weights_bytes);
  for (const Tensor &input : inputs)
    demand.bytes += static_cast<double>(input.getBytes().size());
  if (!inputs.empty() && inputs[0].getRank() > 0)
    demand.items =
        static_cast<double>(std::max<int64_t>(inputs[0].getDim(0), 1));
  Expected<json::Object> report = readReport(model);
  if (!report) {
    consumeError(report.takeError());
    return demand;
  }
  SmallVector<ArrayRef<int64_t>> shapes;
  for (const Tensor &input : inputs)
    shapes.push_back(input.getShape());
  if (const json::Array *steps = report->getArray("macs_of_run"))
    if (std::optional<int64_t> macs = countMacs(*steps, shapes))
      demand.macs = static_cast<double>(*macs);
  return demand;
}

static json::Object makeResult(const Timing &timing, const Demand &demand,
                               const Peak &peak, unsigned threads) {
  double median = timing.quantile(0.5);
  json::Object result{{"threads", threads},
                      {"runs", static_cast<int64_t>(timing.seconds.size())},
                      {"median_seconds", median},
                      {"min_seconds", timing.seconds.front()},
                      {"p10_seconds", timing.quantile(0.1)},
                      {"p90_seconds", timing.quantile(0.9)},
                      {"items_per_second", demand.items / median},
                      {"gb_per_second", demand.bytes / median * 1e-9},
                      {"peak_gb_per_second", peak.bytes * 1e-9},
                      {"gb_share_of_peak", demand.bytes / median / peak.bytes},
                      {"peak_gflop_per_second", peak.flops * 1e-9},
                      {"macs", nullptr},
                      {"gflop_per_second", nullptr},
                      {"gflop_share_of_peak", nullptr}};
  if (demand.macs) {
    double flops = 2 * *demand.macs;
    result["macs"] = *demand.macs;
    result["gflop_per_second"] = flops / median * 1e-9;
    result["gflop_share_of_peak"] = flops / median / peak.flops;
  }
  return result;
}

static void print(const json::Object &result) {
  auto get = [&](StringRef key) { return result.getNumber(key).value_or(0); };
  outs() << format("latency  median %.4g ms, 10%% to 90%%: %.4g to %.4g ms, "
                   "minimum %.4g ms (%.0f %s, %.0f %s)\n",
                   get("median_seconds") * 1e3, get("p10_seconds") * 1e3,
                   get("p90_seconds") * 1e3, get("min_seconds") * 1e3,
                   get("runs"), get("runs") == 1 ? "run" : "runs",
                   get("threads"), get("threads") == 1 ? "thread" : "threads");
  outs() << format("items    %.4g/s\n", get("items_per_second"));
  if (result.getNumber("gflop_per_second"))
    outs() << "compute  " << formatCount(get("macs"))
           << format(" MACs, %.4g GFLOP/s, %.1f%% of this machine's %.4g "
                     "in f32\n",
                     get("gflop_per_second"), get("gflop_share_of_peak") * 100,
                     get("peak_gflop_per_second"));
  else
    outs() << "compute  unknown: extents of the inputs do not tell what is "
              "computed (it depends on data, or the artifact was compiled from "
              "IR behind phase 'decide')\n";
  // Nothing is read faster than memory gives it but from a cache.
  if (get("gb_share_of_peak") > 1)
    outs() << format("memory   %.4g GB/s, out of a cache (weights and inputs, "
                     "read once; memory itself gives %.4g)\n",
                     get("gb_per_second"), get("peak_gb_per_second"));
  else
    outs() << format("memory   %.4g GB/s, %.1f%% of this machine's %.4g "
                     "(weights and inputs, read once)\n",
                     get("gb_per_second"), get("gb_share_of_peak") * 100,
                     get("peak_gb_per_second"));
}

static Error runBench(const Arguments &arguments) {
  Expected<int64_t> jobs = arguments.getThreads("-j", 0);
  if (!jobs)
    return jobs.takeError();
  Expected<int64_t> threads = arguments.getThreads("--threads", 1);
  if (!threads)
    return threads.takeError();
  Expected<int64_t> runs = arguments.getInteger("--runs", 0, 1);
  if (!runs)
    return runs.takeError();
  if (*runs)
    if (Error error = arguments.refuse("--seconds", "has no say beside --runs"))
      return error;
  Expected<double> seconds = arguments.getNumber("--seconds", 2);
  if (!seconds)
    return seconds.takeError();
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Session session(*jobs, errs(), arguments.getExtensions());
  auto artifact = makeArtifact(session, arguments, *shapes, *threads);
  if (!artifact)
    return artifact.takeError();
  auto inputs = makeInputs((*artifact)->getSignature(), arguments, "", *shapes,
                           session.getContext(), /*alwaysRandom=*/true);
  if (!inputs)
    return inputs.takeError();
  Expected<Timing> timing = measure(**artifact, *inputs, *seconds, *runs);
  if (!timing)
    return timing.takeError();
  json::Object result = makeResult(*timing, getDemand(**artifact, *inputs),
                                   measurePeak(*threads), *threads);
  if (arguments.has("--json"))
    outs() << formatv("{0:2}\n", json::Value(std::move(result)));
  else
    print(result);
  return Error::success();
}

static constexpr OptionSpec options[] = {
    {"--json", "", "print JSON"},
    {"--threads", "N", "threads of a run (default: 1)"},
    {"--seconds", "S", "how long to measure (default: 2)"},
    {"--runs", "N", "how many runs to measure, in place of --seconds"},
    {"--input", "NAME=FILE",
     "an input's value (.npy, .pb); others are random (repeat)",
     /*repeats=*/true},
    {"--seed", "N", "of random inputs (default: 0)"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {options, programOptions,
                                              pluginOptions, shapeOptions};

const Command commands::bench = {
    {"bench", "MODEL|ARTIFACT", "measure a model's speed",
     "Runs MODEL or ARTIFACT (.so) again and again on random inputs and prints "
     "its latency,\nitems (first extent of the first input) a second, and what "
     "share of this machine's\npeak it reaches.",
     groups},
    runBench};

} // namespace qcc::driver
