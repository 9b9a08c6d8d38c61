#include "lib/Driver/Compile.h"

#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"

#include "lib/Driver/Report.h"
#include "lib/Target/CPU/Compile.h"

#include "dialects/QNN/IR/Format.h"
#include "lib/Formats/FormatSpec.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace qcc::driver {

static constexpr OptionSpec specs[] = {
    {"--target", "cpu", "device to compile for (default: cpu)"},
    {"--method", "rtn",
     "how --weights are quantized: rtn, round to nearest (default)"},
    {"--weights", "FORMAT",
     "store constant weights in this format: CODEC[:gN|:axis|:tensor], as in\n"
     "int4:g32, nf4:g64, fp8_e4m3, int8"},
    {"--activations", "FORMAT",
     "quantize activations of contractions: int8:dynamic:token"},
    {"-O", "0..3", "optimization level (default: 2)"},
    {"--mcpu", "NAME", "processor, as LLVM calls it (default: this machine's)"},
    {"--mattr", "+A,-B", "processor features to add or leave out"},
    {"--mtriple", "TRIPLE", "machine, as LLVM calls it (default: this one)"},
    {"--crash-in", "PHASE", "", /*repeats=*/false, /*hidden=*/true},
};
const ArrayRef<OptionSpec> programOptions = specs;

/// The passes parse formats again; here a mistake is told before the model is
/// read.
static Error checkFormats(const Arguments &arguments) {
  using Parse = Expected<formats::FormatSpec> (*)(StringRef);
  for (auto [option, parse] :
       {std::pair<StringRef, Parse>("--weights", formats::parseWeightFormat),
        std::pair<StringRef, Parse>("--activations",
                                    formats::parseActivationFormat)}) {
    std::optional<StringRef> text = arguments.get(option);
    if (!text)
      continue;
    Expected<formats::FormatSpec> spec = parse(*text);
    if (!spec)
      return makeUsageError("option '" + option +
                            "': " + toString(spec.takeError()));
  }
  return Error::success();
}

/// Options of which there is but one value yet.
static Error checkOnlyValues(const Arguments &arguments) {
  for (auto [option, value] :
       {std::pair("--target", "cpu"), std::pair("--method", "rtn")}) {
    std::optional<StringRef> given = arguments.get(option);
    if (given && *given != value)
      return makeUsageError(Twine("option '") + option + "': '" + *given +
                            "' is not known; there is: " + value);
  }
  if (!arguments.has("--weights"))
    return arguments.refuse("--method", "is for --weights");
  return Error::success();
}

Expected<ProgramOptions> parseProgram(const Arguments &arguments) {
  if (Error error = checkOnlyValues(arguments))
    return std::move(error);
  ProgramOptions options;
  Expected<int64_t> level = arguments.getInteger("-O", 2);
  if (!level)
    return level.takeError();
  if (*level > 3)
    return makeUsageError("option '-O' needs 0 to 3, not " + Twine(*level));
  options.pipeline.optLevel = static_cast<unsigned>(*level);
  auto get = [&](StringRef name) {
    return arguments.get(name).value_or("").str();
  };
  options.pipeline.weights = get("--weights");
  options.pipeline.activations = get("--activations");
  if (Error error = checkFormats(arguments))
    return std::move(error);
  options.mcpu = get("--mcpu");
  options.mattr = get("--mattr");
  options.triple = get("--mtriple");
  options.crashIn = get("--crash-in");
  return options;
}

static qnn::TargetAttr getTarget(mlir::ModuleOp module) {
  return module->getAttrOfType<qnn::TargetAttr>(
      qnn::TargetAttr::getModuleAttrName());
}

/// Puts in what the module says of the machine it is for.
static void setMachine(cpu::EmitOptions &emit, qnn::TargetAttr target) {
  auto getText = [](mlir::StringAttr text) {
    return text ? text.str() : std::string();
  };
  emit.mcpu = getText(target.getMcpu());
  emit.mattr = getText(target.getMattr());
  emit.triple = getText(target.getMachine());
}

/// Kernels were or will be chosen for what the module says, so code must be
/// made for that, too.
static Error checkSame(StringRef option, StringRef given, StringRef modules) {
  if (given.empty() || given == modules ||
      (given == "native" && modules.empty()))
    return Error::success();
  return makeUsageError("option '" + option + "=" + given +
                        "': the module is made for " +
                        (modules.empty() ? "this machine's" : modules) +
                        " (its qnn.target); leave the option out, or compile "
                        "the model again");
}

/// Has the module say what it is for: once, so that every phase, and emission,
/// makes it for the same machine.
static Error setTarget(mlir::ModuleOp module, const ProgramOptions &options) {
  mlir::Builder b(module.getContext());
  if (!getTarget(module)) {
    auto make = [&](StringRef text) {
      return text.empty() ? mlir::StringAttr() : b.getStringAttr(text);
    };
    module->setAttr(
        qnn::TargetAttr::getModuleAttrName(),
        qnn::TargetAttr::get(module.getContext(), "cpu", make(options.mcpu),
                             make(options.mattr), make(options.triple)));
  }
  if (getTarget(module).getName() != "cpu")
    return Error::success();
  cpu::EmitOptions emit;
  setMachine(emit, getTarget(module));
  if (Error error = checkSame("--mcpu", options.mcpu, emit.mcpu))
    return error;
  if (Error error = checkSame("--mattr", options.mattr, emit.mattr))
    return error;
  if (Error error = checkSame("--mtriple", options.triple, emit.triple))
    return error;
  // An unknown processor is told now and not after the work.
  return cpu::createTargetMachine(emit).takeError();
}

