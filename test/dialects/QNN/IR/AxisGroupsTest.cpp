#include "dialects/QNN/IR/AxisGroups.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

using Extents = SmallVector<int64_t>;
constexpr int64_t kOpen = ShapedType::kDynamic;

/// Groups as [from axes]>[to axes], the innermost first; "-": none.
std::string group(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  auto groups = groupAxes(from, to);
  if (!groups)
    return "-";
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      *groups, os,
      [&](const AxisGroup &group) {
        llvm::interleave(group.from, os, ",");
        os << ">";
        llvm::interleave(group.to, os, ",");
      },
      " ");
  return text;
}

TEST(AxisGroups, AreTheSmallest) {
  EXPECT_EQ(group({2, 3, 4}, {2, 3, 4}), "2>2 1>1 0>0");
  EXPECT_EQ(group({6, 4}, {2, 3, 4}), "1>2 0>0,1");
  EXPECT_EQ(group({2, 3, 4}, {6, 4}), "2>1 0,1>0");
  EXPECT_EQ(group({4, 6}, {6, 4}), "0,1>0,1");
}

TEST(AxisGroups, TakeOnesIn) {
  EXPECT_EQ(group({2, 3, 4}, {2, 3, 1, 4}), "2>3 1>1,2 0>0");
  EXPECT_EQ(group({4}, {1, 4}), "0>0,1");
  EXPECT_EQ(group({1, 4}, {4}), "0,1>0");
  EXPECT_EQ(group({4}, {4, 1}), "0>0,1");
  EXPECT_EQ(group({}, {1, 1}), ">0,1");
}

TEST(AxisGroups, TakeDynamicExtentsThatMeetToBeEqual) {
  EXPECT_EQ(group({kOpen, 3, kOpen}, {kOpen, 3, 1, kOpen}), "2>3 1>1,2 0>0");
  EXPECT_EQ(group({kOpen, 8}, {kOpen, kOpen, 8}), "1>2 0>0,1");
  EXPECT_EQ(group({kOpen, 8}, {kOpen, 3}), "0,1>0,1");
}

TEST(AxisGroups, AreNoneOfShapesWithOtherElements) {
  EXPECT_EQ(group({4}, {5}), "-");
  EXPECT_EQ(group({4}, {2, 4}), "-");
  EXPECT_EQ(group({kOpen}, {4}), "-");
  EXPECT_EQ(group({}, {2}), "-");
}

std::string print(ArrayRef<int64_t> extents) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(extents, os, "x");
  return text;
}

/// Numbers blocks in the order of their first elements, and gives each element
/// of a static shape its block's number.
std::vector<int64_t> numberBlocks(ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> block) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < ShapedType::getNumElements(shape); ++i) {
    int64_t rest = i, number = 0, stride = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      number += rest % shape[axis] / block[axis] * stride;
      stride *= llvm::divideCeil(shape[axis], block[axis]);
      rest /= shape[axis];
    }
    numbers.push_back(number);
  }
  return numbers;
}

void forEachBlock(ArrayRef<int64_t> shape,
                  llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  Extents block(shape.size(), 1);
  while (true) {
    visit(block);
    size_t axis = 0;
    while (axis < shape.size() && block[axis] == shape[axis])
      block[axis++] = 1;
    if (axis == shape.size())
      return;
    ++block[axis];
  }
}

// A block that is found has the same elements and the same number; one that is
// not found does not exist.
TEST(ReshapeBlock, IsExactForAllSmallShapes) {
  std::vector<Extents> shapes = {{12},    {3, 4},    {4, 3},    {2, 6},
                                 {6, 2},  {2, 2, 3}, {3, 2, 2}, {2, 1, 6},
                                 {1, 12}, {12, 1},   {1, 3, 4}};
  int64_t found = 0;
  for (ArrayRef<int64_t> from : shapes)
    for (ArrayRef<int64_t> to : shapes)
      forEachBlock(from, [&](ArrayRef<int64_t> block) {
        SCOPED_TRACE(print(block) + " of " + print(from) + " in " + print(to));
        std::vector<int64_t> wanted = numberBlocks(from, block);
        std::optional<Extents> result = reshapeBlock(block, from, to);
        if (result) {
          EXPECT_EQ(numberBlocks(to, *result), wanted);
          ++found;
          return;
        }
        forEachBlock(to, [&](ArrayRef<int64_t> other) {
          EXPECT_NE(numberBlocks(to, other), wanted);
        });
      });
  EXPECT_GT(found, 100);
}

TEST(ReshapeBlock, IsWholeAlongDynamicExtents) {
  Extents rows = {1, kOpen}, moved = {1, 1, kOpen};
  EXPECT_EQ(reshapeBlock(rows, {4, kOpen}, {4, 1, kOpen}), moved);
  Extents blocks = {1, 32}, split = {1, 1, 32};
  EXPECT_EQ(reshapeBlock(blocks, {kOpen, 64}, {kOpen, kOpen, 64}), split);
}

TEST(ReshapeBlock, IsNoneWhereADynamicExtentMayCutABlock) {
  EXPECT_EQ(reshapeBlock({1, 32}, {4, kOpen}, {kOpen}), std::nullopt);
  // Nothing is divided by an extent of 0.
  EXPECT_EQ(reshapeBlock({1, 4}, {kOpen, 4}, {kOpen, 0}), std::nullopt);
  EXPECT_EQ(reshapeBlock({1, 0}, {kOpen, 0}, {kOpen, 4}), std::nullopt);
  EXPECT_EQ(reshapeBlock({8}, {kOpen}, {kOpen, kOpen, 4}), std::nullopt);
  Extents divided = {1, 2, 4};
  EXPECT_EQ(reshapeBlock({8}, {kOpen}, {kOpen, 4, 4}), divided);
}

} // namespace
