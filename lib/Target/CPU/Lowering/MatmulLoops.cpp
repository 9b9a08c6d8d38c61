#include "lib/Target/CPU/Lowering/MatmulLoops.h"

#include "lib/Target/CPU/Lowering/Memory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

/// Rows of a tile: as many accumulators as hide the latency of an FMA, while
/// they still fit into the 16 registers of AVX2, where a vector takes two.
static constexpr int64_t tileRows = 6;
static constexpr int64_t lanes = 16;

namespace {

class MatmulLoops {
public:
  MatmulLoops(linalg::LinalgOp op, RewriterBase &rewriter)
      : op(op), builder(op.getLoc(), rewriter), lhs(op->getOperand(0)),
        rhs(op->getOperand(1)), out(op->getOperand(2)),
        isBatch(isa<linalg::BatchMatmulOp>(op.getOperation())),
        vectorType(VectorType::get(lanes, builder.getF32Type())) {}

  void lower();

private:
  Value index(int64_t number) {
    return arith::ConstantIndexOp::create(builder, number);
  }
  Value add(Value a, Value b) {
    return builder.createOrFold<arith::AddIOp>(a, b);
  }
  Value getExtent(Value memref, int64_t axis) {
    return builder.createOrFold<memref::DimOp>(memref, axis + isBatch);
  }
  SmallVector<Value> at(Value row, Value column) {
    if (isBatch)
      return {batch, row, column};
    return {row, column};
  }
  void emitRows(Value first, int64_t count);
  void emitTile(Value first, int64_t count, Value column);
  SmallVector<Value> step(Value first, int64_t count, Value column, Value k,
                          ValueRange sums);

  linalg::LinalgOp op;
  ImplicitLocOpBuilder builder;
  Value lhs, rhs, out;
  bool isBatch;
  VectorType vectorType;
  Value batch, rows, columns, depth, mask;
};

/// One step along the reduction: a vector of the right matrix by a number of
/// each row of the left one.
SmallVector<Value> MatmulLoops::step(Value first, int64_t count, Value column,
                                     Value k, ValueRange sums) {
  Value zeros =
      arith::ConstantOp::create(builder, builder.getZeroAttr(vectorType));
  Value right = vector::MaskedLoadOp::create(builder, vectorType, rhs,
                                             at(k, column), mask, zeros);
  SmallVector<Value> next;
  for (int64_t row = 0; row < count; ++row) {
    Value number =
        memref::LoadOp::create(builder, lhs, at(add(first, index(row)), k));
    Value left = vector::BroadcastOp::create(builder, vectorType, number);
    next.push_back(vector::FMAOp::create(builder, left, right, sums[row]));
  }
  return next;
}

void MatmulLoops::emitTile(Value first, int64_t count, Value column) {
  Value rest = builder.createOrFold<arith::SubIOp>(columns, column);
  mask = vector::CreateMaskOp::create(
      builder, VectorType::get(lanes, builder.getI1Type()), rest);
  Value zeros =
      arith::ConstantOp::create(builder, builder.getZeroAttr(vectorType));
  SmallVector<Value> sums;
  for (int64_t row = 0; row < count; ++row)
    sums.push_back(vector::MaskedLoadOp::create(
        builder, vectorType, out, at(add(first, index(row)), column), mask,
        zeros));
  auto loop = scf::ForOp::create(builder, index(0), depth, index(1), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(builder,
                         step(first, count, column, loop.getInductionVar(),
                              loop.getRegionIterArgs()));
  }
  for (int64_t row = 0; row < count; ++row)
    vector::MaskedStoreOp::create(builder, out,
                                  at(add(first, index(row)), column), mask,
                                  loop.getResult(row));
}

void MatmulLoops::emitRows(Value first, int64_t count) {
  auto loop = scf::ForOp::create(builder, index(0), columns, index(lanes));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  emitTile(first, count, loop.getInductionVar());
}

void MatmulLoops::lower() {
  rows = getExtent(out, 0);
  columns = getExtent(out, 1);
  depth = getExtent(lhs, 1);
  Value blocks =
      builder.createOrFold<arith::CeilDivSIOp>(rows, index(tileRows));
  SmallVector<Value> ends{blocks};
  if (isBatch)
    ends.insert(ends.begin(),
                builder.createOrFold<memref::DimOp>(out, int64_t(0)));
  SmallVector<Value> zeros(ends.size(), index(0)), ones(ends.size(), index(1));
  auto parallel = scf::ParallelOp::create(builder, zeros, ends, ones);
  int64_t work = tileRows / 4;
  for (Value extent : {columns, depth})
    work *= std::clamp<int64_t>(getConstantIntValue(extent).value_or(64), 1,
                                1 << 16);
  parallel->setAttr(qcc::cpu::workAttr, builder.getI64IntegerAttr(work));
  builder.setInsertionPointToStart(parallel.getBody());
  if (isBatch)
    batch = parallel.getInductionVars().front();
  Value first = builder.createOrFold<arith::MulIOp>(
      parallel.getInductionVars().back(), index(tileRows));
  Value end = add(first, index(tileRows));
  Value isWhole =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::sle, end, rows);
  auto choice = scf::IfOp::create(builder, isWhole, /*withElseRegion=*/true);
  builder.setInsertionPointToStart(choice.thenBlock());
  emitRows(first, tileRows);
  builder.setInsertionPointToStart(choice.elseBlock());
  auto single = scf::ForOp::create(builder, first, rows, index(1));
  builder.setInsertionPointToStart(single.getBody());
  emitRows(single.getInductionVar(), 1);
}

bool isDenseF32(Value operand) {
  auto type = dyn_cast<MemRefType>(operand.getType());
  return type && type.getLayout().isIdentity() && type.getElementType().isF32();
}

} // namespace

bool qcc::cpu::lowerMatmul(linalg::LinalgOp op, RewriterBase &rewriter) {
  Operation *plain = op.getOperation();
  bool isKnown = false;
  if (auto matmul = dyn_cast<linalg::MatmulOp>(plain))
    isKnown = !matmul.hasUserDefinedMaps();
  else if (auto matmul = dyn_cast<linalg::BatchMatmulOp>(plain))
    isKnown = !matmul.hasUserDefinedMaps();
  if (!isKnown || !llvm::all_of(op->getOperands(), isDenseF32))
    return false;
  rewriter.setInsertionPoint(op);
  MatmulLoops(op, rewriter).lower();
  rewriter.eraseOp(op);
  return true;
}
