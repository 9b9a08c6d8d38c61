#include "lib/Formats/AutoScale.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qcc::formats {

double getLargestMagnitude(const Codec &codec, int64_t zeroPoint) {
  if (std::optional<IntegerRange> range = codec.getIntegerRange()) {
    int64_t below = zeroPoint - range->min, above = range->max - zeroPoint;
    int64_t nearer = std::min(below, above);
    return static_cast<double>(nearer > 0 ? nearer : std::max(below, above));
  }
  return codec.getScaledMagnitude();
}

static bool isPowerOfTwoType(const llvm::fltSemantics &type) {
  return &type == &llvm::APFloat::Float8E8M0FNU();
}

double getLargestScale(const llvm::fltSemantics &type) {
  // A scale is computed in f32, whatever stores it.
  return std::fmin(llvm::APFloat::getLargest(type).convertToDouble(),
                   std::numeric_limits<float>::max());
}

/// To nearest, at most the type's largest number, and never 0.
static float roundScale(float scale, const llvm::fltSemantics &type) {
  llvm::APFloat rounded(
      std::fmin(scale, static_cast<float>(getLargestScale(type))));
  bool losesInfo;
  rounded.convert(type, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  rounded.convert(llvm::APFloat::IEEEsingle(),
                  llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  float result = rounded.convertToFloat();
  return result == 0 ? 1 : result;
}

/// Of a span that `steps` divide; infinity counts as the largest number.
static float getPowerOfTwo(float span, float steps) {
  if (span == 0)
    return 1;
  span = std::fmin(span, std::numeric_limits<float>::max());
  int exponent = std::ilogb(span) - std::ilogb(steps);
  return std::ldexp(1.0f, std::clamp(exponent, -127, 127));
}

float getSymmetricScale(const Codec &codec, int64_t zeroPoint, float absmax,
                        const llvm::fltSemantics &scaleType) {
  auto largest = static_cast<float>(getLargestMagnitude(codec, zeroPoint));
  return isPowerOfTwoType(scaleType) ? getPowerOfTwo(absmax, largest)
                                     : roundScale(absmax / largest, scaleType);
}

GroupScale getAsymmetricScale(const Codec &codec, float min, float max,
                              const llvm::fltSemantics &scaleType) {
  IntegerRange range = *codec.getIntegerRange();
  min = std::fmin(min, 0.0f);
  max = std::fmax(max, 0.0f);
  float span = max - min;
  float steps = static_cast<float>(range.max - range.min);
  float scale = isPowerOfTwoType(scaleType)
                    ? getPowerOfTwo(span, steps)
                    : roundScale(span / steps, scaleType);
  // Clamped as a double, which holds the ends of 32 bits.
  double zero = std::nearbyint(static_cast<float>(range.min) - min / scale);
  zero = std::fmax(zero, static_cast<double>(range.min));
  zero = std::fmin(zero, static_cast<double>(range.max));
  return {scale, static_cast<int64_t>(zero)};
}

} // namespace qcc::formats
