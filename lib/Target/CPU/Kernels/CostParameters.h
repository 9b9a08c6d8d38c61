// The times of a processor of which costs of kernels are made (KernelCost.h).
//
// Each instruction set has a set of them, shipped as machines/ISA.json, which
// `qcc tune` makes anew for the machine that it runs on; `--costs` names the
// file for a compilation. Times are nanoseconds, rates bytes in a nanosecond.

#ifndef LIB_TARGET_CPU_KERNELS_COSTPARAMETERS_H
#define LIB_TARGET_CPU_KERNELS_COSTPARAMETERS_H

#include "lib/Target/CPU/Kernels/KernelConfig.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <array>
#include <string>

namespace qcc::cpu {

/// Times of one kind of kernel. A vector has the lanes of the kernel's tile.
struct KernelTimes {
  double multiply = 0; ///< A vector of products added to sums.
  double weights = 0;  ///< A vector of weights loaded for a step.
  double input = 0;    ///< An element of the input loaded for all lanes.
  double step = 0;     ///< A turn of the innermost loop.
  double tap = 0;      ///< A position of the window, for a tile.
  double tile = 0;     ///< A tile begun and ended.
  double store = 0;    ///< A vector of results finished and stored.
  double sum = 0;      ///< A vector of sums stored and loaded between parts.
  double pack = 0;     ///< A vector of the right factor of a product packed.
  double decode4 = 0;  ///< A vector of codes of up to 4 bits decoded.
  double decode8 = 0;  ///< The same of more bits.
  double block = 0;    ///< A vector of sums scaled at the end of a block.

  static constexpr std::array<std::pair<const char *, double KernelTimes::*>,
                              12>
  getMembers() {
    return {{{"multiply", &KernelTimes::multiply},
             {"weights", &KernelTimes::weights},
             {"input", &KernelTimes::input},
             {"step", &KernelTimes::step},
             {"tap", &KernelTimes::tap},
             {"tile", &KernelTimes::tile},
             {"store", &KernelTimes::store},
             {"sum", &KernelTimes::sum},
             {"pack", &KernelTimes::pack},
             {"decode4", &KernelTimes::decode4},
             {"decode8", &KernelTimes::decode8},
             {"block", &KernelTimes::block}}};
  }
};

/// Kernels whose times are kept apart.
enum class KernelKind {
  F32,
  I8,
  I8Wide,
  Decode,    ///< Decoded into a buffer.
  DecodeRow, ///< Decoded into registers, for one or two rows.
  Block,
  ProductF32,
  ProductI16,
  DepthwiseF32,
  DepthwiseI8,
};
inline constexpr size_t kNumKernelKinds = 10;

llvm::StringRef getName(KernelKind kind);

struct CostParameters {
  ISA isa = ISA::Generic;
  std::string measuredOn; ///< For people.

  /// Bytes of the caches of one core, the last level whole.
  int64_t l1Bytes = 0, l2Bytes = 0, l3Bytes = 0;
  /// At which a core reads what lies in a level.
  double l2Rate = 0, l3Rate = 0, memoryRate = 0;
  /// 1: memory is waited for and nothing else done; more: the two overlap, as
  /// in (compute^overlap + memory^overlap)^(1/overlap).
  double overlap = 0;

  double latency = 0; ///< From a sum to the next that is added to it.
  double spill = 0;   ///< A vector that registers do not hold, in a step.
  double item = 0;    ///< A work item begun and ended.

  // Of generated loops, for each element or product.
  double point = 0;    ///< An element read, computed by a few instructions.
  double function = 0; ///< An element of exp, tanh, ...
  double product = 0;  ///< A product of a sum of products without a kernel.

  std::array<KernelTimes, kNumKernelKinds> kernels;

  KernelTimes &operator[](KernelKind kind) {
    return kernels[static_cast<size_t>(kind)];
  }
  const KernelTimes &operator[](KernelKind kind) const {
    return kernels[static_cast<size_t>(kind)];
  }

  /// Calls `visit` for each time and rate (not for sizes of caches), with a
  /// name as "f32.multiply".
  void forEach(
      llvm::function_ref<void(const llvm::Twine &name, double &value)> visit);

  /// Those that are shipped for `isa`.
  static const CostParameters &getShipped(ISA isa);
  /// Of what print() gives; an error says which entry is missing or wrong.
  static llvm::Expected<CostParameters> parse(llvm::StringRef json);
  std::string print() const;
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_COSTPARAMETERS_H
