// Each method of each layout.

#include "test/dialects/QNN/IR/FormatFixture.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

class Layouts : public FormatFixture {
protected:
  Layout dense = parseLayout("dense"), nm = parseLayout("nm<2, 4, axis = 1>");
};

TEST_F(Layouts, KnowWhetherTheyAreDense) {
  EXPECT_TRUE(dense.isDense());
  EXPECT_FALSE(nm.isDense());
}

TEST_F(Layouts, OwnIndices) {
  EXPECT_EQ(dense.getIndexBits(), 0u);
  EXPECT_TRUE(dense.getComponents({8, 64}).empty());
  EXPECT_EQ(nm.getIndexBits(), 2u);
  EXPECT_EQ(parseLayout("nm<1, 5, axis = 0>").getIndexBits(), 3u);
  SmallVector<Component> components = nm.getComponents({8, 64});
  ASSERT_EQ(components.size(), 1u);
  EXPECT_EQ(components[0].kind, Component::Indices);
  // 32 of 2 bits each.
  EXPECT_EQ(components[0].type,
            RankedTensorType::get({8, 8}, IntegerType::get(&context, 8)));
}

TEST_F(Layouts, PlaceStoredElements) {
  using Positions = std::vector<int64_t>;
  EXPECT_EQ(dense.getPositions({2, 3}, {}), Positions({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(dense.getPositions({}, {}), Positions({0}));
  EXPECT_EQ(nm.getPositions({1, 8}, {0, 3, 1, 2}), Positions({0, 3, 5, 6}));
  // Along an axis that is not the innermost: [4, 2], two kept of each column.
  EXPECT_EQ(
      parseLayout("nm<2, 4, axis = 0>").getPositions({4, 2}, {0, 1, 2, 3}),
      Positions({0, 3, 4, 7}));
}

TEST_F(Layouts, KeepIndicesOfDamagedFilesInTheirGroup) {
  EXPECT_EQ(parseLayout("nm<1, 3, axis = 0>").getPositions({6}, {3, 3}),
            std::vector<int64_t>({2, 5}));
}

TEST_F(Layouts, Permute) {
  EXPECT_EQ(dense.permute({1, 0}), dense);
  EXPECT_EQ(nm.permute({1, 0}), parseLayout("nm<2, 4, axis = 0>"));
  EXPECT_EQ(nm.permute({0, 2, 3, 1}), parseLayout("nm<2, 4, axis = 3>"));
}

TEST_F(Layouts, Reshape) {
  EXPECT_EQ(dense.reshape({8, 64}, {512}), dense);
  EXPECT_EQ(nm.reshape({8, 64}, {8, 1, 64}), parseLayout("nm<2, 4, axis = 2>"));
  EXPECT_EQ(nm.reshape({6, 64}, {2, 3, 64}), parseLayout("nm<2, 4, axis = 2>"));
  EXPECT_EQ(nm.reshape({kOpen, 64}, {kOpen, 64, 1}), nm);
}

TEST_F(Layouts, RefuseToReshapeTheirAxis) {
  EXPECT_FALSE(nm.reshape({8, 64}, {512}));
  EXPECT_FALSE(nm.reshape({8, 64}, {8, 4, 16}));
  EXPECT_FALSE(nm.reshape({8, 64}, {9, 64}));
}

} // namespace
