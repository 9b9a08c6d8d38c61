#include "lib/Target/CPU/Lowering/TransposeTiles.h"

#include "lib/Host/Memory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::host;
using namespace qcc::cpu;

static bool hasDenseRows(Value operand) {
  auto type = dyn_cast<MemRefType>(operand.getType());
  return type && type.getRank() > 1 && type.isLastDimUnitStride();
}

/// The loop that runs along the rows of an operand.
static unsigned getRowLoop(AffineMap map) {
  return map.getDimPosition(map.getNumResults() - 1);
}

bool qcc::cpu::isTransposingCopy(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  if (!llvm::all_of(op->getOperands(), hasDenseRows) ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isPermutation(); }))
    return false;
  Type element = getElementTypeOrSelf(op->getOperand(0));
  bool isCopy = op.getBody()->without_terminator().empty() &&
                op.getBody()->getTerminator()->getOperand(0) ==
                    op.getBody()->getArgument(0);
  if (!isCopy || !element.isIntOrFloat() ||
      !llvm::is_contained({8u, 16u, 32u}, element.getIntOrFloatBitWidth()))
    return false;
  auto maps = op.getIndexingMapsArray();
  return getRowLoop(maps[0]) != getRowLoop(maps[1]);
}

namespace {

class TransposeTiles {
public:
  TransposeTiles(linalg::GenericOp op, RewriterBase &rewriter)
      : builder(op.getLoc(), rewriter), input(op->getOperand(0)),
        output(op->getOperand(1)), inputMap(op.getIndexingMapsArray()[0]),
        outputMap(op.getIndexingMapsArray()[1]), inputRow(getRowLoop(inputMap)),
        outputRow(getRowLoop(outputMap)), indices(op.getNumLoops()) {
    auto type = cast<MemRefType>(input.getType());
    // Vectors of at most 256 bits; of bytes, 128, in which they interleave.
    tile = type.getElementTypeBitWidth() == 8 ? 16 : 8;
    vectorType = VectorType::get(tile, type.getElementType());
  }

  void lower();

private:
  Value index(int64_t number) {
    return arith::ConstantIndexOp::create(builder, number);
  }
  Value add(Value a, int64_t b) {
    return builder.createOrFold<arith::AddIOp>(a, index(b));
  }
  Value getExtent(unsigned loop) {
    for (unsigned axis = 0; axis < outputMap.getNumResults(); ++axis)
      if (outputMap.getDimPosition(axis) == loop)
        return builder.createOrFold<memref::DimOp>(output, axis);
    llvm_unreachable("the map is a permutation");
  }
  SmallVector<Value> apply(AffineMap map) {
    SmallVector<Value> at;
    for (unsigned axis = 0; axis < map.getNumResults(); ++axis)
      at.push_back(indices[map.getDimPosition(axis)]);
    return at;
  }
  void forEach(Value from, Value to, int64_t step,
               function_ref<void(Value)> body);
  void copyElement() {
    Value element = memref::LoadOp::create(builder, input, apply(inputMap));
    memref::StoreOp::create(builder, element, output, apply(outputMap));
  }
  SmallVector<Value> interleave(ArrayRef<Value> rows);
  void emitTile(Value along, Value across);
  void emitStrip(Value along);
  void emitRest(Value from, Value to);

  ImplicitLocOpBuilder builder;
  Value input, output;
  AffineMap inputMap, outputMap;
  unsigned inputRow, outputRow; ///< The loops along their rows.
  SmallVector<Value> indices;
  int64_t tile;
  VectorType vectorType;
};

} // namespace

