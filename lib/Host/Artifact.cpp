#include "lib/Host/Artifact.h"

#include "dialects/QNN/Transforms/ConstantData.h"
#include "lib/Host/Constants.h"
#include "lib/Host/EmbeddedFiles.h"
#include "lib/Host/Link.h"
#include "lib/Host/ModelInterface.h"
#include "lib/Host/StagedFiles.h"
#include "lib/Host/WeightsFile.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;

namespace qcc::host {

std::optional<OutputKind> getOutputKind(StringRef path) {
  return StringSwitch<std::optional<OutputKind>>(sys::path::extension(path))
      .Case(".so", OutputKind::SharedObject)
      .Case(".o", OutputKind::Object)
      .Case(".a", OutputKind::Archive)
      .Case(".s", OutputKind::Assembly)
      .Case(".ll", OutputKind::LLVMIR)
      .Default(std::nullopt);
}

ArrayRef<StringLiteral> getEndings() {
  static constexpr StringLiteral endings[] = {".so", ".o", ".a", ".s", ".ll"};
  return endings;
}

std::string makeHeaderPath(StringRef artifact) {
  return (artifact + ".h").str();
}

std::string makeWeightsPath(StringRef artifact) {
  return (artifact + ".weights").str();
}

namespace {
/// An artifact's path, and the file that becomes it.
struct Output {
  StringRef path, file;
};
} // namespace

static Error writeFile(Output output, function_ref<void(raw_ostream &)> print) {
  std::error_code error;
  raw_fd_ostream os(output.file, error);
  if (!error) {
    print(os);
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (!error)
    return Error::success();
  return createStringError(error, "cannot write %s: %s",
                           output.path.str().c_str(), error.message().c_str());
}

static Error writeText(Module &module, OutputKind kind,
                       const EmitOptions &options, Output output) {
  SmallString<0> text;
  raw_svector_ostream os(text);
  const HostCode &host = *options.host;
  if (Error error = kind == OutputKind::LLVMIR
                        ? host.printIR(module, options, os)
                        : host.printAssembly(module, options, os))
    return error;
  return writeFile(output, [&](raw_ostream &out) { out << text; });
}

static Error writeArchiveFile(const ObjectCode &object, Output output) {
  std::string member = (sys::path::stem(output.path) + ".o").str();
  NewArchiveMember entry(
      MemoryBufferRef(StringRef(object.data(), object.size()), member));
  Expected<std::unique_ptr<MemoryBuffer>> archive =
      writeArchiveToBuffer(entry, SymtabWritingMode::NormalSymtab,
                           object::Archive::K_GNU, /*Deterministic=*/true,
                           /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return writeFile(output,
                   [&](raw_ostream &os) { os << (*archive)->getBuffer(); });
}

static Error writeBinary(std::unique_ptr<Module> module, OutputKind kind,
                         const EmitOptions &options,
                         ArrayRef<StringRef> drivers, Output output) {
  const Triple &triple = options.host->getMachine().getTargetTriple();
  Expected<std::vector<ObjectCode>> objects =
      options.host->makeObjects(std::move(module), options);
  if (!objects)
    return objects.takeError();
  for (StringRef driver : drivers)
    objects->emplace_back(driver.begin(), driver.end());
  if (kind == OutputKind::SharedObject)
    return linkSharedObject(*objects, triple, output.path, output.file);
  Expected<ObjectCode> object = linkRelocatable(*objects, triple);
  if (!object)
    return object.takeError();
  if (kind == OutputKind::Archive)
    return writeArchiveFile(*object, output);
  return writeFile(output, [&](raw_ostream &os) {
    os << StringRef(object->data(), object->size());
  });
}

static Error checkMain(const Module &module) {
  const Function *main = module.getFunction("qccgen_main");
  if (main && !main->isDeclaration() && main->arg_size() == 1 &&
      main->getArg(0)->getType()->isPointerTy() &&
      main->getReturnType()->isIntegerTy(32))
    return Error::success();
  return createStringError(
      "the module to emit does not define `qccgen_main(!llvm.ptr) -> i32`: "
      "lower the model to phase 'lower' first");
}

/// The host's module with the descriptor, not yet optimized. All that is not
/// exported is internal.
static Expected<std::unique_ptr<Module>>
translate(mlir::ModuleOp source, const ModelInterface &interface,
          const HostCode &host, LLVMContext &context) {
  Expected<std::unique_ptr<Module>> module =
      host.translate(source, interface.name, context);
  if (!module)
    return module.takeError();
  if (Error error = checkMain(**module))
    return std::move(error);
  addDescriptor(**module, interface, host.getMachine());
  StringSet<> exported;
  for (const std::string &name : getExportedSymbols(interface))
    exported.insert(name);
  internalizeModule(**module, [&](const GlobalValue &value) {
    return exported.contains(value.getName());
  });
  host.prepare(**module);
  std::string problem;
  raw_string_ostream os(problem);
  if (verifyModule(**module, &os))
    return make_error<DefectError>("LLVM refuses the module: " + problem);
  return module;
}

static Error writeCode(mlir::ModuleOp source, const ModelInterface &interface,
                       OutputKind kind, const EmitOptions &options,
                       ArrayRef<StringRef> drivers, Output output) {
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module =
      translate(source, interface, *options.host, context);
  if (!module)
    return module.takeError();
  if (kind == OutputKind::Assembly || kind == OutputKind::LLVMIR)
    return writeText(**module, kind, options, output);
  return writeBinary(std::move(*module), kind, options, drivers, output);
}

Error checkOutput(StringRef path, const HostCode &code) {
  const Triple &triple = code.getMachine().getTargetTriple();
  Triple host(sys::getDefaultTargetTriple());
  OutputKind kind = *getOutputKind(path);
  if (kind == OutputKind::SharedObject && triple.getArch() != host.getArch())
    return createStringError(
        "cannot link a shared object for %s on a machine of %s: write a .o "
        "file and link it there, with libm",
        triple.getArchName().str().c_str(), host.getArchName().str().c_str());
  bool hasRuntime = kind != OutputKind::Assembly && kind != OutputKind::LLVMIR;
  if (hasRuntime && getRuntimeObject(triple.getArch()).empty())
    return createStringError(
        "this qcc carries no runtime for %s: write a .s or .ll file, or build "
        "qcc where that architecture's C library headers are installed",
        triple.getArchName().str().c_str());
  return Error::success();
}

Error emitArtifact(mlir::ModuleOp source, const ModelInterface &interface,
                   StringRef path, const EmitOptions &options,
                   ArrayRef<StringRef> drivers,
                   function_ref<Error()> publishFirst) {
  if (Error error = checkOutput(path, *options.host))
    return error;
  OutputKind kind = *getOutputKind(path);
  StagedFiles files;
  Expected<std::string> code = files.add(path);
  if (!code)
    return code.takeError();
  if (Error error =
          writeCode(source, interface, kind, options, drivers, {path, *code}))
    return error;
  bool hasHeader = kind != OutputKind::Assembly && kind != OutputKind::LLVMIR;
  if (hasHeader) {
    std::string headerPath = makeHeaderPath(path);
    Expected<std::string> header = files.add(headerPath);
    if (!header)
      return header.takeError();
    std::string text = makeHeader(interface);
    if (Error error = writeFile({headerPath, *header},
                                [&](raw_ostream &os) { os << text; }))
      return error;
  }
  if (Error error = publishFirst())
    return error;
  return files.publish();
}

static Expected<std::unique_ptr<WeightsFile>>
writeConstants(mlir::ModuleOp lowered, StringRef path) {
  Expected<std::unique_ptr<WeightsFile>> file =
      WeightsFile::create(makeWeightsPath(path));
  if (!file)
    return file.takeError();
  for (const ExternalConstant &constant : getExternalConstants(lowered)) {
    uint64_t end = constant.offset + constant.bytes;
    if (end > (*file)->getBytes())
      (*file)->reserve(end - (*file)->getBytes(), 1);
    SmallVector<char> storage;
    if (Error error = (*file)->write(
            constant.offset, qnn::getConstantBytes(constant.elements, storage)))
      return std::move(error);
  }
  return file;
}

Error writeModel(mlir::ModuleOp lowered, StringRef path,
                 const EmitOptions &options, ArrayRef<StringRef> drivers) {
  std::string name = makeModelName(sys::path::stem(path));
  Expected<ModelInterface> interface = getModelInterface(lowered, name);
  if (!interface)
    return interface.takeError();
  Expected<std::unique_ptr<WeightsFile>> file = writeConstants(lowered, path);
  if (!file)
    return file.takeError();
  Expected<WeightsInterface> weights = (*file)->finish();
  if (!weights)
    return weights.takeError();
  interface->weights = std::move(*weights);
  return emitArtifact(lowered, *interface, path, options, drivers,
                      [&] { return (*file)->publish(); });
}

} // namespace qcc::host
