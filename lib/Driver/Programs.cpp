#include "lib/Driver/Programs.h"

#include "lib/Driver/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstdlib>

using namespace llvm;

namespace qcc::driver {

Expected<TemporaryFolder> TemporaryFolder::create() {
  SmallString<128> path;
  sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
  sys::path::append(path, "qcc-XXXXXX");
  if (!mkdtemp(path.data()))
    return makeUsageError("cannot make a temporary folder '" + path +
                          "'; TMPDIR names another place");
  return TemporaryFolder(path.str().str());
}

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    sys::fs::remove_directories(path);
}

std::string TemporaryFolder::getFile(StringRef name) const {
  return path + "/" + name.str();
}

bool isArtifact(StringRef path) { return sys::path::extension(path) == ".so"; }

Error refuseProgramOptions(const Arguments &arguments) {
  std::string why = ("is for models, and '" + arguments.getOperand() +
                     "' is compiled already")
                        .str();
  for (ArrayRef<OptionSpec> group :
       {programOptions, pluginOptions,
        arguments.getExtensions()->getTargetOptions()})
    if (Error error = arguments.refuse(group, why))
      return error;
  return Error::success();
}

Expected<std::unique_ptr<Artifact>>
compileAndLoad(Session &session, mlir::ModuleOp module, Phase from,
               const ProgramOptions &options, unsigned threads) {
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return folder.takeError();
  std::string path = folder->getFile("model.so");
  if (Error error = compileToArtifact(session, module, from, options, path))
    return std::move(error);
  // Both the shared object and its weights stay mapped without their names.
  return Artifact::open(path, session.getContext(), threads);
}

Expected<std::unique_ptr<Artifact>> makeArtifact(Session &session,
                                                 const Arguments &arguments,
                                                 const Shapes &shapes,
                                                 unsigned threads) {
  StringRef path = arguments.getOperand();
  if (isArtifact(path)) {
    if (Error error = refuseProgramOptions(arguments))
      return std::move(error);
    return Artifact::open(path, session.getContext(), threads);
  }
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  auto module = readModel(session, {path.str(), std::nullopt}, shapes);
  if (!module)
    return module.takeError();
  return compileAndLoad(session, **module, Phase::Import, *options, threads);
}

} // namespace qcc::driver
