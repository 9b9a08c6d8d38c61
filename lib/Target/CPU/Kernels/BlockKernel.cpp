#include "lib/Target/CPU/Kernels/BlockKernel.h"

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/WeightsDecoder.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

std::string BlockVariant::getKey() const {
  std::string key = config.getKernelName();
  for (int64_t part : config.getTile())
    key += "," + std::to_string(part);
  return key + "," + std::to_string(lastLanes) + "," +
         std::to_string(stream.length) + "," + stream.getKey();
}

namespace {

class BlockEmitter {
public:
  BlockEmitter(KernelBuilder &b, const BlockVariant &variant,
               ContractArgs &args, const Epilogue &epilogue)
      : b(b), variant(variant), config(variant.config), stream(variant.stream),
        args(args), epilogue(epilogue),
        arithmetic(Arithmetic::create(config, {/*isInputSigned=*/true,
                                               /*areWeightsSigned=*/false})),
        decoder(b, stream, config, args), vectors(config.vectors),
        unit(arithmetic->getUnit()), stepElements(unit * 8 / stream.bits) {}

  void emit();

private:
  void tile(ArrayRef<Value> rows);
  Values sumBlock(ArrayRef<Value> rows, Value block, int64_t length);
  Values step(ArrayRef<Value> inputs, Value at, int64_t elements, Values sums);
  Values scaleBlock(ArrayRef<Value> rows, Value block, int64_t length,
                    Values sums, Values totals);
  void storeRow(Value row, ArrayRef<Value> sums);
  Value getRowSum(Value row, Value block);
  /// Where in the stream the codes of a block begin.
  Value getCodes(Value block) {
    return b.add(args.codes, b.mul(block, vectors * config.lanes *
                                              stream.getBlockBytes(config)));
  }
  /// Sums that one row keeps, since additions to one would wait for each other:
  /// a byte's codes go to several in turn.
  int64_t getSplit(size_t rows) const { return rows > 1 ? 1 : 8 / stream.bits; }
  int64_t getUsedLanes(int64_t vector) const {
    return vector + 1 == vectors ? variant.lastLanes : config.lanes;
  }

  KernelBuilder &b;
  const BlockVariant &variant;
  const KernelConfig &config;
  const StreamFormat &stream;
  ContractArgs &args;
  const Epilogue &epilogue;
  std::unique_ptr<Arithmetic> arithmetic;
  WeightsDecoder decoder;
  int64_t vectors, unit, stepElements;
};

} // namespace

/// A longer block is a loop of steps.
static constexpr int64_t kMaxUnrolledSteps = 8;

Value BlockEmitter::getRowSum(Value row, Value block) {
  const View &sums = args.rowSums;
  return b.loadScalar(sums.flat, b.add(b.mul(row, sums.strides[0]), block));
}

/// Adds the products of the step whose codes begin at byte `at` of the stream.
Values BlockEmitter::step(ArrayRef<Value> inputs, Value at, int64_t elements,
                          Values sums) {
  Location loc = b.getLoc();
  int64_t vectorBytes = config.lanes * unit;
  Value mask = b.splat(b.getI8IntegerAttr((1 << stream.bits) - 1), vectorBytes);
  int64_t split = getSplit(inputs.size());
  Values bytes;
  for (int64_t vector = 0; vector < vectors; ++vector)
    bytes.push_back(
        b.load(args.weights, b.add(at, vector * vectorBytes), vectorBytes));
  for (int64_t part = 0; part * unit < elements; ++part) {
    Values codes;
    for (Value all : bytes) {
      int64_t shift = part * stream.bits;
      if (shift > 0)
        all = arith::ShRUIOp::create(
            b, loc, all, b.splat(b.getI8IntegerAttr(shift), vectorBytes));
      if (shift + stream.bits < 8)
        all = arith::AndIOp::create(b, loc, all, mask);
      codes.push_back(arithmetic->widenWeights(b, all));
    }
    int64_t channels = std::min(unit, elements - part * unit);
    for (auto [row, input] : llvm::enumerate(inputs)) {
      Value x = arithmetic->loadInput(b, args.input.flat,
                                      b.add(input, part * unit), channels);
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value &sum = sums[(row + part % split) * vectors + vector];
        sum = arithmetic->multiplyAdd(b, codes[vector], x, sum);
      }
    }
  }
  return sums;
}

