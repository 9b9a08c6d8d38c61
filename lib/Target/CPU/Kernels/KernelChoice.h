// Which kernel a processor runs best: the knowledge behind CPUTargetModel.

#ifndef LIB_TARGET_CPU_KERNELS_KERNELCHOICE_H
#define LIB_TARGET_CPU_KERNELS_KERNELCHOICE_H

#include "lib/Target/CPU/Kernels/KernelConfig.h"
#include "lib/Target/CPU/Kernels/Packing.h"

namespace qcc::cpu {

/// Whether LLVM's triple (empty: this machine's) is of x86-64, of whose
/// instructions kernels of integers are made.
bool isX86(llvm::StringRef triple);

/// The best instruction set of a processor by LLVM's name ("native": this one),
/// features "+a,-b" and triple; an error for an unknown name. Of another
/// architecture than x86-64 it is the generic one.
llvm::Expected<ISA> getISA(llvm::StringRef mcpu, llvm::StringRef mattr,
                           llvm::StringRef triple = "");

/// The same of a module's target.
bool isX86(qnn::TargetAttr target);
llvm::Expected<ISA> getISA(qnn::TargetAttr target);

/// Lanes of f32 in the widest vector that the instructions have.
int64_t getMaxLanes(ISA isa);

/// Bytes of decoded weights, and of sums that wait, in buffers of a kernel:
/// half of a second-level cache, and a thread's stack, hold both.
constexpr int64_t kDecodeBufferBytes = 128 * 1024;
constexpr int64_t kSumsBufferBytes = 64 * 1024;

/// Whether a tile's buffers are no larger.
bool fitsStack(const KernelConfig &config);

/// The tile for weights of `shape`.
KernelConfig chooseKernel(const WeightsShape &shape, Numbers numbers, ISA isa);

/// The tile for products of activations, F32 or I16, of any extents.
KernelConfig chooseProductKernel(Numbers numbers, ISA isa);

/// All tiles among which costs decide, that of chooseKernel() or of
/// chooseProductKernel() first. Their buffers fit a thread's stack.
llvm::SmallVector<KernelConfig> listKernels(const WeightsShape &shape,
                                            Numbers numbers, ISA isa);
llvm::SmallVector<KernelConfig> listProductKernels(Numbers numbers, ISA isa);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_KERNELCHOICE_H
