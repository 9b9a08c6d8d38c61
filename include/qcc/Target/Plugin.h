// What a plug-in (`qcc --plugin=FILE.so`) exports: one function, which gives a
// table. It may add targets, dialects, codecs and passes:
//
//   static llvm::Error addAll(qcc::PluginRegistry &plugin) {
//     plugin.getDialects().addExtension(
//         +[](mlir::MLIRContext *, qcc::qnn::QNNDialect *dialect) {
//           dialect->getCodecs().add(createMyCodec());
//         });
//     plugin.addPasses(qcc::Phase::Fuse, [](mlir::OpPassManager &pm) {
//       pm.addPass(createMyPass());
//     });
//     return plugin.getTargets().add(makeMyTarget());
//   }
//
//   extern "C" const qcc::PluginInfo *qccGetPluginInfo() {
//     static const qcc::PluginInfo info = {qcc::kPluginApiVersion, "my",
//                                          LLVM_VERSION_STRING, addAll};
//     return &info;
//   }
//
// A plug-in is C++ on the same LLVM as qcc, so both versions must be equal.

#ifndef QCC_TARGET_PLUGIN_H
#define QCC_TARGET_PLUGIN_H

#include "qcc/Target/Registry.h"

#include "llvm/Config/llvm-config.h"

#include <cstdint>

namespace qcc {

/// Changes with everything below include/qcc/Target that a plug-in sees.
inline constexpr uint32_t kPluginApiVersion = 4;
inline constexpr char kPluginSymbol[] = "qccGetPluginInfo";

/// Passes that run behind the shared ones of a phase before `lower`.
struct PhasePasses {
  Phase phase;
  std::function<void(mlir::OpPassManager &)> build;
};

class PluginRegistry {
public:
  PluginRegistry(mlir::DialectRegistry &dialects, TargetRegistry &targets,
                 std::vector<PhasePasses> &passes)
      : dialects(dialects), targets(targets), passes(passes) {}

  mlir::DialectRegistry &getDialects() { return dialects; }
  TargetRegistry &getTargets() { return targets; }

  /// `build` adds passes on modules, to run at the end of `phase`. Modules
  /// behind `lower` are the target's.
  void addPasses(Phase phase,
                 std::function<void(mlir::OpPassManager &)> build) {
    passes.push_back({phase, std::move(build)});
  }

private:
  mlir::DialectRegistry &dialects;
  TargetRegistry &targets;
  std::vector<PhasePasses> &passes;
};

struct PluginInfo {
  uint32_t apiVersion;     ///< kPluginApiVersion
  const char *name;        ///< For messages.
  const char *llvmVersion; ///< LLVM_VERSION_STRING
  llvm::Error (*registerAll)(PluginRegistry &plugin);
};

} // namespace qcc

extern "C" const qcc::PluginInfo *qccGetPluginInfo();

#endif // QCC_TARGET_PLUGIN_H
