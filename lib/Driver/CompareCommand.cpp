#include "lib/Driver/Commands.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Differences.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Inputs.h"
#include "lib/Driver/Interpreted.h"
#include "lib/Driver/Probes.h"
#include "lib/Driver/Programs.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;

namespace qcc::driver {

namespace {
struct LayerError {
  const Probe *probe;
  Difference difference;
  bool isInteger, isBad;
};

/// The outputs of one model, by the compiled program and by the interpreter.
struct Outputs {
  std::vector<Probe> probes;
  std::vector<Tensor> compiled, expected;
};
} // namespace

/// What the program that is compiled without probes fuses.
static Expected<Groups> findGroups(Session &session, mlir::ModuleOp module,
                                   const ProgramOptions &options) {
  mlir::OwningOpRef<mlir::ModuleOp> plain = module.clone();
  if (Error error =
          runPhases(session, *plain, Phase::Import, Phase::Lower, options))
    return std::move(error);
  return readGroups(*plain);
}

static Expected<Outputs> runBoth(Session &session, const Arguments &arguments) {
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  StringRef path = arguments.getOperand();
  auto module = readModel(session, {path.str(), std::nullopt}, *shapes);
  if (!module)
    return module.takeError();
  numberOps(**module);
  Expected<Groups> groups = findGroups(session, **module, *options);
  if (!groups)
    return groups.takeError();
  Outputs result;
  auto probes = addProbes(**module, *groups);
  if (!probes)
    return probes.takeError();
  result.probes = std::move(*probes);
  if (result.probes.empty())
    return makeUsageError("'" + path +
                          "' has neither a layer nor an output "
                          "that could be compared");
  mlir::OwningOpRef<mlir::ModuleOp> observed = (*module)->clone();
  if (auto node = arguments.get("--plant-fault"))
    if (!plantFault(*observed, *node))
      return makeUsageError("there is no node '" + *node +
                            "' that gives numbers");
  auto reference = Interpreted::create(std::move(*module));
  if (!reference)
    return reference.takeError();
  auto inputs = makeInputs((*reference)->getSignature(), arguments, "", *shapes,
                           session.getContext(), /*alwaysRandom=*/true);
  if (!inputs)
    return inputs.takeError();
  auto artifact =
      compileAndLoad(session, *observed, Phase::Import, *options, 0);
  if (!artifact)
    return artifact.takeError();
  Activity activity("running the model");
  Expected<Groups> seen = readGroups(*observed);
  if (!seen)
    return seen.takeError();
  checkFusion(result.probes, *seen);
  auto compiled = (*artifact)->run(*inputs);
  if (!compiled)
    return compiled.takeError();
  auto expected = (*reference)->run(*inputs);
  if (!expected)
    return expected.takeError();
  result.compiled = std::move(*compiled);
  result.expected = std::move(*expected);
  return std::move(result);
}

/// Of integers, codes of a byte may differ as a rounding does that is decided
/// by the last bit of an f32: by one, at most one of 1,000. The model's other
/// integers, such as indices, must not differ at all; those inside, such as
/// sums of products of codes, are measured as other numbers are.
static bool isBad(const Difference &difference, mlir::Type type, bool isOutput,
                  double minSqnr) {
  // A NaN or an infinity on one side alone is no matter of degree.
  if (!difference.mismatch.empty() || difference.isSpecialOnOneSide)
    return true;
  auto integer = dyn_cast<mlir::IntegerType>(type);
  if (integer && integer.getWidth() > 1 && integer.getWidth() <= 8)
    return difference.maxAbsolute > 1 ||
           difference.outside >
               std::max<int64_t>(1, difference.elements / 1000);
  if (integer && isOutput)
    return difference.outside != 0;
  return difference.sqnr < minSqnr;
}

static std::vector<LayerError> findErrors(const Outputs &outputs,
                                          double minSqnr) {
  std::vector<LayerError> errors;
  for (const Probe &probe : outputs.probes) {
    const Tensor &expected = outputs.expected[probe.output];
    mlir::Type type = expected.getElementType();
    bool isInteger = isa<mlir::IntegerType>(type);
    Difference difference =
        findDifference(outputs.compiled[probe.output], expected,
                       isInteger ? Tolerance{0, 0} : Tolerance());
    bool bad = isBad(difference, type, probe.isOutput, minSqnr);
    errors.push_back({&probe, std::move(difference), isInteger, bad});
  }
  return errors;
}

/// The node's name, and where it became several layers, which of them.
static std::string getLabel(const Probe &probe) {
  return probe.part.empty() ? probe.name : probe.name + ": " + probe.part;
}

static json::Value toJSON(const LayerError &error) {
  const Difference &d = error.difference;
  return json::Object{
      {"label", json::fixUTF8(getLabel(*error.probe))},
      {"name", json::fixUTF8(error.probe->name)},
      {"type", json::fixUTF8(error.probe->type)},
      {"nodes", json::Array(error.probe->nodes)},
      {"fused_otherwise", error.probe->isFusedOtherwise},
      {"elements", d.elements},
      {"max_abs_error", d.maxAbsolute},
      {"max_rel_error", d.maxRelative},
      {"differing", error.isInteger ? json::Value(d.outside) : nullptr},
      {"sqnr_db", std::isfinite(d.sqnr) ? json::Value(d.sqnr) : nullptr},
      {"mismatch",
       d.mismatch.empty() ? json::Value(nullptr) : json::Value(d.mismatch)},
      {"bad", error.isBad}};
}

static void print(ArrayRef<LayerError> errors, const LayerError *firstBad,
                  double minSqnr) {
  outs() << "   SQNR dB   max abs    max rel   layer\n";
  for (const LayerError &error : errors) {
    const Difference &d = error.difference;
    outs() << (error.isBad ? "! " : "  ");
    if (!d.mismatch.empty())
      outs() << d.mismatch;
    else if (std::isinf(d.sqnr))
      outs() << "   exact";
    else
      outs() << format("%8.1f", d.sqnr);
    outs() << format("  %9.3g  %9.3g   ", d.maxAbsolute, d.maxRelative);
    interleave(error.probe->nodes, outs(), " + ");
    outs() << " (" << error.probe->type
           << (error.probe->part.empty() ? "" : ": ") << error.probe->part
           << ")";
    if (error.probe->isFusedOtherwise)
      outs() << ", fused otherwise in the program that is not observed";
    if (error.isInteger && d.outside)
      outs() << ", " << d.outside << " of " << d.elements << " integers differ";
    outs() << '\n';
  }
  if (firstBad)
    outs() << "first layer below " << format("%g", minSqnr)
           << " dB, or of other integers: " << getLabel(*firstBad->probe)
           << " (" << firstBad->probe->type << ")\n";
  else
    outs() << (errors.size() == 1 ? "the only layer or output reaches "
                                  : "all " + std::to_string(errors.size()) +
                                        " layers and outputs reach ")
           << format("%g", minSqnr) << " dB\n";
}

static Error refuseArtifact(StringRef path) {
  if (!isArtifact(path))
    return Error::success();
  return makeUsageError(
      "'" + path +
      "' is compiled already, and the results of its layers are "
      "no more to be seen; compare the model that it was compiled from (.onnx, "
      ".mlir), with the options that it was compiled with. 'qcc run " +
      path + " --expect DIR' compares outputs with those in files");
}

static Error runCompare(const Arguments &arguments) {
  if (Error error = refuseArtifact(arguments.getOperand()))
    return error;
  Expected<int64_t> jobs = arguments.getThreads("-j", 0);
  if (!jobs)
    return jobs.takeError();
  Expected<double> minSqnr = arguments.getNumber("--min-sqnr", 40);
  if (!minSqnr)
    return minSqnr.takeError();
  Session session(*jobs, errs(), arguments.getExtensions());
  Expected<Outputs> outputs = runBoth(session, arguments);
  if (!outputs)
    return outputs.takeError();
  std::vector<LayerError> errors = findErrors(*outputs, *minSqnr);
  auto bad = find_if(errors, [](const LayerError &e) { return e.isBad; });
  const LayerError *firstBad = bad == errors.end() ? nullptr : &*bad;
  if (arguments.has("--json")) {
    json::Array layers;
    for (const LayerError &error : errors)
      layers.push_back(toJSON(error));
    json::Object report{
        {"layers", std::move(layers)},
        {"min_sqnr_db", *minSqnr},
        {"first_bad",
         firstBad ? json::Value(json::fixUTF8(getLabel(*firstBad->probe)))
                  : json::Value(nullptr)}};
    outs() << formatv("{0:2}\n", json::Value(std::move(report)));
  } else {
    print(errors, firstBad, *minSqnr);
  }
  return firstBad ? makeDifference() : Error::success();
}

static constexpr OptionSpec options[] = {
    {"--json", "", "print JSON; an SQNR of null is that of equal numbers"},
    {"--min-sqnr", "DB",
     "a layer below is bad, and the exit status then 1 (default: 40)"},
    {"--input", "NAME=FILE",
     "an input's value (.npy, .pb); others are random (repeat)",
     /*repeats=*/true},
    {"--seed", "N", "of random inputs (default: 0)"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
    {"--plant-fault", "NODE", "", /*repeats=*/false, /*hidden=*/true},
};
static const ArrayRef<OptionSpec> groups[] = {options, programOptions,
                                              pluginOptions, shapeOptions};

const Command commands::compare = {
    {"compare", "MODEL", "find the layers where precision is lost",
     "Compiles MODEL so that each layer's result is an output too, runs it, "
     "and "
     "compares the\nlayers with the interpreter's: the error of each, and the "
     "first one that is bad. Ops\nthat are fused into a layer are part of it.",
     groups},
    runCompare};

} // namespace qcc::driver
