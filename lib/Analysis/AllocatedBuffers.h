// The buffers that a function allocates, as a problem of BufferPlan.h.

#ifndef LIB_ANALYSIS_ALLOCATEDBUFFERS_H
#define LIB_ANALYSIS_ALLOCATEDBUFFERS_H

#include "lib/Analysis/BufferLiveness.h"
#include "lib/Analysis/BufferPlanVerifier.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace qcc::analysis {

/// All buffers begin at multiples of this, and their sizes are rounded up to
/// it: a line of the cache.
inline constexpr int64_t bufferAlignment = 64;

/// What an unknown extent is taken to be, one number for each scenario.
inline constexpr int64_t assumedExtents[] = {64, 8, 512};

/// Bytes of an element in memory.
int64_t getElementBytes(mlir::MemRefType type);

/// Bytes that the extents that are known multiply to.
int64_t getStaticBytes(mlir::MemRefType type);

struct AllocatedBuffers {
  std::vector<mlir::memref::AllocOp> allocs;
  std::vector<LiveBuffer> live;
  BufferProblem problem; ///< In one space; one buffer for each allocation.
  std::vector<BufferUse> uses;
};

/// The allocations below `body` that are taken, in the order of the program.
AllocatedBuffers collectBuffers(
    mlir::Block &body,
    llvm::function_ref<bool(mlir::memref::AllocOp, const LiveBuffer &)>
        isTaken);

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_ALLOCATEDBUFFERS_H
