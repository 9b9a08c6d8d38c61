#include "lib/Driver/Commands.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/ModelFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static Error emitIR(mlir::ModuleOp module, StringRef path) {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (error)
    return makeUsageError("cannot write '" + path + "': " + error.message());
  mlir::OpPrintingFlags flags;
  module->print(out, flags);
  return Error::success();
}

static Error run(const Arguments &arguments) {
  Expected<int64_t> jobs = arguments.getInteger("-j", 0, 1);
  if (!jobs)
    return jobs.takeError();
  std::optional<StringRef> phase = arguments.get("--emit");
  if (!phase)
    return makeUsageError("'qcc compile' needs --emit=PHASE");
  if (*phase != "import")
    return makeUsageError("unknown phase '" + *phase + "' in --emit; there " +
                          "is: import");
  Session session(*jobs, errs());
  auto module = readModel(session, arguments.getOperand());
  if (!module)
    return module.takeError();
  return emitIR(**module, arguments.get("-o").value_or("-"));
}

static constexpr OptionSpec options[] = {
    {"-o", "OUT", "where to write; standard output without it"},
    {"--emit", "PHASE", "print the model's IR after this phase: import"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {options};

const Command compileCommand = {{"compile", "MODEL", "compile a model",
                                 "Compiles MODEL, textual IR (.mlir).", groups},
                                run};

} // namespace qcc::driver
