// Which axes of two shapes hold the same elements, and how blocks of elements
// go from one to the other: what scalings and layouts need for reshapes.

#ifndef DIALECTS_QNN_IR_AXISGROUPS_H
#define DIALECTS_QNN_IR_AXISGROUPS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace qcc::qnn {

/// Axes, outermost first, of two shapes of the same elements in the same order:
/// the indices along `from` of the one tell those along `to` of the other.
struct AxisGroup {
  llvm::SmallVector<int64_t> from, to;
};

/// The smallest groups of all axes of two shapes. From the innermost axis on,
/// dynamic extents that meet are taken to be equal. Nothing where the shapes
/// cannot have the same elements.
std::optional<llvm::SmallVector<AxisGroup>>
groupAxes(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

/// Extents in `to` of blocks that have the extents `block` in `from`, dynamic
/// where a block is whole along a dynamic extent. Nothing where the elements of
/// a block do not make one there, or the blocks come in another order.
std::optional<llvm::SmallVector<int64_t>>
reshapeBlock(llvm::ArrayRef<int64_t> block, llvm::ArrayRef<int64_t> from,
             llvm::ArrayRef<int64_t> to);

/// Whether `axis` is one of a tensor of this shape. `emitError` may be null.
llvm::LogicalResult
verifyAxis(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
           int64_t axis, llvm::ArrayRef<int64_t> shape);

} // namespace qcc::qnn

#endif // DIALECTS_QNN_IR_AXISGROUPS_H
