#include "lib/Driver/Compile.h"

#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"

#include "lib/Driver/ModuleTarget.h"
#include "lib/Driver/Report.h"

#include "dialects/QNN/IR/Format.h"
#include "dialects/QNN/IR/FormatText.h"
#include "lib/Fuse/Groups.h"
#include "lib/Host/ModelInterface.h"
#include "qcc/Target/Registry.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace qcc::driver {

static constexpr OptionSpec specs[] = {
    {"--target", "NAME", "device to compile for (default: this processor)"},
    {"--method", "rtn",
     "how --weights are quantized: rtn, round to nearest (default)"},
    {"--weights", "FORMAT",
     "store constant weights in this format: CODEC[:gN|:axis|:tensor];\n"
     "`qcc formats` lists them"},
    {"--activations", "FORMAT",
     "quantize activations of contractions: CODEC:dynamic:token, of those\n"
     "that `qcc formats` lists"},
    {"-O", "0..3", "optimization level (default: 2)"},
    {"--crash-in", "PHASE", "", /*repeats=*/false, /*hidden=*/true},
};
const ArrayRef<OptionSpec> programOptions = specs;

/// The passes parse formats again; here a mistake is told before the model is
/// read.
static Error checkFormats(const Arguments &arguments) {
  if (!arguments.has("--weights") && !arguments.has("--activations"))
    return Error::success();
  // Plug-ins add codecs to a context's dialect.
  Session session(1, errs(), arguments.getExtensions());
  using Parse = Expected<qnn::FormatAttr> (*)(mlir::MLIRContext *, StringRef);
  for (auto [option, parse] :
       {std::pair<StringRef, Parse>("--weights", qnn::parseWeightFormat),
        std::pair<StringRef, Parse>("--activations",
                                    qnn::parseActivationFormat)}) {
    std::optional<StringRef> text = arguments.get(option);
    if (!text)
      continue;
    Expected<qnn::FormatAttr> format = parse(&session.getContext(), *text);
    if (!format)
      return makeUsageError("option '" + option +
                            "': " + toString(format.takeError()));
  }
  return Error::success();
}

/// There is but one method yet.
static Error checkMethod(const Arguments &arguments) {
  std::optional<StringRef> method = arguments.get("--method");
  if (method && *method != "rtn")
    return makeUsageError("option '--method': '" + *method +
                          "' is not known; there is: rtn");
  if (!arguments.has("--weights"))
    return arguments.refuse("--method", "is for --weights");
  return Error::success();
}

