#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "dialects/QNN/IR/FormatText.h"
#include "lib/Formats/Codec.h"
#include "lib/Formats/Packing.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace qcc;
using namespace qcc::cpu;

/// Extents of the weights to which a scaling belongs: a matrix [K, R*S*C], a
/// batch of them, or an image's [K, R, S, C].
static llvm::SmallVector<int64_t>
getExtents(qnn::Scaling scaling, const WeightsShape &shape, int64_t length) {
  llvm::SmallVector<int64_t> matrix = {shape.outputs, length};
  if (scaling.canScale(matrix))
    return matrix;
  llvm::SmallVector<int64_t> batch = {mlir::ShapedType::kDynamic, shape.outputs,
                                      length};
  if (scaling.canScale(batch))
    return batch;
  return {shape.outputs, shape.windowH, shape.windowW, shape.channels};
}

/// Extents of the blocks that share a scale: outputs and elements of the sum.
static llvm::Error setBlocks(StreamFormat &result, const WeightsShape &shape) {
  auto scaling = shape.format.getScaling();
  result.blockLength = result.length;
  if (!scaling.getScaleType())
    return llvm::Error::success();
  llvm::SmallVector<int64_t> extents =
      getExtents(scaling, shape, result.length);
  llvm::SmallVector<int64_t> axes = scaling.getScaleAxes(extents.size());
  llvm::SmallVector<int64_t> block = scaling.getBlock(extents);
  if (axes.size() == 1 && axes.front() != 0)
    return llvm::createStringError(
        "scales of weights along an axis of the sum are in no kernel");
  if (extents.size() == 3) {
    if (block.front() != 1)
      return llvm::createStringError(
          "blocks of a batch of weights lie in one matrix each");
    // Of a packed batch, all of its outputs have clipped the block.
    int64_t outputs = shape.outputs / shape.groups;
    extents = {outputs, result.length};
    block = {std::min(block[1], outputs), block[2]};
    // Then outputs find their scales whatever matrix they are of.
    if (outputs % block.front() != 0)
      return llvm::createStringError(
          "blocks of a batch of weights must divide the outputs of a matrix");
  }
  result.blocks = 1;
  result.blockOutputs = block.front();
  auto all = llvm::ArrayRef(extents).drop_front();
  auto sum = llvm::ArrayRef(block).drop_front();
  if (sum == all)
    return llvm::Error::success();
  result.blockLength = block.back();
  int64_t run = extents.size() == 4 ? shape.channels : result.length;
  bool isLine =
      llvm::all_of(sum.drop_back(), [](int64_t extent) { return extent == 1; });
  // Of images, blocks are along channels and begin anew with each tap.
  if (!isLine || (run != result.length && run % result.blockLength != 0))
    return llvm::createStringError(
        "blocks of weights must follow each other along the sum");
  result.blocks = llvm::divideCeil(result.length, result.blockLength);
  return llvm::Error::success();
}

/// Scales of f16, and of 8 bits where there is a codec of their type, stay what
/// they are; others become f32.
static void setScales(StreamFormat &result, mlir::Type type) {
  result.hasHalfScales = type.isF16();
  if (type.getIntOrFloatBitWidth() == 8)
    result.scaleCodec = qnn::findCodec(type);
}

llvm::Expected<StreamFormat> StreamFormat::create(const WeightsShape &shape) {
  StreamFormat result;
  if (!shape.format || !shape.format.getLayout().isDense())
    return llvm::createStringError("kernels decode weights of dense layout");
  result.codec = &shape.format.getCodec();
  if (result.codec->getBits() > 8)
    return llvm::createStringError("kernels decode codes of at most 8 bits");
  result.bits = llvm::PowerOf2Ceil(result.codec->getBits());
  result.length = shape.windowH * shape.windowW * shape.channels;
  if (auto range = result.codec->getIntegerRange())
    result.least = range->min;
  if (llvm::Error error = setBlocks(result, shape))
    return std::move(error);
  auto scaling = shape.format.getScaling();
  if (mlir::Type type = scaling.getScaleType())
    setScales(result, type);
  result.hasZeroPoints = scaling.hasZeroPoints();
  result.zeroPoint = scaling.getConstantZeroPoint().value_or(0) - result.least;
  return result;
}

std::string StreamFormat::getKey() const {
  std::string key = codec->getName();
  for (int64_t part :
       {blocks > 1 ? blockLength : 0, std::min<int64_t>(blocks, 2),
        int64_t(hasHalfScales), int64_t(hasZeroPoints), zeroPoint})
    key += "/" + std::to_string(part);
  if (scaleCodec)
    key += "/" + scaleCodec->getName();
  return key;
}

/// Elements of the sum that lie in one step of codes of a lane.
static int64_t getStepElements(const StreamFormat &format,
                               const KernelConfig &config) {
  int64_t unit = config.numbers == Numbers::Block ? getStepChannels(config) : 1;
  return unit * 8 / format.bits;
}

int64_t StreamFormat::getCodesBytes(const KernelConfig &config,
                                    int64_t elements) const {
  int64_t step = getStepElements(*this, config);
  return llvm::divideCeil(elements, step) * step * bits / 8;
}

