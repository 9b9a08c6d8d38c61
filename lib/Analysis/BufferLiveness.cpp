#include "lib/Analysis/BufferLiveness.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace qcc::analysis {

namespace {

/// Regions of which each runs at most once each time that the op does. Whatever
/// else has regions is taken for a loop.
bool isBranch(Operation *op) {
  return isa<scf::IfOp, scf::IndexSwitchOp, scf::ExecuteRegionOp>(op);
}

/// Whether a value of this type may lead to memory.
bool mayPoint(Type type) {
  return isa<BaseMemRefType, LLVM::LLVMPointerType, LLVM::LLVMStructType>(type);
}

/// Collects what may be the buffer or a view of it, and who touches that.
class Aliases {
public:
  explicit Aliases(LiveBuffer &live) : live(live) {
    live.home = live.buffer.getDefiningOp()->getBlock();
    users.push_back(live.buffer.getDefiningOp());
    worklist.push_back(live.buffer);
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (seen.insert(value).second)
        for (OpOperand &use : value.getUses())
          visit(use);
    }
  }

  SmallVector<Operation *> users;

private:
  void visit(OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<memref::DimOp>(user)) // asks for an extent, not for the memory
      return;
    users.push_back(user);
    unsigned number = use.getOperandNumber();
    if (isa<scf::YieldOp, scf::ConditionOp>(user))
      return visitExit(user, number);
    if (auto loop = dyn_cast<scf::ForOp>(user)) {
      if (BlockArgument argument = loop.getTiedLoopRegionIterArg(&use)) {
        worklist.push_back(argument);
        worklist.push_back(loop.getTiedLoopResult(&use));
      }
    } else if (auto loop = dyn_cast<scf::WhileOp>(user)) {
      worklist.push_back(loop.getBeforeArguments()[number]);
    } else if (user->hasTrait<OpTrait::IsTerminator>() ||
               isa<ViewLikeOpInterface>(user) || isMemoryEffectFree(user)) {
      follow(user->getResults());
    }
  }

  void follow(ValueRange values) {
    for (Value value : values)
      if (mayPoint(value.getType()))
        worklist.push_back(value);
  }

  /// The value leaves a region as operand `number` of its terminator.
  void visitExit(Operation *exit, unsigned number) {
    Operation *parent = exit->getParentOp();
    if (parent->isAncestor(live.home->getParentOp())) {
      live.isCarried |= !isBranch(parent);
      live.home = parent->getBlock();
    }
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      worklist.push_back(loop.getRegionIterArg(number));
      worklist.push_back(loop.getResult(number));
    } else if (auto loop = dyn_cast<scf::WhileOp>(parent)) {
      if (isa<scf::YieldOp>(exit)) {
        worklist.push_back(loop.getBeforeArguments()[number]);
      } else if (number != 0) { // 0 is the condition
        worklist.push_back(loop.getAfterArguments()[number - 1]);
        worklist.push_back(loop.getResult(number - 1));
      }
    } else if (isBranch(parent)) {
      worklist.push_back(parent->getResult(number));
    } else {
      follow(parent->getResults());
    }
  }

  LiveBuffer &live;
  SmallVector<Value> worklist;
  llvm::SmallPtrSet<Value, 8> seen;
};

} // namespace

BufferLiveness::BufferLiveness(Block &body) { number(body); }

void BufferLiveness::number(Block &block) {
  for (Operation &op : block) {
    unsigned first = next++;
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        number(inner);
    // What ends a body is numbered in it; the op itself ends behind it.
    steps[&op] = {first, op.getNumRegions() == 0 ? first : next++};
  }
}

/// The steps of all users, as they look from the buffer's home.
void BufferLiveness::settle(LiveBuffer &live,
                            ArrayRef<Operation *> users) const {
  for (Operation *user : users) {
    live.uses.push_back(steps.lookup(user).first);
    Operation *outermost = user, *loop = nullptr;
    while (outermost->getBlock() != live.home) {
      outermost = outermost->getParentOp();
      if (!isBranch(outermost))
        loop = outermost;
    }
    Steps alive = steps.lookup(loop ? loop : user);
    live.first = std::min(live.first, alive.first);
    live.last = std::max(live.last, alive.last);
    if (!live.lastUser || live.lastUser->isBeforeInBlock(outermost))
      live.lastUser = outermost;
  }
}

LiveBuffer BufferLiveness::compute(Value buffer) const {
  LiveBuffer live;
  live.buffer = buffer;
  Aliases aliases(live);
  settle(live, aliases.users);
  return live;
}

} // namespace qcc::analysis
