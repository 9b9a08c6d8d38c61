// The function that computes one work item of a contraction: a block of output
// rows by one panel of channels.
//
// Rows are pixels in the order of n, h, w, or rows of a matrix. A tile of
// `rows` x `vectors` accumulators stays in registers while the sum runs over
// window and channels: for each channel, `vectors` loads of weights and for
// each row one scalar that is broadcast. Each row of the tile has an address of
// its own, so a tile may wrap around the end of an image's row, and no extent
// but that of a partial last vector appears in the code as a constant: layers
// that differ only in extents share one function.

#ifndef LIB_TARGET_CPU_KERNELS_CONTRACTKERNEL_H
#define LIB_TARGET_CPU_KERNELS_CONTRACTKERNEL_H

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/Epilogue.h"
#include "lib/Target/CPU/Kernels/KernelConfig.h"
#include "lib/Target/CPU/Kernels/Operands.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

namespace qcc::cpu {

/// Fewer rows than these do not pay for a buffer of decoded weights.
inline constexpr int64_t kBufferedRows = 3;

/// What makes two functions of one kernel different.
struct ContractVariant {
  KernelConfig config;      ///< Its `vectors` are those of this panel.
  int64_t lastLanes;        ///< Channels in the last vector.
  bool hasImage;            ///< Rows are split into n, h, w.
  bool hasWindow;           ///< The window has more than one tap.
  bool hasRest;             ///< Steps are no multiple of the unrolling.
  int64_t restChannels = 0; ///< Channels beyond the last whole step.
  CodeSigns signs = {};     ///< Of integers.
  std::optional<StreamFormat> stream = std::nullopt; ///< Of decoded weights.
  /// Weights ahead of those that a tile of one row reads are asked for.
  bool isPrefetched = false;
  /// Tiles of several rows ask for the weights of the next panel.
  bool isNextPrefetched = false;
  bool isLong = false;  ///< 32 bits do not hold the sums of integers.
  bool isWhole = false; ///< All decoded weights of a panel fit a buffer.

  std::string getKey() const;
};

/// Fills the function around `b`'s insertion point.
void buildContractKernel(KernelBuilder &b, const ContractVariant &variant,
                         const ContractArgs &args, const Epilogue &epilogue);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_CONTRACTKERNEL_H
