// Quantizes at run time what is multiplied by quantized weights. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/FormatText.h"
#include "dialects/QNN/IR/Ops.h"
#include "lib/Compress/Quantize/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace qcc::compress {

#define GEN_PASS_DEF_QUANTIZEACTIVATIONS
#include "lib/Compress/Quantize/Passes.h.inc"

/// A matrix that is decoded from a format, and activations that are not yet in
/// one.
static bool hasQuantizedWeights(qnn::MatmulOp op) {
  auto weights = dyn_cast<RankedTensorType>(op.getRhs().getType());
  auto input = dyn_cast<RankedTensorType>(op.getLhs().getType());
  return weights && weights.getRank() == 2 &&
         op.getRhs().getDefiningOp<qnn::DecodeOp>() && input &&
         input.getElementType().isF32() &&
         !op.getLhs().getDefiningOp<qnn::DecodeOp>() &&
         !input.isDynamicDim(input.getRank() - 1);
}

/// [..., K] as [M, K].
static Value collapse(OpBuilder &builder, Location loc, Value input,
                      ArrayRef<OpFoldResult> extents) {
  if (extents.size() == 2)
    return input;
  AffineExpr product = builder.getAffineConstantExpr(1);
  for (unsigned axis = 0; axis + 1 < extents.size(); ++axis)
    product = product * builder.getAffineSymbolExpr(axis);
  OpFoldResult rows = affine::makeComposedFoldedAffineApply(
      builder, loc, product, extents.drop_back());
  return qnn::ReshapeOp::create(builder, loc, input,
                                ArrayRef<OpFoldResult>{rows, extents.back()});
}

static void quantize(qnn::MatmulOp op, qnn::FormatAttr format) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(builder, loc, op.getLhs());
  Value rows = collapse(builder, loc, op.getLhs(), extents);
  auto type =
      qnn::FormattedType::get(cast<RankedTensorType>(rows.getType()), format);
  Value encoded = qnn::EncodeAutoOp::create(builder, loc, type, rows);
  Value decoded = qnn::DecodeOp::create(builder, loc, encoded);
  Value result =
      qnn::MatmulOp::create(builder, loc, decoded, op.getRhs(),
                            op.getTransposeB(), /*accumulators=*/false,
                            /*kernel=*/nullptr);
  if (extents.size() > 2) {
    auto weights = cast<RankedTensorType>(op.getRhs().getType());
    extents.back() =
        builder.getIndexAttr(weights.getDimSize(op.getTransposeB() ? 0 : 1));
    result = qnn::ReshapeOp::create(builder, loc, result, extents);
  }
  op.replaceAllUsesWith(result);
  op.erase();
}

namespace {
struct QuantizeActivations
    : impl::QuantizeActivationsBase<QuantizeActivations> {
  using QuantizeActivationsBase::QuantizeActivationsBase;

  void runOnOperation() override {
    llvm::Expected<qnn::FormatAttr> parsed =
        qnn::parseActivationFormat(&getContext(), format);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    // Not the statistic alone: LLVM may be built without them.
    unsigned count = 0;
    getOperation().walk([&](qnn::MatmulOp op) {
      if (!hasQuantizedWeights(op))
        return;
      quantize(op, *parsed);
      ++count;
    });
    numActivations = count;
    if (count == 0)
      getOperation().emitWarning()
          << "no activations are " << format
          << ": no matrix product has weights in a format; --weights gives "
             "them one";
  }
};
} // namespace

} // namespace qcc::compress
