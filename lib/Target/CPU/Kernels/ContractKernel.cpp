#include "lib/Target/CPU/Kernels/ContractEmitter.h"

#include "lib/Target/CPU/Kernels/Packing.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

std::string ContractVariant::getKey() const {
  std::string key = config.getKernelName();
  for (int64_t part : config.getTile())
    key += "," + std::to_string(part);
  for (int64_t part :
       {lastLanes, int64_t(hasImage), int64_t(hasWindow), int64_t(hasRest),
        restChannels, int64_t(signs.isInputSigned),
        int64_t(signs.areWeightsSigned)})
    key += "," + std::to_string(part);
  if (stream)
    key += "," + stream->getKey();
  return key + (isWhole ? "w" : "") + (isLong ? "l" : "") +
         (isPrefetched ? "p" : "") + (isNextPrefetched ? "n" : "");
}

Position ContractEmitter::getPosition(Value row) {
  if (!variant.hasImage)
    return {row, {}, {}, {}};
  Value line = b.div(row, args.outW);
  return {row, b.div(line, args.outH), b.rem(line, args.outH),
          b.rem(row, args.outW)};
}

Position ContractEmitter::getNext(const Position &position) {
  Value row = b.add(position.row, 1);
  if (!variant.hasImage)
    return {row, {}, {}, {}};
  auto increase = [&](Value value, Value extent, Value &wraps) -> Value {
    Value next = b.add(value, 1);
    wraps = arith::CmpIOp::create(b, b.getLoc(), arith::CmpIPredicate::eq, next,
                                  extent);
    return arith::SelectOp::create(b, b.getLoc(), wraps, b.index(0), next);
  };
  Value wrapsW, wrapsH;
  Value w = increase(position.w, args.outW, wrapsW);
  Value nextH = increase(position.h, args.outH, wrapsH);
  auto select = [&](Value condition, Value a, Value c) -> Value {
    return arith::SelectOp::create(b, b.getLoc(), condition, a, c);
  };
  Value nextN = select(wrapsH, b.add(position.n, 1), position.n);
  return {row, select(wrapsW, nextN, position.n),
          select(wrapsW, nextH, position.h), w};
}

Value ContractEmitter::getOffset(const View &view, const Position &position) {
  if (view.kind == View::Rows)
    return b.mul(position.row, view.strides[0]);
  Value offset = b.mul(position.n, view.strides[0]);
  offset = b.add(offset, b.mul(position.h, view.strides[1]));
  return b.add(offset, b.mul(position.w, view.strides[2]));
}

Value ContractEmitter::getStart(int64_t vector) {
  VectorType type = arithmetic->getAccumulatorType(b);
  Value start = b.zeros(type);
  if (args.start)
    start = b.load(args.start, b.add(args.channel, vector * config.lanes),
                   config.lanes, getUsedLanes(vector));
  if (getBiasBytes(config) == 0)
    return start;
  return arithmetic->addBias(b, start, loadBias(vector));
}

Value ContractEmitter::loadBias(int64_t vector) {
  int64_t bytes = config.lanes * getBiasBytes(config);
  Value loaded =
      b.load(args.weights, b.add(args.weightsOffset, vector * bytes), bytes);
  return b.bitcast(loaded, b.vectorOf(config.lanes, b.getI32Type()));
}

Values ContractEmitter::getStarts(size_t rows) {
  Values start;
  for (int64_t vector = 0; vector < vectors; ++vector)
    start.push_back(getStart(vector));
  Values sums;
  for (size_t row = 0; row < rows; ++row)
    sums.append(start);
  Value zero = b.zeros(arithmetic->getAccumulatorType(b));
  sums.append((getSplit(rows) - 1) * vectors, zero);
  return sums;
}

/// In bytes: what the cache that all cores share takes to answer. Panels follow
/// each other, so the last steps of one ask for the first of the next.
static constexpr int64_t kPrefetchDistance = 2048;

