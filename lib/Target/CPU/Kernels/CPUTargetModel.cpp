#include "lib/Target/CPU/CPUTargetModel.h"

#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Contraction.h"
#include "lib/Formats/Codec.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::cpu;

namespace {

class CPUTargetModel final : public TargetModel {
public:
  CPUTargetModel(ISA isa, bool isX86) : isa(isa), isX86(isX86) {}

  ImageLayout getImageLayout() const override {
    return ImageLayout::ChannelsLast;
  }
  int64_t getScratchpadBytes() const override { return 0; }

  SmallVector<qnn::KernelAttr> getKernels(const Work &work,
                                          std::string &whyNot) const override;
  llvm::Error check(const Work &work, qnn::KernelAttr kernel) const override;

private:
  SmallVector<qnn::KernelAttr> getProductKernels(const Work &work,
                                                 std::string &whyNot) const;

  ISA isa;
  bool isX86;
};

} // namespace

/// Extents of conv's weights [K, C / groups, window...], or an empty shape for
/// more than two spatial axes.
static std::optional<WeightsShape> getConvShape(qnn::ConvOp op,
                                                std::string &whyNot) {
  auto type = cast<ShapedType>(op.getWeights().getType());
  ArrayRef<int64_t> extents = type.getShape();
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

static std::optional<WeightsShape> getMatmulShape(qnn::MatmulOp op,
                                                  std::string &whyNot) {
  // Each matrix of a batch is packed by itself.
  ArrayRef<int64_t> extents =
      cast<ShapedType>(op.getRhs().getType()).getShape().take_back(2);
  WeightsShape shape;
  shape.outputs = extents[op.getTransposeB() ? 0 : 1];
  shape.channels = extents[op.getTransposeB() ? 1 : 0];
  return shape;
}

/// Channels, or elements of a row, that the input has by its type.
static int64_t getInputChannels(Operation *op) {
  auto type = cast<ShapedType>(op->getOperand(0).getType());
  auto conv = dyn_cast<qnn::ConvOp>(op);
  bool isChannelsFirst = conv && !conv.getChannelsLast();
  return type.getDimSize(isChannelsFirst ? 1 : type.getRank() - 1);
}

static std::optional<WeightsShape> getShape(Operation *op,
                                            std::string &whyNot) {
  auto shape =
      TypeSwitch<Operation *, std::optional<WeightsShape>>(op)
          .Case([&](qnn::ConvOp conv) { return getConvShape(conv, whyNot); })
          .Case([&](qnn::MatmulOp op) { return getMatmulShape(op, whyNot); })
          .Default([&](Operation *) {
            whyNot = "kernels are for qnn.conv and qnn.matmul";
            return std::nullopt;
          });
  if (shape && (ShapedType::isDynamic(shape->outputs) ||
                ShapedType::isDynamic(shape->channels) ||
                ShapedType::isDynamic(shape->windowH) ||
                ShapedType::isDynamic(shape->windowW))) {
    whyNot = "extents of weights must be known";
    return std::nullopt;
  }
  if (shape && ShapedType::isDynamic(getInputChannels(op))) {
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

/// Type of the elements that an operand's values have.
static Type getValueType(Value operand) {
  Type type = operand.getType();
  if (auto formatted = dyn_cast<qnn::FormattedType>(type))
    return formatted.getElementType();
  return cast<ShapedType>(type).getElementType();
}

/// Codes of a byte for each integer.
static bool hasBytes(qnn::FormatAttr format) {
  const formats::Codec &codec = format.getCodec();
  return codec.getBits() == 8 && codec.getIntegerRange() &&
         isa<qnn::DenseLayoutAttr>(format.getLayout());
}

/// Whether codes less their zero point are signed bytes whatever the codes are:
/// that is what is packed. Of uint8 only those with zero point 128 are; others
/// take 16 bits each.
static bool areBytesWithoutZeroPoint(qnn::FormatAttr format) {
  auto constant =
      dyn_cast_if_present<IntegerAttr>(format.getScaling().getZeroPoint());
  // Components, too, are 0 wherever such a kernel can be applied.
  if (!constant)
    return true;
  std::optional<formats::IntegerRange> range =
      format.getCodec().getIntegerRange();
  return range && range->min - constant.getInt() >= -128 &&
         range->max - constant.getInt() <= 127;
}

/// Whether scales are constant along the sum.
static bool areUniform(const Work &work) {
  return qnn::isConstantAlongSum(work.input,
                                 qnn::getKeptAxis(work.op, /*isLeft=*/true)) &&
         qnn::isConstantAlongSum(work.weights, /*kept=*/0);
}

/// Rows of signed bytes, one scale each, by integers whose blocks begin where
/// the instructions' groups of elements do.
static bool isBlockwise(const Work &work, const WeightsShape &shape, ISA isa) {
  auto rows = dyn_cast<qnn::AxisScalingAttr>(work.input.getScaling());
  if (!isa_and_present<qnn::MatmulOp>(work.op) || !rows ||
      rows.getAxis() != 0 || rows.getZeroPoint() ||
      work.input.getCodec().getName() != "int8")
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

static std::optional<Numbers> getNumbers(const Work &work,
                                         const WeightsShape &shape, ISA isa,
                                         std::string &whyNot) {
  if (!getValueType(work.op->getOperand(0)).isF32()) {
    whyNot = "kernels multiply values of f32";
    return std::nullopt;
  }
  if (!work.input && !work.weights)
    return Numbers::F32;
  if (work.input && work.weights && hasBytes(work.input) &&
      hasBytes(work.weights) && areUniform(work)) {
    return areBytesWithoutZeroPoint(work.weights) ? Numbers::I8
                                                  : Numbers::I8Wide;
  }
  if (work.input && work.weights && isBlockwise(work, shape, isa))
    return Numbers::Block;
  if (!work.input) {
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

static qnn::KernelAttr
makeKernel(MLIRContext *context, const KernelConfig &config, Type accumulator) {
  return qnn::KernelAttr::get(
      context, config.getKernelName(), accumulator, config.getTile(),
      config.isProduct() ? qnn::PackingAttr() : getPacking(context, config));
}

/// Whether 32 bits may not hold the sums of codes.
static bool isLongSum(const Work &work) {
  int64_t length = qnn::getSumLength(work.op);
  return !qnn::hasAccumulators(work.op) &&
         (ShapedType::isDynamic(length) ||
          length > qnn::getMaxSumLength(work.input, work.weights, 32));
}

static bool hasSmallIntegers(qnn::FormatAttr format) {
  return format && format.getCodec().getIntegerRange() &&
         format.getCodec().getBits() <= 8;
}

/// Of products of activations: codes less zero points in 16 bits, or f32.
SmallVector<qnn::KernelAttr>
CPUTargetModel::getProductKernels(const Work &work, std::string &whyNot) const {
  MLIRContext *context = work.op->getContext();
  Type value = getValueType(work.op->getOperand(0));
  bool areCodes =
      hasSmallIntegers(work.input) && hasSmallIntegers(work.weights) &&
      qnn::isConstantAlongSum(work.input, qnn::getKeptAxis(work.op, true)) &&
      qnn::isConstantAlongSum(work.weights, qnn::getKeptAxis(work.op, false));
  if (areCodes || value.isInteger(16)) {
    if (!isX86) {
      whyNot = "kernels of integers are for x86-64";
      return {};
    }
    bool isLong = areCodes && isLongSum(work);
    return {makeKernel(context, chooseProductKernel(Numbers::I16, isa),
                       IntegerType::get(context, isLong ? 64 : 32))};
  }
  if (!value.isF32()) {
    whyNot = "kernels multiply values of f32";
    return {};
  }
  return {makeKernel(context, chooseProductKernel(Numbers::F32, isa),
                     Float32Type::get(context))};
}

/// Makes a kernel of bytes add up parts of sums that 32 bits do not hold.
static bool splitSums(KernelConfig &config, const Work &work,
                      std::string &whyNot) {
  // 128 times a sum of weights is kept in 32 bits (Packing.h).
  constexpr int64_t most = (int64_t(1) << 17) - 1;
  if (config.shape == Shape::Depthwise || qnn::getSumLength(work.op) > most) {
    whyNot = "kernels of bytes add up at most " + std::to_string(most) +
             " products, and those of one channel no more than 32 bits hold";
    return false;
  }
  config.reduction = 2048;
  return true;
}

SmallVector<qnn::KernelAttr>
CPUTargetModel::getKernels(const Work &work, std::string &whyNot) const {
  if (qnn::isProduct(work.op))
    return getProductKernels(work, whyNot);
  std::optional<WeightsShape> shape = getShape(work.op, whyNot);
  if (!shape)
    return {};
  shape->format = work.weights;
  std::optional<Numbers> numbers = getNumbers(work, *shape, isa, whyNot);
  if (!numbers)
    return {};
  if (!isX86 && (*numbers == Numbers::I8 || *numbers == Numbers::I8Wide ||
                 *numbers == Numbers::Block)) {
    whyNot = "kernels of integers are for x86-64";
    return {};
  }
  MLIRContext *context = work.op->getContext();
  KernelConfig config = chooseKernel(*shape, *numbers, isa);
  bool isLong = config.isExact() && isLongSum(work);
  if (isLong && !splitSums(config, work, whyNot))
    return {};
  Type accumulator = config.isExact()
                         ? Type(IntegerType::get(context, isLong ? 64 : 32))
                         : Type(Float32Type::get(context));
  return {makeKernel(context, config, accumulator)};
}

/// Limits of a tile that keep buffers on a thread's stack and that the code of
/// a kernel relies on.
static llvm::Error checkTile(const KernelConfig &config) {
  auto refuse = [&](const llvm::Twine &why) {
    return llvm::createStringError("the tile of kernel '" +
                                   config.getKernelName() + "' " + why);
  };
  int64_t widest = getMaxLanes(config.isa);
  if (config.lanes > widest)
    return refuse("has vectors of " + llvm::Twine(config.lanes) +
                  " lanes, where its instructions have " + llvm::Twine(widest));
  if (config.numbers != Numbers::Decode && !config.isProduct())
    return llvm::Error::success();
  if (config.reduction == 0 || config.reduction % 8 != 0 ||
      config.reduction % config.unroll != 0)
    return refuse("decodes " + llvm::Twine(config.reduction) +
                  " elements of the sum at once, which must be a positive "
                  "multiple of 8 and of the steps that are unrolled");
  int64_t lineBytes = config.getPanel() * sizeof(float);
  if (config.reduction > kDecodeBufferBytes / lineBytes ||
      config.blockRows > kSumsBufferBytes / lineBytes)
    return refuse("needs more memory than a thread has: at most " +
                  llvm::Twine(kDecodeBufferBytes) +
                  " bytes of decoded weights and " +
                  llvm::Twine(kSumsBufferBytes) + " of sums");
  return llvm::Error::success();
}

llvm::Error CPUTargetModel::check(const Work &work,
                                  qnn::KernelAttr kernel) const {
  llvm::Expected<KernelConfig> config = KernelConfig::parse(kernel);
  if (!config)
    return config.takeError();
  std::string whyNot;
  SmallVector<qnn::KernelAttr> kernels = getKernels(work, whyNot);
  if (kernels.empty())
    return llvm::createStringError(whyNot);
  KernelConfig best = llvm::cantFail(KernelConfig::parse(kernels.front()));
  if (config->shape != best.shape || config->numbers != best.numbers)
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' is not for this work, but '" +
                                   kernels.front().getName() + "' is");
  if (config->isa > isa)
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' needs instructions that the processor "
                                   "lacks; it has " +
                                   getName(isa));
  if (llvm::Error error = checkTile(*config))
    return error;
  if (kernel.getAccumulator() != kernels.front().getAccumulator())
    return llvm::createStringError("kernel '" + kernel.getName() +
                                   "' has another accumulator for this work");
  if (kernel !=
      makeKernel(kernel.getContext(), *config, kernel.getAccumulator()))
    return llvm::createStringError("the packing is not that of kernel '" +
                                   kernel.getName() + "' with this tile");
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<TargetModel>>
qcc::cpu::createCPUTargetModel(qnn::TargetAttr target) {
  llvm::Expected<ISA> isa = getISA(target);
  if (!isa)
    return isa.takeError();
  return std::make_unique<CPUTargetModel>(*isa, cpu::isX86(target));
}
