#include "lib/Target/CPU/Kernels/KernelCost.h"

#include "lib/Analysis/Work.h"
#include "lib/Target/CPU/Kernels/ContractKernel.h"
#include "lib/Target/CPU/Kernels/KernelBuilder.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <tuple>

using namespace qcc;
using namespace qcc::cpu;

/// Of a cache, what is left for the data of one loop.
static constexpr double kUsableShare = 0.75;

/// Nearly the larger of two, and smooth where they are equal.
static double combine(double a, double b) {
  return std::sqrt(std::sqrt(a * a * a * a + b * b * b * b));
}

KernelKind qcc::cpu::getKernelKind(const KernelConfig &config) {
  if (config.shape == Shape::Depthwise)
    return config.isExact() ? KernelKind::DepthwiseI8
                            : KernelKind::DepthwiseF32;
  switch (config.numbers) {
  case Numbers::F32:
    return config.isProduct() ? KernelKind::ProductF32 : KernelKind::F32;
  case Numbers::I8:
    return KernelKind::I8;
  case Numbers::I8Wide:
    return KernelKind::I8Wide;
  case Numbers::I16:
    return KernelKind::ProductI16;
  case Numbers::Decode:
    return KernelKind::Decode;
  case Numbers::Block:
    return KernelKind::Block;
  }
  llvm_unreachable("all numbers have a kind");
}

int64_t qcc::cpu::getNumRegisters(ISA isa) {
  return isa == ISA::AVX512 || isa == ISA::AVX512VNNI ? 32 : 16;
}

int64_t qcc::cpu::getTileVectors(const KernelConfig &config, bool hasBlocks) {
  // Sums, weights, the input; the total of blocks that are done.
  int64_t sums = config.rows * config.vectors;
  int64_t vectors = sums * (hasBlocks ? 2 : 1) + config.vectors + 1;
  bool isFloat =
      config.numbers == Numbers::F32 || config.numbers == Numbers::Decode;
  if (isFloat || config.numbers == Numbers::I16)
    return vectors + !config.hasFMA(); // The product that is added.
  // The mask that gives bytes the sign that the instruction wants; or bytes
  // that are widened, and their products: LLVM keeps that many at once.
  return vectors + (config.hasVNNI() ? 1 : 3);
}

llvm::SmallVector<MemorySpace>
qcc::cpu::getMemorySpaces(const CostParameters &costs) {
  return {{"l1", costs.l1Bytes, /*isManaged=*/false},
          {"l2", costs.l2Bytes, /*isManaged=*/false},
          {"l3", costs.l3Bytes, /*isManaged=*/false},
          {"memory", /*bytes=*/0, /*isManaged=*/false}};
}

/// The space, as numbered above, that holds `bytes`, and what it gives in a
/// nanosecond.
static std::pair<unsigned, double> getLevel(double bytes,
                                            const CostParameters &costs) {
  if (bytes < kUsableShare * static_cast<double>(costs.l2Bytes))
    return {1, costs.l2Rate};
  // Other cores use it, too.
  if (bytes < 0.5 * static_cast<double>(costs.l3Bytes))
    return {2, costs.l3Rate};
  return {3, costs.memoryRate};
}

Cost qcc::cpu::predictLoops(double nanoseconds, double bytes,
                            const CostParameters &costs) {
  auto [level, rate] = getLevel(bytes, costs);
  Cost cost;
  cost.seconds = 1e-9 * combine(nanoseconds, bytes / rate);
  cost.traffic.assign(4, 0);
  cost.traffic[level] = bytes;
  return cost;
}

namespace {

class Predictor {
public:
  Predictor(const KernelExtents &extents, const KernelConfig &config,
            const CostParameters &costs);

  Cost predict();

private:
  double overlap(double compute, double wait) const;
  double predictDepthwise();
  double predictItems();
  double predictItem(int64_t vectors, int64_t rows);
  double predictTile(int64_t vectors, int64_t rows);
  double predictRow(int64_t vectors);
  double getDecode(const KernelTimes &times) const {
    return bits > 4 ? times.decode8 : times.decode4;
  }
  double getWeightsBytes() const;
  int64_t getFootprint() const;

  const KernelExtents &extents;
  const KernelConfig &config;
  const CostParameters &costs;
  const KernelTimes &times;

  double taps = 1;        ///< Of the window, lines where they are merged.
  double channels = 1;    ///< Of a tap.
  double steps = 1;       ///< Of a tap.
  double blocks = 1;      ///< Of the sum that have a scale each.
  int64_t bits = 8;       ///< Of a stored code.
  unsigned level = 0;     ///< The memory space that holds all operands,
  double rate = 0;        ///< and what it gives in a nanosecond.
  double vectorBytes = 0; ///< Of the weights of a vector of lanes.
  double l1Traffic = 0, l2Traffic = 0;
};

} // namespace

