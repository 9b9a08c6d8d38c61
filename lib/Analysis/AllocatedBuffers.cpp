#include "lib/Analysis/AllocatedBuffers.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::analysis {

namespace {

/// Computes with extents as they are under one scenario.
class Estimator {
public:
  explicit Estimator(int64_t assumed) : assumed(assumed) {}

  int64_t estimate(Value value) {
    if (auto number = getConstantIntValue(value))
      return *number;
    auto [entry, isNew] = known.try_emplace(value, assumed);
    Operation *op = value.getDefiningOp();
    if (!isNew || !op)
      return entry->second;
    int64_t number = std::clamp<int64_t>(evaluate(op), 0, int64_t(1) << 40);
    return known[value] = number;
  }

  int64_t estimateBytes(memref::AllocOp alloc) {
    double bytes = static_cast<double>(getStaticBytes(alloc.getType()));
    for (Value size : alloc.getDynamicSizes())
      bytes *= static_cast<double>(estimate(size));
    return static_cast<int64_t>(std::min(bytes, 0x1p46));
  }

private:
  int64_t evaluate(Operation *op) {
    auto at = [&](unsigned i) { return estimate(op->getOperand(i)); };
    return TypeSwitch<Operation *, int64_t>(op)
        .Case([&](arith::IndexCastOp) { return at(0); })
        .Case([&](arith::AddIOp) { return at(0) + at(1); })
        .Case([&](arith::SubIOp) { return at(0) - at(1); })
        .Case([&](arith::MulIOp) {
          return at(0) > (int64_t(1) << 20) ? int64_t(1) << 40 : at(0) * at(1);
        })
        .Case([&](arith::MaxSIOp) { return std::max(at(0), at(1)); })
        .Case([&](arith::MinSIOp) { return std::min(at(0), at(1)); })
        .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
              arith::CeilDivSIOp>([&](auto) {
          int64_t divisor = at(1);
          return divisor == 0 ? assumed : at(0) / divisor;
        })
        .Case([&](affine::AffineApplyOp apply) { return evaluateMap(apply); })
        .Default([&](Operation *) { return assumed; });
  }

  int64_t evaluateMap(affine::AffineApplyOp apply) {
    SmallVector<Attribute> constants, folded;
    for (Value operand : apply->getOperands())
      constants.push_back(IntegerAttr::get(IndexType::get(apply.getContext()),
                                           estimate(operand)));
    if (failed(apply.getAffineMap().constantFold(constants, folded)))
      return assumed;
    return cast<IntegerAttr>(folded[0]).getInt();
  }

  int64_t assumed;
  DenseMap<Value, int64_t> known;
};

void addToProblem(AllocatedBuffers &buffers, memref::AllocOp alloc,
                  const LiveBuffer &live,
                  MutableArrayRef<Estimator> estimators) {
  PlannedBuffer buffer;
  buffer.isDynamic = !alloc.getDynamicSizes().empty();
  buffer.first = live.first;
  buffer.last = live.last;
  buffer.alignment = bufferAlignment;
  for (Estimator &estimator : estimators)
    buffer.bytes.push_back(std::max<int64_t>(
        llvm::alignTo(estimator.estimateBytes(alloc), bufferAlignment),
        bufferAlignment));
  for (unsigned step : live.uses)
    buffers.uses.push_back({unsigned(buffers.allocs.size()), step});
  buffers.problem.buffers.push_back(buffer);
}

} // namespace

int64_t getElementBytes(MemRefType type) {
  Type element = type.getElementType();
  if (element.isIndex())
    return 8;
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

int64_t getStaticBytes(MemRefType type) {
  int64_t bytes = getElementBytes(type);
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes *= extent;
  return bytes;
}

AllocatedBuffers collectBuffers(
    Block &body,
    llvm::function_ref<bool(memref::AllocOp, const LiveBuffer &)> isTaken) {
  BufferLiveness liveness(body);
  SmallVector<Estimator> estimators(std::begin(assumedExtents),
                                    std::end(assumedExtents));
  AllocatedBuffers buffers;
  buffers.problem.scenarios = estimators.size();
  body.walk([&](memref::AllocOp alloc) {
    LiveBuffer live = liveness.compute(alloc);
    if (!isTaken(alloc, live))
      return;
    addToProblem(buffers, alloc, live, estimators);
    buffers.allocs.push_back(alloc);
    buffers.live.push_back(std::move(live));
  });
  return buffers;
}

} // namespace qcc::analysis
