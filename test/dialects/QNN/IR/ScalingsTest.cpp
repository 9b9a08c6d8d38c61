// Each method of each scaling, and of formats and types as far as scalings
// decide.

#include "test/dialects/QNN/IR/FormatFixture.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

class Scalings : public FormatFixture {
protected:
  Scaling none = parseScaling("none"), tensor = parseScaling("tensor<f32>"),
          axis = parseScaling("axis<1, f32>"),
          block = parseScaling("block<1x32, f16>");
};

TEST_F(Scalings, SayWhichElementsShareAScale) {
  Extents shape = {8, 64};
  EXPECT_EQ(none.getBlock(shape), Extents({8, 64}));
  EXPECT_EQ(tensor.getBlock(shape), Extents({8, 64}));
  EXPECT_EQ(axis.getBlock(shape), Extents({8, 1}));
  EXPECT_EQ(block.getBlock(shape), Extents({1, 32}));
}

TEST_F(Scalings, ClipBlocksToStaticExtentsOnly) {
  EXPECT_EQ(block.getBlock({8, 20}), Extents({1, 20}));
  EXPECT_EQ(block.getBlock({kOpen, kOpen}), Extents({1, 32}));
  EXPECT_EQ(tensor.getBlock({kOpen, 20}), Extents({kOpen, 20}));
  EXPECT_EQ(axis.getBlock({kOpen, kOpen}), Extents({kOpen, 1}));
  EXPECT_EQ(axis.getBlock({4, 0}), Extents({4, 0}));
}

TEST_F(Scalings, SayWhichAxesScalesFollow) {
  EXPECT_EQ(none.getScaleAxes(2), Extents());
  EXPECT_EQ(tensor.getScaleAxes(2), Extents());
  EXPECT_EQ(axis.getScaleAxes(3), Extents({1}));
  EXPECT_EQ(block.getScaleAxes(2), Extents({0, 1}));
}

TEST_F(Scalings, SayAlongWhatTheyAreConstant) {
  Extents shape = {8, 64};
  for (int64_t along : {0, 1}) {
    EXPECT_TRUE(none.isConstantAlong(along, shape));
    EXPECT_TRUE(tensor.isConstantAlong(along, shape));
    EXPECT_TRUE(tensor.isConstantAlong(along, {kOpen, kOpen}));
    EXPECT_FALSE(block.isConstantAlong(along, shape));
  }
  EXPECT_TRUE(axis.isConstantAlong(0, shape));
  EXPECT_FALSE(axis.isConstantAlong(1, shape));
  EXPECT_TRUE(axis.isConstantAlong(1, {8, 1}));
  EXPECT_FALSE(axis.isConstantAlong(1, {8, kOpen}));
}

TEST_F(Scalings, AreConstantWhereABlockCoversTheStaticExtent) {
  EXPECT_TRUE(block.isConstantAlong(1, {8, 32}));
  EXPECT_TRUE(block.isConstantAlong(1, {8, 20}));
  EXPECT_FALSE(block.isConstantAlong(1, {8, 33}));
  EXPECT_FALSE(block.isConstantAlong(1, {8, kOpen}));
  EXPECT_TRUE(block.isConstantAlong(0, {1, 64}));
}

TEST_F(Scalings, KnowWhatTheyCanScale) {
  EXPECT_TRUE(none.canScale({}));
  EXPECT_TRUE(tensor.canScale({2, 3, 4}));
  EXPECT_TRUE(axis.canScale({2, 3, 4}));
  EXPECT_FALSE(axis.canScale({2}));
  EXPECT_TRUE(block.canScale({2, kOpen}));
  EXPECT_FALSE(block.canScale({2, 3, 4}));
}

TEST_F(Scalings, SayWhereZeroPointsAre) {
  for (StringRef kind : {"tensor<", "axis<0, ", "block<1x32, "}) {
    std::string begin = kind.str() + "f32";
    Scaling without = parseScaling(begin + ">");
    EXPECT_FALSE(without.hasZeroPoints());
    EXPECT_EQ(without.getConstantZeroPoint(), std::nullopt);
    Scaling constant = parseScaling(begin + ", zero = 8>");
    EXPECT_FALSE(constant.hasZeroPoints());
    EXPECT_EQ(constant.getConstantZeroPoint(), 8);
    Scaling component = parseScaling(begin + ", zero>");
    EXPECT_TRUE(component.hasZeroPoints());
    EXPECT_EQ(component.getConstantZeroPoint(), std::nullopt);
  }
  EXPECT_FALSE(none.hasZeroPoints());
  EXPECT_EQ(none.getConstantZeroPoint(), std::nullopt);
}

