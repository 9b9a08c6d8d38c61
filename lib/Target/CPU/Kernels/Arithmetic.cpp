#include "lib/Target/CPU/Kernels/Arithmetic.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc::cpu;

Value qcc::cpu::createFMA(KernelBuilder &b, bool hasFMA, Value x, Value y,
                          Value z) {
  if (hasFMA)
    return vector::FMAOp::create(b, b.getLoc(), x, y, z);
  // A fused one would be a call into libm.
  Value product = arith::MulFOp::create(b, b.getLoc(), x, y);
  return arith::AddFOp::create(b, b.getLoc(), product, z);
}

namespace {

class F32Arithmetic final : public Arithmetic {
public:
  explicit F32Arithmetic(const KernelConfig &config)
      : lanes(config.lanes), hasFMA(config.hasFMA()) {}

  int64_t getUnit() const override { return 1; }

  VectorType getAccumulatorType(KernelBuilder &b) const override {
    return b.vectorOf(lanes, b.getF32Type());
  }

  Value loadWeights(KernelBuilder &b, Value weights, Value at) const override {
    return b.load(weights, at, lanes);
  }

  Value loadInput(KernelBuilder &b, Value input, Value at,
                  int64_t) const override {
    return b.broadcast(b.loadScalar(input, at), lanes);
  }

  Value multiplyAdd(KernelBuilder &b, Value weights, Value input,
                    Value accumulator) const override {
    return createFMA(b, hasFMA, input, weights, accumulator);
  }

private:
  int64_t lanes;
  bool hasFMA;
};

/// The instruction that multiplies bytes, adds four products and a sum.
class VNNIArithmetic final : public Arithmetic {
public:
  VNNIArithmetic(const KernelConfig &config, CodeSigns signs)
      : lanes(config.lanes), signs(signs) {}

  int64_t getUnit() const override { return 4; }

  VectorType getAccumulatorType(KernelBuilder &b) const override {
    return b.vectorOf(lanes, b.getI32Type());
  }

  Value loadWeights(KernelBuilder &b, Value weights, Value at) const override {
    return b.load(weights, at, lanes * 4);
  }

  Value loadInput(KernelBuilder &b, Value input, Value at,
                  int64_t channels) const override {
    Value bytes = b.load(input, at, 4, channels);
    Value word = vector::ExtractOp::create(
        b, b.getLoc(), b.bitcast(bytes, b.vectorOf(1, b.getI32Type())), 0);
    Value all = b.bitcast(b.broadcast(word, lanes),
                          b.vectorOf(lanes * 4, b.getI8Type()));
    if (!isFlipped())
      return all;
    // A code's highest bit counts for 128 more or less.
    Value bit = b.splat(b.getI8IntegerAttr(-128), lanes * 4);
    return arith::XOrIOp::create(b, b.getLoc(), all, bit);
  }

  Value multiplyAdd(KernelBuilder &b, Value weights, Value input,
                    Value accumulator) const override {
    // One operand's bytes are unsigned, the other's signed.
    if (signs.areWeightsSigned)
      std::swap(weights, input);
    StringRef name = lanes == 16  ? "llvm.x86.avx512.vpdpbusd.512"
                     : lanes == 8 ? "llvm.x86.avx512.vpdpbusd.256"
                                  : "llvm.x86.avx512.vpdpbusd.128";
    auto call = LLVM::CallIntrinsicOp::create(
        b, b.getLoc(), accumulator.getType(), b.getStringAttr(name),
        ValueRange{accumulator, weights, input});
    return call.getResult(0);
  }

  Value addBias(KernelBuilder &b, Value start, Value bias) const override {
    if (!isFlipped())
      return start;
    if (signs.areWeightsSigned) // input + 128 was multiplied
      return arith::SubIOp::create(b, b.getLoc(), start, bias);
    return arith::AddIOp::create(b, b.getLoc(), start, bias);
  }

private:
  /// Whether the input has the sign that the instruction wants of weights.
  bool isFlipped() const {
    return signs.isInputSigned == signs.areWeightsSigned;
  }

