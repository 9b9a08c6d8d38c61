// Elementwise consumers of a contraction as its epilogue. See Passes.td.

#include "dialects/QNN/IR/Ops.h"
#include "lib/Fuse/Groups.h"
#include "lib/Fuse/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace qcc::qnn;

namespace qcc::fuse {

#define GEN_PASS_DEF_FUSEEPILOGUE
#include "lib/Fuse/Passes.h.inc"

namespace {

RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// A map to all dimensions but the last, in order, and perhaps a constant 0.
bool isRows(AffineMap map) {
  unsigned rows = map.getNumDims() - 1;
  ArrayRef<AffineExpr> results = map.getResults();
  if (results.size() == rows + 1) {
    auto last = dyn_cast<AffineConstantExpr>(results.back());
    if (!last || last.getValue() != 0)
      return false;
    results = results.drop_back();
  }
  return results.size() == rows && rows > 0 &&
         llvm::all_of(llvm::enumerate(results), [&](auto entry) {
           return entry.value() ==
                  getAffineDimExpr(entry.index(), map.getContext());
         });
}

/// A map to constants 0 and, where `withLast`, the last dimension in the end.
bool isBroadcast(AffineMap map, bool withLast) {
  ArrayRef<AffineExpr> results = map.getResults();
  if (withLast) {
    if (results.empty() ||
        results.back() !=
            getAffineDimExpr(map.getNumDims() - 1, map.getContext()))
      return false;
    results = results.drop_back();
  }
  return llvm::all_of(results, [](AffineExpr expr) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    return constant && constant.getValue() == 0;
  });
}

/// `value`, of which only the last axis (or none) has more than one element, as
/// a tensor of that axis (or a scalar).
Value dropUnitAxes(OpBuilder &builder, Location loc, Value value,
                   bool keepLast) {
  RankedTensorType type = getTensor(value);
  int64_t rank = type.getRank();
  if (rank == (keepLast ? 1 : 0))
    return value;
  SmallVector<ReassociationIndices> groups;
  if (keepLast)
    groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  auto result = RankedTensorType::get(keepLast ? type.getShape().take_back(1)
                                               : ArrayRef<int64_t>(),
                                      type.getElementType());
  return tensor::CollapseShapeOp::create(builder, loc, result, value, groups);
}

/// `value` of one element for each row with a last axis of extent 1.
Value addUnitAxis(OpBuilder &builder, Location loc, Value value, int64_t rank) {
  RankedTensorType type = getTensor(value);
  if (type.getRank() == rank)
    return value;
  SmallVector<int64_t> shape(type.getShape());
  shape.push_back(1);
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis + 1 < rank; ++axis)
    groups.push_back({axis});
  groups.back().push_back(rank - 1);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  sizes.push_back(builder.getIndexAttr(1));
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), value,
      groups, sizes);
}

/// How an operand of a consumer can be read as an extra of its contraction.
enum class ExtraKind { None, Whole, Rows, Channels, Scalar };

/// Decided before anything is built: IR that is made and then not used would
/// count as a change of the driver's, which would start again without end.
ExtraKind getExtraKind(linalg::GenericOp consumer, OpOperand &operand) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return ExtraKind::None;
  AffineMap map = consumer.getMatchingIndexingMap(&operand);
  if (map.isIdentity())
    return ExtraKind::Whole;
  if (isRows(map))
    return map.getNumResults() < map.getNumDims() ||
                   getTensor(operand.get()).getShape().back() == 1
               ? ExtraKind::Rows
               : ExtraKind::None;
  bool isChannel = isBroadcast(map, /*withLast=*/true);
  if (!isChannel && !isBroadcast(map, /*withLast=*/false))
    return ExtraKind::None;
  // An extent that is 1 only at run time cannot be dropped.
  ArrayRef<int64_t> dropped = getTensor(operand.get()).getShape();
  if (isChannel)
    dropped = dropped.drop_back();
  if (llvm::any_of(dropped, [](int64_t extent) { return extent != 1; }))
    return ExtraKind::None;
  return isChannel ? ExtraKind::Channels : ExtraKind::Scalar;
}

Value getExtra(OpBuilder &builder, Location loc, Value value, ExtraKind kind,
               int64_t rank) {
  if (kind == ExtraKind::Whole)
    return value;
  if (kind == ExtraKind::Rows)
    return addUnitAxis(builder, loc, value, rank);
  return dropUnitAxes(builder, loc, value, kind == ExtraKind::Channels);
}

bool isElementwise(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getIndexingMapsArray().back().isIdentity() ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
    return false;
  return llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
    return matchPattern(&inner, m_Constant()) ||
           OpTrait::hasElementwiseMappableTraits(&inner);
  });
}

/// Whether `consumer` is the only reader; extents may be asked for, too.
bool isOnlyReader(Value value, Operation *consumer) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return user == consumer || isa<tensor::DimOp>(user);
  });
}

