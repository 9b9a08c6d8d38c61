// Decodes weights of a panel's stream (StreamFormat.h) in vectors of lanes.

#ifndef LIB_TARGET_CPU_KERNELS_WEIGHTSDECODER_H
#define LIB_TARGET_CPU_KERNELS_WEIGHTSDECODER_H

#include "lib/Target/CPU/Kernels/KernelBuilder.h"
#include "lib/Target/CPU/Kernels/Operands.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

namespace qcc::cpu {

class WeightsDecoder {
public:
  using Value = mlir::Value;
  using Values = KernelBuilder::Values;

  WeightsDecoder(KernelBuilder &b, const StreamFormat &format,
                 const KernelConfig &config, const ContractArgs &args)
      : b(b), format(format), config(config), stream(args.weights),
        scales(args.weightsOffset), zeroPoints(args.zeroPoints),
        codes(args.codes) {}

  /// Elements that one load of codes holds.
  int64_t getStep() const { return 8 / format.bits; }
  /// Whether each block begins a load.
  bool areBlocksAligned() const {
    return format.blocks <= 1 || format.blockLength % getStep() == 0;
  }

  /// Calls `body` for the parts of [first, first + count) that lie in one block
  /// each, with the block, and carries `inits` through.
  Values forEachBlock(
      Value first, Value count, Values inits,
      llvm::function_ref<Values(Value block, Value from, Value to, Values)>
          body);

  /// What a block has for a vector of lanes; null: it has none.
  Value loadScale(Value block, int64_t vector);
  /// A vector's scales, the first of which lies at byte `at` of the stream.
  Value loadScaleAt(Value at);
  Value loadZeroPoint(Value block, int64_t vector);
  /// That component's stored codes, as integers.
  Value loadZeroPointCode(Value block, int64_t vector);

  /// Elements j, j + 1, ... that begin a load, without their scale.
  Values decodeStep(Value j, int64_t vector, Value zeroPoint);
  /// Element j alone.
  Value decodeOne(Value j, int64_t vector, Value zeroPoint);

  /// Decodes [first, first + count), with scales, to [element][lane] in
  /// `buffer`. `isAligned`: `first` begins a load.
  void decodeTo(Value buffer, Value first, Value count, bool isAligned);

private:
  Value loadCodes(Value j, int64_t vector);
  Value getParameters(Value from, Value block, int64_t vector,
                      int64_t elementBytes);
  Value getNumber(Value code, Value zeroPoint);
  Value lookUp(Value code);
  Value lookUpTable(llvm::ArrayRef<float> numbers, Value code);
  Value lookUpRegisters(llvm::SmallVector<float> numbers, Value code);
  Value convert(Value code);
  mlir::VectorType getIntegers() {
    return b.vectorOf(config.lanes, b.getI32Type());
  }
  mlir::VectorType getFloats() {
    return b.vectorOf(config.lanes, b.getF32Type());
  }
  Value integers(int64_t value) {
    return b.splat(b.getI32IntegerAttr(value), config.lanes);
  }

  KernelBuilder &b;
  const StreamFormat &format;
  const KernelConfig &config;
  Value stream, scales, zeroPoints, codes;
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_WEIGHTSDECODER_H
