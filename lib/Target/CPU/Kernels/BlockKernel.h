// Products of integer activations, one scale a row, by integer weights whose
// scales end inside the sum: each block of the sum is an exact integer, which
// is scaled and added as f32.

#ifndef LIB_TARGET_CPU_KERNELS_BLOCKKERNEL_H
#define LIB_TARGET_CPU_KERNELS_BLOCKKERNEL_H

#include "lib/Target/CPU/Kernels/Epilogue.h"
#include "lib/Target/CPU/Kernels/Operands.h"
#include "lib/Target/CPU/Kernels/StreamFormat.h"

namespace qcc::cpu {

struct BlockVariant {
  KernelConfig config; ///< Its `vectors` are those of this panel.
  int64_t lastLanes;   ///< Channels in the last vector.
  StreamFormat stream;

  std::string getKey() const;
};

/// `args.rowSums` holds what zero points of weights make of the codes of each
/// row's blocks (BlockSums.h), and `args.rowScales` a scale for each row.
void buildBlockKernel(KernelBuilder &b, const BlockVariant &variant,
                      ContractArgs &args, const Epilogue &epilogue);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_BLOCKKERNEL_H
