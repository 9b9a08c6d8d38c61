// Reshapes of dense buffers. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_LOWERRESHAPES
#include "lib/Host/Passes.h.inc"

namespace {

bool isDense(Value memref) {
  return cast<MemRefType>(memref.getType()).getLayout().isIdentity();
}

struct LowerReshapes : impl::LowerReshapesBase<LowerReshapes> {
  void runOnOperation() override {
    SmallVector<Operation *> reshapes;
    getOperation()->walk([&](Operation *op) {
      if (isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(op) &&
          isDense(op->getOperand(0)) && isDense(op->getResult(0)))
        reshapes.push_back(op);
    });
    for (Operation *op : reshapes) {
      ImplicitLocOpBuilder builder(op->getLoc(), op);
      Value result = makeMemRef(builder, getPointer(builder, op->getOperand(0)),
                                cast<MemRefType>(op->getResult(0).getType()),
                                getSizes(builder, op));
      op->getResult(0).replaceAllUsesWith(result);
      op->erase();
    }
  }

private:
  /// The dynamic extents of the result.
  static SmallVector<Value> getSizes(ImplicitLocOpBuilder &builder,
                                     Operation *op) {
    SmallVector<Value> sizes;
    if (auto expand = dyn_cast<memref::ExpandShapeOp>(op)) {
      auto type = cast<MemRefType>(expand.getResult().getType());
      for (auto [extent, size] :
           llvm::zip_equal(type.getShape(), expand.getMixedOutputShape()))
        if (ShapedType::isDynamic(extent))
          sizes.push_back(
              getValueOrCreateConstantIndexOp(builder, builder.getLoc(), size));
      return sizes;
    }
    auto collapse = cast<memref::CollapseShapeOp>(op);
    auto type = cast<MemRefType>(collapse.getResult().getType());
    auto groups = collapse.getReassociationIndices();
    for (auto [axis, group] : llvm::enumerate(groups)) {
      if (!type.isDynamicDim(axis))
        continue;
      Value size;
      for (int64_t source : group) {
        Value extent =
            builder.createOrFold<memref::DimOp>(collapse.getSrc(), source);
        size =
            size ? builder.createOrFold<arith::MulIOp>(size, extent) : extent;
      }
      sizes.push_back(size);
    }
    return sizes;
  }
};

} // namespace
} // namespace qcc::host
