#include "lib/Target/CPU/Kernels/Arithmetic.h"

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

} // namespace

std::unique_ptr<Arithmetic> Arithmetic::create(const KernelConfig &config,
                                               bool isSigned) {
  return std::make_unique<F32Arithmetic>(config);
}
