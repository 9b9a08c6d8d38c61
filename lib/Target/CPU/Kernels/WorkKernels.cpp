#include "lib/Target/CPU/Kernels/WorkKernels.h"

#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "lib/Analysis/Work.h"
#include "lib/Formats/Codec.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::cpu;

/// Extents of conv's weights [K, C / groups, window...]; nothing for more than
/// two spatial axes.
static std::optional<WeightsShape>
getConvShape(qnn::ConvOp op, ArrayRef<int64_t> extents, std::string &whyNot) {
  if (extents.size() > 4) {
    whyNot = "kernels take images of one or two axes";
    return std::nullopt;
  }
  WeightsShape shape;
  shape.outputs = extents[0];
  shape.channels = extents[1];
  shape.windowW = extents.back();
  if (extents.size() == 4)
    shape.windowH = extents[2];
  shape.groups = op.getGroups();
  shape.dilationW = op.getDilations().back();
  return shape;
}

/// Of weights [..., K, C], each matrix of a batch is packed by itself.
static WeightsShape getMatmulShape(ArrayRef<int64_t> extents) {
  WeightsShape shape;
  shape.outputs = extents.end()[-2];
  shape.channels = extents.back();
  return shape;
}

/// Channels, or elements of a row, that the input has by its type.
static int64_t getInputChannels(const Work &work) {
  auto conv = dyn_cast<qnn::ConvOp>(work.op);
  bool isChannelsFirst = conv && !conv.getChannelsLast();
  ArrayRef<int64_t> extents = work.operands[0].shape;
  return isChannelsFirst ? extents[1] : extents.back();
}

static std::optional<WeightsShape> getShape(const Work &work,
                                            std::string &whyNot) {
  auto conv = dyn_cast<qnn::ConvOp>(work.op);
  ArrayRef<int64_t> weights = work.operands[1].shape;
  std::optional<WeightsShape> shape =
      conv ? getConvShape(conv, weights, whyNot) : getMatmulShape(weights);
  if (shape && (ShapedType::isDynamic(shape->outputs) ||
                ShapedType::isDynamic(shape->channels) ||
                ShapedType::isDynamic(shape->windowH) ||
                ShapedType::isDynamic(shape->windowW))) {
    whyNot = "extents of weights must be known";
    return std::nullopt;
  }
  if (shape && ShapedType::isDynamic(getInputChannels(work))) {
    whyNot =
        "the extent of the sum is known at run time only; --shape fixes it";
    return std::nullopt;
  }
  if (shape && (shape->outputs == 0 || shape->channels == 0)) {
    whyNot = "weights without elements need no kernel";
    return std::nullopt;
  }
  return shape;
}

/// Codes of a byte for each integer.
static bool hasBytes(qnn::FormatAttr format) {
  const formats::Codec &codec = format.getCodec();
  return codec.getBits() == 8 && codec.getIntegerRange() &&
         format.getLayout().isDense();
}

/// Whether codes less their zero point are signed bytes whatever the codes are:
/// that is what is packed. Of uint8 only those with zero point 128 are; others
/// take 16 bits each.
static bool areBytesWithoutZeroPoint(qnn::FormatAttr format) {
  std::optional<int64_t> constant = format.getScaling().getConstantZeroPoint();
  // Components, too, are 0 wherever such a kernel can be applied.
  if (!constant)
    return true;
  std::optional<formats::IntegerRange> range =
      format.getCodec().getIntegerRange();
  return range && range->min - *constant >= -128 &&
         range->max - *constant <= 127;
}

/// Whether the scales of a formatted operand are constant along the sum.
static bool isUniform(const WorkOperand &operand, int64_t kept) {
  return qnn::isConstantAlongSum(operand.format, operand.getStoredShape(),
                                 kept);
}

/// Whether those of a left operand and of constant weights are.
static bool areUniform(const Work &work) {
  return isUniform(work.operands[0],
                   qnn::getKeptAxis(work.op, /*isLeft=*/true)) &&
         isUniform(work.operands[1], /*kept=*/0);
}

