// One arena for all intermediate buffers. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_PLANARENA
#include "lib/Host/Passes.h.inc"

namespace {

constexpr int64_t alignment = 64;
/// Stands for an extent that is not known when buffers are compared.
constexpr int64_t assumedExtent = 64;

struct Buffer {
  memref::AllocOp alloc;
  unsigned first = ~0u, last = 0; ///< Top-level ops that use it.
  bool escapesLoop = false;
  int64_t bytes = 0; ///< Under assumed extents when it is dynamic.
  int64_t offset = 0;
  unsigned slot = 0;

  bool isDynamic() { return alloc.getType().getNumDynamicDims() != 0; }
  bool overlaps(const Buffer &other) const {
    return first <= other.last && other.first <= last;
  }
};

/// The values that may be the buffer or a view of it.
class Liveness {
public:
  explicit Liveness(Block &body) : body(body) {
    for (auto [i, op] : llvm::enumerate(body))
      positions[&op] = i;
  }

  void compute(Buffer &buffer) {
    seen.clear();
    extend(buffer, buffer.alloc);
    follow(buffer, buffer.alloc.getResult());
  }

private:
  void extend(Buffer &buffer, Operation *op) {
    unsigned position = positions.lookup(body.findAncestorOpInBlock(*op));
    buffer.first = std::min(buffer.first, position);
    buffer.last = std::max(buffer.last, position);
  }

  void follow(Buffer &buffer, Value value) {
    if (!seen.insert(value).second)
      return;
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      extend(buffer, user);
      unsigned number = use.getOperandNumber();
      if (auto loop = dyn_cast<scf::ForOp>(user)) {
        if (BlockArgument argument = loop.getTiedLoopRegionIterArg(&use)) {
          follow(buffer, argument);
          follow(buffer, loop.getTiedLoopResult(&use));
        }
      } else if (isa<scf::YieldOp>(user)) {
        Operation *parent = user->getParentOp();
        if (isa<scf::WhileOp>(parent))
          buffer.escapesLoop = true;
        else
          followYield(buffer, parent, number);
      } else if (isa<ViewLikeOpInterface, UnrealizedConversionCastOp,
                     arith::SelectOp>(user)) {
        for (Value result : user->getResults())
          follow(buffer, result);
      }
    }
  }

  void followYield(Buffer &buffer, Operation *parent, unsigned number) {
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      // Made anew in each iteration while that of the last one is still read.
      if (loop->isProperAncestor(buffer.alloc))
        buffer.escapesLoop = true;
      follow(buffer, loop.getRegionIterArg(number));
    }
    follow(buffer, parent->getResult(number));
  }

  Block &body;
  DenseMap<Operation *, unsigned> positions;
  SmallPtrSet<Value, 8> seen;
};

/// The number that an extent would be under assumed ones.
int64_t estimate(Value value, DenseMap<Value, int64_t> &known) {
  if (auto number = getConstantIntValue(value))
    return *number;
  auto [entry, isNew] = known.try_emplace(value, assumedExtent);
  Operation *op = value.getDefiningOp();
  if (!isNew || !op)
    return entry->second;
  auto at = [&](unsigned i) { return estimate(op->getOperand(i), known); };
  int64_t result =
      TypeSwitch<Operation *, int64_t>(op)
          .Case([&](arith::AddIOp) { return at(0) + at(1); })
          .Case([&](arith::SubIOp) { return at(0) - at(1); })
          .Case([&](arith::MulIOp) { return at(0) * at(1); })
          .Case([&](arith::MaxSIOp) { return std::max(at(0), at(1)); })
          .Case([&](arith::MinSIOp) { return std::min(at(0), at(1)); })
          .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
                arith::CeilDivSIOp>([&](auto) {
            int64_t divisor = at(1);
            return divisor == 0 ? assumedExtent : at(0) / divisor;
          })
          .Case([&](affine::AffineApplyOp apply) {
            SmallVector<Attribute> constants;
            for (Value operand : op->getOperands())
              constants.push_back(IntegerAttr::get(
                  IndexType::get(op->getContext()), estimate(operand, known)));
            SmallVector<Attribute> folded;
            if (failed(apply.getAffineMap().constantFold(constants, folded)))
              return assumedExtent;
            return cast<IntegerAttr>(folded[0]).getInt();
          })
          .Default([](Operation *) { return assumedExtent; });
  return known[value] = std::clamp<int64_t>(result, 0, int64_t(1) << 40);
}

