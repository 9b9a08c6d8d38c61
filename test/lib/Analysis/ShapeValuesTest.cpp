// Arithmetic on extents, and extents found behind the tensors that compute
// them.

#include "lib/Analysis/ShapeValues.h"
#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/OwningOpRef.h"
#include "gtest/gtest.h"

#include <limits>

using namespace mlir;
using namespace qcc;
using namespace qcc::analysis;

namespace {

/// A function of tensor<?x?xf32>, whose extents are `b` and `s`.
class ShapeValuesTest : public testing::Test {
protected:
  ShapeValuesTest() : builder(&context), math(builder), values(builder, math) {
    context.loadDialect<arith::ArithDialect, func::FuncDialect, qnn::QNNDialect,
                        tensor::TensorDialect>();
    Location loc = builder.getUnknownLoc();
    module = ModuleOp::create(loc);
    builder.setInsertionPointToEnd(module->getBody());
    auto type = RankedTensorType::get(
        {ShapedType::kDynamic, ShapedType::kDynamic}, builder.getF32Type());
    auto main = func::FuncOp::create(builder, loc, "main",
                                     builder.getFunctionType(type, {}));
    builder.setInsertionPointToStart(main.addEntryBlock());
    b = tensor::DimOp::create(builder, loc, main.getArgument(0), 0).getResult();
    s = tensor::DimOp::create(builder, loc, main.getArgument(0), 1).getResult();
  }

  OpFoldResult number(int64_t value) { return math.constant(value); }

  /// As the importer makes the result of Shape.
  Value makeShape(ArrayRef<OpFoldResult> extents) {
    SmallVector<Value> elements;
    for (Value extent : math.materialize(extents))
      elements.push_back(arith::IndexCastOp::create(
          builder, builder.getUnknownLoc(), builder.getI64Type(), extent));
    auto type =
        RankedTensorType::get({int64_t(extents.size())}, builder.getI64Type());
    return tensor::FromElementsOp::create(builder, builder.getUnknownLoc(),
                                          type, elements);
  }

  Value makeNumbers(ArrayRef<int64_t> numbers) {
    auto type =
        RankedTensorType::get({int64_t(numbers.size())}, builder.getI64Type());
    return arith::ConstantOp::create(builder, builder.getUnknownLoc(),
                                     DenseElementsAttr::get(type, numbers));
  }

  MLIRContext context;
  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
  IndexMath math;
  ShapeValues values;
  OpFoldResult b, s;
};

TEST_F(ShapeValuesTest, ConstantsFoldAndNothingIsBuiltTwice) {
  EXPECT_TRUE(math.isConstant(math.add(number(2), number(3)), 5));
  EXPECT_TRUE(math.isConstant(math.ceilDiv(number(7), number(2)), 4));
  EXPECT_EQ(math.add(b, number(0)), b);
  EXPECT_EQ(math.mul(number(1), b), b);
  EXPECT_TRUE(math.isConstant(math.sub(b, b), 0));
  EXPECT_EQ(math.mul(b, s), math.mul(b, s));
  // What a window adds and takes away.
  EXPECT_EQ(math.add(math.add(b, number(2)), number(-2)), b);
}

TEST_F(ShapeValuesTest, ExtentsAreNotNegative) {
  EXPECT_EQ(math.max(b, number(0)), b);
  EXPECT_TRUE(math.isConstant(math.min(math.mul(b, s), number(0)), 0));
  EXPECT_EQ(getConstantIntValue(math.equal(b, number(-1))), 0);
  OpFoldResult difference = math.sub(b, s);
  EXPECT_FALSE(math.isNonNegative(difference));
  math.setExtent(difference);
  EXPECT_TRUE(math.isNonNegative(difference));
}

TEST_F(ShapeValuesTest, EqualFactorsCancel) {
  EXPECT_EQ(math.exactDiv({b, s, number(384)}, {b, number(12), number(32)}), s);
  EXPECT_EQ(math.exactDiv({math.mul(b, s)}, {s}), b);
  EXPECT_TRUE(
      math.isConstant(math.exactDiv({b, number(6)}, {b, number(3)}), 2));
  EXPECT_TRUE(IndexMath::isSameProduct({b, number(12), s},
                                       {s, number(4), b, number(3)}));
  EXPECT_FALSE(IndexMath::isSameProduct({b, b}, {b, s}));
}

TEST_F(ShapeValuesTest, AScopeForgetsWhatWasBuiltInIt) {
  OpFoldResult outside = math.mul(b, number(2)), inside;
  {
    IndexMath::Scope scope(math);
    EXPECT_EQ(math.mul(b, number(2)), outside);
    inside = math.mul(b, number(3));
  }
  EXPECT_NE(math.mul(b, number(3)), inside);
}

TEST_F(ShapeValuesTest, ElementsAreFollowedThroughOps) {
  Location loc = builder.getUnknownLoc();
  Value shape = makeShape({b, number(8), s});
  Value last = qnn::GatherOp::create(builder, loc, shape, makeNumbers({-1}),
                                     /*axis=*/0);
  Value doubled = qnn::BinaryOp::create(builder, loc, qnn::BinaryKind::mul,
                                        last, makeNumbers({2}));
  Value joined = qnn::ConcatOp::create(
      builder, loc, ValueRange{doubled, makeNumbers({5, 7})}, /*axis=*/0);
  auto elements = values.lookup(joined);
  ASSERT_TRUE(elements.has_value());
  EXPECT_EQ((*elements)[0], math.mul(s, number(2)));
  EXPECT_TRUE(math.isConstant((*elements)[1], 5));
  EXPECT_TRUE(math.isConstant((*elements)[2], 7));
}

TEST_F(ShapeValuesTest, AShapeWithPlaceholdersIsResolved) {
  // Where(shape == -1, ones, shape), as exporters write an expand.
  Location loc = builder.getUnknownLoc();
  Value shape = makeShape({b, number(-1)});
  Value open = qnn::CompareOp::create(builder, loc, qnn::CompareKind::eq, shape,
                                      makeNumbers({-1, -1}));
  Value resolved =
      qnn::SelectOp::create(builder, loc, open, makeNumbers({1, 1}), shape);
  auto elements = values.lookup(resolved);
  ASSERT_TRUE(elements.has_value());
  EXPECT_EQ((*elements)[0], b);
  EXPECT_TRUE(math.isConstant((*elements)[1], 1));
}

TEST_F(ShapeValuesTest, UnsignedNumbersAreNotIndices) {
  // uint32 3 - 5 is 2^32 - 2, which no signed difference is.
  Location loc = builder.getUnknownLoc();
  auto getType = [&](Type element) {
    return RankedTensorType::get({1}, element);
  };
  Type unsigned32 = builder.getIntegerType(32, /*isSigned=*/false);
  auto make = [&](int32_t number) -> Value {
    Value bits = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(getType(builder.getI32Type()), number));
    return qnn::BitcastOp::create(builder, loc, getType(unsigned32), bits);
  };
  Value three =
      qnn::CastOp::create(builder, loc, getType(unsigned32), makeNumbers({3}));
  EXPECT_FALSE(values.lookup(three).has_value());
  Value difference = qnn::BinaryOp::create(builder, loc, qnn::BinaryKind::sub,
                                           make(3), make(5));
  EXPECT_FALSE(values.lookup(difference).has_value());
  Value wide = qnn::CastOp::create(builder, loc, getType(builder.getI64Type()),
                                   difference);
  EXPECT_FALSE(values.lookup(wide).has_value());
  Value narrow = qnn::CastOp::create(builder, loc, getType(builder.getI8Type()),
                                     makeNumbers({128}));
  Value negated =
      qnn::UnaryOp::create(builder, loc, qnn::UnaryKind::neg, narrow);
  EXPECT_FALSE(values.lookup(negated).has_value());
}

