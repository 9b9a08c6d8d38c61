// The phases of a compilation, and the passes between them.
//
// A module that stands after a phase can be printed, read back and compiled on
// from there: buildPipeline(pm, Phase::Import, Phase::Storage, ...) adds the
// passes of the phases after `import` up to and with `storage`, each phase
// behind a check that the IR is legal for it, and `place` with one at its end,
// too. The passes of phase `lower` are the target's, and emission is no pass:
// see qcc/Target/Target.h.

#ifndef QCC_PIPELINES_PIPELINES_H
#define QCC_PIPELINES_PIPELINES_H

#include "qcc/Target/Plugin.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace qcc {

struct PipelineOptions {
  std::string weights; ///< A FORMAT of the command line; empty: as they are.
  std::string activations; ///< The same.
  unsigned optLevel = 2;   ///< 0 to 3.
  /// What the passes of phase `lower` are asked of; null for phases before.
  const Target *target = nullptr;
  /// What plug-ins add, in order.
  llvm::ArrayRef<PhasePasses> plugins;
};

/// Adds the passes from the phase after `from` to `to`. The module needs a
/// `qnn.target`, and the context a bound Executor (qcc/Executor/Binding.h).
void buildPipeline(mlir::OpPassManager &pm, Phase from, Phase to,
                   const PipelineOptions &options = {});

/// Whether `module` may stand after `phase`, and behind `place` whether its
/// targets can do it (Target::checkOp); a diagnostic on each op that may not.
llvm::LogicalResult verifyPhase(mlir::ModuleOp module, Phase phase);

/// `verify-phase`, and `qcc-pipeline{from=PHASE to=PHASE}`.
void registerPipelines();

} // namespace qcc

#endif // QCC_PIPELINES_PIPELINES_H