struct FuseConsumer : OpRewritePattern<linalg::GenericOp> {
  FuseConsumer(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(linalg::GenericOp consumer,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(consumer))
      return rewriter.notifyMatchFailure(consumer, "not elementwise");
    ContractOp contract = findContract(consumer);
    if (!contract)
      return rewriter.notifyMatchFailure(consumer,
                                         "reads no contraction alone");
    SmallVector<std::pair<Value, ExtraKind>> inputs;
    for (OpOperand *input : consumer.getDpsInputOperands()) {
      bool isContract = input->get() == contract.getResult();
      ExtraKind kind =
          isContract ? ExtraKind::Whole : getExtraKind(consumer, *input);
      if (kind == ExtraKind::None)
        return rewriter.notifyMatchFailure(consumer, "reads what is no extra");
      inputs.push_back({input->get(), kind});
    }
    SmallVector<Value> extras(contract.getExtras());
    // For each input its number among the new extras; -1: the contraction.
    SmallVector<int64_t> numbers;
    for (auto [value, kind] : inputs) {
      if (value == contract.getResult()) {
        numbers.push_back(-1);
        continue;
      }
      numbers.push_back(extras.size());
      extras.push_back(getExtra(rewriter, consumer.getLoc(), value, kind,
                                consumer.getNumLoops()));
    }
    ContractOp fused = createFused(rewriter, contract, consumer, extras);
    fillRegion(rewriter, contract, consumer, fused, numbers);
    replaceExtents(rewriter, contract);
    rewriter.replaceOp(consumer, fused.getResult());
    rewriter.eraseOp(contract);
    ++count;
    return success();
  }

private:
  /// The contraction that the consumer reads at its own position, and nobody
  /// else.
  static ContractOp findContract(linalg::GenericOp consumer) {
    for (OpOperand *input : consumer.getDpsInputOperands()) {
      auto contract = input->get().getDefiningOp<ContractOp>();
      if (!contract || !isOnlyReader(contract.getResult(), consumer) ||
          contract->getBlock() != consumer->getBlock())
        continue;
      bool isInPlace =
          llvm::all_of(consumer->getOpOperands(), [&](OpOperand &operand) {
            return operand.get() != contract.getResult() ||
                   (consumer.isDpsInput(&operand) &&
                    consumer.getMatchingIndexingMap(&operand).isIdentity());
          });
      if (isInPlace)
        return contract;
    }
    return {};
  }

  /// At the consumer's place, where all extras are known.
  static ContractOp createFused(PatternRewriter &rewriter, ContractOp contract,
                                linalg::GenericOp consumer,
                                ArrayRef<Value> extras) {
    auto fused = ContractOp::create(
        rewriter, joinLocations(consumer.getLoc(), contract.getLoc()),
        consumer.getResult(0).getType(), contract.getInput(),
        contract.getWeights(), contract.getInputScales(),
        contract.getInputSums(), contract.getStart(), extras,
        consumer.getDpsInits().front(), contract.getStrides(),
        contract.getDilations(), contract.getWindow(), contract.getGroups(),
        contract.getTransposed(), contract.getInputFormatAttr(),
        contract.getWeightsFormatAttr(), contract.getKernelAttr());
    fused->setDiscardableAttrs(contract->getDiscardableAttrDictionary());
    return fused;
  }

  static void fillRegion(PatternRewriter &rewriter, ContractOp contract,
                         linalg::GenericOp consumer, ContractOp fused,
                         ArrayRef<int64_t> numbers) {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *block = rewriter.createBlock(&fused.getEpilogue());
    Location loc = contract.getLoc();
    block->addArgument(contract.getAccumulatorType(), loc);
    for (Value extra : fused.getExtras())
      block->addArgument(getTensor(extra).getElementType(), loc);

    IRMapping mapping;
    Block &inner = contract.getEpilogue().front();
    mapping.map(inner.getArguments(),
                block->getArguments().take_front(inner.getNumArguments()));
    for (Operation &op : inner.without_terminator())
      rewriter.clone(op, mapping);
    Value stored =
        mapping.lookupOrDefault(inner.getTerminator()->getOperand(0));
    for (auto [argument, number] :
         llvm::zip(consumer.getBody()->getArguments(), numbers))
      mapping.map(argument,
                  number < 0 ? stored : Value(block->getArgument(1 + number)));
    for (Operation &op : consumer.getBody()->without_terminator())
      rewriter.clone(op, mapping);
    YieldOp::create(rewriter, loc,
                    mapping.lookupOrDefault(
                        consumer.getBody()->getTerminator()->getOperand(0)));
  }

  /// Who asks for the contraction's extents asks its init, which has the same.
  static void replaceExtents(PatternRewriter &rewriter, ContractOp contract) {
    for (Operation *user : llvm::make_early_inc_range(
             llvm::to_vector(contract.getResult().getUsers())))
      if (auto dim = dyn_cast<tensor::DimOp>(user))
        rewriter.modifyOpInPlace(
            dim, [&] { dim.getSourceMutable().assign(contract.getInit()); });
  }

  Pass::Statistic &count;
};

/// Reshapes of contractions move behind the loops that read them.
bool isReshapeOfContract(OpOperand *operand) {
  auto reshape = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
  if (!reshape || !reshape.getSrc().getDefiningOp<ContractOp>() ||
      !isOnlyReader(reshape.getResult(), operand->getOwner()))
    return false;
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  return consumer && isElementwise(consumer);
}

struct FuseEpilogue : impl::FuseEpilogueBase<FuseEpilogue> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseConsumer>(&getContext(), numFused);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns,
                                                       isReshapeOfContract);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns,
                                                         &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    // Extents of a reshape that are asked for would keep it alive.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    tensor::DimOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::fuse
