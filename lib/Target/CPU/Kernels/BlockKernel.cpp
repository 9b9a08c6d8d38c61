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
  Values step(ArrayRef<Value> inputs, Value stepNumber, int64_t elements,
              Values sums);
  Values scaleBlock(ArrayRef<Value> rows, Value block, Values sums,
                    Values totals);
  void storeRow(Value row, ArrayRef<Value> sums);
  Value getRowSum(Value row, Value block);
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
  return b.loadScalar(args.rowSums, b.add(b.mul(row, stream.blocks), block));
}

Values BlockEmitter::step(ArrayRef<Value> inputs, Value stepNumber,
                          int64_t elements, Values sums) {
  Location loc = b.getLoc();
  int64_t vectorBytes = config.lanes * unit;
  Value at = b.add(args.codes, b.mul(stepNumber, vectors * vectorBytes));
  Value mask = b.splat(b.getI8IntegerAttr((1 << stream.bits) - 1), vectorBytes);
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
        Value &sum = sums[row * vectors + vector];
        sum = arithmetic->multiplyAdd(b, codes[vector], x, sum);
      }
    }
  }
  return sums;
}

/// Exact sums of code products over `length` elements from where `block`
/// begins, less what the constant zero point adds.
Values BlockEmitter::sumBlock(ArrayRef<Value> rows, Value block,
                              int64_t length) {
  Value begin = b.mul(block, stream.blockLength);
  Values inputs, sums;
  for (Value row : rows) {
    inputs.push_back(b.add(
        b.add(b.mul(row, args.input.strides[0]), args.inputOffset), begin));
    Value first = b.zeros(arithmetic->getAccumulatorType(b));
    if (!stream.hasZeroPoints && stream.zeroPoint != 0) {
      Value factor = arith::ConstantOp::create(
          b, b.getLoc(), b.getI32IntegerAttr(-stream.zeroPoint));
      first = b.broadcast(
          arith::MulIOp::create(b, b.getLoc(), getRowSum(row, block), factor),
          config.lanes);
    }
    sums.append(vectors, first);
  }
  Value firstStep = b.div(begin, b.index(stepElements));
  int64_t steps = length / stepElements, rest = length % stepElements;
  auto shift = [&](Value elements) {
    Values shifted;
    for (Value input : inputs)
      shifted.push_back(b.add(input, elements));
    return shifted;
  };
  if (steps <= kMaxUnrolledSteps)
    for (int64_t i = 0; i < steps; ++i)
      sums = step(shift(b.index(i * stepElements)), b.add(firstStep, i),
                  stepElements, sums);
  else
    sums = b.loop(b.index(0), b.index(steps), 1, sums,
                  [&](Value i, ValueRange now) {
                    return step(shift(b.mul(i, stepElements)),
                                b.add(firstStep, i), stepElements, Values(now));
                  });
  if (rest)
    sums = step(shift(b.index(steps * stepElements)), b.add(firstStep, steps),
                rest, sums);
  return sums;
}

Values BlockEmitter::scaleBlock(ArrayRef<Value> rows, Value block, Values sums,
                                Values totals) {
  Location loc = b.getLoc();
  auto floats = b.vectorOf(config.lanes, b.getF32Type());
  for (int64_t vector = 0; vector < vectors; ++vector) {
    Value scale = decoder.loadScale(block, vector);
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
    return b.add(b.mul(row, view.strides[0]), args.channel);
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
    for (View &extra : args.extras) {
      if (extra.kind == View::Scalar)
        arguments.push_back(
            b.broadcast(b.loadScalar(extra.flat, b.index(0)), config.lanes));
      else
        arguments.push_back(b.load(
            extra.flat,
            b.add(extra.kind == View::Rows ? getOffset(extra) : args.channel,
                  lane),
            config.lanes, used));
    }
    b.store(epilogue.apply(b, arguments, args.captured, config.lanes),
            args.init.flat, b.add(getOffset(args.init), lane), used);
  }
}

void BlockEmitter::tile(ArrayRef<Value> rows) {
  Value none = b.zeros(b.vectorOf(config.lanes, b.getF32Type()));
  Values totals(rows.size() * vectors, none);
  int64_t whole = stream.length / stream.blockLength;
  int64_t rest = stream.length % stream.blockLength;
  if (stream.blocks == 1) {
    Value zero = b.index(0);
    totals =
        scaleBlock(rows, zero, sumBlock(rows, zero, stream.length), totals);
  } else {
    totals =
        b.loop(b.index(0), b.index(whole), 1, totals,
               [&](Value block, ValueRange now) {
                 return scaleBlock(rows, block,
                                   sumBlock(rows, block, stream.blockLength),
                                   Values(now));
               });
    if (rest) {
      Value last = b.index(whole);
      totals = scaleBlock(rows, last, sumBlock(rows, last, rest), totals);
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

void qcc::cpu::buildRowSums(KernelBuilder &b, const StreamFormat &stream,
                            int64_t lanes, const RowSumsArgs &args) {
  auto type = b.vectorOf(lanes, b.getI32Type());
  auto addCodes = [&](Value at, int64_t used, Value sum) -> Value {
    Value codes = arith::ExtSIOp::create(b, b.getLoc(), type,
                                         b.load(args.input, at, lanes, used));
    return arith::AddIOp::create(b, b.getLoc(), sum, codes);
  };
  auto emitBlock = [&](Value row, Value block, int64_t length) {
    Value at =
        b.add(b.mul(row, args.rowStride), b.mul(block, stream.blockLength));
    int64_t whole = length - length % lanes;
    Value sum = b.loop(b.index(0), b.index(whole), lanes, b.zeros(type),
                       [&](Value j, ValueRange now) {
                         return Values{addCodes(b.add(at, j), lanes, now[0])};
                       })
                    .front();
    if (whole != length)
      sum = addCodes(b.add(at, whole), length - whole, sum);
    Value total = vector::ReductionOp::create(b, b.getLoc(),
                                              vector::CombiningKind::ADD, sum);
    Value to = b.add(b.mul(row, stream.blocks), block);
    memref::StoreOp::create(b, b.getLoc(), total, args.sums, to);
  };
  b.loop(args.begin, args.end, 1, [&](Value row) {
    int64_t whole = stream.length / stream.blockLength;
    int64_t rest = stream.length % stream.blockLength;
    b.loop(b.index(0), b.index(whole), 1,
           [&](Value block) { emitBlock(row, block, stream.blockLength); });
    if (rest)
      emitBlock(row, b.index(whole), rest);
  });
}