class Planner {
public:
  explicit Planner(func::FuncOp main)
      : main(main), body(main.getBody().front()),
        builder(main.getLoc(), main.getContext()), run(body.getArgument(0)) {}

  void plan();

private:
  Operation *makeAnchor();
  void collect();
  void placeStatic();
  void placeDynamic();
  Value computeBytes(MemRefType type, ValueRange sizes);
  void makeArena();
  void allocateByData(memref::AllocOp alloc);

  func::FuncOp main;
  Block &body;
  ImplicitLocOpBuilder builder;
  Value run;
  Operation *anchor = nullptr;
  std::vector<Buffer> fixed, sized;
  SmallVector<memref::AllocOp> byData;
  int64_t fixedBytes = 0;
  unsigned slotCount = 0;
};

/// An op of no meaning, from which on all extents of inputs are known. What
/// else stands there may itself have to be moved before it.
Operation *Planner::makeAnchor() {
  Operation *last = nullptr;
  for (Operation &op : body)
    if (auto call = dyn_cast<LLVM::CallOp>(op))
      if (call.getCallee() && call.getCallee()->starts_with("qccrt_input"))
        last = &op;
  if (last)
    builder.setInsertionPointAfter(last);
  else
    builder.setInsertionPointToStart(&body);
  return makeI64(builder, 0).getDefiningOp();
}

void Planner::collect() {
  Liveness liveness(body);
  DenseMap<Value, int64_t> known;
  SmallVector<memref::AllocOp> allocs;
  main.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
  for (memref::AllocOp alloc : allocs) {
    Buffer buffer;
    buffer.alloc = alloc;
    liveness.compute(buffer);
    bool isKnown = llvm::all_of(alloc.getDynamicSizes(), [&](Value size) {
      return canHoistBefore(size, anchor);
    });
    if (buffer.escapesLoop || !isKnown) {
      byData.push_back(alloc);
      continue;
    }
    MemRefType type = alloc.getType();
    buffer.bytes = getElementBytes(type);
    for (int64_t extent : type.getShape())
      if (!ShapedType::isDynamic(extent))
        buffer.bytes *= extent;
    for (Value size : alloc.getDynamicSizes())
      buffer.bytes *= estimate(size, known);
    buffer.bytes = llvm::alignTo(buffer.bytes, alignment);
    (buffer.isDynamic() ? sized : fixed).push_back(buffer);
  }
  for (auto *buffers : {&fixed, &sized})
    llvm::sort(*buffers, [](const Buffer &a, const Buffer &b) {
      return std::tuple(-a.bytes, a.first, a.last) <
             std::tuple(-b.bytes, b.first, b.last);
    });
}

/// The lowest gap between those that live at the same time.
void Planner::placeStatic() {
  for (auto it = fixed.begin(); it != fixed.end(); ++it) {
    SmallVector<std::pair<int64_t, int64_t>> occupied;
    for (auto other = fixed.begin(); other != it; ++other)
      if (it->overlaps(*other))
        occupied.emplace_back(other->offset, other->offset + other->bytes);
    llvm::sort(occupied);
    int64_t offset = 0;
    for (auto [begin, end] : occupied) {
      if (offset + it->bytes <= begin)
        break;
      offset = std::max(offset, end);
    }
    it->offset = offset;
    fixedBytes = std::max(fixedBytes, offset + it->bytes);
  }
}

void Planner::placeDynamic() {
  std::vector<SmallVector<Buffer *>> slots;
  for (Buffer &buffer : sized) {
    auto isFree = [&](ArrayRef<Buffer *> members) {
      return llvm::none_of(
          members, [&](Buffer *member) { return buffer.overlaps(*member); });
    };
    auto slot = llvm::find_if(slots, isFree);
    if (slot == slots.end())
      slot = slots.emplace(slots.end());
    slot->push_back(&buffer);
    buffer.slot = slot - slots.begin();
  }
  slotCount = slots.size();
}

