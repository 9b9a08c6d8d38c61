#include "lib/Formats/FormatSpec.h"

#include "gtest/gtest.h"

using namespace qcc::formats;

namespace {

const CodecRegistry &codecs() {
  static const CodecRegistry registry = createBuiltinCodecs();
  return registry;
}

FormatSpec parse(llvm::StringRef text) {
  llvm::Expected<FormatSpec> spec = parseWeightFormat(text);
  if (spec)
    return *spec;
  ADD_FAILURE() << llvm::toString(spec.takeError());
  return {};
}

std::string getError(llvm::Expected<FormatSpec> spec) {
  if (spec)
    return "parsed as " + spec->str();
  return llvm::toString(spec.takeError());
}

TEST(WeightFormat, NarrowSignedIntegersAreStoredUnsigned) {
  FormatSpec spec = parse("int4:g32");
  EXPECT_EQ(spec.codec, "uint4");
  EXPECT_EQ(spec.zeroPoint, 8);
  EXPECT_FALSE(spec.hasZeroPoints);
  EXPECT_EQ(spec.sharing, Sharing::Group);
  EXPECT_EQ(spec.groupSize, 32);
}

TEST(WeightFormat, EveryCodecParsesToItsDefaults) {
  for (const NamedCodec &codec : getWeightCodecs()) {
    FormatSpec spec = parse(codec.name);
    EXPECT_EQ(spec.str(), codec.defaults.str());
    ASSERT_NE(codecs().lookup(spec.codec), nullptr) << codec.name;
    EXPECT_EQ(parse(spec.str()).str(), spec.str());
    // What the constant zero point is, the registered codec must hold.
    if (spec.zeroPoint)
      EXPECT_LE(*spec.zeroPoint,
                codecs().lookup(spec.codec)->getIntegerRange()->max);
  }
}

TEST(WeightFormat, HasADocumentedDefaultScaling) {
  EXPECT_EQ(parse("int4").str(), "int4:g32");
  EXPECT_EQ(parse("nf4").str(), "nf4:g64");
  EXPECT_EQ(parse("int5").str(), "int5:axis");
  EXPECT_EQ(parse("int8").str(), "int8:axis");
  EXPECT_EQ(parse("uint8:tensor").str(), "uint8:tensor");
  EXPECT_EQ(parse("e4m3fn").str(), "fp8_e4m3:axis");
}

TEST(WeightFormat, CountsScalesAndZeroPoints) {
  auto getBits = [](llvm::StringRef text, int64_t reduction) {
    return parse(text).getBitsPerValue(codecs(), reduction);
  };
  EXPECT_DOUBLE_EQ(getBits("int4:g32", 4096), 4.5);
  EXPECT_DOUBLE_EQ(getBits("nf4:g64", 4096), 4.25);
  EXPECT_DOUBLE_EQ(getBits("uint4:g32", 4096), 4.75);
  EXPECT_DOUBLE_EQ(getBits("fp8_e4m3", 128), 8.25);
  EXPECT_DOUBLE_EQ(getBits("int8:tensor", 128), 8);
  EXPECT_DOUBLE_EQ(getBits("int4:g32", 48), 4 + 32.0 / 48); // a ragged group
}

TEST(WeightFormat, NamesWhatIsWrongAndWhatIsKnown) {
  auto error = [](llvm::StringRef text) {
    return getError(parseWeightFormat(text));
  };
  EXPECT_EQ(error("int9:g32"),
            "format 'int9:g32': unknown codec 'int9'; known are int2, int3, "
            "int4, int5, int6, int7, int8, uint2, uint3, uint4, uint5, uint6, "
            "uint7, uint8, nf4, fp8_e4m3");
  EXPECT_EQ(error("int4:g12"),
            "format 'int4:g12': groups of 12 values are not supported; N of "
            "gN is a multiple of 8 up to 65536");
  EXPECT_EQ(error("int8:2of4"),
            "format 'int8:2of4': sparsity '2of4' is not built yet; leave it "
            "out");
  EXPECT_EQ(error("int8:axis:2of4"),
            "format 'int8:axis:2of4': sparsity '2of4' is not built yet; leave "
            "it out");
  EXPECT_EQ(error("int8:dynamic:token"),
            "format 'int8:dynamic:token': weights are constant and their "
            "scales too; 'dynamic' is for --activations");
  for (llvm::StringRef text :
       {"", ":", "int4:", "int4:g", "int4:gx", "int4:g-8", "int4:g0",
        "int4:g32:g32", "int4:g99999999999999999999", "int4:axis:tensor",
        "INT4", "int4 "})
    EXPECT_NE(error(text).find("format '" + text.str() + "': "),
              std::string::npos)
        << text.str();
}

TEST(ActivationFormat, IsInt8WithAScaleForEachToken) {
  llvm::Expected<FormatSpec> spec = parseActivationFormat("int8:dynamic:token");
  ASSERT_TRUE(static_cast<bool>(spec));
  EXPECT_EQ(spec->codec, "int8");
  EXPECT_EQ(spec->sharing, Sharing::Axis);
  EXPECT_TRUE(spec->isDynamicPerToken);
  EXPECT_EQ(spec->str(), "int8:dynamic:token");
  for (llvm::StringRef text :
       {"int8", "int4:dynamic:token", "int8:g32", "int8:dynamic", "nf4"})
    EXPECT_EQ(getError(parseActivationFormat(text)),
              "format '" + text.str() +
                  "': activations in this format are not built yet; known is "
                  "'int8:dynamic:token'");
}

} // namespace
