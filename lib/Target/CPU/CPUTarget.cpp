#include "lib/Target/CPU/CPUTarget.h"

#include "lib/Host/Artifact.h"
#include "lib/Target/CPU/CPUHostCode.h"
#include "lib/Target/CPU/CPUTargetModel.h"
#include "lib/Target/CPU/Emit.h"
#include "lib/Target/CPU/Kernels/Passes.h"
#include "lib/Target/CPU/Lowering/Passes.h"
#include "lib/Target/CPU/Pipeline.h"

#include "mlir/Pass/PassRegistry.h"

using namespace llvm;

namespace qcc::cpu {

namespace {

class CPUTarget final : public Target {
public:
  CPUTarget(std::unique_ptr<TargetModel> model, std::unique_ptr<Tuning> tuning,
            std::unique_ptr<HostCode> code)
      : model(std::move(model)), tuning(std::move(tuning)),
        code(std::move(code)) {}

  const TargetModel &getModel() const override { return *model; }
  const Tuning *getTuning() const override { return tuning.get(); }
  const HostCode *getHostCode() const override { return code.get(); }

  void buildLowering(mlir::OpPassManager &pm, unsigned) const override {
    addLoweringPasses(pm);
  }

  Error checkOutput(StringRef path, const EmitOptions &options) const override {
    return host::checkOutput(path, *options.host);
  }

  Error emit(mlir::ModuleOp module, StringRef path,
             const EmitOptions &options) const override {
    return host::writeModel(module, path, options);
  }

private:
  std::unique_ptr<TargetModel> model;
  std::unique_ptr<Tuning> tuning;
  std::unique_ptr<HostCode> code;
};

} // namespace

static Expected<std::unique_ptr<Target>> createCPUTarget(qnn::TargetAttr what) {
  Expected<std::unique_ptr<HostCode>> code = createHostCode(Machine::of(what));
  if (!code)
    return code.takeError();
  Expected<std::unique_ptr<TargetModel>> model = createCPUTargetModel(what);
  if (!model)
    return model.takeError();
  Expected<std::unique_ptr<Tuning>> tuning = createCPUTuning(what);
  if (!tuning)
    return tuning.takeError();
  return std::make_unique<CPUTarget>(std::move(*model), std::move(*tuning),
                                     std::move(*code));
}

static void registerDialects(mlir::DialectRegistry &registry) {
  registerBufferizationModels(registry);
  registerEmissionDialects(registry);
}

TargetInfo makeCPUTarget() {
  TargetInfo info;
  info.name = "cpu";
  info.description = "processors, by LLVM";
  info.options = {
      {"mcpu", "NAME", "processor, as LLVM calls it (default: this machine's)",
       "native"},
      {"mattr", "+A,-B", "processor features to add or leave out"},
      {"mtriple", "TRIPLE", "machine, as LLVM calls it (default: this one)"},
      {"costs", "FILE",
       "times of the processor, from qcc tune, by which kernels are chosen"}};
  info.endings.assign(host::getEndings().begin(), host::getEndings().end());
  info.registerDialects = registerDialects;
  info.create = createCPUTarget;
  return info;
}

void registerCPUPasses() {
  registerCPUKernelsPasses();
  registerCPULoweringPasses();
  mlir::PassPipelineRegistration<>("cpu-lower", "Phase `lower` of target cpu",
                                   addLoweringPasses);
}

} // namespace qcc::cpu
