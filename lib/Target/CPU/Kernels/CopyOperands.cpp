// Brings operands of contractions where kernels can read them. See Passes.td.

#include "lib/Target/CPU/Kernels/Passes.h"
#include "lib/Target/CPU/Kernels/Problem.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace qcc::cpu {

#define GEN_PASS_DEF_COPYOPERANDS
#include "lib/Target/CPU/Kernels/Passes.h.inc"

static bool isReadable(qnn::ContractOp op, OpOperand &operand) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || &operand == &op.getInitMutable()) // What is written stays.
    return true;
  return &operand == &op.getInputMutable() ? !needsCopy(op, type)
                                           : isLastAxisDense(type);
}

static Value copy(OpBuilder &builder, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      sizes.push_back(memref::DimOp::create(builder, loc, buffer, axis));
  auto dense = MemRefType::get(type.getShape(), type.getElementType());
  constexpr int64_t alignment = 64;
  Value copy = memref::AllocOp::create(builder, loc, dense, sizes,
                                       builder.getI64IntegerAttr(alignment));
  memref::CopyOp::create(builder, loc, buffer, copy);
  return copy;
}

namespace {
struct CopyOperands : impl::CopyOperandsBase<CopyOperands> {
  using CopyOperandsBase::CopyOperandsBase;

  void runOnOperation() override {
    getOperation().walk([&](qnn::ContractOp op) {
      OpBuilder builder(op);
      for (OpOperand &operand : op->getOpOperands()) {
        if (isReadable(op, operand))
          continue;
        operand.set(copy(builder, op.getLoc(), operand.get()));
        ++numCopies;
      }
    });
  }
};
} // namespace

} // namespace qcc::cpu
