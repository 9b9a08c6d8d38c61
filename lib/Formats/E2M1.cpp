// The 4-bit float with 2 exponent bits (bias 1), 1 fraction bit and subnormals,
// and neither infinity nor NaN: the elements of MXFP4 and NVFP4. Open Compute
// Project, "OCP Microscaling Formats (MX) Specification" 1.0; ONNX's
// FLOAT4E2M1, of which NaN becomes the largest number.

#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Minifloat.h"

void qcc::formats::addE2M1(CodecRegistry &registry) {
  registry.add(std::make_unique<Minifloat>(
      "e2m1", "f4E2M1FN",
      MinifloatLayout{/*exponentBits=*/2, /*fractionBits=*/1, /*bias=*/1,
                      /*maximum=*/0x7, /*infinity=*/MinifloatLayout::none,
                      /*nan=*/0x7}));
  NamedFormat format;
  format.name = "fp4_e2m1";
  format.description = "4-bit floats, 2 bits of exponent and 1 of fraction";
  format.codec = "e2m1";
  format.sharing = Sharing::Group;
  format.groupSize = 32;
  registry.addFormat(std::move(format));
  registry.addFormat(makeMicroscaling(
      "mxfp4", "e2m1", "4-bit floats, a power of two for each 32 (OCP MX)"));
}
