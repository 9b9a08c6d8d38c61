// FORMATs as users write them, as the formats that they mean.

#include "dialects/QNN/IR/FormatText.h"
#include "dialects/QNN/IR/Dialect.h"
#include "lib/Analysis/StorageSize.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace qcc;
using namespace qcc::qnn;

namespace {

mlir::MLIRContext *getContext() {
  static auto *context = [] {
    auto *context = new mlir::MLIRContext;
    context->loadDialect<QNNDialect>();
    return context;
  }();
  return context;
}

std::string print(llvm::Expected<FormatAttr> format) {
  if (!format)
    return llvm::toString(format.takeError());
  std::string text;
  llvm::raw_string_ostream(text) << mlir::Attribute(*format);
  return text;
}

std::string parse(llvm::StringRef text) {
  return print(parseWeightFormat(getContext(), text));
}

TEST(WeightFormat, NarrowSignedIntegersAreStoredUnsigned) {
  EXPECT_EQ(parse("int4:g32"),
            "#qnn.format<uint4, block<1x32, f16, zero = 8>, dense>");
  EXPECT_EQ(parse("int8"), "#qnn.format<int8, axis<0, f32>, dense>");
}

TEST(WeightFormat, HasADocumentedDefaultScaling) {
  EXPECT_EQ(parse("int4"), parse("int4:g32"));
  EXPECT_EQ(parse("nf4"), "#qnn.format<nf4, block<1x64, f16>, dense>");
  EXPECT_EQ(parse("sf4"), "#qnn.format<sf4, block<1x128, f16>, dense>");
  EXPECT_EQ(parse("int5"),
            "#qnn.format<uint5, axis<0, f32, zero = 16>, dense>");
  EXPECT_EQ(parse("uint8:tensor"),
            "#qnn.format<uint8, tensor<f32, zero>, dense>");
  EXPECT_EQ(parse("e4m3fn"), parse("fp8_e4m3:axis"));
  EXPECT_EQ(parse("posit16"), "#qnn.format<posit16, tensor<f32>, dense>");
}

// "OCP Microscaling Formats (MX) Specification" 1.0, table 1.
TEST(WeightFormat, MicroscalingHasAPowerOfTwoForEach32) {
  for (auto [name, codec] :
       {std::pair("mxfp4", "e2m1"), std::pair("mxfp6_e2m3", "e2m3"),
        std::pair("mxfp6_e3m2", "e3m2"), std::pair("mxfp8", "e4m3fn"),
        std::pair("mxfp8_e5m2", "e5m2"), std::pair("mxint8", "int8")})
    EXPECT_EQ(parse(name), "#qnn.format<" + std::string(codec) +
                               ", block<1x32, f8E8M0FNU>, dense>");
  EXPECT_EQ(parse("mxfp4:g16"), "format 'mxfp4:g16': 'mxfp4' says its scaling "
                                "already; leave out 'g16'");
}

TEST(WeightFormat, EachNameParsesAsWhatItSays) {
  const auto &codecs =
      getContext()->getLoadedDialect<QNNDialect>()->getCodecs();
  EXPECT_GE(codecs.getFormats().size(), 25u);
  for (const formats::NamedFormat &named : codecs.getFormats()) {
    EXPECT_EQ(parse(named.name), parse(getText(named)));
    EXPECT_EQ(parse(named.name), print(getFormat(getContext(), named)));
    EXPECT_FALSE(named.description.empty());
  }
}

TEST(WeightFormat, ScalesAndZeroPointsCount) {
  auto getBits = [](llvm::StringRef text, int64_t reduction) {
    auto format = parseWeightFormat(getContext(), text);
    EXPECT_TRUE(static_cast<bool>(format));
    auto matrix = mlir::RankedTensorType::get(
        {4096, reduction}, mlir::Float32Type::get(getContext()));
    return analysis::getStorageSize(FormattedType::get(matrix, *format))
        .bitsPerValue;
  };
  EXPECT_DOUBLE_EQ(getBits("int4:g32", 4096), 4.5);
  EXPECT_DOUBLE_EQ(getBits("nf4:g64", 4096), 4.25);
  EXPECT_DOUBLE_EQ(getBits("uint4:g32", 4096), 4.75);
  EXPECT_DOUBLE_EQ(getBits("fp8_e4m3", 128), 8.25);
  EXPECT_DOUBLE_EQ(getBits("mxfp4", 4096), 4.25);
  EXPECT_DOUBLE_EQ(getBits("mxfp6_e2m3", 4096), 6.25);
  EXPECT_DOUBLE_EQ(getBits("mxfp8", 4096), 8.25);
  EXPECT_DOUBLE_EQ(getBits("int4:g32", 48), 4 + 32.0 / 48); // a ragged group
}

TEST(WeightFormat, NamesWhatIsWrongAndWhatIsKnown) {
  std::string unknown = parse("int9:g32");
  EXPECT_NE(unknown.find("format 'int9:g32': unknown codec 'int9'; known are "
                         "int2, int3, int4, "),
            std::string::npos)
      << unknown;
  EXPECT_NE(unknown.find(", nf4, sf4, "), std::string::npos) << unknown;
  EXPECT_EQ(parse("int4:g12"),
            "format 'int4:g12': groups of 12 values are not supported; N of "
            "gN is a multiple of 8 up to 65536");
  EXPECT_EQ(parse("int8:2of4"),
            "format 'int8:2of4': sparsity '2of4' is not built yet; leave it "
            "out");
  EXPECT_EQ(parse("int8:axis:2of4"),
            "format 'int8:axis:2of4': sparsity '2of4' is not built yet; leave "
            "it out");
  EXPECT_EQ(parse("int8:dynamic:token"),
            "format 'int8:dynamic:token': weights are constant and their "
            "scales too; 'dynamic' is for --activations");
  for (llvm::StringRef text :
       {"", ":", "int4:", "int4:g", "int4:gx", "int4:g-8", "int4:g0",
        "int4:g32:g32", "int4:g99999999999999999999", "int4:axis:tensor",
        "INT4", "int4 "})
    EXPECT_NE(parse(text).find("format '" + text.str() + "': "),
              std::string::npos)
        << text.str();
}

TEST(ActivationFormat, IsInt8WithAScaleForEachToken) {
  EXPECT_EQ(print(parseActivationFormat(getContext(), "int8:dynamic:token")),
            "#qnn.format<int8, axis<0, f32>, dense>");
  EXPECT_EQ(getActivationFormats(getContext()).size(), 1u);
  for (llvm::StringRef text :
       {"int8", "int4:dynamic:token", "int8:g32", "int8:dynamic", "nf4"})
    EXPECT_EQ(print(parseActivationFormat(getContext(), text)),
              "format '" + text.str() +
                  "': activations in this format are not built yet; known is "
                  "'int8:dynamic:token'");
}

TEST(CodecRegistry, RefusesANameThatIsTakenOrOfNoCodec) {
  formats::CodecRegistry codecs = formats::createBuiltinCodecs();
  formats::NamedFormat format;
  format.name = "int4";
  format.codec = "uint4";
  EXPECT_FALSE(codecs.addFormat(format));
  format.name = "mine";
  format.aliases = {"e4m3fn"};
  EXPECT_FALSE(codecs.addFormat(format));
  format.aliases = {};
  format.codec = "none of them";
  EXPECT_FALSE(codecs.addFormat(format));
  format.codec = "uint4";
  EXPECT_TRUE(codecs.addFormat(format));
  EXPECT_NE(codecs.lookupFormat("mine"), nullptr);
  formats::NamedFormat groups = format;
  groups.name = "groups";
  groups.sharing = formats::Sharing::Group;
  EXPECT_FALSE(codecs.addFormat(groups));
  formats::NamedFormat zero = format;
  zero.name = "zero";
  zero.zeroPoint = 16;
  EXPECT_FALSE(codecs.addFormat(zero));
  zero.codec = "nf4";
  EXPECT_FALSE(codecs.addFormat(zero));
  formats::NamedFormat scale = format;
  scale.name = "scale";
  scale.scaleType = "i8";
  EXPECT_FALSE(codecs.addFormat(scale));
  EXPECT_EQ(codecs.getProblems(),
            (std::vector<std::string>{
                "format 'int4': there is a format of this name already",
                "format 'mine': there is a format 'e4m3fn' already",
                "format 'mine': there is no codec 'none of them'",
                "format 'groups': groups have a multiple of 8 values",
                "format 'zero': the zero point is none of the codec's integers",
                "format 'zero': codes that are not integers have no zero point",
                "format 'scale': scales cannot be stored as i8"}));
}

} // namespace
