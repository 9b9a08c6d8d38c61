#include "lib/Target/CPU/Emit.h"
#include "lib/Target/CPU/EmitInternal.h"
#include "lib/Target/CPU/StagedFiles.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace qcc::cpu {

char DefectError::ID = 0;

void DefectError::log(raw_ostream &out) const { out << text; }

std::error_code DefectError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

std::optional<OutputKind> getOutputKind(StringRef path) {
  return StringSwitch<std::optional<OutputKind>>(sys::path::extension(path))
      .Case(".so", OutputKind::SharedObject)
      .Case(".o", OutputKind::Object)
      .Case(".a", OutputKind::Archive)
      .Case(".s", OutputKind::Assembly)
      .Case(".ll", OutputKind::LLVMIR)
      .Default(std::nullopt);
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

static Error writeText(std::unique_ptr<Module> module, TargetMachine &machine,
                       const EmitOptions &options, Output output) {
  if (options.kind == OutputKind::LLVMIR) {
    optimize(*module, machine, options.optLevel);
    return writeFile(output,
                     [&](raw_ostream &os) { module->print(os, nullptr); });
  }
  SmallString<0> text;
  raw_svector_ostream os(text);
  if (Error error = generateCode(*module, machine, options,
                                 CodeGenFileType::AssemblyFile, os))
    return error;
  return writeFile(output, [&](raw_ostream &os) { os << text; });
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

static Error writeBinary(std::unique_ptr<Module> module, const Triple &triple,
                         const EmitOptions &options, Output output) {
  Expected<std::vector<ObjectCode>> objects =
      generateObjects(std::move(module), options);
  if (!objects)
    return objects.takeError();
  if (options.kind == OutputKind::SharedObject)
    return linkSharedObject(*objects, triple, output.path, output.file);
  Expected<ObjectCode> object = linkRelocatable(*objects, triple);
  if (!object)
    return object.takeError();
  if (options.kind == OutputKind::Archive)
    return writeArchiveFile(*object, output);
  return writeFile(output, [&](raw_ostream &os) {
    os << StringRef(object->data(), object->size());
  });
}

static Error writeCode(mlir::ModuleOp source, const ModelInterface &interface,
                       const EmitOptions &options, Output output) {
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Triple triple = (*machine)->getTargetTriple();
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module =
      translate(source, interface, **machine, context);
  if (!module)
    return module.takeError();
  if (options.kind == OutputKind::Assembly ||
      options.kind == OutputKind::LLVMIR)
    return writeText(std::move(*module), **machine, options, output);
  return writeBinary(std::move(*module), triple, options, output);
}

Error emitArtifact(mlir::ModuleOp source, const ModelInterface &interface,
                   const EmitOptions &options, StringRef path,
                   function_ref<Error()> publishFirst) {
  if (Error error = checkOutput(options))
    return error;
  StagedFiles files;
  Expected<std::string> code = files.add(path);
  if (!code)
    return code.takeError();
  if (Error error = writeCode(source, interface, options, {path, *code}))
    return error;
  bool hasHeader = options.kind != OutputKind::Assembly &&
                   options.kind != OutputKind::LLVMIR;
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

} // namespace qcc::cpu