TEST_F(Scalings, OwnScalesAndZeroPoints) {
  auto print = [](ArrayRef<Component> components) {
    std::string text;
    llvm::raw_string_ostream os(text);
    for (const Component &component : components)
      os << component.getName() << " " << component.type << "; ";
    return text;
  };
  EXPECT_EQ(print(none.getComponents({8, 64}, 4)), "");
  EXPECT_EQ(print(tensor.getComponents({8, 64}, 4)), "scales tensor<f32>; ");
  EXPECT_EQ(print(axis.getComponents({8, kOpen}, 4)), "scales tensor<?xf32>; ");
  EXPECT_EQ(
      print(parseScaling("block<1x32, f16, zero>").getComponents({8, 40}, 4)),
      "scales tensor<8x2xf16>; zero points tensor<8x2xi8>; ");
  EXPECT_EQ(print(parseScaling("tensor<f32, zero>").getComponents({8}, 16)),
            "scales tensor<f32>; zero points tensor<i16>; ");
}

TEST_F(Scalings, Permute) {
  EXPECT_EQ(none.permute({1, 0}), none);
  EXPECT_EQ(tensor.permute({1, 0}), tensor);
  // Axis 1 of [N, C, H, W] is axis 3 of [N, H, W, C].
  EXPECT_EQ(parseScaling("axis<1, f32, zero = 3>").permute({0, 2, 3, 1}),
            parseScaling("axis<3, f32, zero = 3>"));
  EXPECT_EQ(parseScaling("block<1x2x3x4, f32, zero>").permute({0, 2, 3, 1}),
            parseScaling("block<1x3x4x2, f32, zero>"));
}

TEST_F(Scalings, ReshapeWithOneScaleAlways) {
  EXPECT_EQ(none.reshape({8, 64}, {512}), none);
  EXPECT_EQ(tensor.reshape({8, kOpen}, {kOpen, 3}), tensor);
}

TEST_F(Scalings, ReshapeAlongAnAxis) {
  // [A, B, L] as an image [A, B, 1, L].
  EXPECT_EQ(axis.reshape({2, 3, 4}, {2, 3, 1, 4}), axis);
  EXPECT_EQ(axis.reshape({kOpen, 3, kOpen}, {kOpen, 3, 1, kOpen}), axis);
  Scaling last = parseScaling("axis<2, f32>");
  EXPECT_EQ(last.reshape({2, 3, 4}, {2, 3, 1, 4}),
            parseScaling("axis<3, f32>"));
  // Rows that become several axes, or one with their elements.
  Scaling rows = parseScaling("axis<0, f32, zero>");
  EXPECT_EQ(rows.reshape({6, 64}, {2, 3, 64}),
            parseScaling("block<1x1x64, f32, zero>"));
  EXPECT_EQ(rows.reshape({kOpen, 64}, {kOpen, kOpen, 64}),
            parseScaling("block<1x1x64, f32, zero>"));
  EXPECT_EQ(rows.reshape({6, 64}, {384}), parseScaling("block<64, f32, zero>"));
  EXPECT_EQ(rows.reshape({1, 64}, {64, 1}), parseScaling("axis<1, f32, zero>"));
  EXPECT_EQ(rows.reshape({1, 64}, {64}), parseScaling("block<64, f32, zero>"));
}

TEST_F(Scalings, RefuseToReshapeAnAxis) {
  // Scales of columns come again in each row.
  EXPECT_FALSE(axis.reshape({2, 3}, {6}));
  // Blocks of an extent that is not known.
  EXPECT_FALSE(parseScaling("axis<0, f32>").reshape({6, kOpen}, {kOpen}));
  EXPECT_FALSE(parseScaling("axis<0, f32>").reshape({6, kOpen}, {2, 3, kOpen}));
  // The one scale would have no axis.
  EXPECT_FALSE(parseScaling("axis<0, f32>").reshape({1}, {}));
  EXPECT_FALSE(parseScaling("axis<0, f32>").reshape({1, kOpen}, {kOpen}));
  EXPECT_FALSE(axis.reshape({2, 3}, {7}));
}

TEST_F(Scalings, ReshapeBlocks) {
  EXPECT_EQ(block.reshape({6, 64}, {2, 3, 64}),
            parseScaling("block<1x1x32, f16>"));
  EXPECT_EQ(block.reshape({6, 64}, {6, 1, 64}),
            parseScaling("block<1x1x32, f16>"));
  EXPECT_EQ(block.reshape({6, 64}, {6, 4, 16}),
            parseScaling("block<1x2x16, f16>"));
  EXPECT_EQ(block.reshape({6, 64}, {384}), parseScaling("block<32, f16>"));
}

TEST_F(Scalings, RefuseToReshapeBlocksThatRowsCut) {
  EXPECT_FALSE(block.reshape({6, 40}, {240}));
  EXPECT_FALSE(block.reshape({6, 64}, {6, 2, 2, 24}));
  EXPECT_FALSE(block.reshape({6, 96}, {6, 4, 24}));
  EXPECT_FALSE(parseScaling("block<2x16, f16>").reshape({4, 32}, {128}));
}

//===----------------------------------------------------------------------===//
// Formats and types
//===----------------------------------------------------------------------===//

using FormattedTypes = FormatFixture;

