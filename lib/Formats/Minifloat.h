// Floats of 8 bits and fewer: sign, exponent, fraction, subnormals. A codec of
// this kind is a table of parameters: see E4M3FN.cpp.

#ifndef LIB_FORMATS_MINIFLOAT_H
#define LIB_FORMATS_MINIFLOAT_H

#include "lib/Formats/Codec.h"

namespace qcc::formats {

/// Codes without their sign above `maximum` are infinity and NaN. A code is,
/// from its highest bit on, a sign, `exponentBits` of exponent and
/// `fractionBits` of fraction.
struct MinifloatLayout {
  unsigned exponentBits, fractionBits;
  int bias;
  uint32_t maximum;  ///< The largest finite code without its sign.
  uint32_t infinity; ///< That of infinity, `none` where there is none.
  uint32_t nan;      ///< What NaN becomes, with its sign; where codes have no
                     ///< NaN, a number's code, without it.
  static constexpr uint32_t none = ~0u;
};

class Minifloat : public Codec {
public:
  /// `type`: getTypeName().
  Minifloat(std::string name, std::string type, const MinifloatLayout &layout)
      : Codec(std::move(name), 1 + layout.exponentBits + layout.fractionBits),
        type(std::move(type)), layout(layout) {}

  std::string getTypeName() const override { return type; }

  double decode(uint32_t code, int64_t zeroPoint) const override;
  uint32_t encode(double value, int64_t zeroPoint) const override;
  Expr describeDecode(Expr code, Expr zeroPoint,
                      NumberType type) const override;
  Expr describeEncode(Expr value, Expr zeroPoint) const override;

private:
  uint32_t getSign() const { return uint32_t(1) << (getBits() - 1); }
  bool hasNaN() const { return layout.nan > layout.maximum; }
  /// The exponent of the smallest normal number.
  int getMinExponent() const { return 1 - layout.bias; }

  std::string type;
  MinifloatLayout layout;
};

} // namespace qcc::formats

#endif // LIB_FORMATS_MINIFLOAT_H