Predictor::Predictor(const KernelExtents &extents, const KernelConfig &config,
                     const CostParameters &costs)
    : extents(extents), config(config), costs(costs),
      times(costs[getKernelKind(config)]) {
  const WeightsShape &shape = extents.shape;
  taps = static_cast<double>(shape.windowH * shape.windowW);
  channels = static_cast<double>(shape.channels);
  bool isMerged =
      config.numbers == Numbers::F32
          ? shape.windowW > 1 && shape.groups == 1 && shape.dilationW == 1
          : areTapsMerged(shape, config);
  if (isMerged) {
    taps = static_cast<double>(shape.windowH);
    channels *= static_cast<double>(shape.windowW);
  }
  steps = std::ceil(channels / static_cast<double>(getStepChannels(config)));
  double weights = getWeightsBytes();
  std::tie(level, rate) =
      getLevel(weights + extents.inputBytes + extents.outputBytes, costs);
  vectorBytes = weights * config.lanes /
                std::max(static_cast<double>(extents.batch) *
                             static_cast<double>(shape.outputs),
                         1.0);
  if (!shape.format)
    return;
  llvm::Expected<StreamFormat> stream = StreamFormat::create(shape);
  if (!stream) { // Of formats that are multiplied as they are.
    llvm::consumeError(stream.takeError());
    return;
  }
  bits = stream->bits;
  blocks = static_cast<double>(std::max<int64_t>(stream->blocks, 1));
}

/// Compute beside what it waits for: they overlap as far as the processor looks
/// ahead.
double Predictor::overlap(double compute, double wait) const {
  double p = std::clamp(costs.overlap, 1.0, 8.0);
  return std::pow(std::pow(compute, p) + std::pow(wait, p), 1 / p);
}

/// One of `tile.rows` pixels of a line for `lanes` channels: elements of the
/// input that neighbours share are loaded once.
double Predictor::predictDepthwise() {
  const WeightsShape &shape = extents.shape;
  double vectors = std::ceil(static_cast<double>(shape.outputs) / config.lanes);
  auto getTile = [&](int64_t pixels) {
    double reach = extents.strideW <= shape.windowW
                       ? (pixels - 1) * extents.strideW + shape.windowW
                       : pixels * shape.windowW;
    double spilled =
        std::max(0.0, static_cast<double>(pixels) + reach + 1 -
                          static_cast<double>(getNumRegisters(config.isa)));
    return pixels * taps * times.multiply + taps * times.weights +
           shape.windowH * (reach * times.input + spilled * costs.spill) +
           pixels * times.store + times.tile;
  };
  int64_t rest = extents.lineLength % config.rows;
  double line = extents.lineLength / config.rows * getTile(config.rows) +
                rest * getTile(1);
  double lines = static_cast<double>(extents.rows) / extents.lineLength;
  double items = std::ceil(lines / config.blockRows);
  return lines * line * vectors + items * costs.item;
}

double Predictor::predictTile(int64_t vectors, int64_t rows) {
  double split = 1;
  if (rows == 1)
    split = config.numbers == Numbers::Block
                ? 8 / bits
                : std::max<int64_t>(
                      1, std::min<int64_t>(config.unroll, 8 / vectors));
  KernelConfig tile = config;
  tile.rows = rows;
  tile.vectors = vectors;
  double spilled =
      std::max<int64_t>(0, getTileVectors(tile, /*hasBlocks=*/false) -
                               getNumRegisters(config.isa));
  double step = times.multiply * rows * vectors + times.weights * vectors +
                times.input * rows + times.step / config.unroll +
                costs.spill * spilled;
  step = combine(step, costs.latency / split);
  if (config.numbers == Numbers::Block)
    step += getDecode(times) * vectors;
  double time = steps * taps * step;
  double panel = steps * taps * vectors * config.lanes *
                 getStepChannels(config) * getElementBytes(config);
  l1Traffic += panel + steps * taps * rows * getStepChannels(config) *
                           (config.isExact() ? 1 : 4);
  if (panel > kUsableShare * static_cast<double>(costs.l1Bytes)) {
    l2Traffic += panel;
    time = combine(time, panel / costs.l2Rate);
  }
  if (taps > 1)
    time += taps * times.tap;
  time += rows * vectors * times.store + times.tile;
  if (config.numbers == Numbers::Block) {
    double kept = std::max<int64_t>(0, getTileVectors(tile, blocks > 1) -
                                           getNumRegisters(config.isa));
    time += blocks * (rows * vectors * times.block + kept * costs.spill);
  }
  // Parts between which sums wait in memory.
  double length = channels * taps;
  bool hasParts = config.isProduct() ||
                  (config.reduction != 0 && length > config.reduction);
  if (hasParts)
    time += std::ceil(length / config.reduction) * rows * vectors * times.sum;
  return time;
}