TEST_F(FormattedTypes, FindComponentsByKind) {
  FormattedType type =
      parseType("8x64xf32, uint4, block<1x32, f16, zero>, nm<2, 4, axis = 1>");
  EXPECT_EQ(type.find(Component::Codes), 0u);
  EXPECT_EQ(type.find(Component::Indices), 1u);
  EXPECT_EQ(type.find(Component::Scales), 2u);
  EXPECT_EQ(type.find(Component::ZeroPoints), 3u);
  FormattedType dense = parseType("8x64xf32, uint4, tensor<f32>, dense");
  EXPECT_EQ(dense.find(Component::Indices), std::nullopt);
  EXPECT_EQ(dense.find(Component::Scales), 1u);
  EXPECT_EQ(dense.find(Component::ZeroPoints), std::nullopt);
}

TEST_F(FormattedTypes, PickValuesByKind) {
  FormattedType type = parseType("8x64xf32, uint4, axis<0, f32, zero>, dense");
  Block block;
  Location loc = UnknownLoc::get(&context);
  for (Type component : type.getComponentTypes())
    block.addArgument(component, loc);
  ValueRange all = block.getArguments();
  EXPECT_EQ(type.getComponent(all, Component::Codes), all[0]);
  EXPECT_EQ(type.getComponent(all, Component::Scales), all[1]);
  EXPECT_EQ(type.getComponent(all, Component::ZeroPoints), all[2]);
  EXPECT_FALSE(type.getComponent(all, Component::Indices));
  EXPECT_FALSE(type.getComponent(all.take_front(1), Component::Scales));
  ValueRange parameters = all.drop_front();
  EXPECT_EQ(type.getParameter(parameters, Component::Scales), all[1]);
  EXPECT_EQ(type.getParameter(parameters, Component::ZeroPoints), all[2]);
  EXPECT_FALSE(type.getParameter(parameters, Component::Codes));
  EXPECT_FALSE(type.getParameter(ValueRange(), Component::Scales));
}

TEST_F(FormattedTypes, Permute) {
  EXPECT_EQ(parseType("8x64xf32, uint4, block<1x32, f16>, nm<2, 4, axis = 1>")
                .permute({1, 0}),
            parseType("64x8xf32, uint4, block<32x1, f16>, nm<2, 4, axis = 0>"));
  EXPECT_EQ(parseType("8x?xf32, int8, axis<1, f32>, dense").permute({1, 0}),
            parseType("?x8xf32, int8, axis<0, f32>, dense"));
}

TEST_F(FormattedTypes, RefuseToPermuteADynamicExtentToWhereCodesShareBytes) {
  EXPECT_FALSE(parseType("?x64xf32, int4, tensor<f32>, dense").permute({1, 0}));
  EXPECT_FALSE(parseType("?x64xf32, int8, tensor<f32>, nm<2, 4, axis = 1>")
                   .permute({1, 0}));
}

TEST_F(FormattedTypes, ArePermutedByCodes) {
  auto isByCodes = [&](StringRef body) {
    FormattedType type = parseType(body);
    return type.getFormat().isPermutedByCodes(type.getRank());
  };
  EXPECT_TRUE(isByCodes("8x64xf32, int8, none, dense"));
  EXPECT_TRUE(isByCodes("8x64xf32, int8, axis<0, f32, zero>, dense"));
  EXPECT_FALSE(isByCodes("8x64xf32, int8, block<1x32, f32>, dense"));
  EXPECT_FALSE(isByCodes("8x64xf32, int4, tensor<f32>, dense"));
  EXPECT_FALSE(isByCodes("8x64xf32, int8, tensor<f32>, nm<2, 4, axis = 1>"));
}

TEST_F(FormattedTypes, Reshape) {
  EXPECT_EQ(parseType("2x3x64xf32, uint4, axis<1, f32>, nm<2, 4, axis = 2>")
                .reshape({2, 3, 1, 64}),
            parseType("2x3x1x64xf32, uint4, axis<1, f32>, nm<2, 4, axis = 3>"));
  EXPECT_EQ(parseType("6x64xf32, int8, block<1x32, f16>, dense").reshape({384}),
            parseType("384xf32, int8, block<32, f16>, dense"));
}

TEST_F(FormattedTypes, RefuseToReshape) {
  // Rows of packed codes would begin elsewhere.
  EXPECT_FALSE(parseType("6x63xf32, int4, tensor<f32>, dense").reshape({378}));
  EXPECT_FALSE(parseType("2x3xf32, int8, axis<1, f32>, dense").reshape({6}));
  EXPECT_FALSE(parseType("8x64xf32, int8, none, nm<2, 4, axis = 1>")
                   .reshape({8, 2, 32}));
}

TEST_F(FormattedTypes, KnowTheirUnscaledFormat) {
  EXPECT_EQ(parseType("8x64xf32, uint4, axis<0, f32, zero>, dense")
                .getFormat()
                .getUnscaled(),
            parseType("8x64xf32, uint4, none, dense").getFormat());
}

} // namespace