Values ContractEmitter::step(ArrayRef<Value> inputs, Value weights,
                             Value channel, int64_t unroll, int64_t channels,
                             Values sums) {
  int64_t unit = arithmetic->getUnit();
  int64_t vectorElements = config.lanes * unit;
  int64_t split = getSplit(inputs.size());
  Value weightsAt = b.add(weights, b.mul(channel, vectors * config.lanes));
  bool isPrefetched = variant.isPrefetched && inputs.size() == 1;
  if (next && unroll == config.unroll)
    b.prefetch(args.weights, b.add(next, b.mul(channel, getLinePart())),
               /*elements=*/1, /*isSoon=*/false);
  for (int64_t u = 0; u < unroll; ++u) {
    if (isPrefetched)
      b.prefetch(
          args.weights,
          b.add(weightsAt, kPrefetchDistance + u * vectors * vectorElements),
          vectors * vectorElements, /*isSoon=*/true);
    Values loaded;
    for (int64_t vector = 0; vector < vectors; ++vector)
      loaded.push_back(arithmetic->loadWeights(
          b, args.weights,
          b.add(weightsAt, (u * vectors + vector) * vectorElements)));
    for (auto [row, input] : llvm::enumerate(inputs)) {
      Value scalar = arithmetic->loadInput(
          b, args.input.flat, b.add(b.add(input, channel), u * unit), channels);
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value &sum = sums[(row + u % split) * vectors + vector];
        sum = arithmetic->multiplyAdd(b, loaded[vector], scalar, sum);
      }
    }
  }
  return sums;
}

Values ContractEmitter::reduceChannels(ArrayRef<Value> inputs, Value weights,
                                       Values sums) {
  int64_t unit = arithmetic->getUnit(), stride = config.unroll * unit;
  Value zero = b.index(0), whole = args.channels, unrolled = args.channels;
  if (variant.restChannels)
    whole = unrolled = b.sub(whole, b.index(variant.restChannels));
  auto loop = [&](Value from, Value to, int64_t unroll) {
    sums = b.loop(
        from, to, unroll * unit, sums, [&](Value channel, ValueRange carried) {
          return step(inputs, weights, channel, unroll, unit, Values(carried));
        });
  };
  if (variant.hasRest)
    unrolled = b.sub(whole, b.rem(whole, b.index(stride)));
  loop(zero, unrolled, config.unroll);
  if (variant.hasRest)
    loop(unrolled, whole, 1);
  if (variant.restChannels)
    sums = step(inputs, weights, whole, 1, variant.restChannels, sums);
  return sums;
}

Value ContractEmitter::getFirstWeights() {
  return b.add(args.weightsOffset,
               vectors * config.lanes * getBiasBytes(config));
}

/// Elements of the stream that a tap of the window takes.
Value ContractEmitter::getTapWeights() {
  // The last step of a tap is padded with weights of zero.
  Value padded = args.channels;
  if (variant.restChannels)
    padded = b.add(padded, arithmetic->getUnit() - variant.restChannels);
  return b.mul(padded, config.vectors * config.lanes);
}

Values ContractEmitter::reduceWindow(ArrayRef<Value> inputs, Values sums) {
  if (!variant.hasWindow)
    return reduceChannels(inputs, getFirstWeights(), sums);
  Value zero = b.index(0);
  Value tapWeights = getTapWeights();
  return b.loop(zero, args.windowH, 1, sums, [&](Value r, ValueRange outer) {
    Value line = b.mul(r, args.tapH);
    return b.loop(zero, args.windowW, 1, outer, [&](Value s, ValueRange inner) {
      Value tap = b.add(line, b.mul(s, args.tapW));
      Values shifted;
      for (Value input : inputs)
        shifted.push_back(b.add(input, tap));
      Value number = b.add(b.mul(r, args.windowW), s);
      Value weights = b.add(getFirstWeights(), b.mul(number, tapWeights));
      return reduceChannels(shifted, weights, Values(inner));
    });
  });
}

