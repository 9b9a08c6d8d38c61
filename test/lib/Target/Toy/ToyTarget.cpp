// A plug-in of qcc (--plugin), and of qcc-opt (--load-dialect-plugin), where it
// is the target that shared passes are tested against, its own pass there by
// --load-pass-plugin.
//
// #qnn.target<"toy"> reads images channels-last,
// #qnn.target<"toy", machine = "planes"> channels-first.

#include "test/lib/Target/Toy/ToyTarget.h"

#include "lib/Host/Artifact.h"
#include "lib/Host/Passes.h"
#include "qcc/Target/Plugin.h"
#include "test/lib/Target/Toy/Passes.h"
#include "test/lib/Target/Toy/Program.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace qcc;

namespace {

class ToyTarget final : public Target {
public:
  explicit ToyTarget(ImageLayout layout) : model(toy::makeToyModel(layout)) {}

  const TargetModel &getModel() const override { return *model; }

  LogicalResult checkOp(Operation *op) const override {
    return toy::checkOp(op, *model);
  }

  void buildLowering(OpPassManager &pm, unsigned) const override {
    // While main is there to be read.
    pm.addPass(host::createRecordInterface());
    pm.addPass(toy::createLowerToToy());
    pm.addPass(createSCFToControlFlowPass());
    pm.addPass(host::createLowerToLLVM());
    pm.addPass(createReconcileUnrealizedCastsPass());
  }

  llvm::Error checkOutput(StringRef path,
                          const EmitOptions &options) const override {
    llvm::Triple built(llvm::sys::getDefaultTargetTriple());
    const llvm::Triple &host = options.host->getMachine().getTargetTriple();
    if (host.getArch() != built.getArch())
      return llvm::createStringError(
          "the toy's driver was built for " + built.getArchName() +
          ", and the model is compiled for a host of " + host.getArchName());
    return host::checkOutput(path, *options.host);
  }

  llvm::Error emit(ModuleOp module, StringRef path,
                   const EmitOptions &options) const override {
    return host::writeModel(module, path, options, toy::getDriverObject());
  }

private:
  std::unique_ptr<TargetModel> model;
};

llvm::Expected<std::unique_ptr<Target>> createToy(qnn::TargetAttr target) {
  StringRef machine = target.getOption("machine");
  if (!machine.empty() && machine != "planes")
    return llvm::createStringError("the toy has no machine '" + machine + "'");
  return std::make_unique<ToyTarget>(
      machine.empty() ? ImageLayout::ChannelsLast : ImageLayout::ChannelsFirst);
}

TargetInfo makeToy() {
  TargetInfo info;
  info.name = "toy";
  info.description = "a made-up accelerator, simulated";
  info.options = {{"machine", "NAME", "planes: images channels-first"}};
  info.endings.assign(host::getEndings().begin(), host::getEndings().end());
  info.create = createToy;
  return info;
}

llvm::Error registerAll(PluginRegistry &plugin) {
  return plugin.getTargets().add(makeToy());
}

} // namespace

extern "C" const PluginInfo *qccGetPluginInfo() {
  static const PluginInfo info = {kPluginApiVersion, "toy", LLVM_VERSION_STRING,
                                  registerAll};
  return &info;
}

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "ToyTarget", LLVM_VERSION_STRING,
      [](DialectRegistry *registry) {
        registry->addExtension(+[](MLIRContext *, qnn::QNNDialect *dialect) {
          llvm::cantFail(Targets::of(*dialect).getRegistry().add(makeToy()));
        });
      }};
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ToyTarget", LLVM_VERSION_STRING,
          [] { toy::registerToyPasses(); }};
}
