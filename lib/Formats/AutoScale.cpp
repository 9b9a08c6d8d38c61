#include "lib/Formats/AutoScale.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <cmath>

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

/// To nearest, at most the type's largest number, and never 0.
static float roundScale(float scale, const llvm::fltSemantics &type) {
  if (scale == 0)
    return 1;
  llvm::APFloat rounded(std::fmin(scale, std::numeric_limits<float>::max()));
  bool losesInfo;
  rounded.convert(type, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  if (!rounded.isFinite())
    rounded = llvm::APFloat::getLargest(type);
  rounded.convert(llvm::APFloat::IEEEsingle(),
                  llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  // Larger than any f32 when the type is f64 only, which holds every f32.
  float result = rounded.convertToFloat();
  return result == 0 ? 1 : result;
}

/// 2^exponent within the type's 2^-127 to 2^127.
static float getPowerOfTwo(int exponent) {
  return std::ldexp(1.0f, std::clamp(exponent, -127, 127));
}

float getSymmetricScale(const Codec &codec, int64_t zeroPoint, float absmax,
                        const llvm::fltSemantics &scaleType) {
  auto largest = static_cast<float>(getLargestMagnitude(codec, zeroPoint));
  if (!isPowerOfTwoType(scaleType))
    return roundScale(absmax / largest, scaleType);
  if (absmax == 0)
    return 1;
  absmax = std::fmin(absmax, std::numeric_limits<float>::max());
  return getPowerOfTwo(std::ilogb(absmax) - std::ilogb(largest));
}

GroupScale getAsymmetricScale(const Codec &codec, float min, float max,
                              const llvm::fltSemantics &scaleType) {
  IntegerRange range = *codec.getIntegerRange();
  min = std::fmin(min, 0.0f);
  max = std::fmax(max, 0.0f);
  float span = max - min;
  float steps = static_cast<float>(range.max - range.min);
  float scale =
      isPowerOfTwoType(scaleType)
          ? (span == 0 ? 1.0f
                       : getPowerOfTwo(std::ilogb(span) - std::ilogb(steps)))
          : roundScale(span / steps, scaleType);
  float zero = std::nearbyint(static_cast<float>(range.min) - min / scale);
  zero = std::fmax(zero, static_cast<float>(range.min));
  zero = std::fmin(zero, static_cast<float>(range.max));
  return {scale, static_cast<int64_t>(zero)};
}

} // namespace qcc::formats
