#include "lib/Target/CPU/CPUHostCode.h"

#include "lib/Target/CPU/Emit.h"

using namespace llvm;

namespace qcc::cpu {

namespace {

class CPUHostCode final : public HostCode {
public:
  CPUHostCode(Machine machine, std::unique_ptr<TargetMachine> llvmMachine)
      : machine(std::move(machine)), llvmMachine(std::move(llvmMachine)) {}

  const TargetMachine &getMachine() const override { return *llvmMachine; }

  Expected<std::unique_ptr<Module>>
  translate(mlir::ModuleOp module, StringRef name,
            LLVMContext &context) const override {
    return cpu::translate(module, name, *llvmMachine, context);
  }

  void prepare(Module &module) const override {
    setAttributes(module, *llvmMachine);
  }

  Error printIR(Module &module, const EmitOptions &options,
                raw_ostream &out) const override {
    Expected<std::unique_ptr<TargetMachine>> own =
        createTargetMachine(machine, options.optLevel);
    if (!own)
      return own.takeError();
    optimize(module, **own, options.optLevel);
    module.print(out, nullptr);
    return Error::success();
  }

  Error printAssembly(Module &module, const EmitOptions &options,
                      raw_pwrite_stream &out) const override {
    Expected<std::unique_ptr<TargetMachine>> own =
        createTargetMachine(machine, options.optLevel);
    if (!own)
      return own.takeError();
    return generateCode(module, **own, options, CodeGenFileType::AssemblyFile,
                        out);
  }

  Expected<std::vector<ObjectCode>>
  makeObjects(std::unique_ptr<Module> module,
              const EmitOptions &options) const override {
    return generateObjects(std::move(module), machine, options);
  }

private:
  Machine machine;
  /// Describes the machine; code is made by one of its own for each level and
  /// thread.
  std::unique_ptr<TargetMachine> llvmMachine;
};

} // namespace

Expected<std::unique_ptr<HostCode>> createHostCode(Machine machine) {
  Expected<std::unique_ptr<TargetMachine>> llvmMachine =
      createTargetMachine(machine);
  if (!llvmMachine)
    return llvmMachine.takeError();
  return std::make_unique<CPUHostCode>(std::move(machine),
                                       std::move(*llvmMachine));
}

} // namespace qcc::cpu
