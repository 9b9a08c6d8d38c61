// Words that may stand for CODEC in a FORMAT as users write it. A codec's file
// registers its own.

#ifndef LIB_FORMATS_NAMEDFORMAT_H
#define LIB_FORMATS_NAMEDFORMAT_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qcc::formats {

/// Which elements of a matrix [outputs, reduction] share a scale.
enum class Sharing {
  Tensor, ///< All of them.
  Axis,   ///< A row.
  Group,  ///< Some that follow one another in a row.
};

struct NamedFormat {
  std::string name;        ///< "int4"
  std::string description; ///< "4-bit integers, symmetric around zero"
  std::string codec;       ///< The registered codec that stores it: "uint4".
  /// The scaling of a FORMAT that gives none.
  Sharing sharing = Sharing::Axis;
  int64_t groupSize = 0;
  std::optional<int64_t> zeroPoint; ///< A constant one.
  bool hasZeroPoints = false;       ///< One for each scale.
  /// What stores a scale, as MLIR names types; empty: f16 of groups, else f32.
  std::string scaleType;
  /// The scaling is part of what the name means; a FORMAT cannot give another.
  bool isFixed = false;
  /// Activations are encoded in it at run time, with a scale for each token.
  bool isForActivations = false;
  std::vector<std::string> aliases; ///< Names that others have for it.
};

/// Of the "OCP Microscaling Formats (MX) Specification" 1.0 with elements of a
/// codec: a power of two for each 32.
NamedFormat makeMicroscaling(std::string name, std::string codec,
                             std::string description);

} // namespace qcc::formats

#endif // LIB_FORMATS_NAMEDFORMAT_H
