#include "lib/Target/CPU/Kernels/Passes.h"

#include "lib/Target/CPU/Kernels/KernelFunctions.h"

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
    numFunctions += functions.size();
  }
};

} // namespace
