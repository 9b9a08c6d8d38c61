// One arena for all intermediate buffers. See Passes.td.

#include "lib/Analysis/AllocatedBuffers.h"
#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace qcc::analysis;

namespace qcc::host {

#define GEN_PASS_DEF_PLANARENA
#include "lib/Host/Passes.h.inc"

namespace {

class Rewriter {
public:
  explicit Rewriter(func::FuncOp main)
      : main(main), body(main.getBody().front()),
        builder(main.getLoc(), main.getContext()), run(body.getArgument(0)) {}

  LogicalResult rewrite();

private:
  struct ByData {
    memref::AllocOp alloc;
    LiveBuffer live;
  };

  Operation *makeAnchor();
  void collect();
  LogicalResult plan();
  Value computeBytes(MemRefType type, ValueRange sizes);
  Value getMax(ArrayRef<Value> numbers);
  void computeStarts();
  void makeArena();
  void allocateByData(int32_t number, const ByData &buffer);

  const PlannedBuffer &get(unsigned i) const {
    return buffers.problem.buffers[i];
  }
  bool isConstant(unsigned i) const {
    return !get(i).isDynamic && places.places[i].on.empty();
  }

  func::FuncOp main;
  Block &body;
  ImplicitLocOpBuilder builder;
  Value run;
  Operation *anchor = nullptr;
  AllocatedBuffers buffers;
  BufferPlan places;
  std::vector<ByData> byData;
  SmallVector<Value> starts, ends; ///< Of all buffers, in bytes.
  int64_t constantBytes = 0;
};

/// An op of no meaning, from which on all extents of inputs are known. What
/// else stands there may itself have to be moved before it.
Operation *Rewriter::makeAnchor() {
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

void Rewriter::collect() {
  buffers =
      collectBuffers(body, [&](memref::AllocOp alloc, const LiveBuffer &live) {
        bool isKnown = llvm::all_of(alloc.getDynamicSizes(), [&](Value size) {
          return canHoistBefore(size, anchor);
        });
        if (isKnown && !live.isCarried)
          return true;
        byData.push_back({alloc, live});
        return false;
      });
}

LogicalResult Rewriter::plan() {
  places = planBuffers(buffers.problem);
  std::vector<std::string> faults =
      verifyPlan(buffers.problem, places, buffers.uses);
  if (faults.empty())
    return success();
  return main.emitError("the arena is planned wrongly: ")
         << faults.front() << "; a defect of qcc, please report it";
}

/// Bytes of a buffer, aligned; the largest number where they overflow, so that
/// the runtime refuses.
Value Rewriter::computeBytes(MemRefType type, ValueRange sizes) {
  int64_t factor = getStaticBytes(type);
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
  bytes = arith::AddIOp::create(builder, bytes,
                                makeI64(builder, bufferAlignment - 1));
  bytes =
      arith::AndIOp::create(builder, bytes, makeI64(builder, -bufferAlignment));
  Value limit =
      arith::ConstantOp::create(builder, builder.getF64FloatAttr(0x1p46));
  Value isTooMuch =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT, rough, limit);
  Value most = makeI64(builder, int64_t(1) << 46);
  return arith::SelectOp::create(builder, isTooMuch, most, bytes);
}

Value Rewriter::getMax(ArrayRef<Value> numbers) {
  Value most = numbers.front();
  for (Value number : numbers.drop_front())
    most = builder.createOrFold<arith::MaxSIOp>(most, number);
  return most;
}

/// What lies on others begins where the highest of them ends.
void Rewriter::computeStarts() {
  starts.resize(buffers.allocs.size());
  ends.resize(buffers.allocs.size());
  // By their places under one scenario, each is above what it lies on.
  std::vector<int64_t> offsets = getOffsets(buffers.problem, places, 0);
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, starts.size()));
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::pair(offsets[a], a) < std::pair(offsets[b], b);
  });
  for (unsigned i : order) {
    const Place &place = places.places[i];
    auto getEnd = [&](unsigned below) { return ends[below]; };
    starts[i] = place.on.empty()
                    ? makeI64(builder, place.offset)
                    : getMax(llvm::map_to_vector(place.on, getEnd));
    if (isConstant(i)) {
      int64_t end = place.offset + get(i).bytes[0];
      constantBytes = std::max(constantBytes, end);
      ends[i] = makeI64(builder, end);
      continue;
    }
    memref::AllocOp alloc = buffers.allocs[i];
    Value bytes = computeBytes(alloc.getType(), alloc.getDynamicSizes());
    ends[i] = builder.createOrFold<arith::AddIOp>(starts[i], bytes);
  }
}

void Rewriter::makeArena() {
  for (memref::AllocOp alloc : buffers.allocs)
    for (Value size : alloc.getDynamicSizes())
      hoistBefore(size, anchor);
  builder.setInsertionPoint(anchor);
  computeStarts();
  llvm::BitVector carries(ends.size());
  for (const Place &place : places.places)
    for (unsigned below : place.on)
      carries.set(below);
  SmallVector<Value> tops{makeI64(builder, constantBytes)};
  for (unsigned i = 0; i < ends.size(); ++i)
    if (!isConstant(i) && !carries.test(i))
      tops.push_back(ends[i]);
  Value arena =
      callRuntime(builder, "qccrt_arena", run.getType(), {run, getMax(tops)});
  for (auto [alloc, start] : llvm::zip_equal(buffers.allocs, starts)) {
    Value pointer =
        LLVM::GEPOp::create(builder, run.getType(), builder.getI8Type(), arena,
                            LLVM::GEPArg(start));
    Value memref =
        makeMemRef(builder, pointer, alloc.getType(), alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(memref);
    alloc.erase();
  }
}

/// Taken where it is made, and given back behind its last use.
void Rewriter::allocateByData(int32_t number, const ByData &buffer) {
  memref::AllocOp alloc = buffer.alloc;
  builder.setInsertionPoint(alloc);
  Value id = makeI32(builder, number);
  Value bytes = computeBytes(alloc.getType(), alloc.getDynamicSizes());
  Value pointer =
      callRuntime(builder, "qccrt_alloc", run.getType(), {run, id, bytes});
  Value memref =
      makeMemRef(builder, pointer, alloc.getType(), alloc.getDynamicSizes());
  Operation *last = buffer.live.lastUser;
  builder.setInsertionPointAfter(last);
  callRuntime(builder, "qccrt_release", Type(),
              {run, makeI32(builder, number)});
  alloc.replaceAllUsesWith(memref);
  alloc.erase();
}

LogicalResult Rewriter::rewrite() {
  anchor = makeAnchor();
  collect();
  if (failed(plan()))
    return failure();
  // Before the arena is made: what it replaces may be a last user.
  for (auto [number, buffer] : llvm::enumerate(byData))
    allocateByData(number, buffer);
  if (!buffers.allocs.empty())
    makeArena();
  anchor->erase();
  main->setAttr("qcc.arena_bytes", builder.getI64IntegerAttr(constantBytes));
  return success();
}

struct PlanArena : impl::PlanArenaBase<PlanArena> {
  void runOnOperation() override {
    func::FuncOp main = getMain(getOperation());
    if (!main) {
      getOperation().emitError("has no function @qccgen_main; run "
                               "host-lower-entry before this pass");
      return signalPassFailure();
    }
    if (failed(Rewriter(main).rewrite()))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::host
