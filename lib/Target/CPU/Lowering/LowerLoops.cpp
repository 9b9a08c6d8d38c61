// Structured ops on memory to loops. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Target/CPU/Lowering/Passes.h"
#include "lib/Target/CPU/Lowering/TransposeTiles.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace qcc::host;

namespace qcc::cpu {

#define GEN_PASS_DEF_LOWERLOOPS
#include "lib/Target/CPU/Lowering/Passes.h.inc"

namespace {

//===----------------------------------------------------------------------===//
// Which axes are one
//===----------------------------------------------------------------------===//

static bool isDense(Value operand) {
  auto type = dyn_cast<MemRefType>(operand.getType());
  return !type || type.getLayout().isIdentity();
}

/// The dimensions d and d + 1 are adjacent, in this order, in every map that
/// has one of them.
static bool areAdjacent(ArrayRef<AffineMap> maps, unsigned d) {
  return llvm::all_of(maps, [&](AffineMap map) {
    bool hasFirst = map.isFunctionOfDim(d),
         hasNext = map.isFunctionOfDim(d + 1);
    if (!hasFirst && !hasNext)
      return true;
    if (!hasFirst || !hasNext)
      return false;
    for (unsigned i = 0; i + 1 < map.getNumResults(); ++i)
      if (map.getResult(i) == getAffineDimExpr(d, map.getContext()))
        return map.getResult(i + 1) ==
               getAffineDimExpr(d + 1, map.getContext());
    return false;
  });
}

/// Runs of parallel loops, and runs of reductions, that can be one loop.
static SmallVector<ReassociationIndices> findRuns(linalg::GenericOp op) {
  SmallVector<ReassociationIndices> runs;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto iterators = op.getIteratorTypesArray();
  for (unsigned d = 0; d < op.getNumLoops(); ++d) {
    bool joins =
        d != 0 && iterators[d] == iterators[d - 1] && areAdjacent(maps, d - 1);
    if (!joins)
      runs.emplace_back();
    runs.back().push_back(d);
  }
  return runs;
}

static linalg::GenericOp collapse(linalg::GenericOp op, IRRewriter &rewriter) {
  bool canCollapse =
      op.getNumLoops() > 1 && llvm::all_of(op->getOperands(), isDense) &&
      llvm::all_of(op.getIndexingMapsArray(),
                   [](AffineMap map) { return map.isProjectedPermutation(); });
  if (!canCollapse || op.hasIndexSemantics())
    return op;
  SmallVector<ReassociationIndices> runs = findRuns(op);
  if (runs.size() == op.getNumLoops())
    return op;
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::CollapseResult> result =
      linalg::collapseOpIterationDims(op, runs, rewriter);
  if (failed(result))
    return op;
  rewriter.eraseOp(op);
  return cast<linalg::GenericOp>(result->collapsedOp);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Rough number of simple operations in one iteration of the body.
static int64_t estimateWork(linalg::GenericOp op) {
  int64_t work = 1;
  op.getBody()->walk([&](Operation *inner) {
    if (isa_and_nonnull<math::MathDialect>(inner->getDialect()))
      work += 12;
    else if (isa<scf::ForOp>(inner))
      work += 32;
    else
      work += 1;
  });
  return work;
}

class LoopNest {
public:
  LoopNest(linalg::GenericOp op, RewriterBase &rewriter)
      : op(op), rewriter(rewriter), loc(op.getLoc()),
        iterators(op.getIteratorTypesArray()) {}

  void lower();

private:
  using Carried = SmallVector<Value>;

  void computeRanges();
  unsigned countLeading() const;
  bool endsInReductions() const;
  int64_t estimateInner(unsigned leading) const;
  void emitFrom(unsigned d);
  Carried emitReduction(unsigned d, Carried carried);
  Carried emitBody(ValueRange accumulators);
  Value constant(int64_t number);
  SmallVector<Value> applyMap(AffineMap map);
  Value read(OpOperand &operand);
  void hoistReads(unsigned d);
  void write(ValueRange values);
  void relax(ArrayRef<Operation *> clones, ValueRange accumulators);

  linalg::GenericOp op;
  RewriterBase &rewriter;
  Location loc;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<Value> ends, indices;
  llvm::SmallDenseMap<OpOperand *, Value> hoisted;
  unsigned firstReduction = 0; ///< Of those innermost, or the number of loops.
};

Value LoopNest::constant(int64_t number) {
  return arith::ConstantIndexOp::create(rewriter, loc, number);
}

void LoopNest::computeRanges() {
  AffineMap shapes = op.getShapesToLoopsMap();
  SmallVector<OpFoldResult> flat =
      cast<linalg::LinalgOp>(op.getOperation())
          .createFlatListOfOperandDims(rewriter, loc);
  for (AffineExpr expr : shapes.getResults()) {
    OpFoldResult end = flat[cast<AffineDimExpr>(expr).getPosition()];
    ends.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, end));
  }
  indices.resize(ends.size());
}

bool LoopNest::endsInReductions() const {
  return firstReduction < iterators.size();
}

/// How many loops become the scf.parallel: all parallel ones in front, but for
/// the innermost loop, which LLVM vectorizes.
unsigned LoopNest::countLeading() const {
  unsigned count = 0;
  while (count < iterators.size() &&
         iterators[count] == utils::IteratorType::parallel)
    ++count;
  if (count == iterators.size() && count > 1)
    --count;
  return count;
}

int64_t LoopNest::estimateInner(unsigned leading) const {
  int64_t work = estimateWork(op);
  for (unsigned d = leading; d < ends.size(); ++d) {
    auto extent = getConstantIntValue(ends[d]);
    work *= std::clamp<int64_t>(extent.value_or(64), 1, 1 << 20);
    work = std::min<int64_t>(work, 1 << 30);
  }
  return work;
}

void LoopNest::lower() {
  rewriter.setInsertionPoint(op);
  computeRanges();
  firstReduction = iterators.size();
  while (firstReduction > 0 &&
         iterators[firstReduction - 1] == utils::IteratorType::reduction)
    --firstReduction;
  unsigned leading = countLeading();
  if (leading == 0) {
    emitFrom(0);
    rewriter.eraseOp(op);
    return;
  }
  SmallVector<Value> zeros(leading, constant(0)), ones(leading, constant(1));
  auto parallel = scf::ParallelOp::create(
      rewriter, loc, zeros, ArrayRef<Value>(ends).take_front(leading), ones);
  parallel->setAttr(workAttr,
                    rewriter.getI64IntegerAttr(estimateInner(leading)));
  for (unsigned d = 0; d < leading; ++d)
    indices[d] = parallel.getInductionVars()[d];
  rewriter.setInsertionPointToStart(parallel.getBody());
  emitFrom(leading);
  rewriter.eraseOp(op);
}

/// The loops from `d` on, inside the others.
void LoopNest::emitFrom(unsigned d) {
  if (d == firstReduction && endsInReductions()) {
    Carried inits;
    for (OpOperand &init : op.getDpsInitsMutable())
      inits.push_back(read(init));
    write(emitReduction(d, inits));
    return;
  }
  if (d == ends.size()) {
    Carried outs;
    for (OpOperand &init : op.getDpsInitsMutable())
      outs.push_back(op.payloadUsesValueFromOperand(&init) ? read(init)
                                                           : Value());
    write(emitBody(outs));
    return;
  }
  if (d + 1 == ends.size() && iterators[d] == utils::IteratorType::parallel)
    hoistReads(d);
  OpBuilder::InsertionGuard guard(rewriter);
  auto loop =
      scf::ForOp::create(rewriter, loc, constant(0), ends[d], constant(1));
  indices[d] = loop.getInductionVar();
  rewriter.setInsertionPointToStart(loop.getBody());
  emitFrom(d + 1);
}

/// Reads what is the same in all iterations of the innermost loop before it.
/// LLVM would have to prove that the loop does not write there, to the same
/// arena; but what one iteration writes no other one of a parallel loop reads.
void LoopNest::hoistReads(unsigned d) {
  for (OpOperand *input : op.getDpsInputOperands())
    if (op.payloadUsesValueFromOperand(input) &&
        !op.getMatchingIndexingMap(input).isFunctionOfDim(d))
      hoisted[input] = read(*input);
}

LoopNest::Carried LoopNest::emitReduction(unsigned d, Carried carried) {
  if (d == ends.size())
    return emitBody(carried);
  OpBuilder::InsertionGuard guard(rewriter);
  auto loop = scf::ForOp::create(rewriter, loc, constant(0), ends[d],
                                 constant(1), carried);
  indices[d] = loop.getInductionVar();
  rewriter.setInsertionPointToStart(loop.getBody());
  Carried next = emitReduction(d + 1, Carried(loop.getRegionIterArgs()));
  scf::YieldOp::create(rewriter, loc, next);
  return Carried(loop.getResults());
}

SmallVector<Value> LoopNest::applyMap(AffineMap map) {
  SmallVector<Value> results;
  for (AffineExpr expr : map.getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      results.push_back(indices[dim.getPosition()]);
      continue;
    }
    SmallVector<OpFoldResult> operands(indices.begin(), indices.end());
    OpFoldResult value = affine::makeComposedFoldedAffineApply(
        rewriter, loc, AffineMap::get(map.getNumDims(), 0, expr), operands);
    results.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, value));
  }
  return results;
}