/// Weights go from the stream into products of one row.
double Predictor::predictRow(int64_t vectors) {
  const KernelTimes &row = costs[KernelKind::DecodeRow];
  // Two sums for each vector.
  double step =
      combine(vectors * (row.multiply + getDecode(row)), costs.latency / 2);
  l1Traffic += channels * vectors * config.lanes * bits / 8;
  return channels * step + blocks * vectors * row.block + vectors * row.store +
         row.tile;
}

double Predictor::predictItem(int64_t vectors, int64_t rows) {
  // What comes first waits for the panel of weights: the first tile, or what
  // makes a buffer of it.
  double wait = vectors * vectorBytes / rate;
  bool isDecoded = config.numbers == Numbers::Decode;
  // As emitDecoded() chooses.
  if (isDecoded && rows < kBufferedRows && taps == 1)
    return costs.item + overlap(predictRow(vectors), wait) +
           (rows - 1) * predictRow(vectors);
  double time = costs.item;
  bool isBuffered = isDecoded || config.isProduct();
  if (isBuffered)
    time += overlap(isDecoded ? channels * taps * vectors * getDecode(times)
                              : channels * vectors * times.pack,
                    wait);
  bool isFirst = !isBuffered;
  auto addTiles = [&](int64_t size, int64_t count) {
    if (count == 0)
      return;
    double l1 = l1Traffic, l2 = l2Traffic;
    double tile = predictTile(vectors, size);
    time += count * tile + (isFirst ? overlap(tile, wait) - tile : 0);
    isFirst = false;
    l1Traffic = l1 + count * (l1Traffic - l1);
    l2Traffic = l2 + count * (l2Traffic - l2);
  };
  int64_t tiles = rows / config.rows;
  if (tiles > 0 && givesTileBack(config.rows, rows % config.rows))
    --tiles;
  addTiles(config.rows, tiles);
  int64_t rest = rows - tiles * config.rows;
  if (config.rows > kRestRows) {
    addTiles(kRestRows, rest / kRestRows);
    rest %= kRestRows;
  }
  addTiles(1, rest);
  return time;
}

double Predictor::predictItems() {
  int64_t outputs = extents.shape.outputs / extents.shape.groups;
  int64_t panels = llvm::divideCeil(outputs, config.getPanel());
  int64_t lastVectors = llvm::divideCeil(
      outputs - (panels - 1) * config.getPanel(), config.lanes);
  double time = 0;
  if (outputs == 0 || extents.rows == 0)
    return time;
  double all = static_cast<double>(extents.shape.groups) *
               static_cast<double>(extents.batch);
  auto addItems = [&](int64_t vectors, int64_t rows, double count) {
    if (count == 0 || rows == 0)
      return;
    double l1 = l1Traffic, l2 = l2Traffic;
    time += all * count * predictItem(vectors, rows);
    l1Traffic = l1 + all * count * (l1Traffic - l1);
    l2Traffic = l2 + all * count * (l2Traffic - l2);
  };
  for (auto [rows, blocks] :
       {std::pair(config.blockRows,
                  static_cast<double>(extents.rows / config.blockRows)),
        std::pair(extents.rows % config.blockRows, 1.0)}) {
    addItems(config.vectors, rows, static_cast<double>(panels - 1) * blocks);
    addItems(lastVectors, rows, blocks);
  }
  return time;
}

double Predictor::getWeightsBytes() const {
  double matrix =
      config.isProduct()
          ? static_cast<double>(extents.shape.outputs) *
                static_cast<double>(extents.shape.channels) *
                static_cast<double>(getElementBytes(config))
          : static_cast<double>(getPackedBytes(extents.shape, config));
  return static_cast<double>(extents.batch) * matrix;
}

int64_t Predictor::getFootprint() const {
  double bytes = config.isProduct() ? 0 : getWeightsBytes();
  // A thread's buffers: of decoded or packed weights, and of sums.
  if (config.isProduct() || config.numbers == Numbers::Decode)
    bytes += static_cast<double>(config.getPanel()) *
             static_cast<double>(config.reduction + config.blockRows) *
             sizeof(float);
  return analysis::toInteger(bytes);
}

Cost Predictor::predict() {
  bool isDepthwise = config.shape == Shape::Depthwise;
  double compute = isDepthwise ? predictDepthwise() : predictItems();
  double weights = getWeightsBytes();
  double others = extents.inputBytes + extents.outputBytes;
  // Each block of rows goes over all weights.
  double passes =
      isDepthwise
          ? 1
          : std::ceil(static_cast<double>(extents.rows) / config.blockRows);
  double read = isDepthwise ? weights + others : others;
  Cost cost;
  cost.seconds = 1e-9 * overlap(compute, read / rate);
  cost.traffic.assign(4, 0);
  cost.traffic[0] = l1Traffic;
  cost.traffic[1] = l2Traffic;
  cost.traffic[level] += weights * passes + others;
  cost.footprint = getFootprint();
  return cost;
}

Cost qcc::cpu::predictCost(const KernelExtents &extents,
                           const KernelConfig &config,
                           const CostParameters &costs) {
  return Predictor(extents, config, costs).predict();
}
