#include "lib/Interpreter/InterpreterExecutor.h"
#include "test/lib/Interpreter/Testing.h"

#include "lib/Formats/AutoScale.h"
#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Packing.h"

#include "mlir/IR/DialectResourceBlobManager.h"

#include <cmath>

using namespace qcc;
using namespace qcc::interpreter;

namespace {

using FormatTest = InterpreterTest;

TEST_F(FormatTest, EncodeRoundsHalfToEvenAddsTheZeroPointAndClamps) {
  // NaN becomes the lowest code.
  EXPECT_EQ(
      values(R"(
    !q = !qnn.tensor<6xf32, uint8, tensor<f32, zero>, dense>
    func.func @main(%x: tensor<6xf32>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<6xi8> {
      %q = qnn.encode %x, %s, %z : (tensor<6xf32>, tensor<f32>, tensor<i8>) -> !q
      %c:3 = qnn.unwrap %q : (!q) -> (tensor<6xi8>, tensor<f32>, tensor<i8>)
      return %c#0 : tensor<6xi8>
    })",
             {tensor("tensor<6xf32>", {0.25, 0.75, 1000, -1000, NAN, -0.5}),
              tensor("tensor<f32>", {0.5}), tensor("tensor<i8>", {3})}),
      Doubles({3, 5, -1, 0, 0, 2})); // -1 is 255
}

TEST_F(FormatTest, DecodeIsTheProductOfCodeAndScaleInF32) {
  float scale = 0.1f;
  EXPECT_EQ(values(R"(
    !q = !qnn.tensor<2x3xf32, int4, axis<0, f32>, dense>
    func.func @main(%c: tensor<2x2xi8>, %s: tensor<2xf32>) -> tensor<2x3xf32> {
      %q = qnn.wrap %c, %s : (tensor<2x2xi8>, tensor<2xf32>) -> !q
      %y = qnn.decode %q : (!q) -> tensor<2x3xf32>
      return %y : tensor<2x3xf32>
    })",
                   {tensor("tensor<2x2xi8>", {0x71, 0x0f, 0x28, 0x03}),
                    tensor("tensor<2xf32>", {scale, 1})}),
            Doubles({scale, 7 * scale, -scale, -8, 2, 3}));
}

TEST_F(FormatTest, AutoScalesOfSymmetricCodes) {
  std::vector<Tensor> results =
      run(R"(
    !q = !qnn.tensor<2x4xf32, uint4, block<1x2, f16, zero = 8>, dense>
    func.func @main(%x: tensor<2x4xf32>) -> (tensor<2x2xi8>, tensor<2x2xf16>, tensor<2x4xf32>) {
      %q = qnn.encode_auto %x : (tensor<2x4xf32>) -> !q
      %c:2 = qnn.unwrap %q : (!q) -> (tensor<2x2xi8>, tensor<2x2xf16>)
      %y = qnn.decode %q : (!q) -> tensor<2x4xf32>
      return %c#0, %c#1, %y : tensor<2x2xi8>, tensor<2x2xf16>, tensor<2x4xf32>
    })",
          {tensor("tensor<2x4xf32>", {7, -1, 0, 0, -14, 3, 1, 0.5})});
  ASSERT_EQ(results.size(), 3u);
  // absmax / 7, and 1 for zeros; 1 / 7 is rounded to f16.
  auto half = llvm::cast<mlir::FloatType>(parseType("f16"));
  double seventh = decodeFloat(half, encodeFloat(half, 1.0f / 7));
  EXPECT_EQ(load<double>(results[1]), Doubles({1, 1, 2, seventh}));
  // 7, -1 | 0, 0 | -7, 2 (1.5 to even) | 7, 4 (3.5 or so).
  EXPECT_EQ(load<double>(results[2]),
            Doubles({7, -1, 0, 0, -14, 4, float(7 * seventh),
                     float(std::nearbyint(0.5f / float(seventh)) * seventh)}));
}

TEST_F(FormatTest, AutoScalesOfAsymmetricCodesAreDynamicQuantizeLinear) {
  // ONNX's test_dynamicquantizelinear.
  std::vector<Tensor> results =
      run(R"(
    !q = !qnn.tensor<6xf32, uint8, tensor<f32, zero>, dense>
    func.func @main(%x: tensor<6xf32>) -> (tensor<6xi8>, tensor<f32>, tensor<i8>) {
      %q = qnn.encode_auto %x : (tensor<6xf32>) -> !q
      %c:3 = qnn.unwrap %q : (!q) -> (tensor<6xi8>, tensor<f32>, tensor<i8>)
      return %c#0, %c#1, %c#2 : tensor<6xi8>, tensor<f32>, tensor<i8>
    })",
          {tensor("tensor<6xf32>", {0, 2, -3, -2.5, 1.34, 0.5})});
  ASSERT_EQ(results.size(), 3u);
  std::vector<int64_t> codes = load<int64_t>(results[0]);
  for (int64_t &code : codes)
    code &= 255;
  EXPECT_EQ(codes, std::vector<int64_t>({153, 255, 0, 26, 221, 179}));
  EXPECT_EQ(load<float>(results[1])[0], 5.0f / 255);
  EXPECT_EQ(load<int64_t>(results[2])[0] & 255, 153);
}

