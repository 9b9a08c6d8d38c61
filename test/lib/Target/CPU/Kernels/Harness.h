// Compiles one contraction in memory and runs it.

#ifndef TEST_LIB_TARGET_CPU_KERNELS_HARNESS_H
#define TEST_LIB_TARGET_CPU_KERNELS_HARNESS_H

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"

#include <memory>
#include <string>
#include <vector>

namespace mlir {
class ExecutionEngine;
class MLIRContext;
} // namespace mlir

namespace qcc::cpu::test {

/// What the region does. Of integers: nothing (i32); scale by the bias, round
/// and clamp to i8; scale and add the residual (f32); scale by the product of a
/// factor of the row and the bias. Of floats the latter is to multiply by the
/// row's factor and to add the bias.
enum class Ending { None, BiasRelu, BiasResidual, RowFactor };

/// Where formats live.
mlir::MLIRContext &getContext();

/// Extents of a contraction; the input carries its padding.
struct Case {
  int64_t n = 1, h = 1, w = 1, c = 1, k = 1;
  int64_t r = 1, s = 1, strideH = 1, strideW = 1;
  int64_t dilationH = 1, dilationW = 1, groups = 1;
  bool isMatrix = false; ///< [n, c] by [k, c].
  bool isStatic = false; ///< Extents in the types.
  Ending ending = Ending::None;
  Numbers numbers = Numbers::F32;
  CodeSigns signs = {};      ///< Of integer codes.
  int64_t zeroPoint = 0;     ///< Of weights of bytes.
  std::string weightsFormat; ///< Of weights that are decoded.

  int64_t outH() const { return (h - (r - 1) * dilationH - 1) / strideH + 1; }
  int64_t outW() const { return (w - (s - 1) * dilationW - 1) / strideW + 1; }
  int64_t rows() const { return n * outH() * outW(); }
  /// Whether the input is codes of a byte.
  bool hasCodes() const { return isExact() || numbers == Numbers::Block; }
  bool isExact() const {
    return numbers == Numbers::I8 || numbers == Numbers::I8Wide;
  }
  double macs() const { return double(rows()) * k * r * s * (c / groups); }
  WeightsShape getWeightsShape() const;
  std::string getWeightsFormat() const;
  std::string getName() const;
};

/// Operands of a case with random numbers, and what must come out.
struct Data {
  std::vector<char> input, weights, scales, zeroPoints, packed, output;
  std::vector<double> realWeights; ///< Of weights that are decoded.
  std::vector<float> bias, residual, rowScales, rowFactors;
  std::vector<int32_t> start, blockSums;
  std::vector<double> expected, bound;

  explicit Data(const Case &test, const KernelConfig &config,
                bool withReference = true);
  void makeCodes(const Case &test);
  void sumBlocks(const Case &test);
  /// Element `i` of the output.
  double getOutput(const Case &test, size_t i) const;
};

/// The compiled case; an error text, empty if all went well, in getError().
class Compiled {
public:
  Compiled(const Case &test, const KernelConfig &config, llvm::StringRef mcpu);
  /// A module whose function @f has memories as arguments.
  Compiled(const std::string &text, llvm::StringRef mcpu);
  ~Compiled();

  const std::string &getError() const { return error; }
  void run(const Case &test, Data &data) const;
  /// out += left * right, for each of `batch` matrices m x k by k x n, of which
  /// `shared` consecutive ones have the same right operand.
  void runMatmul(int64_t batch, int64_t shared, int64_t m, int64_t k, int64_t n,
                 void *left, void *right, void *out) const;

private:
  std::unique_ptr<mlir::ExecutionEngine> engine;
  void *function = nullptr;
  std::string error;
};

} // namespace qcc::cpu::test

#endif // TEST_LIB_TARGET_CPU_KERNELS_HARNESS_H
