// The 6-bit float with 3 exponent bits (bias 3), 2 fraction bits and
// subnormals, and neither infinity nor NaN. Open Compute Project, "OCP
// Microscaling Formats (MX) Specification" 1.0.

#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Minifloat.h"

void qcc::formats::addE3M2(CodecRegistry &registry) {
  registry.add(std::make_unique<Minifloat>(
      "e3m2", "f6E3M2FN",
      MinifloatLayout{/*exponentBits=*/3, /*fractionBits=*/2, /*bias=*/3,
                      /*maximum=*/0x1F, /*infinity=*/MinifloatLayout::none,
                      /*nan=*/0x1F}));
  NamedFormat format;
  format.name = "fp6_e3m2";
  format.description = "6-bit floats, 3 bits of exponent and 2 of fraction";
  format.codec = "e3m2";
  registry.addFormat(std::move(format));
  registry.addFormat(
      makeMicroscaling("mxfp6_e3m2", "e3m2",
                       "6-bit floats, a power of two for each 32 (OCP MX)"));
}
