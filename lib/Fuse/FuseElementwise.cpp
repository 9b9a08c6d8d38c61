// Fusion of elementwise loops. See Passes.td.

#include "lib/Fuse/Passes.h"

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
  return isReadOnce(*operand) || isCheap(producer);
}

struct FuseElementwise : impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::fuse
