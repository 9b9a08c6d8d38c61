// Depthwise convolution: vectors of channels, which never meet.
//
// A work item is a block of lines of the output. For each vector of channels a
// tile of neighbouring pixels of one line is summed in registers; an input
// element that several of them read is loaded once.

#ifndef LIB_TARGET_CPU_KERNELS_DEPTHWISEKERNEL_H
#define LIB_TARGET_CPU_KERNELS_DEPTHWISEKERNEL_H

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/Epilogue.h"
#include "lib/Target/CPU/Kernels/Operands.h"

namespace qcc::cpu {

struct DepthwiseVariant {
  KernelConfig config;
  int64_t windowH, windowW, strideW, dilationW;
  int64_t restChannels; ///< Beyond the last whole vector.
  int64_t inputPixel;   ///< Distance of pixels in the input; -1: an argument.
  CodeSigns signs;      ///< Of integers.

  std::string getKey() const;
};

/// Fills the function around `b`'s insertion point. `args.begin` and `args.end`
/// count lines, `args.channels` whole vectors; `args.tapW` is the distance of
/// pixels in the input.
void buildDepthwiseKernel(KernelBuilder &b, const DepthwiseVariant &variant,
                          ContractArgs &args, const Epilogue &epilogue);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_DEPTHWISEKERNEL_H
