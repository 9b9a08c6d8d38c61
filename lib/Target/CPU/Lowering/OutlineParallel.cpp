// Parallel loops to functions. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Target/CPU/Lowering/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace qcc::host;

namespace qcc::cpu {

#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "lib/Target/CPU/Lowering/Passes.h.inc"

namespace {

/// Scalar operations that are worth a thread.
constexpr int64_t worthwhileWork = 1 << 16;
/// Below this a loop stays where it is, if its extents are known.
constexpr int64_t negligibleWork = 256;

/// Views and constants are made again inside the function.
bool isCheapToRepeat(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>())
    return true;
  return isa<ViewLikeOpInterface>(op) && isPure(op);
}

class Outliner {
public:
  Outliner(scf::ParallelOp loop, unsigned number)
      : loop(loop), builder(loop.getLoc(), loop) {
    name = ("qccgen_loop_" + Twine(number)).str();
  }

  void run();
  func::FuncOp getFunction() { return function; }
  func::CallOp getCall() { return call; }

private:
  void bringInside();
  Value countIterations();
  int64_t computeGrain();
  void makeFunction(ArrayRef<Value> captured);
  void fillFunction(ArrayRef<Value> captured);
  void setNoAlias(ArrayRef<Value> captured);

  scf::ParallelOp loop;
  ImplicitLocOpBuilder builder;
  std::string name;
  func::FuncOp function;
  func::CallOp call;
};

/// Repeats in the body the cheap ops whose results it uses, until what comes
/// from outside are whole buffers and scalars.
void Outliner::bringInside() {
  SetVector<Value> captured;
  SmallVector<Value> bounds;
  bool changed = true;
  while (changed) {
    changed = false;
    captured.clear();
    getUsedValuesDefinedAbove(loop.getRegion(), captured);
    for (Value value : captured) {
      Operation *op = value.getDefiningOp();
      if (!op || !isCheapToRepeat(op))
        continue;
      OpBuilder inside = OpBuilder::atBlockBegin(loop.getBody());
      Operation *copy = inside.clone(*op);
      auto number = cast<OpResult>(value).getResultNumber();
      value.replaceUsesWithIf(copy->getResult(number), [&](OpOperand &use) {
        return loop.getRegion().isAncestor(use.getOwner()->getParentRegion()) &&
               use.getOwner() != copy;
      });
      changed = true;
    }
  }
}

Value Outliner::countIterations() {
  Value total;
  for (auto [low, high, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value extent = builder.createOrFold<arith::SubIOp>(high, low);
    if (getConstantIntValue(step) != 1)
      extent = builder.createOrFold<arith::CeilDivSIOp>(extent, step);
    extent = builder.createOrFold<arith::MaxSIOp>(
        extent, arith::ConstantIndexOp::create(builder, 0));
    total = total ? builder.createOrFold<arith::MulIOp>(total, extent) : extent;
  }
  return total;
}

int64_t Outliner::computeGrain() {
  auto attribute = loop->getAttrOfType<IntegerAttr>(workAttr);
  int64_t work =
      attribute ? std::max<int64_t>(attribute.getInt(), 1) : worthwhileWork;
  int64_t grain = std::max<int64_t>(worthwhileWork / work, 1);
  // Vectors of two threads do not share a cache line.
  return grain >= 64 ? llvm::alignTo(grain, 64) : grain;
}

void Outliner::run() {
  bringInside();
  Value count = countIterations();
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(loop.getRegion(), captured);
  for (ValueRange bounds :
       {ValueRange(loop.getLowerBound()), ValueRange(loop.getUpperBound()),
        ValueRange(loop.getStep())})
    for (Value bound : bounds)
      if (!getConstantIntValue(bound))
        captured.insert(bound);
  makeFunction(captured.getArrayRef());
  fillFunction(captured.getArrayRef());
  setNoAlias(captured.getArrayRef());

  SmallVector<Value> arguments{arith::ConstantIndexOp::create(builder, 0),
                               count};
  llvm::append_range(arguments, captured);
  call = func::CallOp::create(builder, function, arguments);
  call->setAttr(grainAttr, builder.getI64IntegerAttr(computeGrain()));
  loop.erase();
}

void Outliner::makeFunction(ArrayRef<Value> captured) {
  SmallVector<Type> types(2, builder.getIndexType());
  for (Value value : captured)
    types.push_back(value.getType());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop->getParentOfType<func::FuncOp>());
  function =
      func::FuncOp::create(builder, name, builder.getFunctionType(types, {}));
  function.setPrivate();
  function->setAttr(parallelAttr, builder.getUnitAttr());
  function.addEntryBlock();
}

/// for (i = begin; i < end; ++i) { position of i in the loops; body }
void Outliner::fillFunction(ArrayRef<Value> captured) {
  OpBuilder::InsertionGuard guard(builder);
  Block &entry = function.getBody().front();
  builder.setInsertionPointToStart(&entry);
  IRMapping mapping;
  for (auto [value, argument] :
       llvm::zip_equal(captured, entry.getArguments().drop_front(2)))
    mapping.map(value, argument);
  auto here = [&](Value bound) -> Value {
    if (auto number = getConstantIntValue(bound))
      return arith::ConstantIndexOp::create(builder, *number);
    return mapping.lookup(bound);
  };
  unsigned rank = loop.getNumLoops();
  SmallVector<Value> lows, steps, extents;
  for (unsigned d = 0; d < rank; ++d) {
    lows.push_back(here(loop.getLowerBound()[d]));
    steps.push_back(here(loop.getStep()[d]));
    Value extent = builder.createOrFold<arith::SubIOp>(
        here(loop.getUpperBound()[d]), lows[d]);
    extents.push_back(
        builder.createOrFold<arith::CeilDivSIOp>(extent, steps[d]));
  }
  Value one = arith::ConstantIndexOp::create(builder, 1);
  auto line = scf::ForOp::create(builder, entry.getArgument(0),
                                 entry.getArgument(1), one);
  func::ReturnOp::create(builder);
  builder.setInsertionPointToStart(line.getBody());
  Value rest = line.getInductionVar();
  for (unsigned d = rank; d-- > 0;) {
    Value position = rest;
    if (d != 0) {
      position = arith::RemUIOp::create(builder, rest, extents[d]);
      rest = arith::DivUIOp::create(builder, rest, extents[d]);
    }
    position = builder.createOrFold<arith::MulIOp>(position, steps[d]);
    position = builder.createOrFold<arith::AddIOp>(position, lows[d]);
    mapping.map(loop.getInductionVars()[d], position);
  }
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
}

void Outliner::setNoAlias(ArrayRef<Value> captured) {
  for (Value value : captured)
    if (isa<MemRefType>(value.getType()) && !isWholeBuffer(value))
      return;
  for (auto [i, value] : llvm::enumerate(captured))
    if (isa<MemRefType>(value.getType()))
      function.setArgAttr(i + 2, LLVM::LLVMDialect::getNoAliasAttrName(),
                          builder.getUnitAttr());
}

/// Parallel loops inside others, as nested sequential ones.
void serialize(scf::ParallelOp loop) {
  ImplicitLocOpBuilder builder(loop.getLoc(), loop);
  IRMapping mapping;
  for (auto [low, high, step, index] :
       llvm::zip_equal(loop.getLowerBound(), loop.getUpperBound(),
                       loop.getStep(), loop.getInductionVars())) {
    auto inner = scf::ForOp::create(builder, low, high, step);
    mapping.map(index, inner.getInductionVar());
    builder.setInsertionPointToStart(inner.getBody());
  }
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  loop.erase();
}

struct OutlineParallel : impl::OutlineParallelBase<OutlineParallel> {
  void runOnOperation() override {
    func::FuncOp main = getMain(getOperation());
    if (!main) {
      getOperation().emitError("has no function @qccgen_main; run "
                               "host-lower-entry before this pass");
      return signalPassFailure();
    }
    serializeInner(main);
    SmallVector<scf::ParallelOp> loops;
    main.walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
    // A number of its own: statistics that are read back are not what was
    // written where LLVM was built without them.
    unsigned number = 0;
    for (scf::ParallelOp loop : loops) {
      if (isNegligible(loop)) {
        serialize(loop);
        continue;
      }
      Outliner outliner(loop, number++);
      outliner.run();
      share(outliner);
    }
  }

private:
  void serializeInner(func::FuncOp main) {
    SmallVector<scf::ParallelOp> inner;
    main.walk([&](scf::ParallelOp loop) {
      if (loop->getParentOfType<scf::ParallelOp>())
        inner.push_back(loop);
    });
    for (scf::ParallelOp loop : inner)
      serialize(loop);
  }

