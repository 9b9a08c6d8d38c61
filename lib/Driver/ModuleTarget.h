// What a module is compiled for: written into it once, so that every phase, and
// emission, makes it for the same machine.

#ifndef LIB_DRIVER_MODULETARGET_H
#define LIB_DRIVER_MODULETARGET_H

#include "lib/Driver/Compile.h"

namespace qcc::driver {

struct ModuleTarget {
  const TargetInfo *info;
  const Target *target;
  const HostCode *host; ///< The target's own, or that of the module's qnn.host.
};

/// Gives the module a qnn.target, and where its device is none, a qnn.host, by
/// `options`; or checks that `options` say nothing else than the module.
llvm::Expected<ModuleTarget> setTarget(Session &session, mlir::ModuleOp module,
                                       const ProgramOptions &options);

/// An error where an op inside has another qnn.target: a module is lowered for
/// one.
llvm::Error checkOneTarget(mlir::ModuleOp module);

} // namespace qcc::driver

#endif // LIB_DRIVER_MODULETARGET_H