Value LoopNest::read(OpOperand &operand) {
  if (Value value = hoisted.lookup(&operand))
    return value;
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  return memref::LoadOp::create(rewriter, loc, operand.get(),
                                applyMap(op.getMatchingIndexingMap(&operand)));
}

void LoopNest::write(ValueRange values) {
  for (auto [value, init] : llvm::zip_equal(values, op.getDpsInitsMutable()))
    memref::StoreOp::create(rewriter, loc, value, init.get(),
                            applyMap(op.getMatchingIndexingMap(&init)));
}

/// A sum or product of floats that runs in registers may be reassociated.
void LoopNest::relax(ArrayRef<Operation *> clones, ValueRange accumulators) {
  if (!endsInReductions())
    return;
  for (Operation *clone : clones) {
    if (!isa<arith::AddFOp, arith::MulFOp>(clone) ||
        !llvm::any_of(clone->getOperands(), [&](Value operand) {
          return llvm::is_contained(accumulators, operand);
        }))
      continue;
    cast<arith::ArithFastMathInterface>(clone)->setAttr(
        "fastmath", arith::FastMathFlagsAttr::get(
                        op.getContext(), arith::FastMathFlags::reassoc));
  }
}

LoopNest::Carried LoopNest::emitBody(ValueRange accumulators) {
  IRMapping mapping;
  Block *body = op.getBody();
  for (OpOperand *input : op.getDpsInputOperands())
    if (op.payloadUsesValueFromOperand(input))
      mapping.map(body->getArgument(input->getOperandNumber()), read(*input));
  for (auto [i, accumulator] : llvm::enumerate(accumulators))
    if (accumulator)
      mapping.map(body->getArgument(op.getNumDpsInputs() + i), accumulator);
  SmallVector<Operation *> clones;
  for (Operation &inner : body->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), indices[index.getDim()]);
      continue;
    }
    clones.push_back(rewriter.clone(inner, mapping));
  }
  relax(clones, accumulators);
  Carried results;
  for (Value yielded : body->getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(yielded));
  return results;
}

