#include "lib/Target/CPU/Kernels/Passes.h"

#include "dialects/QNN/IR/Format.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/KernelFunctions.h"
#include "lib/Target/CPU/Kernels/MatmulKernel.h"
#include "qcc/Target/Registry.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace qcc::cpu {
#define GEN_PASS_DEF_EXPANDCONTRACT
#include "lib/Target/CPU/Kernels/Passes.h.inc"
} // namespace qcc::cpu

using namespace mlir;
using namespace qcc::cpu;

namespace {

class ExpandContract
    : public qcc::cpu::impl::ExpandContractBase<ExpandContract> {
public:
  void runOnOperation() override {
    KernelFunctions functions(getOperation());
    SmallVector<qcc::qnn::ContractOp> contracts;
    getOperation().walk(
        [&](qcc::qnn::ContractOp op) { contracts.push_back(op); });
    for (qcc::qnn::ContractOp op : contracts) {
      if (failed(expandContract(op, functions)))
        return signalPassFailure();
      ++numContracts;
    }
    if (failed(expandMatmuls(functions)))
      return signalPassFailure();
    numFunctions += functions.size();
  }

private:
  /// The processor is that of the module's target.
  LogicalResult expandMatmuls(KernelFunctions &functions) {
    SmallVector<Operation *> matmuls;
    qcc::qnn::TargetAttr target = qcc::getTargetAttr(getOperation());
    if (!target)
      return success(); // what has no target keeps plain loops
    getOperation().walk([&](Operation *op) {
      // Tiles of integers are made of x86-64's instructions.
      if (isPlainMatmul(op) &&
          (isX86(target) || getElementTypeOrSelf(op->getOperand(0)).isF32()))
        matmuls.push_back(op);
    });
    if (matmuls.empty())
      return success();
    llvm::Expected<ISA> isa = getISA(target);
    if (!isa)
      return getOperation().emitError(llvm::toString(isa.takeError()));
    for (Operation *op : matmuls)
      expandMatmul(op, *isa, functions);
    return success();
  }
};

} // namespace
