// One step of a sum of products, in vectors: which elements of weights and
// input it takes and by which instructions it adds their products.

#ifndef LIB_TARGET_CPU_KERNELS_ARITHMETIC_H
#define LIB_TARGET_CPU_KERNELS_ARITHMETIC_H

#include "lib/Target/CPU/Kernels/KernelBuilder.h"
#include "lib/Target/CPU/Kernels/KernelConfig.h"

#include <memory>

namespace qcc::cpu {

/// How integer codes are stored.
struct CodeSigns {
  bool isInputSigned = false, areWeightsSigned = true;
};

class Arithmetic {
public:
  virtual ~Arithmetic() = default;

  /// Channels that one step adds up in each lane.
  virtual int64_t getUnit() const = 0;
  virtual mlir::VectorType getAccumulatorType(KernelBuilder &b) const = 0;
  /// A step's weights for one vector of lanes, at an element of the stream.
  virtual mlir::Value loadWeights(KernelBuilder &b, mlir::Value weights,
                                  mlir::Value at) const = 0;
  /// Bytes of unsigned weights as loadWeights() gives them.
  virtual mlir::Value widenWeights(KernelBuilder &b, mlir::Value bytes) const {
    return bytes;
  }
  /// A step's input, the same for all lanes; only `channels` of the unit exist,
  /// the others count as zero.
  virtual mlir::Value loadInput(KernelBuilder &b, mlir::Value input,
                                mlir::Value at, int64_t channels) const = 0;
  virtual mlir::Value multiplyAdd(KernelBuilder &b, mlir::Value weights,
                                  mlir::Value input,
                                  mlir::Value accumulator) const = 0;

  /// What sums start from, given the bias of the stream (see Packing.h) and
  /// what the op asks for.
  virtual mlir::Value addBias(KernelBuilder &b, mlir::Value start,
                              mlir::Value bias) const {
    return start;
  }

  static std::unique_ptr<Arithmetic> create(const KernelConfig &config,
                                            CodeSigns signs);
};

/// a * b + c.
mlir::Value createFMA(KernelBuilder &b, bool hasFMA, mlir::Value x,
                      mlir::Value y, mlir::Value z);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_ARITHMETIC_H