struct LowerLoops : impl::LowerLoopsBase<LowerLoops> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(generalize(rewriter)))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> ops;
    getOperation()->walk([&](linalg::GenericOp op) { ops.push_back(op); });
    for (linalg::GenericOp op : ops) {
      op = collapse(op, rewriter);
      if (isTransposingCopy(op))
        lowerToTransposeTiles(op, rewriter);
      else
        LoopNest(op, rewriter).lower();
    }
  }

private:
  /// Copies and named ops as linalg.generic.
  LogicalResult generalize(IRRewriter &rewriter) {
    SmallVector<memref::CopyOp> copies;
    getOperation()->walk([&](memref::CopyOp op) { copies.push_back(op); });
    for (memref::CopyOp op : copies) {
      rewriter.setInsertionPoint(op);
      rewriter.replaceOpWithNewOp<linalg::CopyOp>(op, op.getSource(),
                                                  op.getTarget());
    }
    SmallVector<linalg::LinalgOp> named;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (!isa<linalg::GenericOp>(op))
        named.push_back(op);
    });
    for (linalg::LinalgOp op : named) {
      rewriter.setInsertionPoint(op);
      (void)linalg::generalizeNamedOp(rewriter, op);
    }
    WalkResult left = getOperation()->walk([](Operation *op) {
      if (!isa_and_nonnull<linalg::LinalgDialect>(op->getDialect()) ||
          isa<linalg::GenericOp, linalg::YieldOp, linalg::IndexOp>(op))
        return WalkResult::advance();
      op->emitOpError("has no form as linalg.generic and therefore cannot "
                      "become loops; the passes before must decompose it");
      return WalkResult::interrupt();
    });
    return failure(left.wasInterrupted());
  }
};

} // namespace
} // namespace qcc::cpu
