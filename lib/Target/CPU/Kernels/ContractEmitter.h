// Emits the body of a contraction's kernel; private to ContractKernel.cpp,
// DecodeKernel.cpp and LongSums.cpp.

#ifndef LIB_TARGET_CPU_KERNELS_CONTRACTEMITTER_H
#define LIB_TARGET_CPU_KERNELS_CONTRACTEMITTER_H

#include "lib/Target/CPU/Kernels/ContractKernel.h"

namespace qcc::cpu {

/// Where a row of the output lies: its number, and n, h, w where rows are
/// pixels of an image.
struct Position {
  mlir::Value row, n, h, w;
};

class ContractEmitter {
public:
  using Value = mlir::Value;
  using Values = KernelBuilder::Values;

  ContractEmitter(KernelBuilder &b, const ContractVariant &variant,
                  const ContractArgs &args, const Epilogue &epilogue)
      : b(b), variant(variant), config(variant.config), args(args),
        epilogue(epilogue),
        arithmetic(Arithmetic::create(config, variant.signs)),
        vectors(config.vectors) {}

  void emit();

private:
  using TileBody = llvm::function_ref<void(llvm::ArrayRef<Position>)>;

  Position getPosition(Value row);
  Position getNext(const Position &position);
  Value getOffset(const View &view, const Position &position);

  /// Sums and stores all rows, from weights that are not decoded any more.
  void emitTiles();
  /// One like this, but for what `change` makes of its arguments.
  ContractEmitter with(llvm::function_ref<void(ContractArgs &)> change) const;
  /// Calls `body` for each tile of rows of the work item.
  void forEachTile(TileBody body);
  Value getNextWeights(Value row);
  /// Bytes of a line of the next panel for each channel.
  int64_t getLinePart() const {
    return std::max<int64_t>(
        KernelBuilder::lineBytes / (config.unroll * arithmetic->getUnit()), 1);
  }
  Values getInputs(llvm::ArrayRef<Position> positions, Value shift);
  Values joinSplits(Values sums, size_t rows);
  void tile(llvm::ArrayRef<Position> positions);
  Value getStart(int64_t vector);
  Values getStarts(size_t rows);
  Value getFirstWeights();
  Value getTapWeights();
  Value loadBias(int64_t vector);
  Values reduceWindow(llvm::ArrayRef<Value> inputs, Values sums);
  Values reduceChannels(llvm::ArrayRef<Value> inputs, Value weights,
                        Values sums);
  Values step(llvm::ArrayRef<Value> inputs, Value weights, Value channel,
              int64_t unroll, int64_t channels, Values sums);
  void storeRow(const Position &position, llvm::ArrayRef<Value> sums);

  // DecodeKernel.cpp
  /// Consecutive elements of the sum, and how far from a row's first input.
  struct Chunk {
    Value first, count, shift;
  };
  void emitDecoded();
  void emitWhole(Value buffer);
  void emitChunks(Value buffer, Value sums);
  void emitChunk(const Chunk &chunk, Value buffer, Value sums);
  void emitFused(const Position &position);

  // LongSums.cpp
  /// Channels of a tap whose sum 32 bits hold.
  struct Part {
    Value weights, shift, count;
    bool isWhole; ///< As many as the tile says.
  };
  void emitLong();
  Value getLongStart(int64_t vector);
  void addTap(Value weights, Value shift, Value sums);
  void addPart(const Part &part, Value sums);

  // Sums that wait in memory, [row][channel].
  Value getSumsOffset(const Position &position);
  Values loadSums(Value memory, llvm::ArrayRef<Position> positions);
  void storeSums(Value memory, llvm::ArrayRef<Position> positions,
                 llvm::ArrayRef<Value> sums);

  int64_t getUsedLanes(int64_t vector) const {
    return vector + 1 == vectors ? variant.lastLanes : config.lanes;
  }
  /// Sums that one row keeps: with few of them, additions would wait for each
  /// other, so steps go to several in turn.
  int64_t getSplit(size_t rows) const {
    if (rows > 1)
      return 1;
    return std::max<int64_t>(1, std::min(config.unroll, 8 / vectors));
  }

  KernelBuilder &b;
  const ContractVariant &variant;
  const KernelConfig &config;
  const ContractArgs args;
  const Epilogue &epilogue;
  std::unique_ptr<Arithmetic> arithmetic;
  int64_t vectors;
  Value next; ///< Weights of the next panel that the tile asks for, or null.
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_CONTRACTEMITTER_H
