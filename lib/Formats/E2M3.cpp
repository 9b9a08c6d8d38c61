// The 6-bit float with 2 exponent bits (bias 1), 3 fraction bits and
// subnormals, and neither infinity nor NaN. Open Compute Project, "OCP
// Microscaling Formats (MX) Specification" 1.0.

#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Minifloat.h"

void qcc::formats::addE2M3(CodecRegistry &registry) {
  registry.add(std::make_unique<Minifloat>(
      "e2m3", "f6E2M3FN",
      MinifloatLayout{/*exponentBits=*/2, /*fractionBits=*/3, /*bias=*/1,
                      /*maximum=*/0x1F, /*infinity=*/MinifloatLayout::none,
                      /*nan=*/0x1F}));
  NamedFormat format;
  format.name = "fp6_e2m3";
  format.description = "6-bit floats, 2 bits of exponent and 3 of fraction";
  format.codec = "e2m3";
  registry.addFormat(std::move(format));
  registry.addFormat(
      makeMicroscaling("mxfp6_e2m3", "e2m3",
                       "6-bit floats, a power of two for each 32 (OCP MX)"));
}
