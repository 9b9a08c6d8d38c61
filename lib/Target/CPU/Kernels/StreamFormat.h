// How formatted weights lie in the stream of a kernel that decodes them, or
// that sums them block by block.
//
// All scalings become one: each output has a scale for every `blockLength`
// consecutive elements of its sum (over r, s and c in this order). A panel of a
// kernel that decodes is
//
//   [block][lane]           scales, f16, f32 or codes of 8 bits
//   [block][lane]           zero points, a byte each, if they are a component
//   [step][lane][...]       codes
//
// and one of a kernel that sums block by block, which reads each scale once,
// behind the block's codes, in a single run through memory:
//
//   [block][lane]           zero points
//   [block] of              [step][lane][...] codes, [lane] scales
//
// Codes take 1, 2, 4 or 8 bits. Those of integers are stored unsigned, that is
// less the least of their range, and zero points likewise.

#ifndef LIB_TARGET_CPU_KERNELS_STREAMFORMAT_H
#define LIB_TARGET_CPU_KERNELS_STREAMFORMAT_H

#include "dialects/QNN/IR/Format.h"
#include "lib/Target/CPU/Kernels/Packing.h"

namespace qcc::cpu {

struct StreamFormat {
  const formats::Codec *codec = nullptr;
  int64_t length = 0;       ///< Elements of a sum.
  int64_t blockLength = 0;  ///< Of them, those that share a scale.
  int64_t blockOutputs = 1; ///< Outputs that share a scale.
  int64_t blocks = 0;       ///< 0: no scales.
  bool hasHalfScales = false;
  /// Of scales that are codes of 8 bits, as they are stored; else null.
  const formats::Codec *scaleCodec = nullptr;
  bool hasZeroPoints = false;
  int64_t zeroPoint = 0; ///< The constant one, in stored codes.
  int64_t bits = 8;      ///< Of a stored code.
  int64_t least = 0;     ///< What was taken off integers' codes.

  int64_t getScaleBytes() const {
    return scaleCodec ? 1 : hasHalfScales ? 2 : 4;
  }
  bool isInteger() const { return codec->getIntegerRange().has_value(); }

  /// What kernels depend on; lengths are arguments of theirs where they can be.
  std::string getKey() const;

  /// Bytes of the stream for each lane, by what `config` does with it.
  int64_t getLaneBytes(const KernelConfig &config) const;
  int64_t getScalesBytes() const { return blocks * getScaleBytes(); }
  /// Bytes that `elements` elements of a lane's sum take, which begin a step.
  int64_t getCodesBytes(const KernelConfig &config, int64_t elements) const;
  /// Bytes of a lane from block to block where scales lie behind their block.
  int64_t getBlockBytes(const KernelConfig &config) const {
    return getCodesBytes(config, blockLength) + getScaleBytes();
  }
  int64_t getZeroPointsBytes() const { return hasZeroPoints ? blocks : 0; }

  /// Fails where no stream can hold the format.
  static llvm::Expected<StreamFormat> create(const WeightsShape &shape);
};

/// Where, from a panel's first code on, element `j` of the sum of `lane` lies:
/// byte and shift.
std::pair<int64_t, int64_t> getCodePosition(const StreamFormat &format,
                                            const KernelConfig &config,
                                            int64_t lanes, int64_t lane,
                                            int64_t j);

/// Packs `outputs` outputs from `first` on.
std::vector<char> packFormattedPanel(const Weights &weights,
                                     const StreamFormat &format,
                                     const KernelConfig &config, int64_t first,
                                     int64_t outputs);

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_STREAMFORMAT_H
