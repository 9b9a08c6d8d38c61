#include "lib/Driver/Targets.h"

#include "lib/Host/Passes.h"
#include "lib/Target/CPU/CPUTarget.h"

using namespace llvm;

namespace qcc::driver {

StringRef addTargets(TargetRegistry &registry) {
  cantFail(registry.add(cpu::makeCPUTarget()));
  return "cpu";
}

void registerTargets(mlir::DialectRegistry &registry) {
  TargetRegistry targets;
  addTargets(targets);
  for (const TargetInfo &info : targets.getTargets())
    if (info.registerDialects)
      info.registerDialects(registry);
  registry.addExtension(+[](mlir::MLIRContext *, qnn::QNNDialect *dialect) {
    addTargets(Targets::of(*dialect).getRegistry());
  });
}

void registerTargetPasses() {
  host::registerHostPasses();
  cpu::registerCPUPasses();
}

} // namespace qcc::driver