  int64_t lanes;
  CodeSigns signs;
};

/// Two products of 16 bits, added to a sum modulo 2^32. LLVM makes one
/// instruction of it (vpdpwssd) where there is one.
class WordArithmetic : public Arithmetic {
public:
  explicit WordArithmetic(const KernelConfig &config) : lanes(config.lanes) {}

  int64_t getUnit() const override { return 2; }

  VectorType getAccumulatorType(KernelBuilder &b) const override {
    return b.vectorOf(lanes, b.getI32Type());
  }

  Value loadWeights(KernelBuilder &b, Value weights, Value at) const override {
    return b.load(weights, at, lanes * 2);
  }

  Value loadInput(KernelBuilder &b, Value input, Value at,
                  int64_t channels) const override {
    Value pair =
        vector::ExtractOp::create(b, b.getLoc(),
                                  b.bitcast(b.load(input, at, 2, channels),
                                            b.vectorOf(1, b.getI32Type())),
                                  0);
    return b.bitcast(b.broadcast(pair, lanes),
                     b.vectorOf(lanes * 2, b.getI16Type()));
  }

  Value multiplyAdd(KernelBuilder &b, Value weights, Value input,
                    Value accumulator) const override {
    StringRef name = lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                     : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                  : "llvm.x86.sse2.pmadd.wd";
    auto call = LLVM::CallIntrinsicOp::create(
        b, b.getLoc(), getAccumulatorType(b), b.getStringAttr(name),
        ValueRange{weights, input});
    return arith::AddIOp::create(b, b.getLoc(), accumulator, call.getResult(0));
  }

protected:
  int64_t lanes;
};

/// Bytes as words: exact for all of them.
class PairArithmetic : public WordArithmetic {
public:
  PairArithmetic(const KernelConfig &config, CodeSigns signs)
      : WordArithmetic(config), signs(signs) {}

  Value loadWeights(KernelBuilder &b, Value weights, Value at) const override {
    return widenWeights(b, b.load(weights, at, lanes * 2));
  }

  Value widenWeights(KernelBuilder &b, Value bytes) const override {
    return widen(b, bytes, signs.areWeightsSigned);
  }

  Value loadInput(KernelBuilder &b, Value input, Value at,
                  int64_t channels) const override {
    Value bytes = b.load(input, at, 2, channels);
    Value pair = vector::ExtractOp::create(
        b, b.getLoc(), b.bitcast(bytes, b.vectorOf(1, b.getI16Type())), 0);
    Value all = b.bitcast(b.broadcast(pair, lanes),
                          b.vectorOf(lanes * 2, b.getI8Type()));
    return widen(b, all, signs.isInputSigned);
  }

private:
  Value widen(KernelBuilder &b, Value bytes, bool isSigned) const {
    auto type = b.vectorOf(lanes * 2, b.getI16Type());
    if (isSigned)
      return arith::ExtSIOp::create(b, b.getLoc(), type, bytes);
    return arith::ExtUIOp::create(b, b.getLoc(), type, bytes);
  }

  CodeSigns signs;
};

/// Bytes by weights that are words.
class WideArithmetic final : public PairArithmetic {
public:
  using PairArithmetic::PairArithmetic;

  Value loadWeights(KernelBuilder &b, Value weights, Value at) const override {
    return WordArithmetic::loadWeights(b, weights, at);
  }
};

} // namespace

std::unique_ptr<Arithmetic> Arithmetic::create(const KernelConfig &config,
                                               CodeSigns signs) {
  if (config.numbers == Numbers::I16)
    return std::make_unique<WordArithmetic>(config);
  if (config.numbers == Numbers::I8Wide)
    return std::make_unique<WideArithmetic>(config, signs);
  if (config.numbers != Numbers::I8 && config.numbers != Numbers::Block)
    return std::make_unique<F32Arithmetic>(config);
  if (config.hasVNNI())
    return std::make_unique<VNNIArithmetic>(config, signs);
  return std::make_unique<PairArithmetic>(config, signs);
}