  static bool isNegligible(scf::ParallelOp loop) {
    auto work = loop->getAttrOfType<IntegerAttr>(workAttr);
    if (!work)
      return false;
    int64_t total = work.getInt();
    for (auto [low, high] :
         llvm::zip_equal(loop.getLowerBound(), loop.getUpperBound())) {
      auto first = getConstantIntValue(low), last = getConstantIntValue(high);
      if (!first || !last)
        return false;
      total *= *last - *first;
    }
    return total <= negligibleWork;
  }

  /// One function for loops that are alike, as in the blocks of a network.
  void share(Outliner &outliner) {
    func::FuncOp function = outliner.getFunction();
    llvm::hash_code hash = hashFunction(function);
    for (func::FuncOp other : functions[hash]) {
      if (!areAlike(function, other))
        continue;
      outliner.getCall().setCallee(other.getName());
      function.erase();
      ++numShared;
      return;
    }
    functions[hash].push_back(function);
    ++numFunctions;
  }

  static llvm::hash_code hashFunction(func::FuncOp function) {
    llvm::hash_code hash = hash_value(function.getFunctionType());
    function.getBody().walk([&](Operation *op) {
      hash = llvm::hash_combine(hash, op->getName(), op->getAttrDictionary());
      for (Type type : op->getResultTypes())
        hash = llvm::hash_combine(hash, type);
    });
    return hash;
  }

  static bool areAlike(func::FuncOp a, func::FuncOp b) {
    return a.getFunctionType() == b.getFunctionType() &&
           a.getArgAttrsAttr() == b.getArgAttrsAttr() &&
           OperationEquivalence::isRegionEquivalentTo(
               &a.getBody(), &b.getBody(),
               OperationEquivalence::IgnoreLocations);
  }

  llvm::DenseMap<size_t, SmallVector<func::FuncOp>> functions;
};

} // namespace
} // namespace qcc::cpu