void ContractEmitter::storeRow(const Position &position, ArrayRef<Value> sums) {
  Values offsets;
  for (const View &extra : args.extras)
    offsets.push_back(extra.isByRow() ? getOffset(extra, position) : Value());
  Value out = b.add(getOffset(args.init, position), args.channel);
  for (auto [vector, sum] : llvm::enumerate(sums)) {
    int64_t lane = vector * config.lanes, used = getUsedLanes(vector);
    Values arguments = {sum};
    for (auto [extra, offset] : llvm::zip_equal(args.extras, offsets))
      arguments.push_back(loadExtra(b, extra, offset, b.add(args.channel, lane),
                                    config.lanes, used));
    Value result = epilogue.apply(b, arguments, args.captured, config.lanes);
    b.store(result, args.init.flat, b.add(out, lane), used);
  }
}

Values ContractEmitter::getInputs(ArrayRef<Position> positions, Value shift) {
  Values inputs;
  for (const Position &position : positions)
    inputs.push_back(
        b.add(b.add(getOffset(args.input, position), args.inputOffset), shift));
  return inputs;
}

/// Adds up the sums that took turns.
Values ContractEmitter::joinSplits(Values sums, size_t rows) {
  for (int64_t split = getSplit(rows) - 1; split > 0; --split)
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value part = sums[split * vectors + vector];
      Value &sum = sums[vector];
      if (isa<FloatType>(getElementTypeOrSelf(part)))
        sum = arith::AddFOp::create(b, b.getLoc(), sum, part);
      else
        sum = arith::AddIOp::create(b, b.getLoc(), sum, part);
    }
  sums.truncate(rows * vectors);
  return sums;
}

/// Where in the next panel the lines begin that the tile of `row` asks for: one
/// in each of its unrolled steps, so that the first tiles ask for all of it.
/// Otherwise the panel's first tile, which reads more than it multiplies, waits
/// for what comes from memory.
Value ContractEmitter::getNextWeights(Value row) {
  Value panel = b.mul(args.channels, vectors * config.lanes);
  Value number = b.div(b.sub(row, args.begin), b.index(config.rows));
  int64_t last =
      std::max<int64_t>(vectors * config.lanes / getLinePart(), 1) - 1;
  Value asked =
      b.mul(b.min(number, b.index(last)), b.mul(args.channels, getLinePart()));
  return b.add(b.add(args.weightsOffset, panel), asked);
}

void ContractEmitter::tile(ArrayRef<Position> positions) {
  size_t rows = positions.size();
  next = variant.isNextPrefetched && rows > 1
             ? getNextWeights(positions.front().row)
             : Value();
  Values sums = joinSplits(
      reduceWindow(getInputs(positions, b.index(0)), getStarts(rows)), rows);
  for (auto [row, position] : llvm::enumerate(positions))
    storeRow(position, ArrayRef(sums).slice(row * vectors, vectors));
}

void ContractEmitter::forEachTile(TileBody body) {
  Values first;
  if (variant.hasImage) {
    Position position = getPosition(args.begin);
    first = {position.n, position.h, position.w};
  }
  b.forEachTile(args.begin, args.end, config.rows, first,
                [&](ArrayRef<Value> rows, ValueRange now) {
                  Position position = {rows.front(), {}, {}, {}};
                  if (variant.hasImage)
                    position = {rows.front(), now[0], now[1], now[2]};
                  SmallVector<Position> positions;
                  for (size_t i = 0; i < rows.size(); ++i) {
                    positions.push_back(position);
                    position = getNext(position);
                  }
                  body(positions);
                  if (!variant.hasImage)
                    return Values();
                  return Values{position.n, position.h, position.w};
                });
}

void ContractEmitter::emit() {
  if (config.numbers == Numbers::Decode)
    return emitDecoded();
  if (variant.isLong)
    return emitLong();
  emitTiles();
}

void ContractEmitter::emitTiles() {
  forEachTile([&](ArrayRef<Position> positions) { tile(positions); });
}

void qcc::cpu::buildContractKernel(KernelBuilder &b,
                                   const ContractVariant &variant,
                                   const ContractArgs &args,
                                   const Epilogue &epilogue) {
  ContractEmitter(b, variant, args, epilogue).emit();
}
