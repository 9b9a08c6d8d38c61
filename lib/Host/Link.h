// Linking by lld inside the process.

#ifndef LIB_HOST_LINK_H
#define LIB_HOST_LINK_H

#include "qcc/Target/HostCode.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/TargetParser/Triple.h"

namespace qcc::host {

/// Links the objects with the runtime into `file`, a shared object that will
/// be called `path`.
llvm::Error linkSharedObject(llvm::ArrayRef<ObjectCode> objects,
                             const llvm::Triple &triple, llvm::StringRef path,
                             llvm::StringRef file);

/// Joins the objects and the runtime to one relocatable object, in which only
/// the exported symbols are global; so several models go into one program.
llvm::Expected<ObjectCode> linkRelocatable(llvm::ArrayRef<ObjectCode> objects,
                                           const llvm::Triple &triple);

} // namespace qcc::host

#endif // LIB_HOST_LINK_H
