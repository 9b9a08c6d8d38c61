// The posit of 16 bits with one exponent bit: a sign, a run of equal bits (the
// regime) and the other bit that ends it, the exponent, the fraction; of a
// negative number, the two's complement of its magnitude's code. The regime of
// a run of n ones is n - 1, and -n of n zeros; the number is
// 4^regime * 2^exponent * (1 + fraction). Code 0x8000 is NaN. Gustafson and
// Yonemoto, "Beating Floating Point at its Own Game" (2017).
//
// encode() rounds as all codecs do, to the nearest number and to zero; the
// posit standard rounds the codes of the very large and small ones, which have
// no fraction, by their bits.

#include "lib/Formats/CodecRegistry.h"

#include <algorithm>
#include <cmath>

namespace qcc::formats {
namespace {

constexpr uint32_t kNaN = 0x8000, kLargest = 0x7FFF;
/// Numbers that have an exponent bit are from 2^-26 to below 2^26, and codes 1,
/// 2 and the last two stand for 2^-28, 2^-26, 2^26 and 2^28.
constexpr int kRegular = 26;
constexpr uint32_t kSmallestRegular = 2, kFirstAboveRegular = kLargest - 1;

/// Of a code from 1 to kLargest.
double decodeMagnitude(uint32_t code) {
  int run = 1, last = 14; // Position of the regime's first bit.
  uint32_t first = code >> last & 1;
  while (run <= last && (code >> (last - run) & 1) == first)
    ++run;
  int regime = first ? run - 1 : -run;
  int rest = std::max(last - run, 0); // Bits behind that which ends the run.
  int exponent = rest > 0 ? code >> (rest - 1) & 1 : 0;
  int fractionBits = std::max(rest - 1, 0);
  uint32_t fraction = code & ((1u << fractionBits) - 1);
  return std::ldexp((1u << fractionBits) + fraction,
                    2 * regime + exponent - fractionBits);
}

class Posit16 final : public Codec {
public:
  Posit16() : Codec("posit16", 16) {}

  double decode(uint32_t code, int64_t) const override {
    if (code == 0)
      return 0;
    if (code == kNaN)
      return std::nan("");
    return code < kNaN ? decodeMagnitude(code)
                       : -decodeMagnitude(0x10000 - code);
  }

  uint32_t encode(double value, int64_t) const override {
    if (std::isnan(value))
      return kNaN;
    // Codes are ordered as their numbers.
    double magnitude = std::fabs(value);
    uint32_t below = 0, above = kLargest;
    while (above - below > 1) {
      uint32_t middle = (below + above) / 2;
      (decode(middle, 0) <= magnitude ? below : above) = middle;
    }
    double toBelow = magnitude - decode(below, 0),
           toAbove = decode(above, 0) - magnitude;
    bool takesAbove = toAbove < toBelow || (toAbove == toBelow && below % 2);
    uint32_t code = takesAbove ? above : below;
    return value < 0 && code != 0 ? 0x10000 - code : code;
  }

  Expr describeDecode(Expr code, Expr, NumberType) const override {
    Graph &g = code.getGraph();
    Expr isNegative = double(kNaN) <= code;
    Expr magnitude = g.select(isNegative, g.integer(0x10000) - code, code);
    // The regime from the highest bit on.
    Expr body = magnitude << 17;
    Expr startsWithOne = body < 0.0;
    Expr ones = g.leadingZeros(g.integer(-1) - body), // of the complement
        zeros = g.leadingZeros(body);
    Expr run = g.select(startsWithOne, ones, zeros & 15);
    Expr regime = g.select(startsWithOne, run - 1.0, g.integer(0) - run);
    Expr rest = (body << run) << 1;
    Expr exponent = regime + regime + (rest >> 31) + 127.0;
    Expr bits = (exponent << 23) | ((rest << 1) >> 9);
    bits = g.select(code == 0.0, g.integer(0), bits);
    bits = g.select(code == double(kNaN), g.integer(0x7FC00000), bits);
    Expr sign = g.select(isNegative & (double(kNaN) < code),
                         g.integer(INT32_MIN), g.integer(0));
    return g.fromBits(bits | sign);
  }

  Expr describeEncode(Expr value, Expr) const override {
    Graph &g = value.getGraph();
    Expr all = g.bitsOf(value);
    Expr bits = all & 0x7FFFFFFF;
    Expr magnitude = g.fromBits(bits);
    Expr least = g.real(NumberType::F32, std::ldexp(1.0, -kRegular)),
         end = g.real(NumberType::F32, std::ldexp(1.0, kRegular));
    // Others are dealt with below, and must not shift too far here.
    Expr isRegular = (least <= magnitude) & (magnitude < end);
    Expr safe = g.select(isRegular, bits, g.integer(0x3F800000));
    Expr exponent = (safe >> 23) - 127.0;
    Expr regime = g.shiftRightSigned(exponent, g.integer(1));
    // The run and the bit that ends it, and how many bits that are.
    Expr isPositive = double(0) <= regime;
    Expr length = g.select(isPositive, regime + 2.0, g.integer(1) - regime);
    Expr head = g.select(isPositive, (g.integer(1) << (length & 31)) - 2.0,
                         g.integer(1));
    // Exponent bit and fraction, of which `15 - length` bits are kept: to the
    // nearest, of two to the even one. A carry gives the next regime.
    Expr tail = ((exponent & 1) << 23) | (safe & 0x7FFFFF);
    Expr dropped = length + 9.0;
    Expr half = g.integer(1) << (dropped - 1.0);
    Expr odd = (tail >> dropped) & 1;
    Expr kept = (tail + half - 1.0 + odd) >> dropped;
    Expr regular = (head << (g.integer(15) - length)) + kept;

    Expr large = g.select(std::ldexp(2.5, kRegular) < magnitude,
                          g.integer(kLargest), g.integer(kFirstAboveRegular));
    Expr small = g.select(std::ldexp(1.0, -kRegular - 3) < magnitude,
                          g.integer(1), g.integer(0));
    small = g.select(std::ldexp(2.5, -kRegular - 2) <= magnitude,
                     g.integer(kSmallestRegular), small);
    Expr code =
        g.select(isRegular, regular, g.select(magnitude < end, small, large));
    code = g.select(all < 0.0, g.integer(0) - code, code) & 0xFFFF;
    return g.select(g.isNaN(value), g.integer(kNaN), code);
  }

  /// Posits are densest around 1. Of numbers of a normal distribution half are
  /// below about an eighth of the largest of a few hundred.
  double getScaledMagnitude() const override { return 8; }
};

} // namespace

void addPosit16(CodecRegistry &registry) {
  registry.add(std::make_unique<Posit16>());
  NamedFormat format;
  format.name = "posit16";
  format.description = "16-bit posits with one exponent bit";
  format.codec = "posit16";
  format.sharing = Sharing::Tensor;
  registry.addFormat(std::move(format));
}

} // namespace qcc::formats