/// Rows of signed bytes, one scale each, by integers whose blocks begin where
/// the instructions' groups of elements do.
static bool isBlockwise(const Work &work, const WeightsShape &shape, ISA isa) {
  qnn::FormatAttr rows = work.getFormat(0);
  int64_t rank = work.operands[0].shape.size();
  if (!isa_and_present<qnn::MatmulOp>(work.op) ||
      rows.getScaling().getScaleAxes(rank) != ArrayRef<int64_t>{0} ||
      rows.getScaling().getZeroPoint() || !hasBytes(rows) ||
      rows.getCodec().getIntegerRange()->min >= 0)
    return false;
  llvm::Expected<StreamFormat> stream = StreamFormat::create(shape);
  if (!stream) {
    llvm::consumeError(stream.takeError());
    return false;
  }
  KernelConfig config;
  config.numbers = Numbers::Block;
  config.isa = isa;
  int64_t step = getStepChannels(config) * 8 / stream->bits;
  return stream->isInteger() && stream->blocks > 0 &&
         (stream->blocks == 1 || stream->blockLength % step == 0);
}

/// Whether scales belong to blocks, of which one may cover all of a sum.
static bool hasBlocks(const WorkOperand &operand) {
  int64_t rank = operand.getStoredShape().size();
  return operand.format.getScaling().getScaleAxes(rank).size() > 1;
}

static std::optional<Numbers> getNumbers(const Work &work,
                                         const WeightsShape &shape, ISA isa,
                                         std::string &whyNot) {
  if (!work.operands[0].elementType.isF32()) {
    whyNot = "kernels multiply values of f32";
    return std::nullopt;
  }
  if (!work.getFormat(0) && !work.getFormat(1))
    return Numbers::F32;
  if (work.getFormat(0) && work.getFormat(1)) {
    bool areBlocks = isBlockwise(work, shape, isa);
    // Blocks that cover the sum stay blocks: those may have zero points.
    if (hasBytes(work.getFormat(0)) && hasBytes(work.getFormat(1)) &&
        areUniform(work) && !(areBlocks && hasBlocks(work.operands[1])))
      return areBytesWithoutZeroPoint(work.getFormat(1)) ? Numbers::I8
                                                         : Numbers::I8Wide;
    if (areBlocks)
      return Numbers::Block;
  }
  if (!work.getFormat(0)) {
    KernelConfig decode;
    decode.numbers = Numbers::Decode;
    if (llvm::Error error = checkPacking(shape, decode)) {
      whyNot = llvm::toString(std::move(error));
      return std::nullopt;
    }
    return Numbers::Decode;
  }
  whyNot = "no kernel multiplies these formats";
  return std::nullopt;
}

/// Whether 32 bits may not hold the sums of codes.
static bool isLongSum(const Work &work) {
  int64_t length = work.space.getReductionLength();
  return !qnn::hasAccumulators(work.op) &&
         (ShapedType::isDynamic(length) ||
          length >
              qnn::getMaxSumLength(work.getFormat(0), work.getFormat(1), 32));
}

static bool hasSmallIntegers(qnn::FormatAttr format) {
  return format && format.getCodec().getIntegerRange() &&
         format.getCodec().getBits() <= 8;
}

/// Of products of activations: codes less zero points in 16 bits, or f32.
static std::optional<KernelChoices>
getProductChoices(const Work &work, ISA isa, bool isX86, std::string &whyNot) {
  MLIRContext *context = work.op->getContext();
  Type value = work.operands[0].elementType;
  bool areCodes =
      hasSmallIntegers(work.getFormat(0)) &&
      hasSmallIntegers(work.getFormat(1)) &&
      isUniform(work.operands[0], qnn::getKeptAxis(work.op, /*isLeft=*/true)) &&
      isUniform(work.operands[1], qnn::getKeptAxis(work.op, /*isLeft=*/false));
  KernelChoices choices;
  if (areCodes || value.isInteger(16)) {
    if (!isX86) {
      whyNot = "kernels of integers are for x86-64";
      return std::nullopt;
    }
    bool isLong = areCodes && isLongSum(work);
    choices.configs = listProductKernels(Numbers::I16, isa);
    choices.accumulator = IntegerType::get(context, isLong ? 64 : 32);
  } else if (value.isF32()) {
    choices.configs = listProductKernels(Numbers::F32, isa);
    choices.accumulator = Float32Type::get(context);
  } else {
    whyNot = "kernels multiply values of f32";
    return std::nullopt;
  }
  choices.shape.outputs = work.results[0].shape.back();
  choices.shape.channels = work.space.getReductionLength();
  return choices;
}

