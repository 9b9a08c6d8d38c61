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
  auto type = cast<ShapedType>(op.getRhs().getType());
  if (type.getRank() != 2) {
    whyNot = "kernels take a matrix of weights, not a batch of them";
    return std::nullopt;
  }
  WeightsShape shape;
  shape.outputs = type.getDimSize(op.getTransposeB() ? 0 : 1);
  shape.channels = type.getDimSize(op.getTransposeB() ? 1 : 0);
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

SmallVector<qnn::KernelAttr>
CPUTargetModel::getKernels(const Work &work, std::string &whyNot) const {
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
  Type accumulator = config.isExact() ? Type(IntegerType::get(context, 32))
                                      : Type(Float32Type::get(context));
  return {qnn::KernelAttr::get(context, config.getKernelName(), accumulator,
                               config.getTile(), getPacking(context, config))};
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
  if (config.numbers != Numbers::Decode)
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
  if (kernel.getPacking() != getPacking(kernel.getContext(), *config))
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