/// Exact sums of code products over `length` elements from where `block`
/// begins, less what a constant zero point adds.
Values BlockEmitter::sumBlock(ArrayRef<Value> rows, Value block,
                              int64_t length) {
  Value begin = b.mul(block, stream.blockLength);
  Value none = b.zeros(arithmetic->getAccumulatorType(b));
  Values inputs, sums;
  for (Value row : rows) {
    inputs.push_back(b.add(
        b.add(b.mul(row, args.input.strides[0]), args.inputOffset), begin));
    Value first = stream.hasZeroPoints
                      ? none
                      : b.broadcast(getRowSum(row, block), config.lanes);
    sums.append(vectors, first);
  }
  int64_t split = getSplit(rows.size());
  sums.append((split - 1) * vectors, none);
  Value codes = getCodes(block);
  int64_t stepBytes = vectors * config.lanes * unit;
  int64_t steps = length / stepElements, rest = length % stepElements;
  auto shift = [&](Value elements) {
    Values shifted;
    for (Value input : inputs)
      shifted.push_back(b.add(input, elements));
    return shifted;
  };
  if (steps <= kMaxUnrolledSteps)
    for (int64_t i = 0; i < steps; ++i)
      sums = step(shift(b.index(i * stepElements)), b.add(codes, i * stepBytes),
                  stepElements, sums);
  else
    sums = b.loop(b.index(0), b.index(steps), 1, sums,
                  [&](Value i, ValueRange now) {
                    return step(shift(b.mul(i, stepElements)),
                                b.add(codes, b.mul(i, stepBytes)), stepElements,
                                Values(now));
                  });
  if (rest)
    sums = step(shift(b.index(steps * stepElements)),
                b.add(codes, steps * stepBytes), rest, sums);
  for (int64_t part = 1; part < split; ++part)
    for (int64_t vector = 0; vector < vectors; ++vector)
      sums[vector] = arith::AddIOp::create(b, b.getLoc(), sums[vector],
                                           sums[part * vectors + vector]);
  sums.truncate(rows.size() * vectors);
  return sums;
}

/// Adds the sums of a block of `length` elements to the totals.
Values BlockEmitter::scaleBlock(ArrayRef<Value> rows, Value block,
                                int64_t length, Values sums, Values totals) {
  Location loc = b.getLoc();
  auto floats = b.vectorOf(config.lanes, b.getF32Type());
  Value scales =
      b.add(getCodes(block),
            vectors * config.lanes * stream.getCodesBytes(config, length));
  for (int64_t vector = 0; vector < vectors; ++vector) {
    Value scale = decoder.loadScaleAt(
        b.add(scales, vector * config.lanes * stream.getScaleBytes()));
    Value zero;
    if (stream.hasZeroPoints)
      zero = decoder.loadZeroPointCode(block, vector);
    for (auto [i, row] : llvm::enumerate(rows)) {
      Value sum = sums[i * vectors + vector];
      if (zero) {
        Value all = b.broadcast(getRowSum(row, block), config.lanes);
        sum = arith::SubIOp::create(b, loc, sum,
                                    arith::MulIOp::create(b, loc, zero, all));
      }
      Value exact = arith::SIToFPOp::create(b, loc, floats, sum);
      Value &total = totals[i * vectors + vector];
      if (stream.blocks == 1) {
        // In the order of the contract for scales constant along the sum.
        Value rowScale =
            b.broadcast(b.loadScalar(args.rowScales, row), config.lanes);
        total = arith::MulFOp::create(
            b, loc, exact, arith::MulFOp::create(b, loc, rowScale, scale));
      } else {
        total = createFMA(b, config.hasFMA(), exact, scale, total);
      }
    }
  }
  return totals;
}

void BlockEmitter::storeRow(Value row, ArrayRef<Value> sums) {
  auto getOffset = [&](const View &view) {
    return b.mul(row, view.strides[0]);
  };
  for (auto [vector, sum] : llvm::enumerate(sums)) {
    int64_t lane = vector * config.lanes, used = getUsedLanes(vector);
    Value total = sum;
    if (stream.blocks > 1)
      total = arith::MulFOp::create(
          b, b.getLoc(), total,
          b.broadcast(b.loadScalar(args.rowScales, row), config.lanes));
    if (args.start)
      total = arith::AddFOp::create(
          b, b.getLoc(), total,
          b.load(args.start, b.add(args.channel, lane), config.lanes, used));
    Values arguments = {total};
    Value channel = b.add(args.channel, lane);
    for (const View &extra : args.extras)
      arguments.push_back(
          loadExtra(b, extra, extra.isByRow() ? getOffset(extra) : Value(),
                    channel, config.lanes, used));
    b.store(epilogue.apply(b, arguments, args.captured, config.lanes),
            args.init.flat, b.add(getOffset(args.init), channel), used);
  }
}

void BlockEmitter::tile(ArrayRef<Value> rows) {
  Value none = b.zeros(b.vectorOf(config.lanes, b.getF32Type()));
  Values totals(rows.size() * vectors, none);
  int64_t whole = stream.length / stream.blockLength;
  int64_t rest = stream.length % stream.blockLength;
  if (stream.blocks == 1) {
    Value zero = b.index(0);
    totals = scaleBlock(rows, zero, stream.length,
                        sumBlock(rows, zero, stream.length), totals);
  } else {
    totals =
        b.loop(b.index(0), b.index(whole), 1, totals,
               [&](Value block, ValueRange now) {
                 return scaleBlock(rows, block, stream.blockLength,
                                   sumBlock(rows, block, stream.blockLength),
                                   Values(now));
               });
    if (rest) {
      Value last = b.index(whole);
      totals = scaleBlock(rows, last, rest, sumBlock(rows, last, rest), totals);
    }
  }
  for (auto [i, row] : llvm::enumerate(rows))
    storeRow(row, ArrayRef(totals).slice(i * vectors, vectors));
}

void BlockEmitter::emit() {
  b.forEachTile(args.begin, args.end, config.rows,
                [&](ArrayRef<Value> rows) { tile(rows); });
}

void qcc::cpu::buildBlockKernel(KernelBuilder &b, const BlockVariant &variant,
                                ContractArgs &args, const Epilogue &epilogue) {
  BlockEmitter(b, variant, args, epilogue).emit();
}
