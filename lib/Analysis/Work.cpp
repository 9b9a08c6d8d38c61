#include "lib/Analysis/Work.h"

#include "lib/Analysis/StorageSize.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

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

int64_t toInteger(double count) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  return count < static_cast<double>(most) ? static_cast<int64_t>(count) : most;
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

/// What `points` points read of an operand.
static double countTouched(const WorkOperand &operand, double points) {
  double elements = countElements(operand.shape);
  if (operand.reach == 0 || elements == 0)
    return operand.bytes;
  double reached = points * static_cast<double>(operand.reach);
  return operand.bytes * std::min(1.0, reached / elements);
}

/// Memory that an op is given for a result, and that is counted as that.
static bool becomesResult(Operation *op, unsigned operand) {
  auto style = dyn_cast<DestinationStyleOpInterface>(op);
  return style && style.hasPureTensorSemantics() &&
         style.isDpsInit(&op->getOpOperand(operand));
}

static void countTouched(Work &work) {
  for (auto [i, operand] : llvm::enumerate(work.operands))
    operand.touchedBytes =
        becomesResult(work.op, i) ? 0 : countTouched(operand, work.points);
  for (WorkOperand &result : work.results)
    result.touchedBytes = result.bytes;
}

static WorkOperand makeOperand(Type type, AffineMap map, int64_t reach) {
  WorkOperand operand;
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank() || !shaped.getElementType().isIntOrFloat())
    return operand;
  operand.elementType = shaped.getElementType();
  operand.shape.assign(shaped.getShape().begin(), shaped.getShape().end());
  if (auto formatted = dyn_cast<qnn::FormattedType>(type))
    operand.format = formatted.getFormat();
  operand.map = map;
  operand.reach = reach;
  operand.bytes = countBytes(type);
  return operand;
}

Work getWork(qnn::WorkOpInterface op) {
  Work work;
  work.op = op;
  work.space = op.getIterationSpace();
  unsigned next = 0;
  for (Value value : op->getOperands()) {
    WorkOperand operand = makeOperand(value.getType(), work.space.maps[next],
                                      work.space.reaches[next]);
    ++next;
    operand.isConstant = isConstant(value);
    if (operand.isConstant)
      operand.bytes = countBytes(getStored(value).getType());
    work.operands.push_back(std::move(operand));
  }
  for (Type type : op->getResultTypes())
    work.results.push_back(
        makeOperand(type, work.space.maps[next++], /*reach=*/0));
  work.points = countElements(work.space.extents);
  work.macs = op.isSumOfProducts() ? work.points : 0;
  work.isOpen = ShapedType::isDynamicShape(work.space.extents);
  countTouched(work);
  return work;
}

void closeExtents(Work &work, int64_t extent) {
  auto close = [&](SmallVectorImpl<int64_t> &extents) {
    double factor = 1;
    for (int64_t &open : extents) {
      if (!ShapedType::isDynamic(open))
        continue;
      open = extent;
      factor *= static_cast<double>(extent);
    }
    return factor;
  };
  for (WorkOperand &operand : work.operands) {
    operand.bytes *= close(operand.shape);
    close(operand.storedShape);
  }
  for (WorkOperand &result : work.results)
    result.bytes *= close(result.shape);
  close(work.space.extents);
  work.macs = work.macs == 0 ? 0 : countElements(work.space.extents);
  work.points = countElements(work.space.extents);
  work.isOpen = false;
  countTouched(work);
}

void setFormat(Work &work, unsigned number, qnn::FormatAttr format) {
  WorkOperand &operand = work.operands[number];
  operand.format = format;
  auto values =
      RankedTensorType::get(operand.getStoredShape(), operand.elementType);
  operand.bytes = countBytes(
      format ? Type(qnn::FormattedType::get(values, format)) : Type(values));
  operand.touchedBytes = countTouched(operand, work.points);
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
