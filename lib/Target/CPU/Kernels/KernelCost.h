// What a contraction costs by a kernel: a formula over the times of a
// processor, for CPUTargetModel.
//
// A kernel runs tiles of rows by vectors. For each step of the sum a tile adds
// rows * vectors products, loads `vectors` weights and `rows` inputs, and
// cannot be faster than one addition to a sum follows the other:
//
//   step = |multiply * rows * vectors + weights * vectors + input * rows
//           + step / unroll + spill * (vectors beyond the registers), latency|
//   tile = |steps * step, bytes of the panel / rate of L2, if L1 cannot hold
//           it| + tap * taps + store * rows * vectors + tile
//
// where |a, b| is (a^4 + b^4)^(1/4), nearly the larger of the two. Work items
// add the decoding or packing of a panel. The first tile of an item, or what
// decodes or packs, waits for the panel, which comes from the level of memory
// that holds all operands, and overlaps with that as far as the parameter
// `overlap` says; so does all that is computed with inputs and outputs.

#ifndef LIB_TARGET_CPU_KERNELS_KERNELCOST_H
#define LIB_TARGET_CPU_KERNELS_KERNELCOST_H

#include "lib/Target/CPU/Kernels/CostParameters.h"
#include "lib/Target/CPU/Kernels/Packing.h"
#include "qcc/Target/Cost.h"

namespace qcc::cpu {

/// The extents of a contraction as kernels see them.
struct KernelExtents {
  WeightsShape shape;     ///< Of one matrix of a batch.
  int64_t rows = 1;       ///< Pixels, or rows of one matrix.
  int64_t batch = 1;      ///< Matrices with weights of their own.
  int64_t lineLength = 1; ///< Pixels of a line of the result's image.
  int64_t strideW = 1;
  double inputBytes = 0, outputBytes = 0;
};

/// What the CPU's memory spaces are: first, second and third cache, memory.
llvm::SmallVector<MemorySpace> getMemorySpaces(const CostParameters &costs);

/// Times of which kind a kernel has, but for a few rows of weights that are
/// decoded.
KernelKind getKernelKind(const KernelConfig &config);

/// Vectors that the innermost loop of a tile needs in registers.
int64_t getTileVectors(const KernelConfig &config, bool hasBlocks);
int64_t getNumRegisters(ISA isa);

Cost predictCost(const KernelExtents &extents, const KernelConfig &config,
                 const CostParameters &costs);

/// Of generated loops: `nanoseconds` of computing beside memory traffic.
Cost predictLoops(double nanoseconds, double bytes,
                  const CostParameters &costs);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_KERNELCOST_H
