// What `qcc --plugin=Pow2.so` loads.

#include "Codec.h"
#include "Passes.h"

#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Target/Plugin.h"

static llvm::Error registerAll(qcc::PluginRegistry &plugin) {
  plugin.getDialects().addExtension(
      +[](mlir::MLIRContext *, qcc::qnn::QNNDialect *dialect) {
        dialect->getCodecs().add(std::make_unique<Pow2>());
        qcc::formats::NamedFormat format;
        format.name = format.codec = "pow2";
        format.description = "4-bit powers of two";
        format.sharing = qcc::formats::Sharing::Tensor;
        dialect->getCodecs().addFormat(std::move(format));
      });
  plugin.addPasses(qcc::Phase::Compress, [](mlir::OpPassManager &pm) {
    pm.addPass(pow2::createPow2Weights());
    pm.addPass(qcc::qnn::createFoldConstants());
  });
  return llvm::Error::success();
}

extern "C" const qcc::PluginInfo *qccGetPluginInfo() {
  static const qcc::PluginInfo info = {qcc::kPluginApiVersion, "pow2",
                                       LLVM_VERSION_STRING, registerAll};
  return &info;
}
