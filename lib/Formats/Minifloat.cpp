#include "lib/Formats/Minifloat.h"

#include <algorithm>
#include <cmath>

namespace qcc::formats {

double Minifloat::decode(uint32_t code, int64_t) const {
  uint32_t magnitude = code & (getSign() - 1);
  double sign = code & getSign() ? -1.0 : 1.0;
  if (magnitude == layout.infinity)
    return sign * HUGE_VAL;
  if (magnitude > layout.maximum)
    return std::copysign(std::nan(""), sign);
  uint32_t biased = magnitude >> layout.fractionBits;
  uint32_t fraction = magnitude & ((uint32_t(1) << layout.fractionBits) - 1);
  // A subnormal has the exponent of the smallest normal and no hidden one.
  if (biased != 0)
    fraction += uint32_t(1) << layout.fractionBits;
  int exponent = getMinExponent() + std::max(static_cast<int>(biased), 1) - 1;
  return sign *
         std::ldexp(fraction, exponent - static_cast<int>(layout.fractionBits));
}

uint32_t Minifloat::encode(double value, int64_t) const {
  uint32_t sign = std::signbit(value) ? getSign() : 0;
  if (std::isnan(value))
    return hasNaN() ? sign | layout.nan : layout.nan;
  double magnitude = std::fmin(std::fabs(value), decode(layout.maximum, 0));
  int exponent = magnitude == 0
                     ? getMinExponent()
                     : std::max(std::ilogb(magnitude), getMinExponent());
  // In steps of the fraction's last bit. The hidden one, and a carry from
  // rounding, add to the exponent field by themselves.
  auto steps = static_cast<uint32_t>(std::nearbyint(
      std::ldexp(magnitude, static_cast<int>(layout.fractionBits) - exponent)));
  auto binade = static_cast<uint32_t>(exponent - getMinExponent());
  return sign | ((binade << layout.fractionBits) + steps);
}

// A code without its sign, shifted to where f32 has its fraction, is an f32
// whose exponent is biased wrongly: a multiplication by a power of two mends
// that, also for subnormal codes.
Expr Minifloat::describeDecode(Expr code, Expr, NumberType) const {
  Graph &g = code.getGraph();
  Expr magnitude = code & (getSign() - 1);
  Expr number = g.fromBits(magnitude << (23 - layout.fractionBits)) *
                std::ldexp(1.0, 127 - layout.bias);
  Expr bits = g.bitsOf(number);
  if (layout.maximum + 1 < getSign()) {
    Expr isNumber = magnitude <= double(layout.maximum);
    Expr other = g.integer(0x7FC00000);
    if (layout.infinity != MinifloatLayout::none)
      other = g.select(magnitude == double(layout.infinity),
                       g.integer(0x7F800000), other);
    bits = g.select(isNumber, bits, other);
  }
  Expr sign = (code & getSign()) << (32 - getBits());
  return g.fromBits(bits | sign);
}

// Numbers at least the smallest normal one are rounded in the bits of f32, and
// those below by adding the f32 whose last place is the smallest code.
Expr Minifloat::describeEncode(Expr value, Expr) const {
  Graph &g = value.getGraph();
  Expr all = g.bitsOf(value);
  Expr magnitude = all & 0x7FFFFFFF;
  Expr number = g.fromBits(magnitude);

  Expr anchor =
      g.real(NumberType::F32,
             std::ldexp(1.0, getMinExponent() -
                                 static_cast<int>(layout.fractionBits) + 23));
  Expr small = g.bitsOf(number + anchor) - g.bitsOf(anchor);
  // Half of the last place, and its bit so that ties go to even.
  unsigned shift = 23 - layout.fractionBits;
  Expr odd = (magnitude >> shift) & 1;
  Expr rounded = magnitude + odd + double((1 << (shift - 1)) - 1);
  Expr normal =
      (rounded >> shift) - double((127 - layout.bias) << layout.fractionBits);
  Expr code =
      g.select(number < std::ldexp(1.0, getMinExponent()), small, normal);
  // Infinity, too, whose bits are those of the largest exponent and one more.
  Expr maximum = g.integer(layout.maximum);
  code = g.select(code <= maximum, code, maximum);
  Expr sign = (all >> (32 - getBits())) & getSign();
  Expr nan = g.integer(layout.nan);
  return g.select(g.isNaN(value), hasNaN() ? nan | sign : nan, code | sign);
}

} // namespace qcc::formats