int64_t StreamFormat::getLaneBytes(const KernelConfig &config) const {
  return getScalesBytes() + getZeroPointsBytes() +
         getCodesBytes(config, length);
}

/// Where the scales of `block` lie among the bytes of a panel's lanes, from its
/// first scale or, if they lie behind their blocks, from its first code on.
static int64_t getScalesOffset(const StreamFormat &format,
                               const KernelConfig &config, int64_t block) {
  if (config.numbers != Numbers::Block)
    return block * format.getScaleBytes();
  int64_t end = std::min(format.length, (block + 1) * format.blockLength);
  return block * format.getBlockBytes(config) +
         format.getCodesBytes(config, end - block * format.blockLength);
}

// A step holds, for each lane, `unit` bytes; byte b has in its lowest bits the
// element b, above it element unit + b, and so on: one mask or shift of all
// bytes gives `unit` consecutive elements of each lane.
std::pair<int64_t, int64_t>
qcc::cpu::getCodePosition(const StreamFormat &format,
                          const KernelConfig &config, int64_t lanes,
                          int64_t lane, int64_t j) {
  int64_t unit = config.numbers == Numbers::Block ? getStepChannels(config) : 1;
  int64_t elements = getStepElements(format, config);
  int64_t step = j / elements, within = j % elements;
  int64_t scales = config.numbers == Numbers::Block
                       ? j / format.blockLength * format.getScaleBytes()
                       : 0;
  return {lanes * scales + (step * lanes + lane) * unit + within % unit,
          within / unit * format.bits};
}

static float readFloat(llvm::ArrayRef<char> bytes, mlir::Type type, int64_t i) {
  unsigned width = type.getIntOrFloatBitWidth();
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data() + i * width / 8, width / 8);
  llvm::APFloat value(llvm::cast<mlir::FloatType>(type).getFloatSemantics(),
                      llvm::APInt(width, bits));
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToFloat();
}

namespace {

class FormattedPacker {
public:
  FormattedPacker(const Weights &weights, const StreamFormat &format,
                  const KernelConfig &config)
      : weights(weights), format(format), config(config),
        bits(format.codec->getBits()) {}

  std::vector<char> pack(int64_t first, int64_t outputs) const {
    int64_t lanes = llvm::alignTo(outputs, config.lanes);
    std::vector<char> panel(lanes * format.getLaneBytes(config));
    bool areBehind = config.numbers == Numbers::Block;
    char *scales = panel.data();
    char *zeros = scales + (areBehind ? 0 : lanes * format.getScalesBytes());
    char *codes = zeros + lanes * format.getZeroPointsBytes();
    if (areBehind)
      scales = codes;
    for (int64_t lane = 0; lane < outputs; ++lane) {
      for (int64_t block = 0; block < format.blocks; ++block) {
        char *row = scales + lanes * getScalesOffset(format, config, block);
        packScale(first + lane, block, row + lane * format.getScaleBytes());
        if (format.hasZeroPoints)
          zeros[block * lanes + lane] = packZeroPoint(first + lane, block);
      }
      for (int64_t j = 0; j < format.length; ++j) {
        auto [byte, shift] = getCodePosition(format, config, lanes, lane, j);
        codes[byte] |= static_cast<char>(readCode(first + lane, j) << shift);
      }
    }
    return panel;
  }

private:
  /// The scales of outputs that share one lie side by side once.
  int64_t getParameter(int64_t output, int64_t block) const {
    return output / format.blockOutputs * format.blocks + block;
  }

  void packScale(int64_t output, int64_t block, char *to) const {
    int64_t from = getParameter(output, block);
    mlir::Type type = weights.shape.format.getScaling().getScaleType();
    if (format.scaleCodec || format.hasHalfScales) {
      int64_t bytes = format.getScaleBytes();
      std::memcpy(to, weights.scales.data() + from * bytes, bytes);
    } else {
      float scale = readFloat(weights.scales, type, from);
      std::memcpy(to, &scale, 4);
    }
  }

  /// A byte each, unlike codes: FormattedType::getComponents.
  char packZeroPoint(int64_t output, int64_t block) const {
    auto code =
        static_cast<uint8_t>(weights.zeroPoints[getParameter(output, block)]);
    return static_cast<char>(toStored(code & ((uint32_t(1) << bits) - 1)));
  }

  uint32_t readCode(int64_t output, int64_t j) const {
    int64_t run = weights.rowLength ? weights.rowLength : format.length;
    int64_t row = output * (format.length / run) + j / run;
    const uint8_t *codes =
        reinterpret_cast<const uint8_t *>(weights.codes.data()) +
        row * formats::getRowBytes(run, bits);
    return toStored(formats::readCode(codes, j % run, bits));
  }

  uint32_t toStored(uint32_t code) const {
    if (!format.isInteger())
      return code;
    return static_cast<uint32_t>(
        static_cast<int64_t>(format.codec->decode(code, 0)) - format.least);
  }

  const Weights &weights;
  const StreamFormat &format;
  const KernelConfig &config;
  unsigned bits;
};

} // namespace

std::vector<char> qcc::cpu::packFormattedPanel(const Weights &weights,
                                               const StreamFormat &format,
                                               const KernelConfig &config,
                                               int64_t first, int64_t outputs) {
  return FormattedPacker(weights, format, config).pack(first, outputs);
}
