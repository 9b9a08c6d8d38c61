// How the host's part of an artifact becomes machine code.
//
// Whatever devices a model runs on, what calls them runs on a processor: the
// entry, the plan of memory, the calls of the runtime. lib/Host has it in the
// LLVM dialect. A target whose device is such a processor makes code of it
// (Target::getHostCode); any other target is given that one's HostCode when it
// emits.

#ifndef QCC_TARGET_HOSTCODE_H
#define QCC_TARGET_HOSTCODE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace qcc {

/// Emission failed by an error of qcc or LLVM, not of the model.
class DefectError : public llvm::ErrorInfo<DefectError> {
public:
  static inline char ID = 0;
  explicit DefectError(std::string message) : text(std::move(message)) {}
  void log(llvm::raw_ostream &out) const override { out << text; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string text;
};

class HostCode;

struct EmitOptions {
  unsigned optLevel = 2; ///< 0 to 3.
  unsigned jobs = 1;     ///< Threads; what is emitted does not depend on it.
  /// Makes the code of the host's part; never null when a target emits.
  const HostCode *host = nullptr;
  /// Runs LLVM's work, on the thread that calls it, and returns what ended it
  /// in a crash, or nothing: for a caller who can catch crashes.
  std::function<std::string(llvm::function_ref<void()> work)> guard =
      [](llvm::function_ref<void()> work) {
        work();
        return std::string();
      };
};

using ObjectCode = llvm::SmallVector<char, 0>;

class HostCode {
public:
  virtual ~HostCode() = default;

  /// The processor that the code is for.
  virtual const llvm::TargetMachine &getMachine() const = 0;

  /// The LLVM module of `module`, which holds functions and globals of the LLVM
  /// dialect; not optimized.
  virtual llvm::Expected<std::unique_ptr<llvm::Module>>
  translate(mlir::ModuleOp module, llvm::StringRef name,
            llvm::LLVMContext &context) const = 0;

  /// Marks functions for the processor, once all of them are there.
  virtual void prepare(llvm::Module &module) const = 0;

  /// Optimizes `module` and prints it.
  virtual llvm::Error printIR(llvm::Module &module, const EmitOptions &options,
                              llvm::raw_ostream &out) const = 0;

  /// Optimizes `module` and writes assembly.
  virtual llvm::Error printAssembly(llvm::Module &module,
                                    const EmitOptions &options,
                                    llvm::raw_pwrite_stream &out) const = 0;

  /// Optimizes `module` and makes objects of it, in parts.
  virtual llvm::Expected<std::vector<ObjectCode>>
  makeObjects(std::unique_ptr<llvm::Module> module,
              const EmitOptions &options) const = 0;
};

} // namespace qcc

#endif // QCC_TARGET_HOSTCODE_H