/// Bytes of a buffer, aligned; the largest number where they overflow, so that
/// the runtime refuses.
Value Planner::computeBytes(MemRefType type, ValueRange sizes) {
  int64_t factor = getElementBytes(type);
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      factor *= extent;
  Type real = builder.getF64Type();
  Value zero = makeI64(builder, 0);
  Value bytes = makeI64(builder, factor);
  Value rough = arith::ConstantOp::create(
      builder, builder.getF64FloatAttr(static_cast<double>(factor)));
  for (Value size : sizes) {
    Value count = arith::MaxSIOp::create(builder, toI64(builder, size), zero);
    bytes = arith::MulIOp::create(builder, bytes, count);
    rough = arith::MulFOp::create(
        builder, rough, arith::SIToFPOp::create(builder, real, count));
  }
  bytes =
      arith::AddIOp::create(builder, bytes, makeI64(builder, alignment - 1));
  bytes = arith::AndIOp::create(builder, bytes, makeI64(builder, -alignment));
  Value limit =
      arith::ConstantOp::create(builder, builder.getF64FloatAttr(0x1p46));
  Value isTooMuch =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT, rough, limit);
  Value most = makeI64(builder, int64_t(1) << 46);
  return arith::SelectOp::create(builder, isTooMuch, most, bytes);
}

void Planner::makeArena() {
  builder.setInsertionPoint(anchor);
  for (Buffer &buffer : sized)
    for (Value size : buffer.alloc.getDynamicSizes())
      hoistBefore(size, anchor);
  builder.setInsertionPoint(anchor);
  SmallVector<Value> slotBytes(slotCount);
  for (Buffer &buffer : sized) {
    Value bytes =
        computeBytes(buffer.alloc.getType(), buffer.alloc.getDynamicSizes());
    Value &slot = slotBytes[buffer.slot];
    slot = slot ? builder.createOrFold<arith::MaxSIOp>(slot, bytes) : bytes;
  }
  SmallVector<Value> slotOffsets;
  Value total = makeI64(builder, fixedBytes);
  for (Value bytes : slotBytes) {
    slotOffsets.push_back(total);
    total = arith::AddIOp::create(builder, total, bytes);
  }
  Value arena =
      callRuntime(builder, "qccrt_arena", run.getType(), {run, total});
  auto place = [&](Buffer &buffer, LLVM::GEPArg offset) {
    Value pointer = LLVM::GEPOp::create(builder, run.getType(),
                                        builder.getI8Type(), arena, offset);
    Value memref = makeMemRef(builder, pointer, buffer.alloc.getType(),
                              buffer.alloc.getDynamicSizes());
    buffer.alloc.replaceAllUsesWith(memref);
    buffer.alloc.erase();
  };
  for (Buffer &buffer : fixed)
    place(buffer, makeI64(builder, buffer.offset));
  for (Buffer &buffer : sized)
    place(buffer, slotOffsets[buffer.slot]);
}

void Planner::allocateByData(memref::AllocOp alloc) {
  builder.setInsertionPoint(alloc);
  Value bytes = computeBytes(alloc.getType(), alloc.getDynamicSizes());
  Value pointer =
      callRuntime(builder, "qccrt_alloc", run.getType(), {run, bytes});
  Value memref =
      makeMemRef(builder, pointer, alloc.getType(), alloc.getDynamicSizes());
  alloc.replaceAllUsesWith(memref);
  alloc.erase();
}

void Planner::plan() {
  anchor = makeAnchor();
  collect();
  placeStatic();
  placeDynamic();
  if (!fixed.empty() || !sized.empty())
    makeArena();
  for (memref::AllocOp alloc : byData)
    allocateByData(alloc);
  anchor->erase();
  main->setAttr("qcc.arena_bytes", builder.getI64IntegerAttr(fixedBytes));
}

struct PlanArena : impl::PlanArenaBase<PlanArena> {
  void runOnOperation() override {
    func::FuncOp main = getMain(getOperation());
    if (!main) {
      getOperation().emitError("has no function @qccgen_main; run "
                               "host-lower-entry before this pass");
      return signalPassFailure();
    }
    Planner(main).plan();
  }
};

} // namespace
} // namespace qcc::host
