// The scale of a group of numbers, by rule: what `qnn.encode_auto` computes.
//
// Symmetric (no zero point, or a constant one z):
//   s = absmax / q, where q is
//     the distance from z to the nearer end of an integer codec's range, or to
//     the farther one where the nearer is z itself (127 for int8, 7 for int4
//     and for uint4 with z = 8, 255 for uint8 with z = 0, 1 for int1);
//     Codec::getScaledMagnitude() of any other, unless it says otherwise its
//     largest number (448 for e4m3fn, 1 for nf4).
// Asymmetric (a zero point for each group), as ONNX's DynamicQuantizeLinear,
// with 0 among the numbers and lo..hi the codec's range:
//   s = (max - min) / (hi - lo),   z = clamp(rne(lo - min / s)).
//
// The division is in f32. Then s is rounded to the type in which it is stored,
// and only that number is used to encode and to compute z. Beyond the largest
// number of the type it is that number. A scale of 0, of a group of zeros or of
// underflow, becomes 1. A power of two (f8E8M0FNU) is that of OCP's
// Microscaling formats: 2^(floor(log2 absmax) - floor(log2 q)), or with
// max - min and hi - lo, infinity taken as the largest f32; the largest
// elements then saturate. NaN are left out of absmax, min and max.

#ifndef LIB_FORMATS_AUTOSCALE_H
#define LIB_FORMATS_AUTOSCALE_H

#include "lib/Formats/Codec.h"

namespace llvm {
struct fltSemantics;
}

namespace qcc::formats {

struct GroupScale {
  float scale;
  int64_t zeroPoint;
};

/// The q of the rule above.
double getLargestMagnitude(const Codec &codec, int64_t zeroPoint);

/// What a larger scale becomes where it is stored in `type`.
double getLargestScale(const llvm::fltSemantics &type);

/// `absmax` is not negative.
float getSymmetricScale(const Codec &codec, int64_t zeroPoint, float absmax,
                        const llvm::fltSemantics &scaleType);

/// For a codec of integers.
GroupScale getAsymmetricScale(const Codec &codec, float min, float max,
                              const llvm::fltSemantics &scaleType);

} // namespace qcc::formats

#endif // LIB_FORMATS_AUTOSCALE_H
