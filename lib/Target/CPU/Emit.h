// The steps from the LLVM dialect to objects.

#ifndef LIB_TARGET_CPU_EMIT_H
#define LIB_TARGET_CPU_EMIT_H

#include "lib/Target/CPU/Machine.h"
#include "qcc/Target/HostCode.h"

#include "llvm/IR/Module.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace qcc::cpu {

// EmitModule.cpp

/// Registers what the translation to LLVM IR needs.
void registerEmissionDialects(mlir::DialectRegistry &registry);

llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, llvm::StringRef name,
          const llvm::TargetMachine &machine, llvm::LLVMContext &context);

void setAttributes(llvm::Module &module, const llvm::TargetMachine &machine);

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
generateObjects(std::unique_ptr<llvm::Module> module, const Machine &machine,
                const EmitOptions &options);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_EMIT_H
