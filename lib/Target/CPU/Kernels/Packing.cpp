#include "lib/Target/CPU/Kernels/Packing.h"

#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace qcc::cpu;

int64_t qcc::cpu::getStepChannels(const KernelConfig &config) {
  bool isInteger = config.isExact() || config.numbers == Numbers::Block;
  if (!isInteger || config.shape == Shape::Depthwise)
    return 1;
  return config.hasVNNI() && config.numbers != Numbers::I8Wide ? 4 : 2;
}

static bool isFormatted(const KernelConfig &config) {
  return config.numbers == Numbers::Decode || config.numbers == Numbers::Block;
}

int64_t qcc::cpu::getBiasBytes(const KernelConfig &config) {
  return config.numbers == Numbers::I8 && getStepChannels(config) == 4 ? 4 : 0;
}

bool qcc::cpu::areTapsMerged(const WeightsShape &shape,
                             const KernelConfig &config) {
  return config.isExact() && config.shape != Shape::Depthwise &&
         shape.windowW > 1 && shape.groups == 1 && shape.dilationW == 1 &&
         shape.channels % getStepChannels(config) != 0;
}

int64_t qcc::cpu::getElementBytes(const KernelConfig &config) {
  switch (config.numbers) {
  case Numbers::F32:
    return 4;
  case Numbers::I8Wide:
  case Numbers::I16:
    return 2;
  case Numbers::I8:
  case Numbers::Decode:
  case Numbers::Block:
    return 1;
  }
  llvm_unreachable("all are listed");
}

/// Elements of the stream for each lane: a sum's channels with their padding.
static int64_t getLaneElements(const WeightsShape &shape,
                               const KernelConfig &config) {
  int64_t taps = shape.windowH * shape.windowW, run = shape.channels;
  if (areTapsMerged(shape, config)) {
    taps = shape.windowH;
    run *= shape.windowW;
  }
  return taps * llvm::alignTo(run, getStepChannels(config));
}

llvm::Error qcc::cpu::checkPacking(const WeightsShape &shape,
                                   const KernelConfig &config) {
  if (isFormatted(config))
    return StreamFormat::create(shape).takeError();
  return llvm::Error::success();
}

int64_t qcc::cpu::getLaneBytes(const WeightsShape &shape,
                               const KernelConfig &config) {
  if (isFormatted(config))
    return llvm::cantFail(StreamFormat::create(shape)).getLaneBytes(config);
  return getLaneElements(shape, config) * getElementBytes(config) +
         getBiasBytes(config);
}

int64_t qcc::cpu::getPackedBytes(const WeightsShape &shape,
                                 const KernelConfig &config) {
  if (config.shape == Shape::Depthwise)
    return llvm::alignTo(shape.outputs, config.lanes) * shape.windowH *
           shape.windowW * getElementBytes(config);
  int64_t outputs = shape.outputs / shape.groups;
  return shape.groups * llvm::alignTo(outputs, config.lanes) *
         getLaneBytes(shape, config);
}

qcc::qnn::PackingAttr qcc::cpu::getPacking(mlir::MLIRContext *context,
                                           const KernelConfig &config) {
  int64_t step = getStepChannels(config);
  if (config.shape == Shape::Depthwise)
    return qnn::PackingAttr::get(context, {0, 1, 2, 0}, {0, 0, 0, config.lanes},
                                 -1);
  llvm::SmallVector<int64_t> dimensions = {0, 1, 2, 3, 0};
  llvm::SmallVector<int64_t> factors = {0, 0, 0, 0, config.getPanel()};
  if (step > 1) {
    dimensions.push_back(3);
    factors.push_back(step);
  }
  return qnn::PackingAttr::get(context, dimensions, factors, -1);
}

namespace {

/// Packs one panel after the other through a buffer.
class Packer {
public:
  Packer(const Weights &weights, const KernelConfig &config)
      : weights(weights), shape(weights.shape), config(config),
        step(getStepChannels(config)), bytes(getElementBytes(config)),
        areSigned(areWeightsSigned(weights.shape)) {}

  std::vector<char> packPanel(int64_t firstOutput, int64_t outputs) const {
    int64_t lanes = llvm::alignTo(outputs, config.lanes);
    int64_t taps = shape.windowH * shape.windowW, run = shape.channels;
    if (areTapsMerged(shape, config)) {
      taps = shape.windowH;
      run *= shape.windowW;
    }
    int64_t steps = llvm::divideCeil(run, step);
    std::vector<char> panel(lanes * getLaneBytes(shape, config));
    char *out = panel.data() + lanes * getBiasBytes(config);
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t s = 0; s < steps; ++s)
        for (int64_t lane = 0; lane < lanes; ++lane)
          for (int64_t c = s * step; c < (s + 1) * step; ++c, out += bytes)
            if (lane < outputs && c < run)
              std::memcpy(out,
                          weights.codes.data() +
                              (((firstOutput + lane) * taps + tap) * run + c) *
                                  bytes,
                          bytes);
    if (getBiasBytes(config))
      writeBias(panel.data(), firstOutput, outputs);
    return panel;
  }

