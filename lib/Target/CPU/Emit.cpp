#include "lib/Target/CPU/Emit.h"
#include "lib/Target/CPU/EmitInternal.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace qcc::cpu {

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

// The file appears under its name when it is complete.
static Error writeFile(StringRef path,
                       function_ref<void(raw_ostream &)> print) {
  Error error = writeToOutput(path, [&](raw_ostream &os) {
    print(os);
    return Error::success();
  });
  if (!error)
    return error;
  return createStringError("cannot write %s: %s", path.str().c_str(),
                           toString(std::move(error)).c_str());
}

static Error writeText(std::unique_ptr<Module> module, TargetMachine &machine,
                       const EmitOptions &options, StringRef path) {
  optimize(*module, machine, options.optLevel);
  if (options.kind == OutputKind::LLVMIR)
    return writeFile(path,
                     [&](raw_ostream &os) { module->print(os, nullptr); });
  SmallString<0> text;
  raw_svector_ostream os(text);
  if (Error error =
          generateCode(*module, machine, CodeGenFileType::AssemblyFile, os))
    return error;
  return writeFile(path, [&](raw_ostream &os) { os << text; });
}

static Error writeArchiveFile(const ObjectCode &object, StringRef path) {
  std::string member = (sys::path::stem(path) + ".o").str();
  NewArchiveMember entry(
      MemoryBufferRef(StringRef(object.data(), object.size()), member));
  Expected<std::unique_ptr<MemoryBuffer>> archive =
      writeArchiveToBuffer(entry, SymtabWritingMode::NormalSymtab,
                           object::Archive::K_GNU, /*Deterministic=*/true,
                           /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return writeFile(path,
                   [&](raw_ostream &os) { os << (*archive)->getBuffer(); });
}

static Error writeBinary(std::unique_ptr<Module> module, const Triple &triple,
                         const EmitOptions &options, StringRef path) {
  Expected<std::vector<ObjectCode>> objects =
      generateObjects(std::move(module), options);
  if (!objects)
    return objects.takeError();
  if (options.kind == OutputKind::SharedObject)
    return linkSharedObject(*objects, triple, path);
  Expected<ObjectCode> object = linkRelocatable(*objects, triple);
  if (!object)
    return object.takeError();
  if (options.kind == OutputKind::Archive)
    return writeArchiveFile(*object, path);
  return writeFile(path, [&](raw_ostream &os) {
    os << StringRef(object->data(), object->size());
  });
}

Error emitArtifact(mlir::ModuleOp source, const ModelInterface &interface,
                   const EmitOptions &options, StringRef path) {
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
    return writeText(std::move(*module), **machine, options, path);
  if (Error error = writeBinary(std::move(*module), triple, options, path))
    return error;
  std::string header = makeHeader(interface);
  return writeFile(makeHeaderPath(path),
                   [&](raw_ostream &os) { os << header; });
}

} // namespace qcc::cpu
