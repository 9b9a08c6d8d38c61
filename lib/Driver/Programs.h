// Makes a runnable program of what a command was given: a model or an artifact.

#ifndef LIB_DRIVER_PROGRAMS_H
#define LIB_DRIVER_PROGRAMS_H

#include "lib/Driver/Artifact.h"
#include "lib/Driver/Compile.h"

namespace qcc::driver {

/// A folder that is removed with everything in it at the end.
class TemporaryFolder {
public:
  static llvm::Expected<TemporaryFolder> create();
  TemporaryFolder(TemporaryFolder &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryFolder();
  std::string getFile(llvm::StringRef name) const;

private:
  explicit TemporaryFolder(std::string path) : path(std::move(path)) {}
  std::string path;
};

bool isArtifact(llvm::StringRef path);

/// Fails when an option was given that decides what is compiled, which is
/// decided for an artifact.
llvm::Error refuseProgramOptions(const Arguments &arguments);

/// Loads an artifact; compiles a model first, into a folder that is gone when
/// this returns.
llvm::Expected<std::unique_ptr<Artifact>>
makeArtifact(Session &session, const Arguments &arguments, const Shapes &shapes,
             unsigned threads);

/// Compiles `module`, which stands after `from`, and loads it.
llvm::Expected<std::unique_ptr<Artifact>>
compileAndLoad(Session &session, mlir::ModuleOp module, Phase from,
               const ProgramOptions &options, unsigned threads);

} // namespace qcc::driver

#endif // LIB_DRIVER_PROGRAMS_H