TEST(AutoScale, NeverGivesZeroInfinityOrNaN) {
  formats::CodecRegistry codecs = formats::createBuiltinCodecs();
  for (const std::string &name : codecs.getNames())
    for (const llvm::fltSemantics *type :
         {&llvm::APFloat::IEEEsingle(), &llvm::APFloat::IEEEhalf(),
          &llvm::APFloat::BFloat(), &llvm::APFloat::Float8E4M3FN(),
          &llvm::APFloat::Float8E8M0FNU()})
      for (float absmax : {0.0f, 1e-45f, 1e-10f, 1.0f, 3e38f, INFINITY}) {
        float scale =
            formats::getSymmetricScale(*codecs.lookup(name), 0, absmax, *type);
        EXPECT_TRUE(std::isfinite(scale) && scale > 0)
            << name << " " << absmax << " " << scale;
      }
}

TEST(AutoScale, InfinityCountsAsTheLargestNumber) {
  formats::CodecRegistry codecs = formats::createBuiltinCodecs();
  const formats::Codec &int8 = *codecs.lookup("int8");
  const llvm::fltSemantics &power = llvm::APFloat::Float8E8M0FNU();
  float largest = std::numeric_limits<float>::max();
  EXPECT_EQ(formats::getSymmetricScale(int8, 0, INFINITY, power),
            std::ldexp(1.0f, 127 - 6));
  EXPECT_EQ(formats::getAsymmetricScale(int8, -largest, largest, power).scale,
            std::ldexp(1.0f, 127 - 7));
  formats::GroupScale group = formats::getAsymmetricScale(
      int8, -INFINITY, 1, llvm::APFloat::IEEEsingle());
  EXPECT_EQ(group.scale, largest);
  EXPECT_EQ(group.zeroPoint, 127);
}

TEST(AutoScale, ZeroPointsOf32BitsStayInRange) {
  formats::CodecRegistry codecs = formats::createBuiltinCodecs();
  auto get = [&](const char *name) {
    return formats::getAsymmetricScale(*codecs.lookup(name), -1, 0,
                                       llvm::APFloat::IEEEsingle())
        .zeroPoint;
  };
  EXPECT_EQ(get("uint32"), INT64_C(4294967295));
  EXPECT_EQ(get("int32"), INT64_C(2147483647));
}

TEST(AutoScale, LargestMagnitudes) {
  formats::CodecRegistry codecs = formats::createBuiltinCodecs();
  auto get = [&](const char *name, int64_t zero) {
    return formats::getLargestMagnitude(*codecs.lookup(name), zero);
  };
  EXPECT_EQ(get("int8", 0), 127);
  EXPECT_EQ(get("int4", 0), 7);
  EXPECT_EQ(get("uint4", 8), 7);
  EXPECT_EQ(get("uint8", 0), 255);
  EXPECT_EQ(get("e4m3fn", 0), 448);
  EXPECT_EQ(get("nf4", 0), 1);
}

TEST(Packing, KeepsNeighboursForEveryWidth) {
  for (unsigned bits : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 16u, 32u}) {
    constexpr int64_t count = 37;
    std::vector<uint8_t> row(formats::getRowBytes(count, bits) + 1, 0xa5);
    uint64_t mask = (uint64_t(1) << bits) - 1;
    for (int64_t i = count; i-- > 0;)
      formats::writeCode(row.data(), i, bits, uint32_t(i * 2654435761u));
    for (int64_t i = 0; i < count; ++i)
      EXPECT_EQ(formats::readCode(row.data(), i, bits),
                uint32_t(i * 2654435761u) & mask);
    EXPECT_EQ(row.back(), 0xa5);
  }
}