Expected<ProgramOptions> parseProgram(const Arguments &arguments) {
  if (Error error = checkMethod(arguments))
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
  const Extensions &extensions = *arguments.getExtensions();
  options.target = get("--target");
  if (!options.target.empty())
    if (auto info = extensions.getTargets().get(options.target); !info)
      return makeUsageError("option '--target': " + toString(info.takeError()));
  for (const OptionSpec &spec : extensions.getTargetOptions())
    if (std::optional<StringRef> value = arguments.get(spec.name))
      options.targetOptions.push_back({spec.name.str(), value->str()});
  options.pipeline.plugins = extensions.getPasses();
  options.crashIn = get("--crash-in");
  return options;
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

/// Whether what failed in phase `to` is qcc's doing. What the importer took and
/// the phases up to `place` let pass is to be compiled; a module of IR may be
/// written by hand, and what a phase says of it is an answer to its author.
static bool isDefectBehindPlace(Session &session, mlir::ModuleOp before,
                                Phase from, Phase to) {
  if (session.hasReadIR() || to <= Phase::Place)
    return false;
  if (from > Phase::Place)
    return true;
  // A phase begins with a check of what the phase before it made.
  mlir::ScopedDiagnosticHandler silence(
      &session.getContext(),
      [](mlir::Diagnostic &) { return mlir::success(); });
  return mlir::succeeded(verifyPhase(before, from));
}

/// What makes a failure of a phase one of qcc: it said nothing, left IR that is
/// not valid, or came too late to be the model's.
static Error classifyFailure(Session &session, mlir::ModuleOp module,
                             mlir::ModuleOp before, unsigned errorsBefore,
                             Phase from, Phase to) {
  auto makeFailure = [&](const Twine &what) {
    return makeDefectWithReproducer("phase '" + getPhaseName(to) + "' " + what,
                                    before);
  };
  if (session.getNumErrors() == errorsBefore)
    return makeFailure("failed without a message");
  if (mlir::failed(mlir::verify(module)))
    return makeFailure("made invalid IR");
  if (isDefectBehindPlace(session, before, from, to))
    return makeFailure("refused what the phases before it let pass; the error "
                       "above says what");
  return makeReportedError();
}

static Error runPhase(Session &session, mlir::ModuleOp module,
                      const Target &target, Phase from, Phase to,
                      const ProgramOptions &options) {
  StringRef name = getPhaseName(to);
  // Constants are shared with the copy, so it costs little.
  mlir::OwningOpRef<mlir::ModuleOp> before = module.clone();
  mlir::PassManager pm(&session.getContext(),
                       mlir::ModuleOp::getOperationName());
  PipelineOptions pipeline = options.pipeline;
  pipeline.target = &target;
  buildPipeline(pm, from, to, pipeline);
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
    return classifyFailure(session, module, *before, errors, from, to);
  return Error::success();
}

Error runPhases(Session &session, mlir::ModuleOp module, Phase from, Phase to,
                const ProgramOptions &options) {
  Expected<ModuleTarget> target = setTarget(session, module, options);
  if (!target)
    return target.takeError();
  if (to >= Phase::Lower)
    if (Error error = checkOneTarget(module))
      return error;
  for (Phase phase : getPhases()) {
    if (phase <= from || phase > to)
      continue;
    if (Error error =
            runPhase(session, module, *target->target, from, phase, options))
      return error;
    from = phase;
  }
  return Error::success();
}

static EmitOptions makeEmitOptions(Session &session,
                                   const ProgramOptions &options,
                                   const HostCode *host) {
  EmitOptions emit;
  emit.optLevel = options.pipeline.optLevel;
  emit.jobs = session.getJobs();
  emit.host = host;
  emit.guard = [crashes = options.crashIn == "emit"](function_ref<void()> f) {
    return runGuarded([&] {
      if (crashes)
        report_fatal_error("a crash was asked for");
      f();
    });
  };
  return emit;
}

/// Told now and not after the work.
static Error checkOutput(const TargetInfo &info, const Target &target,
                         const EmitOptions &emit, StringRef output) {
  if (is_contained(info.endings, sys::path::extension(output)))
    return target.checkOutput(output, emit);
  return makeUsageError("cannot tell what to write from the name '" + output +
                        "': for target '" + info.name + "' it must end in " +
                        join(info.endings, ", ") + " or .mlir");
}

/// Of several threads' errors, one defect is enough.
static Error classifyEmissionError(Error error, mlir::ModuleOp module) {
  std::string defect;
  error = handleErrors(std::move(error), [&](const DefectError &error) {
    defect = error.message();
  });
  if (defect.empty())
    return error;
  consumeError(std::move(error));
  return makeDefectWithReproducer(defect, module);
}

/// The nodes that became one loop or contraction, where they are several.
static json::Array listFused(mlir::ModuleOp lowered) {
  json::Array list;
  auto groups = fuse::getGroups(lowered);
  if (!groups)
    return list;
  for (ArrayRef<mlir::Location> locations : *groups) {
    SetVector<StringRef> names;
    for (mlir::Location location : locations)
      if (std::optional<NodeLocation> node = getNode(location))
        names.insert(node->name);
    json::Array nodes;
    for (StringRef name : names)
      nodes.push_back(json::fixUTF8(name));
    if (nodes.size() > 1)
      list.push_back(std::move(nodes));
  }
  return list;
}

/// Adds what is known behind the last phase: the fixed part of a run's memory,
/// and what was fused.
static void recordReport(mlir::ModuleOp lowered, json::Object report) {
  lowered.walk([&](mlir::Operation *op) {
    if (auto bytes = op->getAttrOfType<mlir::IntegerAttr>("qcc.arena_bytes"))
      report["arena_bytes"] = bytes.getInt();
  });
  report["fused"] = listFused(lowered);
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(report));
  mlir::Builder b(lowered.getContext());
  lowered->setAttr(host::layersAttribute, b.getStringAttr(text));
}

Error compileToArtifact(Session &session, mlir::ModuleOp module, Phase from,
                        const ProgramOptions &options, StringRef output) {
  Expected<ModuleTarget> target = setTarget(session, module, options);
  if (!target)
    return target.takeError();
  EmitOptions emit = makeEmitOptions(session, options, target->host);
  if (Error error = checkOutput(*target->info, *target->target, emit, output))
    return error;
  std::optional<json::Object> report;
  // Behind it kernels are applied, and layers are no more to be told apart.
  if (from <= Phase::Decide) {
    if (Error error = runPhases(session, module, from, Phase::Decide, options))
      return error;
    from = Phase::Decide;
    report = makeReport(sys::path::filename(describe(module.getLoc())), module);
  }
  if (Error error = runPhases(session, module, from, Phase::Lower, options))
    return error;
  if (report)
    recordReport(module, std::move(*report));
  Activity activity("emitting code");
  Error error = Error::success();
  std::string crash =
      runGuarded([&] { error = target->target->emit(module, output, emit); });
  if (crash.empty())
    return classifyEmissionError(std::move(error), module);
  consumeError(std::move(error));
  return makeDefectWithReproducer(crash, module);
}

} // namespace qcc::driver
