// What fusion made, as an attribute of the module. See Passes.td.

#include "lib/Fuse/Groups.h"
#include "lib/Fuse/Passes.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace qcc::fuse {

#define GEN_PASS_DEF_RECORDGROUPS
#include "lib/Fuse/Passes.h.inc"

namespace {

/// Whether the op is a loop by itself, and gives a tensor.
bool isGroup(Operation *op) {
  if (op->getNumResults() == 0 || !isa<TensorType>(op->getResult(0).getType()))
    return false;
  return isa<linalg::LinalgOp, qnn::ContractOp, qnn::EncodeStoredOp,
             qnn::DecodeStoredOp, scf::ForOp, scf::WhileOp>(op);
}

struct RecordGroups : impl::RecordGroupsBase<RecordGroups> {
  void runOnOperation() override {
    SmallVector<Attribute> locations;
    getOperation().walk([&](Operation *op) {
      if (isGroup(op))
        locations.push_back(LocationAttr(op->getLoc()));
    });
    getOperation()->setAttr(groupsAttr,
                            ArrayAttr::get(&getContext(), locations));
    markAllAnalysesPreserved();
  }
};

} // namespace
} // namespace qcc::fuse