void TransposeTiles::forEach(Value from, Value to, int64_t step,
                             function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, from, to, index(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

/// Rows i and i + n / 2 become 2 i and 2 i + 1, element by element in turn.
/// Done log2(n) times, that transposes n rows of n elements.
SmallVector<Value> TransposeTiles::interleave(ArrayRef<Value> rows) {
  SmallVector<Value> result;
  for (int64_t i = 0; i < tile / 2; ++i)
    for (int64_t half : {int64_t(0), tile / 2}) {
      SmallVector<int64_t> mask;
      for (int64_t lane = half; lane < half + tile / 2; ++lane) {
        mask.push_back(lane);
        mask.push_back(tile + lane);
      }
      result.push_back(vector::ShuffleOp::create(builder, rows[i],
                                                 rows[i + tile / 2], mask));
    }
  return result;
}

void TransposeTiles::emitTile(Value along, Value across) {
  SmallVector<Value> rows;
  for (int64_t i = 0; i < tile; ++i) {
    indices[inputRow] = along;
    indices[outputRow] = add(across, i);
    rows.push_back(
        vector::LoadOp::create(builder, vectorType, input, apply(inputMap)));
  }
  for (int64_t done = 1; done < tile; done *= 2)
    rows = interleave(rows);
  for (int64_t i = 0; i < tile; ++i) {
    indices[inputRow] = add(along, i);
    indices[outputRow] = across;
    vector::StoreOp::create(builder, rows[i], output, apply(outputMap));
  }
}

/// `tile` elements of the input's rows from `along` on.
void TransposeTiles::emitStrip(Value along) {
  Value extent = getExtent(outputRow);
  Value rest = builder.createOrFold<arith::RemUIOp>(extent, index(tile));
  Value whole = builder.createOrFold<arith::SubIOp>(extent, rest);
  forEach(index(0), whole, tile,
          [&](Value across) { emitTile(along, across); });
  for (int64_t i = 0; i < tile; ++i)
    forEach(whole, extent, 1, [&](Value across) {
      indices[inputRow] = add(along, i);
      indices[outputRow] = across;
      copyElement();
    });
}

/// Fewer elements of the input's rows than a tile has.
void TransposeTiles::emitRest(Value from, Value to) {
  forEach(from, to, 1, [&](Value along) {
    forEach(index(0), getExtent(outputRow), 1, [&](Value across) {
      indices[inputRow] = along;
      indices[outputRow] = across;
      copyElement();
    });
  });
}

void TransposeTiles::lower() {
  Value length = getExtent(inputRow);
  SmallVector<unsigned> outer;
  SmallVector<Value> ends;
  for (unsigned loop = 0; loop < indices.size(); ++loop)
    if (loop != inputRow && loop != outputRow) {
      outer.push_back(loop);
      ends.push_back(getExtent(loop));
    }
  ends.push_back(builder.createOrFold<arith::CeilDivUIOp>(length, index(tile)));
  SmallVector<Value> zeros(ends.size(), index(0)), ones(ends.size(), index(1));
  auto parallel = scf::ParallelOp::create(builder, zeros, ends, ones);
  int64_t width = std::clamp<int64_t>(
      getConstantIntValue(getExtent(outputRow)).value_or(64), 1, 1 << 20);
  parallel->setAttr(workAttr, builder.getI64IntegerAttr(tile * width / 2 + 1));
  builder.setInsertionPointToStart(parallel.getBody());
  auto variables = parallel.getInductionVars();
  for (auto [i, loop] : llvm::enumerate(outer))
    indices[loop] = variables[i];
  Value along =
      builder.createOrFold<arith::MulIOp>(variables.back(), index(tile));
  Value isWhole = arith::CmpIOp::create(builder, arith::CmpIPredicate::ule,
                                        add(along, tile), length);
  auto choice = scf::IfOp::create(builder, isWhole, /*withElseRegion=*/true);
  builder.setInsertionPointToStart(choice.thenBlock());
  emitStrip(along);
  builder.setInsertionPointToStart(choice.elseBlock());
  emitRest(along, length);
}

void qcc::cpu::lowerToTransposeTiles(linalg::GenericOp op,
                                     RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  TransposeTiles(op, rewriter).lower();
  rewriter.eraseOp(op);
}
