#include "lib/Analysis/DecodedWeights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using Loops = llvm::SetVector<Operation *>;

/// What `value` is a part of, or the same elements as.
static Value lookThroughViews(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp,
             tensor::ExtractSliceOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Tensors that the loop reads: inputs, sums that it goes on with, and what its
/// body extracts from.
static SetVector<Value> getReadTensors(linalg::LinalgOp op) {
  SetVector<Value> read;
  getUsedValuesDefinedAbove(op->getRegions(), read);
  for (OpOperand &operand : op->getOpOperands())
    if (op.payloadUsesValueFromOperand(&operand))
      read.insert(operand.get());
  read.remove_if(
      [](Value value) { return !isa<RankedTensorType>(value.getType()); });
  return read;
}

static bool decodes(linalg::LinalgOp op, const Loops &decoding) {
  if (op->getNumResults() != 1 ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0))))
    return false;
  bool hasCodes = false;
  for (Value value : getReadTensors(op)) {
    Value source = lookThroughViews(value);
    if (decoding.contains(source.getDefiningOp())) {
      hasCodes = true;
      continue;
    }
    if (!matchPattern(source, m_Constant()))
      return false;
    Type element = getElementTypeOrSelf(source);
    hasCodes |= element.isInteger(8) || element.isInteger(16);
  }
  return hasCodes;
}

bool qcc::analysis::decodesTooMuch(linalg::LinalgOp op) {
  if (!decodes(op, {}))
    return false;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!type.hasStaticShape())
    return true;
  unsigned bytes = type.getElementTypeBitWidth() / 8;
  return type.getNumElements() > decodedLimitBytes / bytes;
}

Loops qcc::analysis::findDecodingLoops(Operation *root) {
  Loops loops;
  root->walk<WalkOrder::PreOrder>([&](linalg::LinalgOp op) {
    if (decodes(op, loops))
      loops.insert(op);
  });
  return loops;
}
