// What a #qnn.kernel says, in plain numbers. docs/kernels.md has the grammar.

#ifndef LIB_TARGET_CPU_KERNELS_KERNELCONFIG_H
#define LIB_TARGET_CPU_KERNELS_KERNELCONFIG_H

#include "dialects/QNN/IR/Format.h"

#include "llvm/Support/Error.h"

namespace qcc::cpu {

/// Instructions that kernels are written for, beside plain vectors.
enum class ISA { Generic, AVX2, AVXVNNI, AVX512, AVX512VNNI };

llvm::StringRef getName(ISA isa);

/// Which loop nest.
enum class Shape {
  Direct,    ///< The whole sum in registers.
  Blocked,   ///< The sum in blocks of `tile.reduction`, weights decoded per
             ///< block.
  Depthwise, ///< One channel of input for each of output.
};

/// What is multiplied.
enum class Numbers {
  F32,    ///< f32 by f32.
  I8,     ///< Integer codes by integer codes, exact.
  I8Wide, ///< As I8, weights less their zero point in 16 bits: no bytes.
  I16,    ///< Integers of 16 bits, modulo 2^32: products of activations.
  Decode, ///< f32 by weights that are decoded in the kernel.
  Block,  ///< Integer codes by weights with block scales.
};

struct KernelConfig {
  Shape shape = Shape::Direct;
  Numbers numbers = Numbers::F32;
  ISA isa = ISA::Generic;
  // The tile: rows x vectors of lanes in registers.
  int64_t rows = 1, vectors = 1, lanes = 4;
  int64_t unroll = 1;    ///< Steps of the reduction's innermost loop.
  int64_t blockRows = 1; ///< Rows of a work item.
  int64_t reduction = 0; ///< Steps of a block of the sum; 0: all.

  int64_t getPanel() const { return vectors * lanes; }
  bool hasVNNI() const { return isa == ISA::AVXVNNI || isa == ISA::AVX512VNNI; }
  bool hasFMA() const { return isa != ISA::Generic; }
  /// Whether sums of integer codes are exact, in i32.
  bool isExact() const {
    return numbers == Numbers::I8 || numbers == Numbers::I8Wide;
  }

  /// Whether the right operand is computed at run time, and packed then.
  bool isProduct() const {
    return numbers == Numbers::I16 ||
           (numbers == Numbers::F32 && shape == Shape::Blocked);
  }

  /// Of a #qnn.kernel; an error says what is wrong with it.
  static llvm::Expected<KernelConfig> parse(qnn::KernelAttr kernel);
  std::string getKernelName() const;
  llvm::SmallVector<int64_t> getTile() const;
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_KERNELCONFIG_H