TEST_F(FormatTest, PrunedLayoutDecodesToZerosBetween) {
  // 2 of 4 along axis 1; indices of two bits.
  EXPECT_EQ(
      values(R"(
    !q = !qnn.tensor<1x8xf32, int8, tensor<f32>, nm<2, 4, axis = 1>>
    func.func @main(%c: tensor<1x4xi8>, %i: tensor<1x1xi8>, %s: tensor<f32>) -> tensor<1x8xf32> {
      %q = qnn.wrap %c, %i, %s : (tensor<1x4xi8>, tensor<1x1xi8>, tensor<f32>) -> !q
      %y = qnn.decode %q : (!q) -> tensor<1x8xf32>
      return %y : tensor<1x8xf32>
    })",
             {tensor("tensor<1x4xi8>", {1, 2, 3, 4}),
              tensor("tensor<1x1xi8>", {1 + (3 << 2) + (0 << 4) + (2 << 6)}),
              tensor("tensor<f32>", {1})}),
      Doubles({0, 1, 0, 2, 3, 0, 4, 0}));
}

TEST_F(FormatTest, DynamicExtentsComeFromTheCodes) {
  EXPECT_EQ(values(R"(
    !q = !qnn.tensor<?x4xf32, int4, axis<0, f32>, dense>
    func.func @main(%x: tensor<?x4xf32>) -> index {
      %q = qnn.encode_auto %x : (tensor<?x4xf32>) -> !q
      %n = qnn.dim %q, 0 : !q
      return %n : index
    })",
                   {tensor("tensor<3x4xf32>", Doubles(12, 1))}),
            Doubles({3}));
}

TEST_F(FormatTest, ExecutorEvaluatesSlices) {
  module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    !q = !qnn.tensor<2x4xf32, int8, axis<0, f32>, dense>
    func.func @main(%arg: tensor<2x4xf32>) -> (tensor<2x4xi8>, tensor<2xf32>, index) {
      %x = arith.constant dense<[[1.0, -2.0, 0.5, 127.0], [0.0, 0.0, 0.0, 254.0]]> : tensor<2x4xf32>
      %q = qnn.encode_auto %x : (tensor<2x4xf32>) -> !q
      %c:2 = qnn.unwrap %q : (!q) -> (tensor<2x4xi8>, tensor<2xf32>)
      %n = qnn.dim %q, 1 : !q
      %bad = qnn.unary neg %arg : (tensor<2x4xf32>) -> tensor<2x4xf32>
      return %c#0, %c#1, %n : tensor<2x4xi8>, tensor<2xf32>, index
    })",
                                                   &context);
  ASSERT_TRUE(module);
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  InterpreterExecutor executor;
  llvm::SmallVector<mlir::Value> values(
      main.getBody().front().getTerminator()->getOperands());
  auto attributes = executor.evaluate(values);
  ASSERT_TRUE(bool(attributes)) << llvm::toString(attributes.takeError());
  mlir::Builder builder(&context);
  EXPECT_EQ((*attributes)[2], mlir::Attribute(builder.getIndexAttr(4)));
  auto codes = llvm::cast<mlir::DenseElementsAttr>((*attributes)[0]);
  EXPECT_EQ(llvm::to_vector(codes.getValues<int8_t>()),
            llvm::SmallVector<int8_t>({1, -2, 0, 127, 0, 0, 0, 127}));
  auto scales = llvm::cast<mlir::DenseElementsAttr>((*attributes)[1]);
  EXPECT_EQ(llvm::to_vector(scales.getValues<float>()),
            llvm::SmallVector<float>({1, 2}));

  for (mlir::Operation &op : main.getBody().front())
    if (op.getName().getStringRef() == "qnn.unary") {
      auto failed = executor.evaluate({op.getResult(0)});
      ASSERT_FALSE(bool(failed));
      EXPECT_NE(llvm::toString(failed.takeError()).find("argument"),
                std::string::npos);
      // With an operand given, it is evaluated all the same.
      auto given = executor.evaluate(
          &op,
          {mlir::DenseElementsAttr::get(
              llvm::cast<mlir::ShapedType>(op.getResult(0).getType()), 2.0f)});
      ASSERT_TRUE(bool(given)) << llvm::toString(given.takeError());
      EXPECT_EQ(*llvm::cast<mlir::DenseElementsAttr>((*given)[0])
                     .getValues<float>()
                     .begin(),
                -2.0f);
    }
}

TEST_F(FormatTest, LargeResultsBecomeResourcesThatRoundTrip) {
  std::vector<float> numbers(5000);
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = float(i);
  Tensor tensor =
      llvm::cantFail(makeTensor<float>(parseType("f32"), {5000}, numbers));
  mlir::ElementsAttr attribute = getAttribute(tensor, "large");
  EXPECT_TRUE(llvm::isa<mlir::DenseResourceElementsAttr>(attribute));
  Tensor back = llvm::cantFail(getTensor(attribute));
  EXPECT_EQ(back.getBytes().data(), tensor.getBytes().data());
  EXPECT_EQ(load<float>(back), numbers);
}

} // namespace
