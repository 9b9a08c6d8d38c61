// The steps of emission, for Emit.cpp alone.

#ifndef LIB_TARGET_CPU_EMITINTERNAL_H
#define LIB_TARGET_CPU_EMITINTERNAL_H

#include "lib/Target/CPU/Emit.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <shared_mutex>

namespace qcc::cpu {

using ObjectCode = llvm::SmallVector<char, 0>;

// TargetMachine.cpp

/// The options of LLVM's code generator are the process's, and lld resets all
/// of them. Code is generated under a shared lock of this, and linked under the
/// exclusive one, after which restoreLLVMOptions() sets ours again.
std::shared_mutex &getLLVMOptionsLock();
void restoreLLVMOptions();

// EmitModule.cpp

/// The LLVM module with descriptor and target attributes, not yet optimized.
/// All that is not exported is internal.
llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, const ModelInterface &interface,
          llvm::TargetMachine &machine, llvm::LLVMContext &context);

/// LLVM's own pipeline of that level.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              unsigned optLevel);

// EmitObject.cpp

/// Optimizes a module and generates assembly or an object, under
/// options.guard.
llvm::Error generateCode(llvm::Module &module, llvm::TargetMachine &machine,
                         const EmitOptions &options, llvm::CodeGenFileType type,
                         llvm::raw_pwrite_stream &os);

/// Optimizes and generates objects, in parts, on options.jobs threads. The
/// parts do not depend on the number of threads, so that artifacts are
/// reproducible.
llvm::Expected<std::vector<ObjectCode>>
generateObjects(std::unique_ptr<llvm::Module> module,
                const EmitOptions &options);

// EmitLink.cpp

/// Links the objects with the runtime into `file`, a shared object that will
/// be called `path`.
llvm::Error linkSharedObject(llvm::ArrayRef<ObjectCode> objects,
                             const llvm::Triple &triple, llvm::StringRef path,
                             llvm::StringRef file);

/// Joins the objects and the runtime to one relocatable object, in which only
/// the exported symbols are global; so several models go into one program.
llvm::Expected<ObjectCode> linkRelocatable(llvm::ArrayRef<ObjectCode> objects,
                                           const llvm::Triple &triple);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_EMITINTERNAL_H
