// Files of the source and build tree that qcc carries, so that it needs nothing
// beside itself when it makes an artifact.

#ifndef LIB_HOST_EMBEDDEDFILES_H
#define LIB_HOST_EMBEDDEDFILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

namespace qcc::host {

/// The runtime as one relocatable object; empty when qcc was built without one
/// for this architecture.
llvm::StringRef getRuntimeObject(llvm::Triple::ArchType arch);

/// include/qcc/Runtime/dlpack/dlpack.h and Model.h.
llvm::StringRef getDLPackHeader();
llvm::StringRef getModelHeader();

} // namespace qcc::host

#endif // LIB_HOST_EMBEDDEDFILES_H
