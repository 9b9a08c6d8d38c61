// The phases of a compilation, and the passes between them.
//
// A module that stands after a phase can be printed, read back and compiled on
// from there: buildPipeline(pm, Phase::Import, Phase::Storage, ...) adds the
// passes of the phases after `import` up to and with `storage`, each phase
// behind a check that the IR is legal for it. Emission is no pass: see the
// targets.

#ifndef QCC_PIPELINES_PIPELINES_H
#define QCC_PIPELINES_PIPELINES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace qcc {

enum class Phase {
  Import,
  Compress,
  Fuse,
  Decide,
  Place,
  Storage,
  Lower,
  Emit
};

llvm::StringRef getPhaseName(Phase phase);
std::optional<Phase> parsePhase(llvm::StringRef name);
llvm::ArrayRef<Phase> getPhases();

struct PipelineOptions {
  std::string weights; ///< A FORMAT of the command line; empty: as they are.
  std::string activations; ///< The same.
  unsigned optLevel = 2;   ///< 0 to 3.
};

/// Adds the passes from the phase after `from` to `to`. The module needs a
/// `qnn.target`, and the context a bound Executor (qcc/Executor/Binding.h).
void buildPipeline(mlir::OpPassManager &pm, Phase from, Phase to,
                   const PipelineOptions &options = {});

/// Whether `module` may stand after `phase`; a diagnostic on each op that may
/// not.
llvm::LogicalResult verifyPhase(mlir::ModuleOp module, Phase phase);

/// `verify-phase`, and `qcc-pipeline{from=PHASE to=PHASE}`.
void registerPipelines();

} // namespace qcc

#endif // QCC_PIPELINES_PIPELINES_H
