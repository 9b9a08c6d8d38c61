// The targets that qcc comes with: the only place that names them.

#ifndef LIB_DRIVER_TARGETS_H
#define LIB_DRIVER_TARGETS_H

#include "qcc/Target/Registry.h"

namespace qcc::driver {

/// Adds all of them; the first is the default. Returns the one whose device is
/// the host's processor.
llvm::StringRef addTargets(TargetRegistry &registry);

/// Has contexts made from `registry` know them, with the dialects that they
/// need: for tools without a session.
void registerTargets(mlir::DialectRegistry &registry);

/// Registers their passes and pipelines, for tools that take those as text.
void registerTargetPasses();

} // namespace qcc::driver

#endif // LIB_DRIVER_TARGETS_H
