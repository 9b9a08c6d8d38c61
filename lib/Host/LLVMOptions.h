// LLVM's code generator and linker as parts of a process that lives on: their
// options are the process's.

#ifndef LIB_HOST_LLVMOPTIONS_H
#define LIB_HOST_LLVMOPTIONS_H

#include <shared_mutex>

namespace qcc::host {

/// Registers the code generators of LLVM that a host can be, and sets options
/// of theirs. Cheap to call again; thread-safe. Note that linking a .so, .o or
/// .a resets every other llvm::cl option of the process to its default.
void initializeLLVMOnce();

/// lld resets all options. Code is generated under a shared lock of this, and
/// linked under the exclusive one, after which restoreLLVMOptions() sets ours
/// again.
std::shared_mutex &getLLVMOptionsLock();
void restoreLLVMOptions();

} // namespace qcc::host

#endif // LIB_HOST_LLVMOPTIONS_H
