// The 8-bit float with 5 exponent bits (bias 15), 2 fraction bits, subnormals,
// infinities and NaN. Micikevicius et al., "FP8 Formats for Deep Learning"
// (2022); ONNX's FLOAT8E5M2 with saturate = 1.

#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Minifloat.h"

void qcc::formats::addE5M2(CodecRegistry &registry) {
  registry.add(std::make_unique<Minifloat>(
      "e5m2", "f8E5M2",
      MinifloatLayout{/*exponentBits=*/5, /*fractionBits=*/2, /*bias=*/15,
                      /*maximum=*/0x7B, /*infinity=*/0x7C,
                      /*nan=*/0x7E}));
  NamedFormat format;
  format.name = "fp8_e5m2";
  format.description = "8-bit floats, 5 bits of exponent and 2 of fraction";
  format.codec = "e5m2";
  registry.addFormat(std::move(format));
  registry.addFormat(
      makeMicroscaling("mxfp8_e5m2", "e5m2",
                       "8-bit floats, a power of two for each 32 (OCP MX)"));
}
