// A FORMAT as users write it: CODEC[:gN|:axis|:tensor][:dynamic:token].
//
//   int4:g32            weights: an f16 scale for each 32 along the reduction
//   fp8_e4m3            weights: the scaling that the codec has without one
//   int8:dynamic:token  activations: an f32 scale for each row, at run time
//
// docs/formats.md is the user's page. A number intN of fewer than 8 bits is
// symmetric and stored as uintN with the constant zero point 2^(N-1), which
// kernels unpack by a mask; int8 is stored as it is; uintN has a zero point for
// each scale.

#ifndef LIB_FORMATS_FORMATSPEC_H
#define LIB_FORMATS_FORMATSPEC_H

#include "lib/Formats/CodecRegistry.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace qcc::formats {

/// Which elements of a matrix [outputs, reduction] share a scale.
enum class Sharing {
  Tensor, ///< All of them; an f32 scale.
  Axis,   ///< A row; an f32 scale.
  Group,  ///< `groupSize` along the reduction; an f16 scale.
};

struct FormatSpec {
  std::string name;  ///< As the user names the codec: int4, fp8_e4m3.
  std::string codec; ///< The registered codec that stores it: uint4, e4m3fn.
  std::optional<int64_t> zeroPoint; ///< A constant one.
  bool hasZeroPoints = false;       ///< One for each scale.
  Sharing sharing = Sharing::Axis;
  int64_t groupSize = 0;
  bool isDynamicPerToken = false; ///< Scales are computed at run time.

  /// Bits that a value takes in a matrix with rows of `reduction` values, with
  /// its share of scales and zero points.
  double getBitsPerValue(const CodecRegistry &codecs, int64_t reduction) const;

  /// As it is parsed, with the scaling written out.
  std::string str() const;
};

/// A name that CODEC may be.
struct NamedCodec {
  std::string name;
  std::string description;
  FormatSpec defaults; ///< With the scaling of a FORMAT that gives none.
};

/// What `--weights` takes, in the order of a user's list.
std::vector<NamedCodec> getWeightCodecs();

/// A FORMAT for `--weights`. An error says what is wrong and what is known.
llvm::Expected<FormatSpec> parseWeightFormat(llvm::StringRef text);

/// A FORMAT for `--activations`.
llvm::Expected<FormatSpec> parseActivationFormat(llvm::StringRef text);

} // namespace qcc::formats

#endif // LIB_FORMATS_FORMATSPEC_H
