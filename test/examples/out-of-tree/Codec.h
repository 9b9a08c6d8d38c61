// Powers of two and zero in four bits: what multiplies by them only shifts.
// Zhou et al., "Incremental Network Quantization" (2017).

#ifndef POW2_CODEC_H
#define POW2_CODEC_H

#include "lib/Formats/Codec.h"

#include <cmath>

/// Code 8s + e is (-1)^s 2^(e-7), or zero where e is 0.
struct Pow2 final : qcc::formats::Codec {
  Pow2() : Codec("pow2", 4) {}

  double decode(uint32_t code, int64_t) const override {
    double magnitude = code % 8 ? std::ldexp(1.0, int(code % 8) - 7) : 0.0;
    return code < 8 ? magnitude : -magnitude;
  }

  uint32_t encode(double value, int64_t) const override {
    if (std::isnan(value))
      return 15;
    uint32_t sign = std::signbit(value) ? 8 : 0, nearest = 0;
    auto distance = [&](uint32_t code) {
      return std::abs(decode(code, 0) - std::abs(value));
    };
    for (uint32_t code = 1; code < 8; ++code) {
      bool ties = distance(code) == distance(nearest);
      if (distance(code) < distance(nearest) || (ties && code % 2 == 0))
        nearest = code;
    }
    return sign + nearest;
  }
};

#endif // POW2_CODEC_H
