// Puts encode and decode on constant weights; kernels then read the codes.

#include "Passes.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace pow2 {
#define GEN_PASS_DEF_POW2WEIGHTS
#include "Passes.h.inc"

namespace {

struct Pow2Weights : impl::Pow2WeightsBase<Pow2Weights> {
  void runOnOperation() override {
    getOperation().walk(
        [](qcc::qnn::MatmulOp op) { store(op.getRhsMutable()); });
  }

  static void store(OpOperand &weights) {
    auto type = dyn_cast<RankedTensorType>(weights.get().getType());
    if (!type || !type.getElementType().isF32() ||
        !weights.get().getDefiningOp<arith::ConstantOp>())
      return;
    OpBuilder b(weights.getOwner());
    auto scaling = qcc::qnn::TensorScalingAttr::get(
        b.getContext(), b.getF32Type(), /*zeroPoint=*/Attribute());
    auto format = qcc::qnn::FormatAttr::get(
        b.getStringAttr("pow2"), scaling,
        qcc::qnn::DenseLayoutAttr::get(b.getContext()));
    Location loc = weights.getOwner()->getLoc();
    Value encoded = qcc::qnn::EncodeAutoOp::create(
        b, loc, qcc::qnn::FormattedType::get(type, format), weights.get());
    weights.set(qcc::qnn::DecodeOp::create(b, loc, encoded));
  }
};

} // namespace
} // namespace pow2
