// Linking by lld inside the process. No compiler, linker or C library headers
// are needed on the user's machine: only the C library itself, which runs qcc.

#include "lib/Host/Link.h"

#include "lib/Host/EmbeddedFiles.h"
#include "lib/Host/LLVMOptions.h"

#include "lld/Common/Driver.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <link.h>
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace qcc::host {

namespace {

// The linker reads files, so objects pass through a folder of their own.
class Workspace {
public:
  static Expected<Workspace> create() {
    SmallString<128> folder;
    if (std::error_code error =
            sys::fs::createUniqueDirectory("qcc-link", folder))
      return createStringError(
          error,
          "cannot make a temporary folder: %s; set TMPDIR to one that "
          "can be written to",
          error.message().c_str());
    return Workspace(folder);
  }
  Workspace(Workspace &&other)
      : files(std::move(other.files)), folder(std::move(other.folder)) {
    other.folder.clear();
  }
  ~Workspace() {
    if (!folder.empty())
      sys::fs::remove_directories(folder);
  }

  std::string getPath(const Twine &name) const {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    return path.str().str();
  }

  Error addFile(const Twine &name, StringRef content) {
    files.push_back(getPath(name));
    std::error_code error;
    raw_fd_ostream os(files.back(), error);
    if (!error) {
      os << content;
      os.close();
      error = os.error();
      os.clear_error();
    }
    if (error)
      return createStringError(error, "cannot write %s: %s",
                               files.back().c_str(), error.message().c_str());
    return Error::success();
  }

  std::vector<std::string> files;

private:
  explicit Workspace(StringRef folder) : folder(folder) {}
  SmallString<128> folder;
};

} // namespace

static Expected<Workspace> writeObjects(ArrayRef<ObjectCode> objects,
                                        const Triple &triple) {
  StringRef runtime = getRuntimeObject(triple.getArch());
  assert(!runtime.empty() && "checkOutput() refuses such a machine");
  Expected<Workspace> workspace = Workspace::create();
  if (!workspace)
    return workspace.takeError();
  for (size_t i = 0; i < objects.size(); ++i)
    if (Error error =
            workspace->addFile("model-" + Twine(i) + ".o",
                               StringRef(objects[i].data(), objects[i].size())))
      return std::move(error);
  if (Error error = workspace->addFile("runtime.o", runtime))
    return std::move(error);
  return workspace;
}

static Error runLinker(ArrayRef<std::string> arguments, StringRef output) {
  // lld is one per process, too.
  std::unique_lock<std::shared_mutex> guard(getLLVMOptionsLock());
  static bool isUsable = true;
  if (!isUsable)
    return createStringError("cannot link %s: the linker failed before in this "
                             "process and cannot run again; start a new one",
                             output.str().c_str());
  std::vector<const char *> pointers = {"ld.lld"};
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string text;
  raw_string_ostream os(text);
  lld::Result result =
      lld::lldMain(pointers, os, os, {{lld::Gnu, &lld::elf::link}});
  isUsable = result.canRunAgain;
  restoreLLVMOptions();
  if (result.retCode == 0)
    return Error::success();
  std::string message =
      ("cannot link " + output + ": " + StringRef(text).rtrim()).str();
  // What the system does not let lld write is the user's to mend; objects that
  // do not fit together are qcc's.
  for (StringRef refusal : {"cannot open output file", "failed to write"})
    if (StringRef(text).contains(refusal))
      return createStringError(message);
  return make_error<DefectError>(message);
}

// The files of libm and libc that this process itself has loaded.
static Expected<std::vector<std::string>> findSystemLibraries() {
  std::vector<std::string> found;
  dl_iterate_phdr(
      [](struct dl_phdr_info *info, size_t, void *found) {
        StringRef name = sys::path::filename(info->dlpi_name);
        if (name == "libm.so.6" || name == "libc.so.6")
          static_cast<std::vector<std::string> *>(found)->push_back(
              info->dlpi_name);
        return 0;
      },
      &found);
  if (found.size() == 2)
    return found;
  return createStringError("cannot find libm.so.6 and libc.so.6 among what qcc "
                           "itself has loaded: write a .o file and link it by "
                           "the system's compiler");
}

Error linkSharedObject(ArrayRef<ObjectCode> objects, const Triple &triple,
                       StringRef path, StringRef file) {
  Expected<Workspace> workspace = writeObjects(objects, triple);
  if (!workspace)
    return workspace.takeError();
  Expected<std::vector<std::string>> libraries = findSystemLibraries();
  if (!libraries)
    return libraries.takeError();
  std::vector<std::string> arguments = {
      "-shared",
      "-o",
      file.str(),
      "-z",
      "defs",
      "-z",
      "relro",
      "-z",
      "noexecstack",
      "--gc-sections",
      "--hash-style=gnu",
      "--build-id=none",
      ("-soname=" + sys::path::filename(path)).str()};
  for (ArrayRef<std::string> files : {ArrayRef<std::string>(workspace->files),
                                      ArrayRef<std::string>(*libraries)})
    arguments.insert(arguments.end(), files.begin(), files.end());
  return runLinker(arguments, path);
}

static Expected<ObjectCode> hideSymbols(const std::string &path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read %s back",
                             path.c_str());
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile((*buffer)->getMemBufferRef());
  if (!file)
    return file.takeError();
  objcopy::ConfigManager config;
  config.ELF.LocalizeHidden = true;
  config.Common.OutputFilename = path;
  ObjectCode object;
  raw_svector_ostream os(object);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **file, os))
    return std::move(error);
  return object;
}

Expected<ObjectCode> linkRelocatable(ArrayRef<ObjectCode> objects,
                                     const Triple &triple) {
  Expected<Workspace> workspace = writeObjects(objects, triple);
  if (!workspace)
    return workspace.takeError();
  std::string whole = workspace->getPath("whole.o");
  std::vector<std::string> arguments = {"-r", "-o", whole};
  arguments.insert(arguments.end(), workspace->files.begin(),
                   workspace->files.end());
  if (Error error = runLinker(arguments, "the object"))
    return std::move(error);
  return hideSymbols(whole);
}

} // namespace qcc::host
