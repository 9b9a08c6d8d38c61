#include "lib/Target/CPU/Kernels/Problem.h"

using namespace mlir;
using namespace qcc::cpu;

MemRefType Problem::getInputType() const {
  qcc::qnn::ContractOp contract = op;
  return cast<MemRefType>(contract.getInput().getType());
}

MemRefType Problem::getInitType() const {
  qcc::qnn::ContractOp contract = op;
  return cast<MemRefType>(contract.getInit().getType());
}

/// Whether pixels of a line lie side by side without a gap.
static bool hasDenseLines(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides[type.getRank() - 2] == type.getShape().back();
}

FailureOr<KernelConfig> qcc::cpu::getConfig(qcc::qnn::ContractOp op) {
  if (!op.getKernel())
    return op.emitOpError("has no kernel; a decision pass (qnn-decide-kernels) "
                          "must run before kernels are made");
  auto config = KernelConfig::parse(*op.getKernel());
  if (!config)
    return op.emitOpError() << llvm::toString(config.takeError());
  return *config;
}

WeightsShape qcc::cpu::getWeightsShape(qcc::qnn::ContractOp op) {
  auto input = cast<ShapedType>(op.getInput().getType());
  auto init = cast<ShapedType>(op.getInit().getType());
  auto weights = cast<ShapedType>(op.getWeights().getType());
  bool isBatch = op.isBatch() && weights.getRank() == 3;
  int64_t groups = isBatch ? weights.getDimSize(0) : op.getGroups();
  if (isBatch)
    return {groups * init.getShape().back(),
            1,
            1,
            input.getShape().back(),
            groups,
            1,
            op.getWeightsFormat().value_or(qcc::qnn::FormatAttr())};
  return {init.getShape().back(),
          op.getWindow()[0],
          op.getWindow()[1],
          input.getShape().back() / groups,
          groups,
          op.getDilations()[1],
          op.getWeightsFormat().value_or(qcc::qnn::FormatAttr())};
}

bool qcc::cpu::needsCopy(qcc::qnn::ContractOp op, MemRefType input) {
  if (!isLastAxisDense(input))
    return true;
  if (!op.getKernel() || hasDenseLines(input))
    return false;
  auto config = KernelConfig::parse(*op.getKernel());
  if (!config) {
    consumeError(config.takeError()); // reported where kernels are made
    return false;
  }
  return areTapsMerged(getWeightsShape(op), *config);
}

static FailureOr<bool> isSigned(qcc::qnn::ContractOp op, StringRef name,
                                std::optional<qcc::qnn::FormatAttr> format) {
  if (format && format->getCodec().getBits() <= 8)
    if (auto range = format->getCodec().getIntegerRange())
      return range->min < 0;
  op.emitOpError("needs ") << name
                           << " of an integer codec of at most 8 bits, since "
                              "its kernel multiplies bytes";
  return failure();
}

LogicalResult Problem::setSigns() {
  FailureOr<bool> input = isSigned(op, "an input_format", op.getInputFormat());
  FailureOr<bool> weights =
      isSigned(op, "a weights_format", op.getWeightsFormat());
  if (failed(input) || failed(weights))
    return failure();
  signs = {*input, *weights};
  // Codes less a constant zero point are what is packed, signed bytes.
  if (op.getWeightsFormat()->getScaling().getConstantZeroPoint())
    signs.areWeightsSigned = true;
  return success();
}

LogicalResult Problem::mergeTaps() {
  if (config.shape == Shape::Depthwise || windowW == 1 || groups > 1 ||
      op.getDilations()[1] != 1)
    return success();
  // In floats it saves a loop; the order of weights is the same.
  bool isDense = hasDenseLines(getInputType());
  bool isPacked = areTapsMerged(shape, config);
  if (isPacked && !isDense)
    return op.emitOpError("needs an input without gaps between pixels, since "
                          "its weights are packed by whole lines; got ")
           << getInputType();
  if (!isPacked && (config.isExact() || !isDense))
    return success();
  isMerged = true;
  channels *= windowW;
  windowW = 1;
  return success();
}

/// The stream holds so many times what one matrix takes.
LogicalResult Problem::countBatch() {
  if (!op.isBatch())
    return success();
  auto stream = cast<MemRefType>(op.getWeights().getType());
  int64_t matrix = getPackedBytes(shape, config);
  int64_t bytes =
      stream.hasStaticShape()
          ? stream.getNumElements() * stream.getElementTypeBitWidth() / 8
          : 0;
  if (stream.getRank() != 1 || bytes == 0 || bytes % matrix != 0)
    return op.emitOpError("needs a stream of whole packed matrices of ")
           << matrix << " bytes, got " << stream;
  batch = bytes / matrix;
  return success();
}

FailureOr<Problem> Problem::create(qnn::ContractOp op,
                                   const KernelConfig &config) {
  Problem problem;
  problem.op = op;
  problem.config = config;
  problem.shape = getWeightsShape(op);
  auto inputType = problem.getInputType(), initType = problem.getInitType();
  bool isInteger = config.isExact();
  bool isBlock = config.numbers == Numbers::Block;
  if (isInteger || isBlock ? !inputType.getElementType().isInteger(8)
                           : !inputType.getElementType().isF32())
    return op.emitOpError("has an input of ")
           << inputType.getElementType() << ", which kernel '"
           << op.getKernel()->getName() << "' does not multiply";
  if (isInteger != op.getAccumulatorType().isInteger())
    return op.emitOpError("has an accumulator of ")
           << op.getAccumulatorType() << ", which kernel '"
           << op.getKernel()->getName() << "' does not have";
  problem.groups = op.getGroups();
  problem.channels = inputType.getShape().back();
  problem.outputs = initType.getShape().back();
  if (ShapedType::isDynamic(problem.channels) ||
      ShapedType::isDynamic(problem.outputs))
    return op.emitOpError("needs static numbers of channels, got ")
           << inputType << " and " << initType;
  problem.channels /= problem.groups;
  problem.outputs /= problem.groups;
  problem.windowH = op.getWindow()[0];
  problem.windowW = op.getWindow()[1];
  bool isDepthwise = problem.config.shape == Shape::Depthwise;
  if (isDepthwise && (problem.channels != 1 || problem.outputs != 1 ||
                      inputType.getRank() != 4))
    return op.emitOpError("is no depthwise convolution of images, which is all "
                          "that kernel '")
           << op.getKernel()->getName() << "' does";
  if (isInteger && failed(problem.setSigns()))
    return failure();
  if (op.getAccumulatorType().isInteger(64) &&
      (isDepthwise || config.reduction == 0))
    return op.emitOpError("has sums in 64 bits, for which kernel '")
           << op.getKernel()->getName()
           << "' needs the length of their parts, the last element of its tile";
  if (config.numbers == Numbers::Decode || config.numbers == Numbers::Block) {
    auto stream = StreamFormat::create(problem.shape);
    if (!stream)
      return op.emitOpError("has weights that its kernel cannot read: ")
             << llvm::toString(stream.takeError());
    problem.stream = *stream;
    if (isBlock && (!op.getInputScales() || !op.getInputSums() ||
                    inputType.getRank() != 2))
      return op.emitOpError("is not a product of matrices with a scale and "
                            "sums of codes for each row, which is all that "
                            "kernel '")
             << op.getKernel()->getName() << "' does";
    if (!isBlock && config.reduction == 0)
      return op.emitOpError("has a tile without the length of a buffer, its "
                            "last element");
  }
  if (failed(problem.mergeTaps()) || failed(problem.countBatch()))
    return failure();
  return problem;
}
