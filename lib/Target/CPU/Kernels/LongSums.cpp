// Sums of more products of bytes than 32 bits hold: parts that are exact in 32
// bits are added up in 64.

#include "lib/Target/CPU/Kernels/ContractEmitter.h"
#include "lib/Target/CPU/Kernels/Packing.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

/// What the sums of a vector of channels begin with.
Value ContractEmitter::getLongStart(int64_t vector) {
  auto type = b.vectorOf(config.lanes, b.getI64Type());
  Value start = b.zeros(type);
  if (args.start)
    start = b.load(args.start, b.add(args.channel, vector * config.lanes),
                   config.lanes, getUsedLanes(vector));
  if (getBiasBytes(config) == 0)
    return start;
  Value bias = loadBias(vector);
  if (variant.signs.areWeightsSigned)
    bias = arith::ExtSIOp::create(b, b.getLoc(), type, bias);
  else
    bias = arith::ExtUIOp::create(b, b.getLoc(), type, bias);
  return arithmetic->addBias(b, start, bias);
}

/// Adds the products of some channels of a tap of the window to sums in memory.
void ContractEmitter::addPart(const Part &part, Value sums) {
  ContractVariant here = variant;
  if (part.isWhole) {
    here.restChannels = 0;
    here.hasRest = false;
  }
  ContractArgs changed = args;
  changed.channels = part.count;
  ContractEmitter emitter(b, here, changed, epilogue);
  auto wide = b.vectorOf(config.lanes, b.getI64Type());
  forEachTile([&](ArrayRef<Position> positions) {
    size_t rows = positions.size();
    Values now(getSplit(rows) * vectors * rows,
               b.zeros(arithmetic->getAccumulatorType(b)));
    now = emitter.reduceChannels(getInputs(positions, part.shift), part.weights,
                                 now);
    now = joinSplits(now, rows);
    Values old = loadSums(sums, positions);
    for (auto [sum, before] : llvm::zip(now, old))
      sum = arith::AddIOp::create(
          b, b.getLoc(), before,
          arith::ExtSIOp::create(b, b.getLoc(), wide, sum));
    storeSums(sums, positions, now);
  });
}

/// The channels of one tap: `weights` and `shift` are where its begin.
void ContractEmitter::addTap(Value weights, Value shift, Value sums) {
  Value length = b.index(config.reduction);
  Value rest = b.rem(args.channels, length);
  Value whole = b.sub(args.channels, rest);
  auto getPart = [&](Value channel, Value count, bool isWhole) {
    return Part{b.add(weights, b.mul(channel, vectors * config.lanes)),
                b.add(shift, channel), count, isWhole};
  };
  b.loop(b.index(0), whole, config.reduction, [&](Value channel) {
    addPart(getPart(channel, length, /*isWhole=*/true), sums);
  });
  addPart(getPart(whole, rest, /*isWhole=*/false), sums);
}

void ContractEmitter::emitLong() {
  Value sums = b.allocate(config.blockRows * config.getPanel(), b.getI64Type());
  forEachTile([&](ArrayRef<Position> positions) {
    Values starts, all;
    for (int64_t vector = 0; vector < vectors; ++vector)
      starts.push_back(getLongStart(vector));
    for (size_t row = 0; row < positions.size(); ++row)
      all.append(starts);
    storeSums(sums, positions, all);
  });
  Value zero = b.index(0);
  if (!variant.hasWindow)
    addTap(getFirstWeights(), zero, sums);
  else
    b.loop(zero, args.windowH, 1, [&](Value r) {
      b.loop(zero, args.windowW, 1, [&](Value s) {
        Value number = b.add(b.mul(r, args.windowW), s);
        addTap(b.add(getFirstWeights(), b.mul(number, getTapWeights())),
               b.add(b.mul(r, args.tapH), b.mul(s, args.tapW)), sums);
      });
    });
  forEachTile([&](ArrayRef<Position> positions) {
    Values done = loadSums(sums, positions);
    for (auto [row, position] : llvm::enumerate(positions))
      storeRow(position, ArrayRef(done).slice(row * vectors, vectors));
  });
}
