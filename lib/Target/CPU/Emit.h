// From a module in the LLVM dialect to an artifact.

#ifndef LIB_TARGET_CPU_EMIT_H
#define LIB_TARGET_CPU_EMIT_H

#include "lib/Target/CPU/Descriptor.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace qcc::cpu {

enum class OutputKind { SharedObject, Object, Archive, Assembly, LLVMIR };

/// By the ending of `path`: .so .o .a .s .ll.
std::optional<OutputKind> getOutputKind(llvm::StringRef path);

/// Emission failed by an error of qcc or LLVM, not of the model.
class DefectError : public llvm::ErrorInfo<DefectError> {
public:
  static char ID;
  explicit DefectError(std::string message) : text(std::move(message)) {}
  void log(llvm::raw_ostream &out) const override;
  std::error_code convertToErrorCode() const override;

private:
  std::string text;
};

struct EmitOptions {
  std::string triple;    ///< Empty: this machine's.
  std::string mcpu;      ///< LLVM's name; empty or "native": this machine's.
  std::string mattr;     ///< LLVM's "+a,-b", after those of the processor.
  unsigned optLevel = 2; ///< 0 to 3.
  unsigned jobs = 1;     ///< Threads for optimization and code generation.
  OutputKind kind = OutputKind::SharedObject;
  /// Runs LLVM's work, on the thread that calls it, and returns what ended it
  /// in a crash, or nothing: for a caller who can catch crashes.
  std::function<std::string(llvm::function_ref<void()> work)> guard =
      [](llvm::function_ref<void()> work) {
        work();
        return std::string();
      };
};

/// Registers LLVM's targets and sets options of its code generator, which are
/// the process's. Cheap to call again; thread-safe. Note that linking a .so, .o
/// or .a resets every other llvm::cl option of the process to its default.
void initializeLLVMOnce();

/// Registers what the translation to LLVM IR needs.
void registerEmissionDialects(mlir::DialectRegistry &registry);

/// The machine that `options` ask for, or why there is none.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const EmitOptions &options);

/// Why this qcc cannot write an artifact of that kind for that machine.
llvm::Error checkOutput(const EmitOptions &options);

/// Writes the artifact to `path` and for .so, .o and .a its C header beside it
/// (makeHeaderPath). `module` holds functions and globals of the LLVM dialect;
/// `qccgen_main(!llvm.ptr) -> i32` is the model. When it fails, files that were
/// there before are as they were. `publishFirst` is called when all is written
/// and before it appears under its names: for what belongs to the artifact.
llvm::Error emitArtifact(
    mlir::ModuleOp module, const ModelInterface &interface,
    const EmitOptions &options, llvm::StringRef path,
    llvm::function_ref<llvm::Error()> publishFirst = [] {
      return llvm::Error::success();
    });

/// dir/model.so -> dir/model.so.h, and dir/model.so.weights.
std::string makeHeaderPath(llvm::StringRef artifact);
std::string makeWeightsPath(llvm::StringRef artifact);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_EMIT_H
