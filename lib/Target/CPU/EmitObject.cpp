// Code generation. A large module is cut into parts of about equal size, which
// are optimized and compiled on several threads, each in its own LLVMContext,
// where they arrive as bitcode.

#include "lib/Target/CPU/Emit.h"

#include "lib/Host/LLVMOptions.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Transforms/Utils/SplitModule.h"

#include <mutex>

using namespace llvm;

namespace qcc::cpu {

namespace {

// Without one, LLVMContext ends the process at an error.
struct ErrorCollector : DiagnosticHandler {
  explicit ErrorCollector(std::string &text) : text(text) {}
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() != DS_Error)
      return true;
    raw_string_ostream os(text);
    DiagnosticPrinterRawOStream printer(os);
    os << (text.empty() ? "" : "; ");
    info.print(printer);
    return true;
  }
  std::string &text;
};

// Instructions of a part: small enough to balance the threads, large enough
// that what is done once per part does not count.
constexpr size_t partSize = 4000;
constexpr size_t maxParts = 128;

} // namespace

static size_t countParts(const Module &module) {
  size_t instructions = 0, definitions = 0;
  for (const Function &function : module) {
    instructions += function.getInstructionCount();
    definitions += !function.isDeclaration();
  }
  return std::clamp<size_t>(instructions / partSize, 1,
                            std::min(definitions, maxParts));
}

static Error runCodeGenerator(Module &module, TargetMachine &machine,
                              CodeGenFileType type, raw_pwrite_stream &os) {
  std::string errors;
  LLVMContext &context = module.getContext();
  context.setDiagnosticHandler(std::make_unique<ErrorCollector>(errors));
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, type))
    return createStringError("LLVM cannot emit a file of this type for %s",
                             machine.getTargetTriple().str().c_str());
  passes.run(module);
  context.setDiagnosticHandler(nullptr);
  if (!errors.empty())
    return make_error<DefectError>("LLVM cannot compile model '" +
                                   module.getSourceFileName() + "': " + errors);
  return Error::success();
}

Error generateCode(Module &module, TargetMachine &machine,
                   const EmitOptions &options, CodeGenFileType type,
                   raw_pwrite_stream &os) {
  // Outside of the guard: a crash leaves what is held inside.
  std::shared_lock<std::shared_mutex> lock(host::getLLVMOptionsLock());
  Error error = Error::success();
  std::string crash = options.guard([&] {
    optimize(module, machine, options.optLevel);
    error = runCodeGenerator(module, machine, type, os);
  });
  if (!crash.empty())
    error = joinErrors(std::move(error), make_error<DefectError>(crash));
  return error;
}

static Expected<ObjectCode> compileModule(Module &module, const Machine &target,
                                          const EmitOptions &options) {
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(target, options.optLevel);
  if (!machine)
    return machine.takeError();
  ObjectCode object;
  raw_svector_ostream os(object);
  if (Error error = generateCode(module, **machine, options,
                                 CodeGenFileType::ObjectFile, os))
    return std::move(error);
  return object;
}

static Expected<ObjectCode> compileBitcode(const ObjectCode &bitcode,
                                           const Machine &machine,
                                           const EmitOptions &options) {
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module = parseBitcodeFile(
      MemoryBufferRef(StringRef(bitcode.data(), bitcode.size()), "part"),
      context);
  if (!module)
    return module.takeError();
  return compileModule(**module, machine, options);
}

static std::vector<ObjectCode> split(std::unique_ptr<Module> module,
                                     size_t count) {
  std::vector<ObjectCode> parts;
  SplitModule(
      *module, static_cast<unsigned>(count),
      [&](std::unique_ptr<Module> part) {
        ObjectCode bitcode;
        raw_svector_ostream os(bitcode);
        WriteBitcodeToFile(*part, os);
        parts.push_back(std::move(bitcode));
      },
      /*PreserveLocals=*/false, /*RoundRobin=*/true);
  return parts;
}

Expected<std::vector<ObjectCode>>
generateObjects(std::unique_ptr<Module> module, const Machine &machine,
                const EmitOptions &options) {
  size_t count = countParts(*module);
  std::vector<ObjectCode> objects;
  if (count == 1) {
    Expected<ObjectCode> object = compileModule(*module, machine, options);
    if (!object)
      return object.takeError();
    objects.push_back(std::move(*object));
    return objects;
  }
  std::vector<ObjectCode> parts = split(std::move(module), count);
  objects.resize(parts.size());
  Error errors = Error::success();
  std::mutex lock;
  {
    DefaultThreadPool pool(hardware_concurrency(std::max(options.jobs, 1u)));
    for (size_t i = 0; i < parts.size(); ++i)
      pool.async([&, i] {
        Expected<ObjectCode> object =
            compileBitcode(parts[i], machine, options);
        parts[i].clear();
        std::lock_guard<std::mutex> guard(lock);
        if (object)
          objects[i] = std::move(*object);
        else
          errors = joinErrors(std::move(errors), object.takeError());
      });
    pool.wait();
  }
  if (errors)
    return std::move(errors);
  return objects;
}

} // namespace qcc::cpu
