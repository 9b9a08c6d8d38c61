#include "lib/Driver/Commands.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Report.h"
#include "lib/Host/ModelInterface.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static Error writeText(StringRef path,
                       function_ref<void(raw_ostream &)> print) {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (!error) {
    print(out);
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (!error)
    return Error::success();
  return makeUsageError("cannot write '" + path + "': " + error.message());
}

static Error emitIR(mlir::ModuleOp module, StringRef path) {
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(); // Locations name the model's nodes.
  return writeText(path, [&](raw_ostream &out) { module->print(out, flags); });
}

static Expected<Phase> parsePhaseOption(const Arguments &arguments,
                                        StringRef option, Phase otherwise) {
  std::optional<StringRef> name = arguments.get(option);
  if (!name)
    return otherwise;
  std::optional<Phase> phase = parsePhase(*name);
  if (phase && *phase != Phase::Emit)
    return *phase;
  std::string names =
      join(map_range(getPhases().drop_back(), getPhaseName), ", ");
  return makeUsageError("unknown phase '" + *name + "' in " + option +
                        "; there are: " + names);
}

namespace {
/// What is asked of `qcc compile`.
struct Request {
  unsigned jobs = 0;
  Phase from = Phase::Import, to = Phase::Emit;
  std::string output, report;
  Shapes shapes;
  ProgramOptions program;
};
} // namespace

static Error parsePhases(const Arguments &arguments, const ModelSource &source,
                         Request &request) {
  Expected<Phase> from = parsePhaseOption(arguments, "--from", Phase::Import);
  if (!from)
    return from.takeError();
  bool emitsIR = arguments.has("--emit") ||
                 sys::path::extension(request.output) == ".mlir";
  Expected<Phase> to =
      parsePhaseOption(arguments, "--emit",
                       emitsIR ? std::max(*from, Phase::Storage) : Phase::Emit);
  if (!to)
    return to.takeError();
  if (*to < *from)
    return makeUsageError("--emit=" + getPhaseName(*to) +
                          " comes before --from=" + getPhaseName(*from));
  if (arguments.has("--from") &&
      (source.bytes || sys::path::extension(source.name) != ".mlir"))
    return makeUsageError("--from is for a module of qcc (.mlir); '" +
                          source.name + "' is none");
  // Else a file would be called a program and hold text.
  auto isArtifacts = [&](const TargetInfo &target) {
    return is_contained(target.endings, sys::path::extension(request.output));
  };
  if (emitsIR &&
      any_of(arguments.getExtensions()->getTargets().getTargets(), isArtifacts))
    return makeUsageError("--emit prints IR, and '" + request.output +
                          "' has the ending of another kind of file: call it "
                          ".mlir, or leave --emit out");
  if (!emitsIR && request.output.empty())
    return makeUsageError("say where to write, by -o OUT, or what to print, "
                          "by --emit=PHASE");
  if (!request.report.empty() &&
      (emitsIR || sys::path::extension(request.report) != ".json"))
    return makeUsageError("--report writes what became of the layers of an "
                          "artifact (-o) to a file .json, not to '" +
                          request.report + "'");
  request.from = *from;
  request.to = *to;
  return Error::success();
}

static Expected<Request> parseRequest(const Arguments &arguments,
                                      const ModelSource &source) {
  Request request;
  Expected<int64_t> jobs = arguments.getThreads("-j", 0);
  if (!jobs)
    return jobs.takeError();
  request.jobs = static_cast<unsigned>(*jobs);
  request.output = arguments.get("-o").value_or("").str();
  request.report = arguments.get("--report").value_or("").str();
  if (Error error = parsePhases(arguments, source, request))
    return std::move(error);
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  request.shapes = std::move(*shapes);
  if (Error error = refuseShapesOfIR(source, request.shapes))
    return std::move(error);
  Expected<ProgramOptions> program = parseProgram(arguments);
  if (!program)
    return program.takeError();
  request.program = std::move(*program);
  return request;
}

static Error writeReport(mlir::ModuleOp module, StringRef path) {
  auto report = module->getAttrOfType<mlir::StringAttr>(host::layersAttribute);
  if (!report)
    return makeUsageError("--report needs a model that is compiled from phase "
                          "decide or before");
  return writeText(path,
                   [&](raw_ostream &out) { out << report.getValue() << '\n'; });
}

Error compile(const Arguments &arguments, const ModelSource &source,
              raw_ostream &diagnostics) {
  Expected<Request> request = parseRequest(arguments, source);
  if (!request)
    return request.takeError();
  Session session(request->jobs, diagnostics, arguments.getExtensions());
  auto module = readModel(session, source, request->shapes);
  if (!module)
    return module.takeError();
  if (request->to != Phase::Emit) {
    if (Error error = runPhases(session, **module, request->from, request->to,
                                request->program))
      return error;
    return emitIR(**module, request->output.empty() ? "-" : request->output);
  }
  if (Error error = compileToArtifact(session, **module, request->from,
                                      request->program, request->output))
    return error;
  return request->report.empty() ? Error::success()
                                 : writeReport(**module, request->report);
}

static Error runCompile(const Arguments &arguments) {
  return compile(arguments, {arguments.getOperand().str(), std::nullopt},
                 errs());
}

static constexpr OptionSpec options[] = {
    {"-o", "OUT",
     "where to write; its ending decides what: .so .o .a .s .ll .mlir, or\n"
     "one of the target's (default with --emit: standard output)"},
    {"--emit", "PHASE",
     "print the IR after a phase: import, compress, fuse, place, layout,\n"
     "decide, storage, lower"},
    {"--report", "FILE.json", "write what became of each layer"},
    {"--from", "PHASE", "MODEL is IR (.mlir) that has this phase behind it"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {options, programOptions,
                                              pluginOptions, shapeOptions};

const Command commands::compile = {
    {"compile", "MODEL", "compile a model",
     "Compiles MODEL: ONNX (.onnx), or qcc's own IR (.mlir).", groups},
    runCompile};

} // namespace qcc::driver
