#include "lib/Analysis/Work.h"

#include "lib/Analysis/StorageSize.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace qcc::analysis {

static double countElements(ArrayRef<int64_t> shape) {
  double count = 1;
  for (int64_t extent : shape)
    count *= ShapedType::isDynamic(extent) ? 1 : static_cast<double>(extent);
  return count;
}

double countBytes(Type type) {
  if (auto formatted = dyn_cast<qnn::FormattedType>(type))
    return static_cast<double>(getStorageSize(formatted).bytes);
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank() || !shaped.getElementType().isIntOrFloat())
    return 0;
  return countElements(shaped.getShape()) *
         llvm::divideCeil(shaped.getElementTypeBitWidth(), 8);
}

bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (matchPattern(op, m_Constant()))
    return true;
  bool keepsValues =
      isa<qnn::WrapOp, qnn::EncodeOp, qnn::EncodeAutoOp, qnn::UnwrapOp,
          qnn::BitcastOp, qnn::DecodeOp, qnn::ReshapeOp, qnn::TransposeOp>(op);
  return keepsValues && llvm::all_of(op->getOperands(), isConstant);
}

Value getStored(Value constant) {
  for (Value value = constant; Operation *op = value.getDefiningOp();
       value = op->getOperand(0)) {
    if (auto decode = dyn_cast<qnn::DecodeOp>(op))
      return decode.getSource();
    if (!isa<qnn::ReshapeOp, qnn::TransposeOp>(op))
      break;
  }
  return constant;
}

static WorkOperand makeOperand(Type type, AffineMap map) {
  WorkOperand operand;
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank() || !shaped.getElementType().isIntOrFloat())
    return operand;
  operand.elementType = shaped.getElementType();
  operand.shape.assign(shaped.getShape().begin(), shaped.getShape().end());
  if (auto formatted = dyn_cast<qnn::FormattedType>(type))
    operand.format = formatted.getFormat();
  operand.map = map;
  operand.bytes = countBytes(type);
  return operand;
}

Work getWork(qnn::WorkOpInterface op) {
  Work work;
  work.op = op;
  work.space = op.getIterationSpace();
  unsigned next = 0;
  for (Value value : op->getOperands()) {
    WorkOperand operand = makeOperand(value.getType(), work.space.maps[next++]);
    operand.isConstant = isConstant(value);
    if (operand.isConstant)
      operand.bytes = countBytes(getStored(value).getType());
    work.operands.push_back(std::move(operand));
  }
  for (Type type : op->getResultTypes())
    work.results.push_back(makeOperand(type, work.space.maps[next++]));
  work.points = countElements(work.space.extents);
  work.macs = op.isSumOfProducts() ? work.points : 0;
  work.isOpen = ShapedType::isDynamicShape(work.space.extents);
  return work;
}

void setFormat(Work &work, unsigned number, qnn::FormatAttr format) {
  WorkOperand &operand = work.operands[number];
  operand.format = format;
  auto values = RankedTensorType::get(operand.shape, operand.elementType);
  operand.bytes = countBytes(
      format ? Type(qnn::FormattedType::get(values, format)) : Type(values));
}

void transpose(Work &work, unsigned number) {
  WorkOperand &operand = work.operands[number];
  std::swap(operand.shape.end()[-1], operand.shape.end()[-2]);
  if (!operand.map)
    return;
  SmallVector<AffineExpr> results(operand.map.getResults());
  std::swap(results.end()[-1], results.end()[-2]);
  operand.map =
      AffineMap::get(operand.map.getNumDims(), operand.map.getNumSymbols(),
                     results, operand.map.getContext());
}

} // namespace qcc::analysis
