// Powers of two from 2^-127 to 2^127 in 8 bits, the exponent and 127; 255 is
// NaN, and there is neither sign nor zero. Open Compute Project, "OCP
// Microscaling Formats (MX) Specification" 1.0, whose scales it stores; ONNX's
// FLOAT8E8M0.

#include "lib/Formats/CodecRegistry.h"

#include <algorithm>
#include <cmath>

namespace qcc::formats {
namespace {

constexpr int kBias = 127;
constexpr uint32_t kNaN = 255;

class E8M0 final : public Codec {
public:
  E8M0() : Codec("e8m0", 8) {}

  std::string getTypeName() const override { return "f8E8M0FNU"; }

  double decode(uint32_t code, int64_t) const override {
    return code == kNaN ? std::nan("")
                        : std::ldexp(1.0, static_cast<int>(code) - kBias);
  }

  uint32_t encode(double value, int64_t) const override {
    if (std::isnan(value))
      return kNaN;
    double least = decode(0, 0), most = decode(kNaN - 1, 0);
    value = std::fmin(std::fmax(value, least), most);
    int exponent = std::ilogb(value);
    double mantissa = std::ldexp(value, -exponent); // in [1, 2)
    auto code = static_cast<uint32_t>(exponent + kBias);
    return mantissa > 1.5 || (mantissa == 1.5 && code % 2) ? code + 1 : code;
  }

  // The exponent of an f32, but that 2^-127 is subnormal.
  Expr describeDecode(Expr code, Expr, NumberType) const override {
    Graph &g = code.getGraph();
    Expr bits = g.select(code == 0.0, g.integer(0x00400000), code << 23);
    bits = g.select(code == double(kNaN), g.integer(0x7FC00000), bits);
    return g.fromBits(bits);
  }

  // Half of the last place, and its bit so that ties go to even. What is
  // subnormal in f32 is below 2^-126, and nearer to 2^-127 up to 1.5 times
  // that.
  Expr describeEncode(Expr value, Expr) const override {
    Graph &g = value.getGraph();
    Expr bits = g.bitsOf(value);
    Expr odd = (bits >> 23) & 1;
    Expr code = (bits + odd + double(0x3FFFFF)) >> 23;
    code = g.select(double(kNaN) <= code, g.integer(kNaN - 1), code);
    Expr isLow = value <= std::ldexp(1.5, -kBias); // Also what is not positive.
    code = g.select(isLow, g.integer(0), code);
    return g.select(g.isNaN(value), g.integer(kNaN), code);
  }
};

} // namespace

void addE8M0(CodecRegistry &registry) {
  registry.add(std::make_unique<E8M0>());
}

} // namespace qcc::formats