/// Makes a kernel of bytes add up parts of sums that 32 bits do not hold.
static bool splitSums(KernelConfig &config, const Work &work,
                      std::string &whyNot) {
  // 128 times a sum of weights is kept in 32 bits (Packing.h).
  constexpr int64_t most = (int64_t(1) << 17) - 1;
  if (config.shape == Shape::Depthwise ||
      work.space.getReductionLength() > most) {
    whyNot = "kernels of bytes add up at most " + std::to_string(most) +
             " products, and those of one channel no more than 32 bits hold";
    return false;
  }
  config.reduction = 2048;
  return true;
}

std::optional<KernelChoices> qcc::cpu::findKernels(const Work &work, ISA isa,
                                                   bool isX86,
                                                   std::string &whyNot) {
  if (!llvm::isa<qnn::ConvOp, qnn::MatmulOp>(work.op)) {
    whyNot = "kernels are for qnn.conv and qnn.matmul";
    return std::nullopt;
  }
  if (!work.operands[1].isConstant)
    return getProductChoices(work, isa, isX86, whyNot);
  std::optional<WeightsShape> shape = getShape(work, whyNot);
  if (!shape)
    return std::nullopt;
  shape->format = work.getFormat(1);
  std::optional<Numbers> numbers = getNumbers(work, *shape, isa, whyNot);
  if (!numbers)
    return std::nullopt;
  if (!isX86 && (*numbers == Numbers::I8 || *numbers == Numbers::I8Wide ||
                 *numbers == Numbers::Block)) {
    whyNot = "kernels of integers are for x86-64";
    return std::nullopt;
  }
  MLIRContext *context = work.op->getContext();
  KernelChoices choices;
  choices.shape = *shape;
  choices.configs = listKernels(*shape, *numbers, isa);
  bool isExact = choices.configs.front().isExact();
  bool isLong = isExact && isLongSum(work);
  for (KernelConfig &config : choices.configs)
    if (isLong && !splitSums(config, work, whyNot))
      return std::nullopt;
  choices.accumulator = isExact
                            ? Type(IntegerType::get(context, isLong ? 64 : 32))
                            : Type(Float32Type::get(context));
  return choices;
}

Work qcc::cpu::closeExtents(Work work) {
  // A batch, a sequence, a side of an image.
  analysis::closeExtents(work, /*extent=*/64);
  return work;
}

static int64_t multiply(ArrayRef<int64_t> extents) {
  double product = 1;
  for (int64_t extent : extents)
    product *= static_cast<double>(extent);
  return analysis::toInteger(product);
}

KernelExtents qcc::cpu::getKernelExtents(const Work &open,
                                         const WeightsShape &shape) {
  Work work = closeExtents(open);
  KernelExtents extents;
  extents.shape = shape;
  ArrayRef<int64_t> result = work.results[0].shape;
  if (!work.operands[1].isConstant) {
    extents.shape.outputs = result.back();
    extents.shape.channels = work.space.getReductionLength();
  }
  extents.inputBytes = work.operands[0].bytes;
  extents.outputBytes = work.results[0].bytes;
  if (auto conv = dyn_cast<qnn::ConvOp>(work.op)) {
    bool isLast = conv.getChannelsLast();
    SmallVector<int64_t> pixels(result);
    pixels.erase(isLast ? pixels.end() - 1 : pixels.begin() + 1);
    extents.rows = multiply(pixels);
    extents.lineLength =
        std::max<int64_t>(isLast ? result.end()[-2] : result.back(), 1);
    extents.strideW = conv.getStrides().back();
    return extents;
  }
  // Matrices that share one of the batch are rows of one.
  extents.batch =
      multiply(ArrayRef<int64_t>(work.operands[1].shape).drop_back(2));
  int64_t all = multiply(result.drop_back());
  extents.rows = extents.batch == 0 ? 0 : all / extents.batch;
  return extents;
}