static std::string printModule(mlir::ModuleOp module) {
  std::string text;
  raw_string_ostream out(text);
  mlir::OpPrintingFlags flags;
  // A reproducer without its weights is one that can be sent.
  flags.elideLargeElementsAttrs(64).elideLargeResourceString(64);
  flags.printGenericOpForm(/*enable=*/false).assumeVerified();
  module->print(out, flags);
  return text;
}

static Error makeDefectWithReproducer(const Twine &what,
                                      mlir::ModuleOp before) {
  std::string text = what.str();
  std::string path = writeReproducer(text, printModule(before));
  return makeDefect(text +
                    "\nqcc: this is an error in qcc, not in the model; " +
                    "reproducer: " + path);
}

/// What makes a failure of a phase one of qcc: it said nothing, or left IR that
/// is not valid.
static Error classifyFailure(Session &session, mlir::ModuleOp module,
                             mlir::ModuleOp before, unsigned errorsBefore,
                             StringRef phase) {
  if (session.getNumErrors() == errorsBefore)
    return makeDefectWithReproducer(
        "phase '" + phase + "' failed without a message", before);
  if (mlir::failed(mlir::verify(module)))
    return makeDefectWithReproducer("phase '" + phase + "' made invalid IR",
                                    before);
  return makeReportedError();
}

static Error runPhase(Session &session, mlir::ModuleOp module, Phase from,
                      Phase to, const ProgramOptions &options) {
  StringRef name = getPhaseName(to);
  // Constants are shared with the copy, so it costs little.
  mlir::OwningOpRef<mlir::ModuleOp> before = module.clone();
  mlir::PassManager pm(&session.getContext(),
                       mlir::ModuleOp::getOperationName());
  buildPipeline(pm, from, to, options.pipeline);
  unsigned errors = session.getNumErrors();
  bool failed = false;
  Activity activity(name.data());
  std::string crash = runGuarded([&] {
    if (options.crashIn == name)
      report_fatal_error("a crash was asked for");
    failed = mlir::failed(pm.run(module));
  });
  if (!crash.empty())
    return makeDefectWithReproducer(crash, *before);
  if (failed)
    return classifyFailure(session, module, *before, errors, name);
  return Error::success();
}

Error runPhases(Session &session, mlir::ModuleOp module, Phase from, Phase to,
                const ProgramOptions &options) {
  if (Error error = setTarget(module, options))
    return error;
  for (Phase phase : getPhases()) {
    if (phase <= from || phase > to)
      continue;
    if (Error error = runPhase(session, module, from, phase, options))
      return error;
    from = phase;
  }
  return Error::success();
}

static Expected<cpu::EmitOptions> getEmitOptions(Session &session,
                                                 mlir::ModuleOp module,
                                                 const ProgramOptions &options,
                                                 StringRef output) {
  if (Error error = setTarget(module, options))
    return std::move(error);
  std::optional<cpu::OutputKind> kind = cpu::getOutputKind(output);
  if (!kind)
    return makeUsageError("cannot tell what to write from the name '" + output +
                          "': it must end in .so, .o, .a, .s, .ll or .mlir");
  cpu::EmitOptions emit;
  setMachine(emit, getTarget(module));
  emit.optLevel = options.pipeline.optLevel;
  emit.jobs = session.getJobs();
  emit.kind = *kind;
  emit.guard = [crashes = options.crashIn == "emit"](function_ref<void()> f) {
    return runGuarded([&] {
      if (crashes)
        report_fatal_error("a crash was asked for");
      f();
    });
  };
  // Told now and not after the work, too.
  if (Error error = cpu::checkOutput(emit))
    return std::move(error);
  return emit;
}

/// Of several threads' errors, one defect is enough.
static Error classifyEmissionError(Error error, mlir::ModuleOp module) {
  std::string defect;
  error = handleErrors(std::move(error), [&](const cpu::DefectError &error) {
    defect = error.message();
  });
  if (defect.empty())
    return error;
  consumeError(std::move(error));
  return makeDefectWithReproducer(defect, module);
}

/// Adds what is known behind the last phase: the fixed part of a run's memory.
static void recordReport(mlir::ModuleOp lowered, json::Value report) {
  lowered.walk([&](mlir::Operation *op) {
    if (auto bytes = op->getAttrOfType<mlir::IntegerAttr>("qcc.arena_bytes"))
      (*report.getAsObject())["arena_bytes"] = bytes.getInt();
  });
  std::string text;
  raw_string_ostream(text) << report;
  mlir::Builder b(lowered.getContext());
  lowered->setAttr(layersAttribute, b.getStringAttr(text));
}

Error compileToArtifact(Session &session, mlir::ModuleOp module, Phase from,
                        const ProgramOptions &options, StringRef output) {
  Expected<cpu::EmitOptions> emit =
      getEmitOptions(session, module, options, output);
  if (!emit)
    return emit.takeError();
  std::optional<json::Value> report;
  // Behind it kernels are applied, and layers are no more to be told apart.
  if (from <= Phase::Place) {
    if (Error error = runPhases(session, module, from, Phase::Place, options))
      return error;
    from = Phase::Place;
    report = makeReport(sys::path::filename(describe(module.getLoc())),
                        listLayers(module));
  }
  if (Error error = runPhases(session, module, from, Phase::Lower, options))
    return error;
  if (report)
    recordReport(module, std::move(*report));
  Activity activity("emitting code");
  std::string name = cpu::makeModelName(sys::path::stem(output));
  Error error = Error::success();
  std::string crash =
      runGuarded([&] { error = cpu::writeModel(module, name, *emit, output); });
  if (crash.empty())
    return classifyEmissionError(std::move(error), module);
  consumeError(std::move(error));
  return makeDefectWithReproducer(crash, module);
}

} // namespace qcc::driver
