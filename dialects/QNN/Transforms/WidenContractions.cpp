// Computes contractions of 16-bit floats in f32. See Passes.td.

#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_WIDENCONTRACTIONS
#include "dialects/QNN/Transforms/Passes.h.inc"

static bool isNarrow(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type &&
         (type.getElementType().isF16() || type.getElementType().isBF16());
}

namespace {

struct WidenContractions : impl::WidenContractionsBase<WidenContractions> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isContraction(op) && llvm::all_of(op->getOperands(), isNarrow))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      widen(op);
    numWidened += ops.size();
  }

private:
  void widen(Operation *op) {
    OpBuilder builder(op);
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, getWide(builder, operand));
    Operation *wide = builder.clone(*op, mapping);
    Value result = op->getResult(0), wideResult = wide->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    wideResult.setType(type.clone(builder.getF32Type()));
    Value narrow = CastOp::create(builder, op->getLoc(), type, wideResult);
    result.replaceAllUsesWith(narrow);
    op->erase();
  }

  Value getWide(OpBuilder &builder, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    auto wide = type.clone(builder.getF32Type());
    if (!matchPattern(value, m_Constant()))
      return CastOp::create(builder, value.getLoc(), wide, value);
    // Weights that several ops share stay shared.
    Value &result = constants[value];
    if (!result) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfterValue(value);
      result = CastOp::create(builder, value.getLoc(), wide, value);
    }
    return result;
  }

  llvm::DenseMap<Value, Value> constants;
};

} // namespace
} // namespace qcc::qnn
