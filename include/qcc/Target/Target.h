// What the driver needs of a device: the contract of a backend.
//
// A target is registered as a TargetInfo, before any context exists: its name,
// its options, its dialects. The registry (Registry.h) makes a Target of what a
// module says, `#qnn.target<NAME, OPTION = "VALUE", ...>`; passes see of it
// only the TargetModel. Nobody but the session, and plug-ins, names a target.
//
// From phase `lower` on the IR is the target's: buildLowering() takes a module
// behind phase `storage` to one that emit() can write. What runs on the host
// is lowered by lib/Host, and emitted by EmitOptions::host.

#ifndef QCC_TARGET_TARGET_H
#define QCC_TARGET_TARGET_H

#include "qcc/Target/HostCode.h"
#include "qcc/Target/Phase.h"
#include "qcc/Target/TargetModel.h"
#include "qcc/Target/Tuning.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace qcc {

class Target {
public:
  virtual ~Target() = default;

  virtual const TargetModel &getModel() const = 0;

  /// How its costs are fitted to a machine; null where there is nothing to fit.
  virtual const Tuning *getTuning() const { return nullptr; }

  /// Whether `op` may stand behind `phase` although shared passes know nothing
  /// of it: ops of the target's own dialects.
  virtual bool isLegal(mlir::Operation *op, Phase phase) const { return false; }

  /// Whether the target can do what `op` asks for: a function of a module
  /// behind phase `place`, then each op in it. What is refused comes with an
  /// error on `op` that says what, where, why, and what to do, and what it
  /// holds is not asked about. It is the user's to mend (exit status 2), while
  /// a failure of a later phase is a defect of qcc: so all that buildLowering()
  /// may refuse is refused here. `verify-phase` asks.
  virtual llvm::LogicalResult checkOp(mlir::Operation *op) const {
    return llvm::success();
  }

  /// The passes of phase `lower`, for a module.
  virtual void buildLowering(mlir::OpPassManager &pm,
                             unsigned optLevel) const = 0;

  /// Why `path`, which has one of the target's endings, cannot be written;
  /// asked before the work begins.
  virtual llvm::Error checkOutput(llvm::StringRef path,
                                  const EmitOptions &options) const = 0;

  /// Writes the artifact of a module behind phase `lower`. When it fails, files
  /// that were there before are as they were.
  virtual llvm::Error emit(mlir::ModuleOp module, llvm::StringRef path,
                           const EmitOptions &options) const = 0;

  /// Makes the host's code of artifacts, where the target's device can run it.
  virtual const HostCode *getHostCode() const { return nullptr; }
};

/// One option of a target: a key of `#qnn.target`, and with dashes before it an
/// option of the command line.
struct TargetOption {
  llvm::StringRef name;  ///< "mcpu"
  llvm::StringRef value; ///< How help calls the value: "NAME"
  llvm::StringRef help;
  /// A value that says the same as its absence, if there is one.
  llvm::StringRef otherwise = "";
};

/// A target before there is a context.
struct TargetInfo {
  std::string name;
  std::string description; ///< For help, half a sentence.
  std::vector<TargetOption> options;
  /// Of the files that it writes, with their dots.
  std::vector<llvm::StringRef> endings;
  /// Registers the dialects and interfaces that its passes and its emission
  /// need; may be null.
  void (*registerDialects)(mlir::DialectRegistry &registry) = nullptr;
  /// An error says which option has a value that cannot be.
  std::function<llvm::Expected<std::unique_ptr<Target>>(qnn::TargetAttr)>
      create;

  const TargetOption *findOption(llvm::StringRef option) const {
    for (const TargetOption &known : options)
      if (known.name == option)
        return &known;
    return nullptr;
  }
};

} // namespace qcc

#endif // QCC_TARGET_TARGET_H