  /// 128 times the sum of each output's weights.
  void writeBias(char *out, int64_t firstOutput, int64_t outputs) const {
    int64_t count = shape.windowH * shape.windowW * shape.channels;
    for (int64_t k = 0; k < outputs; ++k) {
      const char *row = weights.codes.data() + (firstOutput + k) * count;
      // Wraps as the sums of the kernel do.
      uint32_t sum = 0;
      for (int64_t i = 0; i < count; ++i)
        sum += areSigned ? static_cast<signed char>(row[i])
                         : static_cast<unsigned char>(row[i]);
      sum *= 128;
      std::memcpy(out + k * sizeof(sum), &sum, sizeof(sum));
    }
  }

private:
  const Weights &weights;
  const WeightsShape &shape;
  const KernelConfig &config;
  int64_t step, bytes;
  bool areSigned;
};

} // namespace

/// [K, R, S, 1] as [K / lanes][R][S][lanes].
static std::vector<char> packDepthwise(const Weights &weights,
                                       const KernelConfig &config,
                                       int64_t block) {
  int64_t taps = weights.shape.windowH * weights.shape.windowW;
  int64_t bytes = getElementBytes(config);
  std::vector<char> packed(taps * config.lanes * bytes);
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t lane = 0; lane < config.lanes; ++lane) {
      int64_t k = block * config.lanes + lane;
      if (k < weights.shape.outputs)
        std::memcpy(&packed[(tap * config.lanes + lane) * bytes],
                    weights.codes.data() + (k * taps + tap) * bytes, bytes);
    }
  return packed;
}

/// Codes of integers less their constant zero point, which are bytes again.
static std::vector<char> subtractZeroPoint(llvm::ArrayRef<char> codes,
                                           int64_t zeroPoint) {
  std::vector<char> result(codes.begin(), codes.end());
  for (char &code : result)
    code = static_cast<char>(code - zeroPoint);
  return result;
}

/// The same of codes of a byte each, in 16 bits.
static std::vector<char> subtractWide(llvm::ArrayRef<char> codes,
                                      const WeightsShape &shape,
                                      int64_t zeroPoint) {
  bool isSigned = shape.format.getCodec().getIntegerRange()->min < 0;
  std::vector<char> result(codes.size() * 2);
  for (auto [i, code] : llvm::enumerate(codes)) {
    int64_t number = isSigned ? static_cast<signed char>(code)
                              : static_cast<unsigned char>(code);
    auto difference = static_cast<int16_t>(number - zeroPoint);
    std::memcpy(&result[i * 2], &difference, 2);
  }
  return result;
}

static int64_t getConstantZeroPoint(const WeightsShape &shape) {
  return shape.format
             ? shape.format.getScaling().getConstantZeroPoint().value_or(0)
             : 0;
}

bool qcc::cpu::areWeightsSigned(const WeightsShape &shape) {
  auto range =
      shape.format ? shape.format.getCodec().getIntegerRange() : std::nullopt;
  return !range || range->min < 0 || getConstantZeroPoint(shape) != 0;
}

llvm::Error qcc::cpu::packWeights(
    const Weights &weights, const KernelConfig &config,
    llvm::function_ref<llvm::Error(llvm::ArrayRef<char>)> write) {
  const WeightsShape &shape = weights.shape;
  int64_t outputs = shape.outputs / shape.groups, panel = config.getPanel();
  auto forEachPanel =
      [&](llvm::function_ref<std::vector<char>(int64_t, int64_t)> pack)
      -> llvm::Error {
    for (int64_t group = 0; group < shape.groups; ++group)
      for (int64_t k = 0; k < outputs; k += panel)
        if (llvm::Error error =
                write(pack(group * outputs + k, std::min(panel, outputs - k))))
          return error;
    return llvm::Error::success();
  };
  if (isFormatted(config)) {
    llvm::Expected<StreamFormat> format = StreamFormat::create(shape);
    if (!format)
      return format.takeError();
    return forEachPanel([&](int64_t first, int64_t count) {
      return packFormattedPanel(weights, *format, config, first, count);
    });
  }
  // Wide ones are bytes before their zero point is taken off.
  uint64_t expected = shape.outputs * shape.windowH * shape.windowW *
                      shape.channels *
                      (config.isExact() ? 1 : getElementBytes(config));
  if (weights.codes.size() != expected)
    return llvm::createStringError(
        "weights of %zu bytes where their shape needs %zu",
        weights.codes.size(), static_cast<size_t>(expected));
  Weights plain = weights;
  std::vector<char> shifted;
  int64_t zeroPoint = getConstantZeroPoint(shape);
  if (config.numbers == Numbers::I8Wide || zeroPoint != 0) {
    shifted = config.numbers == Numbers::I8Wide
                  ? subtractWide(weights.codes, shape, zeroPoint)
                  : subtractZeroPoint(weights.codes, zeroPoint);
    plain.codes = shifted;
  }
  if (config.shape == Shape::Depthwise) {
    for (int64_t block = 0; block * config.lanes < shape.outputs; ++block)
      if (llvm::Error error = write(packDepthwise(plain, config, block)))
        return error;
    return llvm::Error::success();
  }
  Packer packer(plain, config);
  return forEachPanel([&](int64_t first, int64_t count) {
    return packer.packPanel(first, count);
  });
}