TEST_F(ShapeValuesTest, NumbersOf32BitsWrap) {
  Location loc = builder.getUnknownLoc();
  auto castTo = [&](Value value, Type element) -> Value {
    auto type = cast<RankedTensorType>(value.getType());
    return qnn::CastOp::create(
        builder, loc, RankedTensorType::get(type.getShape(), element), value);
  };
  Value largest = castTo(makeNumbers({std::numeric_limits<int64_t>::max(), 7}),
                         builder.getI32Type());
  auto elements = values.lookup(castTo(largest, builder.getI64Type()));
  ASSERT_TRUE(elements.has_value());
  EXPECT_TRUE(math.isConstant((*elements)[0], -1));
  EXPECT_TRUE(math.isConstant((*elements)[1], 7));

  Value half = castTo(makeNumbers({1 << 30}), builder.getI32Type());
  elements = values.lookup(
      qnn::BinaryOp::create(builder, loc, qnn::BinaryKind::add, half, half));
  ASSERT_TRUE(elements.has_value());
  EXPECT_TRUE(
      math.isConstant((*elements)[0], std::numeric_limits<int32_t>::min()));

  // An extent is taken to fit, a product of extents is not.
  elements = values.lookup(castTo(makeShape({b}), builder.getI32Type()));
  ASSERT_TRUE(elements.has_value());
  EXPECT_EQ((*elements)[0], b);
  EXPECT_FALSE(
      values.lookup(castTo(makeShape({math.mul(b, s)}), builder.getI32Type()))
          .has_value());
}

TEST_F(ShapeValuesTest, WhatIsNotKnownIsExtracted) {
  auto type = RankedTensorType::get({2}, builder.getI64Type());
  Value unknown = tensor::EmptyOp::create(
      builder, builder.getUnknownLoc(), type.getShape(), type.getElementType());
  EXPECT_FALSE(values.lookup(unknown).has_value());
  Value copy =
      qnn::BinaryOp::create(builder, builder.getUnknownLoc(),
                            qnn::BinaryKind::div, unknown, makeShape({b, s}));
  EXPECT_FALSE(values.lookup(copy).has_value()); // b could be 0
  EXPECT_EQ(values.extract(unknown).size(), 2u);
  // The same elements the second time.
  EXPECT_EQ(values.extract(unknown), values.extract(unknown));
}

} // namespace
