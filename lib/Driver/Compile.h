// From a model to an artifact, or to the IR of a phase.

#ifndef LIB_DRIVER_COMPILE_H
#define LIB_DRIVER_COMPILE_H

#include "lib/Driver/CommandLine.h"
#include "lib/Driver/Extensions.h"
#include "lib/Driver/ModelFile.h"
#include "lib/Driver/Session.h"

#include "qcc/Pipelines/Pipelines.h"

namespace qcc::driver {

/// What decides the program, beside the options of targets: --target, --weights
/// and their --method, --activations, -O.
extern const llvm::ArrayRef<OptionSpec> programOptions;

struct ProgramOptions {
  PipelineOptions pipeline;
  /// Empty where not given. What a module is for stands in its qnn.target.
  std::string target;
  /// Options of targets, with their dashes, and their values.
  std::vector<std::pair<std::string, std::string>> targetOptions;
  /// A phase in which qcc shall crash, for the test of what it does then.
  std::string crashIn;
};

llvm::Expected<ProgramOptions> parseProgram(const Arguments &arguments);

/// Runs the phases after `from` up to `to`, each behind a check that the IR is
/// legal for it. What is wrong with the model was reported when this fails. A
/// module that is made for another target than `options` name is refused.
llvm::Error runPhases(Session &session, mlir::ModuleOp module, Phase from,
                      Phase to, const ProgramOptions &options);

/// Compiles a module that stands after `from` to `output`, an artifact whose
/// kind its ending decides. The report of its layers is put into it.
llvm::Error compileToArtifact(Session &session, mlir::ModuleOp module,
                              Phase from, const ProgramOptions &options,
                              llvm::StringRef output);

/// What `qcc compile` does with its arguments.
llvm::Error compile(const Arguments &arguments, const ModelSource &source,
                    llvm::raw_ostream &diagnostics);

} // namespace qcc::driver

#endif // LIB_DRIVER_COMPILE_H
