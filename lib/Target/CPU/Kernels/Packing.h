// Packs constant weights into the stream that a kernel reads.
//
// The order for a kernel of panels of P = vectors * lanes channels that takes
// U channels of the sum in one step:
//
//   [group][panel][r][s][step][lane < P][channel of the step < U]
//
// before which a panel of integers for instructions that multiply unsigned by
// signed bytes (VNNI) has its bias, 128 * the sum of its weights, as one i32
// for each lane: what the other operand's wrong sign adds up to. The order is
// written as #qnn.packing digits [[0, 0], [1, 0], [2, 0], [3, 0], [0, P], [3,
// U]] within each group. The last panel of a group has only as many lanes as
// its outputs need, rounded up to whole vectors; the last step of a tap is
// padded with zeros.
//
// Weights that a kernel decodes, or sums block by block: StreamFormat.h.

#ifndef LIB_TARGET_CPU_KERNELS_PACKING_H
#define LIB_TARGET_CPU_KERNELS_PACKING_H

#include "lib/Target/CPU/Kernels/KernelConfig.h"

namespace qcc::cpu {

/// Extents of canonical weights [K, R, S, C / groups], row-major.
struct WeightsShape {
  int64_t outputs = 1, windowH = 1, windowW = 1, channels = 1;
  int64_t groups = 1;
  int64_t dilationW = 1;
  qnn::FormatAttr format = {}; ///< Null: elements are f32.
};

struct Weights {
  WeightsShape shape;
  /// f32 elements, or codes as lib/Formats/Packing.h packs them.
  llvm::ArrayRef<char> codes;
  /// Elements in a row of codes, each of which begins a byte; 0: all of an
  /// output's.
  int64_t rowLength = 0;
  llvm::ArrayRef<char> scales;     ///< Of the format's type.
  llvm::ArrayRef<char> zeroPoints; ///< Empty: none, or a constant.
};

/// Whether the taps of a line of the window are packed as one run of channels,
/// so that only the end of a line is padded.
bool areTapsMerged(const WeightsShape &shape, const KernelConfig &config);

/// Whether integers are packed as signed bytes: their codes are, or they are
/// packed less a constant zero point.
bool areWeightsSigned(const WeightsShape &shape);

/// Channels of the sum that one step takes: 1 for f32.
int64_t getStepChannels(const KernelConfig &config);

/// Bytes of a weight in the stream.
int64_t getElementBytes(const KernelConfig &config);

/// Bytes of the bias for each lane, before a panel's weights.
int64_t getBiasBytes(const KernelConfig &config);

/// Why `config` cannot have weights of `shape`, if so.
llvm::Error checkPacking(const WeightsShape &shape, const KernelConfig &config);

/// Bytes of a panel, or of a group, for each lane. The packing was checked.
int64_t getLaneBytes(const WeightsShape &shape, const KernelConfig &config);

int64_t getPackedBytes(const WeightsShape &shape, const KernelConfig &config);

/// The digits by which `config` orders weights.
qnn::PackingAttr getPacking(mlir::MLIRContext *context,
                            const KernelConfig &config);

/// Calls `write` for consecutive parts of the stream, of bounded size.
llvm::Error
packWeights(const Weights &weights, const KernelConfig &config,
            llvm::function_ref<llvm::Error(llvm::ArrayRef<char>)> write);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_PACKING_H
