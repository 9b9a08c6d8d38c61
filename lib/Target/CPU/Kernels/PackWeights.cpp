// Constant weights as the streams that kernels read. See Passes.td.

#include "lib/Target/CPU/Kernels/Passes.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/ConstantData.h"
#include "dialects/QNN/Transforms/FoldedBlobs.h"
#include "lib/Target/CPU/Kernels/BlockSums.h"
#include "lib/Target/CPU/Kernels/KernelConfig.h"
#include "lib/Target/CPU/Kernels/Packing.h"
#include "lib/Target/CPU/Kernels/Problem.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

#include <cstring>
#include <deque>

namespace qcc::cpu {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "lib/Target/CPU/Kernels/Passes.h.inc"
} // namespace qcc::cpu

using namespace mlir;
using namespace qcc::cpu;
using qcc::qnn::ContractOp;

/// Whether its right operand is packed when the model runs.
static bool isProduct(ContractOp op) {
  if (!op.getKernel())
    return false; // an error, later
  auto config = KernelConfig::parse(*op.getKernel());
  if (config)
    return config->isProduct();
  consumeError(config.takeError()); // reported where it is packed
  return false;
}

namespace {

/// The bytes of constants, some of which are made here.
using Storage = std::deque<SmallVector<char, 0>>;

class PackWeights : public qcc::cpu::impl::PackWeightsBase<PackWeights> {
public:
  void runOnOperation() override {
    SmallVector<ContractOp> contracts;
    getOperation().walk([&](arith::ConstantOp op) { blobs.add(op); });
    getOperation().walk([&](ContractOp op) {
      auto type = dyn_cast<RankedTensorType>(op.getWeights().getType());
      if (type && type.getRank() > 1 && !isProduct(op))
        contracts.push_back(op);
    });
    for (ContractOp op : contracts)
      if (failed(pack(op)))
        return signalPassFailure();
  }

private:
  LogicalResult pack(ContractOp op);
  void eraseUnread(Value value);
  FailureOr<Value> makePacked(ContractOp op, const KernelConfig &config,
                              Weights &weights);

  // A constant with several users is packed once for each kernel and geometry
  // with which it is read.
  llvm::DenseMap<std::tuple<Value, Attribute, Attribute>, Value> packed;
  qcc::qnn::FoldedBlobs blobs;
};

} // namespace

/// The bytes of a constant; none of null.
static FailureOr<ArrayRef<char>> getBytes(ContractOp op, Value value,
                                          Storage &storage) {
  if (!value)
    return ArrayRef<char>();
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)))
    return op.emitOpError("has weights that are not constant, so they cannot "
                          "be packed; fold constants before this pass");
  return qcc::qnn::getConstantBytes(elements, storage.emplace_back());
}

static LogicalResult findSource(ContractOp op, Storage &storage,
                                Weights &weights) {
  using qcc::qnn::Component;
  Value codes = op.getWeights(), scales, zeroPoints;
  if (auto reshape = codes.getDefiningOp<qcc::qnn::ReshapeOp>())
    codes = reshape.getInput();
  if (auto decode = codes.getDefiningOp<qcc::qnn::DecodeStoredOp>()) {
    qcc::qnn::FormattedType type = decode.getStoredType();
    ValueRange components = decode.getComponents();
    codes = type.getComponent(components, Component::Codes);
    scales = type.getComponent(components, Component::Scales);
    zeroPoints = type.getComponent(components, Component::ZeroPoints);
    weights.shape.format = type.getFormat();
    weights.rowLength = type.getShape().back();
  }
  for (auto [value, bytes] :
       {std::pair(codes, &weights.codes), std::pair(scales, &weights.scales),
        std::pair(zeroPoints, &weights.zeroPoints)}) {
    FailureOr<ArrayRef<char>> read = getBytes(op, value, storage);
    if (failed(read))
      return failure();
    *bytes = *read;
  }
  return success();
}

/// All of a shape that packing depends on.
static Attribute getShapeKey(MLIRContext *context, const WeightsShape &shape) {
  Builder builder(context);
  Attribute extents = builder.getDenseI64ArrayAttr(
      {shape.outputs, shape.windowH, shape.windowW, shape.channels,
       shape.groups, shape.dilationW});
  Attribute format = shape.format;
  return builder.getArrayAttr(
      {extents, format ? format : Attribute(builder.getUnitAttr())});
}

FailureOr<Value> PackWeights::makePacked(ContractOp op,
                                         const KernelConfig &config,
                                         Weights &weights) {
  if (llvm::Error error = checkPacking(weights.shape, config))
    return op.emitOpError("cannot be packed for its kernel: ")
           << llvm::toString(std::move(error));
  int64_t bytes = getPackedBytes(weights.shape, config), written = 0;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, /*align=*/64);
  char *out = blob.getMutableData().data();
  llvm::Error error =
      packWeights(weights, config, [&](ArrayRef<char> part) -> llvm::Error {
        std::memcpy(out + written, part.data(), part.size());
        written += part.size();
        return llvm::Error::success();
      });
  if (error)
    return op.emitOpError("cannot be packed for its kernel: ")
           << llvm::toString(std::move(error));
  OpBuilder builder(op);
  auto type = RankedTensorType::get({bytes}, builder.getI8Type());
  auto elements =
      DenseResourceElementsAttr::get(type, "packed", std::move(blob));
  numBytes += bytes;
  return arith::ConstantOp::create(builder, op.getLoc(), elements).getResult();
}

/// Erases weights that are packed now, and what only they depend on.
void PackWeights::eraseUnread(Value value) {
  Operation *op = value.getDefiningOp();
  bool isOurs = isa_and_present<arith::ConstantOp, qcc::qnn::ReshapeOp,
                                qcc::qnn::DecodeStoredOp>(op);
  if (!isOurs || !op->use_empty())
    return;
  // Another value may come to lie where this one was.
  for (auto entry = packed.begin(); entry != packed.end(); ++entry)
    if (std::get<0>(entry->first) == value)
      packed.erase(entry);
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    blobs.remove(constant);
  SmallVector<Value> operands(op->getOperands());
  op->erase();
  for (Value operand :
       llvm::SmallSetVector<Value, 4>(operands.begin(), operands.end()))
    eraseUnread(operand);
}

/// Equal ones become one with other equal ops.
static void addBlockSums(ContractOp op, const StreamFormat &stream) {
  OpBuilder builder(op);
  op.getInputSumsMutable().assign(
      createBlockSums(builder, op.getLoc(), op.getInput(), stream));
}

LogicalResult PackWeights::pack(ContractOp op) {
  FailureOr<KernelConfig> config = getConfig(op);
  if (failed(config))
    return failure();
  Weights weights;
  weights.shape = getWeightsShape(op);
  Storage storage;
  if (failed(findSource(op, storage, weights)))
    return failure();
  Value &result = packed[{op.getWeights(), *op.getKernel(),
                          getShapeKey(&getContext(), weights.shape)}];
  // Not one that stands after this op, nor in another function.
  if (!result || result.getParentBlock() != op->getBlock() ||
      !result.getDefiningOp()->isBeforeInBlock(op)) {
    FailureOr<Value> made = makePacked(op, *config, weights);
    if (failed(made))
      return failure();
    result = *made;
    ++numPacked;
  }
  Value old = op.getWeights();
  op.getWeightsMutable().assign(result);
  if (config->numbers == Numbers::Block)
    addBlockSums(op, llvm::cantFail(StreamFormat::create(weights.shape)));
  eraseUnread(old);
  return success();
}
