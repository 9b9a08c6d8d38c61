#include "lib/Driver/Commands.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/Errors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static Error emitIR(mlir::ModuleOp module, StringRef path) {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (error)
    return makeUsageError("cannot write '" + path + "': " + error.message());
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(); // Locations name the model's nodes.
  module->print(out, flags);
  out.close();
  if (!out.has_error())
    return Error::success();
  error = out.error();
  out.clear_error();
  return makeUsageError("cannot write '" + path + "': " + error.message());
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

Error compile(const Arguments &arguments, const ModelSource &source,
              raw_ostream &diagnostics) {
  Expected<int64_t> jobs = arguments.getInteger("-j", 0, 1);
  if (!jobs)
    return jobs.takeError();
  Expected<Phase> from = parsePhaseOption(arguments, "--from", Phase::Import);
  if (!from)
    return from.takeError();
  StringRef output = arguments.get("-o").value_or("");
  bool emitsIR =
      arguments.has("--emit") || sys::path::extension(output) == ".mlir";
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
  if (!emitsIR && output.empty())
    return makeUsageError("say where to write, by -o OUT, or what to print, "
                          "by --emit=PHASE");
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  Session session(*jobs, diagnostics);
  auto module = readModel(session, source, *shapes);
  if (!module)
    return module.takeError();
  if (!emitsIR)
    return compileToArtifact(session, **module, *from, *options, output);
  if (Error error = runPhases(session, **module, *from, *to, *options))
    return error;
  return emitIR(**module, output.empty() ? "-" : output);
}

static Error runCompile(const Arguments &arguments) {
  return compile(arguments, {arguments.getOperand().str(), std::nullopt},
                 errs());
}

static constexpr OptionSpec options[] = {
    {"-o", "OUT",
     "where to write; its ending decides what: .so .o .a .s .ll .mlir\n"
     "(default with --emit: standard output)"},
    {"--emit", "PHASE",
     "print the IR after a phase: import, compress, fuse, decide, place,\n"
     "storage, lower"},
    {"--from", "PHASE", "MODEL is IR (.mlir) that has this phase behind it"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {options, programOptions,
                                              shapeOptions};

const Command commands::compile = {
    {"compile", "MODEL", "compile a model",
     "Compiles MODEL: ONNX (.onnx), or qcc's own IR (.mlir).", groups},
    runCompile};

} // namespace qcc::driver
