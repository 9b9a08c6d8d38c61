// Fusion of elementwise loops. See Passes.td.

#include "lib/Fuse/Groups.h"
#include "lib/Fuse/Passes.h"

#include "lib/Analysis/DecodedWeights.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace qcc::fuse {

#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "lib/Fuse/Passes.h.inc"

namespace {

/// Whether doing it again costs less than reading the result from memory.
bool isCheap(linalg::GenericOp op) {
  return llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
    if (isa<math::MathDialect>(inner.getDialect()))
      return false;
    return !isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::DivUIOp,
                arith::RemSIOp, arith::RemUIOp, tensor::ExtractOp>(inner) &&
           inner.getNumRegions() == 0;
  });
}

/// Whether the consumer reads each element of `operand` in one iteration.
bool isReadOnce(OpOperand &operand) {
  auto consumer = cast<linalg::LinalgOp>(operand.getOwner());
  AffineMap map = consumer.getMatchingIndexingMap(&operand);
  return map.isPermutation();
}

bool shouldFuse(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer)
    return false;
  if (!llvm::all_of(producer->getUsers(),
                    [&](Operation *user) { return user == consumer; }))
    return false;
  // Decoded weights are never kept, however often they are decoded again.
  return isReadOnce(*operand) || isCheap(producer) ||
         analysis::decodesTooMuch(producer);
}

/// Asked right before an operand's producer is fused. Upstream's pattern keeps
/// the consumer's location alone, which would lose what was fused.
bool controlFusion(OpOperand *operand) {
  if (!shouldFuse(operand))
    return false;
  Operation *consumer = operand->getOwner();
  consumer->setLoc(joinLocations(operand->get().getLoc(), consumer->getLoc()));
  return true;
}

/// A reshape of decoded weights would stand between them and their reader.
bool shouldFoldReshape(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  return producer && producer->hasOneUse() &&
         isa<tensor::ExpandShapeOp>(operand->getOwner()) &&
         analysis::decodesTooMuch(producer);
}

struct FuseElementwise : impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    giveReadersTheirOwnDecodes();
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, controlFusion);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns,
                                                      shouldFoldReshape);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

private:
  /// Of weights that several loops read each gets a copy, which can go into it.
  void giveReadersTheirOwnDecodes() {
    SmallVector<linalg::GenericOp> decodes;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (analysis::decodesTooMuch(op) && !op->hasOneUse())
        decodes.push_back(op);
    });
    for (linalg::GenericOp op : decodes)
      for (OpOperand &use :
           llvm::make_early_inc_range(llvm::drop_begin(op->getUses()))) {
        OpBuilder builder(op);
        use.set(builder.clone(*op)->getResult(0));
      }
  }
};

} // namespace
} // namespace qcc::fuse
