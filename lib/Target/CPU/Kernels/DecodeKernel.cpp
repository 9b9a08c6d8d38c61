// Contractions by weights that are stored in a format: decoded part by part
// into a buffer in the first-level caches, from which all rows of the work item
// are summed; or, for few rows, straight into registers.

#include "lib/Target/CPU/Kernels/ContractEmitter.h"
#include "lib/Target/CPU/Kernels/WeightsDecoder.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

ContractEmitter
ContractEmitter::with(llvm::function_ref<void(ContractArgs &)> change) const {
  ContractArgs changed = args;
  change(changed);
  return ContractEmitter(b, variant, changed, epilogue);
}

void ContractEmitter::emitDecoded() {
  Value buffer =
      b.allocate(config.reduction * config.getPanel(), b.getF32Type());
  Value sums;
  if (!variant.isWhole)
    sums = b.allocate(config.blockRows * config.getPanel(), b.getF32Type());
  auto emitBuffered = [&] {
    variant.isWhole ? emitWhole(buffer) : emitChunks(buffer, sums);
  };
  if (variant.hasImage || variant.hasWindow)
    return emitBuffered();
  Value isSmall = arith::CmpIOp::create(
      b, b.getLoc(), arith::CmpIPredicate::ult, b.sub(args.end, args.begin),
      b.index(kBufferedRows));
  auto branch = scf::IfOp::create(b, b.getLoc(), isSmall, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  b.loop(args.begin, args.end, 1,
         [&](Value row) { emitFused({row, {}, {}, {}}); });
  b.setInsertionPointToStart(branch.elseBlock());
  emitBuffered();
}

/// All weights of the panel are decoded once.
void ContractEmitter::emitWhole(Value buffer) {
  WeightsDecoder decoder(b, *variant.stream, config, args);
  Value length = b.mul(b.mul(args.windowH, args.windowW), args.channels);
  decoder.decodeTo(buffer, b.index(0), length, /*isAligned=*/true);
  with([&](ContractArgs &whole) {
    whole.weights = buffer;
    whole.weightsOffset = b.index(0);
  }).emitTiles();
}

Value ContractEmitter::getSumsOffset(const Position &position) {
  return b.mul(b.sub(position.row, args.begin), config.getPanel());
}

Values ContractEmitter::loadSums(Value memory, ArrayRef<Position> positions) {
  Values sums;
  for (const Position &position : positions)
    for (int64_t vector = 0; vector < vectors; ++vector)
      sums.push_back(
          b.load(memory, b.add(getSumsOffset(position), vector * config.lanes),
                 config.lanes));
  return sums;
}

void ContractEmitter::storeSums(Value memory, ArrayRef<Position> positions,
                                ArrayRef<Value> sums) {
  for (auto [row, position] : llvm::enumerate(positions))
    for (int64_t vector = 0; vector < vectors; ++vector)
      b.store(sums[row * vectors + vector], memory,
              b.add(getSumsOffset(position), vector * config.lanes),
              config.lanes);
}

void ContractEmitter::emitChunk(const Chunk &chunk, Value buffer, Value sums) {
  WeightsDecoder decoder(b, *variant.stream, config, args);
  // Taps begin a load when the unrolling, a multiple of a load, divides them.
  bool isAligned = !variant.hasWindow ||
                   (!variant.hasRest && config.unroll % decoder.getStep() == 0);
  decoder.decodeTo(buffer, chunk.first, chunk.count, isAligned);
  ContractEmitter part = with([&](ContractArgs &changed) {
    changed.weights = buffer;
    changed.channels = chunk.count;
  });
  forEachTile([&](ArrayRef<Position> positions) {
    Values now = loadSums(sums, positions);
    now.append((getSplit(positions.size()) - 1) * vectors,
               b.zeros(arithmetic->getAccumulatorType(b)));
    now =
        part.reduceChannels(getInputs(positions, chunk.shift), b.index(0), now);
    storeSums(sums, positions, joinSplits(now, positions.size()));
  });
}

/// Weights are decoded in chunks of channels, and sums wait in memory.
void ContractEmitter::emitChunks(Value buffer, Value sums) {
  forEachTile([&](ArrayRef<Position> positions) {
    storeSums(sums, positions, getStarts(positions.size()));
  });
  Value zero = b.index(0);
  auto emitTap = [&](Value tap, Value shift) {
    b.loop(zero, args.channels, config.reduction, [&](Value channel) {
      Value count =
          b.min(b.sub(args.channels, channel), b.index(config.reduction));
      emitChunk({b.add(b.mul(tap, args.channels), channel), count,
                 b.add(shift, channel)},
                buffer, sums);
    });
  };
  if (!variant.hasWindow)
    emitTap(zero, zero);
  else
    b.loop(zero, args.windowH, 1, [&](Value r) {
      b.loop(zero, args.windowW, 1, [&](Value s) {
        emitTap(b.add(b.mul(r, args.windowW), s),
                b.add(b.mul(r, args.tapH), b.mul(s, args.tapW)));
      });
    });
  forEachTile([&](ArrayRef<Position> positions) {
    Values done = loadSums(sums, positions);
    for (auto [row, position] : llvm::enumerate(positions))
      storeRow(position, ArrayRef(done).slice(row * vectors, vectors));
  });
}

/// One row: weights go from the stream into products, and each block's sum is
/// scaled once.
void ContractEmitter::emitFused(const Position &position) {
  WeightsDecoder decoder(b, *variant.stream, config, args);
  Value input = getInputs(position, b.index(0)).front();
  Value none = b.zeros(arithmetic->getAccumulatorType(b));
  auto addProduct = [&](Value weights, Value j, int64_t i, Value sum) {
    Value x = b.loadScalar(args.input.flat, b.add(b.add(input, j), i));
    return createFMA(b, config.hasFMA(), b.broadcast(x, config.lanes), weights,
                     sum);
  };
  int64_t step = decoder.areBlocksAligned() ? decoder.getStep() : 1;
  auto sumBlock = [&](Value block, Value from, Value to, Values sums) {
    Values zeros;
    for (int64_t vector = 0; vector < vectors; ++vector)
      zeros.push_back(decoder.loadZeroPoint(block, vector));
    auto run = [&](Value begin, Value end, int64_t count, Values carried) {
      return b.loop(begin, end, count, carried, [&](Value j, ValueRange now) {
        Values next(now);
        for (int64_t vector = 0; vector < vectors; ++vector) {
          Values numbers =
              count == 1 ? Values{decoder.decodeOne(j, vector, zeros[vector])}
                         : decoder.decodeStep(j, vector, zeros[vector]);
          for (auto [i, number] : llvm::enumerate(numbers)) {
            Value &sum = next[i % 2 * vectors + vector];
            sum = addProduct(number, j, i, sum);
          }
        }
        return next;
      });
    };
    Value whole = b.sub(to, b.rem(b.sub(to, from), b.index(step)));
    Values parts = run(from, whole, step, Values(2 * vectors, none));
    if (step > 1)
      parts = run(whole, to, 1, parts);
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value part = arith::AddFOp::create(b, b.getLoc(), parts[vector],
                                         parts[vectors + vector]);
      Value scale = decoder.loadScale(block, vector);
      sums[vector] =
          scale ? createFMA(b, config.hasFMA(), part, scale, sums[vector])
                : arith::AddFOp::create(b, b.getLoc(), part, sums[vector])
                      .getResult();
    }
    return sums;
  };
  Values start = getStarts(1);
  start.truncate(vectors);
  storeRow(position,
           decoder.forEachBlock(b.index(0), args.channels, start, sumBlock));
}
