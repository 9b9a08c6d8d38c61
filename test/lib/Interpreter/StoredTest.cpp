// The ops of phase storage against those that they are made from.

#include "test/lib/Interpreter/Testing.h"

using namespace qcc;
using namespace qcc::interpreter;

namespace {

using StoredTest = InterpreterTest;

Doubles pattern(int n) {
  Doubles numbers(n);
  for (int i = 0; i < n; ++i)
    numbers[i] = (i * 37 % 101 - 50) / 8.0;
  return numbers;
}

TEST_F(StoredTest, ContractOfAnImageIsAChannelsLastConvolution) {
  std::vector<Tensor> inputs = {
      tensor("tensor<2x5x7x4xf32>", pattern(280)),
      tensor("tensor<6x2x3x2xf32>", pattern(72)), // [K, C, R, S]
      tensor("tensor<6xf32>", pattern(6))};
  std::vector<double> expected = values(R"(
    func.func @main(%x: tensor<2x5x7x4xf32>, %w: tensor<6x2x3x2xf32>, %b: tensor<6xf32>) -> tensor<2x2x5x6xf32> {
      %r = qnn.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>, groups = 2 : i64, channels_last}
        : (tensor<2x5x7x4xf32>, tensor<6x2x3x2xf32>, tensor<6xf32>) -> tensor<2x2x5x6xf32>
      return %r : tensor<2x2x5x6xf32>
    })",
                                        inputs);
  std::vector<double> result = values(R"(
    func.func @main(%x: tensor<2x5x7x4xf32>, %w: tensor<6x2x3x2xf32>, %b: tensor<6xf32>) -> tensor<2x2x5x6xf32> {
      %k = qnn.transpose %w {permutation = array<i64: 0, 2, 3, 1>} : (tensor<6x2x3x2xf32>) -> tensor<6x3x2x2xf32>
      %init = tensor.empty() : tensor<2x2x5x6xf32>
      %r = qnn.contract ins(%x, %k : tensor<2x5x7x4xf32>, tensor<6x3x2x2xf32>) start(%b : tensor<6xf32>) outs(%init : tensor<2x2x5x6xf32>)
        attributes {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, window = array<i64: 3, 2>, groups = 2 : i64} {
        ^bb0(%acc: f32):
          qnn.yield %acc : f32
      } -> tensor<2x2x5x6xf32>
      return %r : tensor<2x2x5x6xf32>
    })",
                                      inputs);
  ASSERT_EQ(result.size(), 120u);
  ASSERT_EQ(expected.size(), 120u);
  for (size_t i = 0; i < result.size(); ++i)
    EXPECT_NEAR(result[i], expected[i], 1e-4);
}

/// Unsigned codes, a constant zero point of weights, start, and an epilogue
/// with a scale for each column and one for all.
TEST_F(StoredTest, ContractOfCodesAddsStartAndRunsItsEpilogue) {
  EXPECT_EQ(
      values(R"(
    func.func @main(%x: tensor<2x2xi8>, %w: tensor<2x2xi8>, %c: tensor<2xi32>, %s: tensor<2xf32>, %t: tensor<f32>) -> tensor<2x2xf32> {
      %init = tensor.empty() : tensor<2x2xf32>
      %r = qnn.contract ins(%x, %w : tensor<2x2xi8>, tensor<2x2xi8>) start(%c : tensor<2xi32>) extras(%s, %t : tensor<2xf32>, tensor<f32>) outs(%init : tensor<2x2xf32>)
        attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64,
          input_format = #qnn.format<uint8, tensor<f32, zero>, dense>, weights_format = #qnn.format<uint8, tensor<f32, zero = 128>, dense>} {
        ^bb0(%acc: i32, %scale: f32, %all: f32):
          %f = arith.sitofp %acc : i32 to f32
          %g = arith.mulf %f, %scale : f32
          %h = arith.mulf %g, %all : f32
          qnn.yield %h : f32
      } -> tensor<2x2xf32>
      return %r : tensor<2x2xf32>
    })",
             // 255 and 1; 2 and 3. Weights 1, -1 and 2, 0.
             {tensor("tensor<2x2xi8>", {-1, 1, 2, 3}),
              tensor("tensor<2x2xi8>", {-127, 127, -126, -128}),
              tensor("tensor<2xi32>", {10, -10}),
              tensor("tensor<2xf32>", {1, 0.5}), tensor("tensor<f32>", {2})}),
      Doubles({(255 - 1 + 10) * 2, 510 - 10, (2 - 3 + 10) * 2, 4 - 10}));
}

/// Two consecutive matrices by one of a right operand [B', C, K], and a factor
/// for each row; integers of 16 bits are themselves, and sums are of 64.
TEST_F(StoredTest, ContractOfABatch) {
  EXPECT_EQ(
      values(R"(
    func.func @main(%x: tensor<4x1x2xi16>, %w: tensor<2x2x3xi16>, %f: tensor<4x1x1xf32>) -> tensor<4x1x3xf32> {
      %init = tensor.empty() : tensor<4x1x3xf32>
      %r = qnn.contract ins(%x, %w : tensor<4x1x2xi16>, tensor<2x2x3xi16>) extras(%f : tensor<4x1x1xf32>) outs(%init : tensor<4x1x3xf32>)
        attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed} {
        ^bb0(%acc: i64, %factor: f32):
          %s = arith.sitofp %acc : i64 to f32
          %g = arith.mulf %s, %factor : f32
          qnn.yield %g : f32
      } -> tensor<4x1x3xf32>
      return %r : tensor<4x1x3xf32>
    })",
             {tensor("tensor<4x1x2xi16>", {1, 2, 3, 4, 5, 6, -32768, -32768}),
              tensor("tensor<2x2x3xi16>",
                     {1, 0, 2, 0, 1, -1, -32768, 1, 0, -32768, 0, 1}),
              tensor("tensor<4x1x1xf32>", {1, 10, 1, 1})}),
      Doubles(
          {1, 2, 0, 30, 40, 20, -360448, 5, 6, 2147483648.0, -32768, -32768}));
}

TEST_F(StoredTest, EncodeStoredMakesWhatItIsNotGiven) {
  std::vector<Tensor> results =
      run(R"(
    func.func @main(%x: tensor<2x4xf32>) -> (tensor<2x2xi8>, tensor<2xf32>, tensor<2x4xf32>) {
      %c:2 = qnn.encode_stored %x {format = #qnn.format<int4, axis<0, f32>, dense>} : (tensor<2x4xf32>) -> (tensor<2x2xi8>, tensor<2xf32>)
      %d = qnn.encode_stored %x, %c#1 {format = #qnn.format<int4, axis<0, f32>, dense>} : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x2xi8>
      %y = qnn.decode_stored %d, %c#1 {format = #qnn.format<int4, axis<0, f32>, dense>} : (tensor<2x2xi8>, tensor<2xf32>) -> tensor<2x4xf32>
      return %c#0, %c#1, %y : tensor<2x2xi8>, tensor<2xf32>, tensor<2x4xf32>
    })",
          {tensor("tensor<2x4xf32>", {7, -7, 1, 0, 3.5, 1, -0.5, 0})});
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(load<double>(results[1]), Doubles({1, 0.5}));
  EXPECT_EQ(load<double>(results[2]), Doubles({7, -7, 1, 0, 3.5, 1, -0.5, 0}));
}

TEST_F(StoredTest, PackedWeightsAreRefused) {
  EXPECT_NE(error(R"(
    func.func @main(%x: tensor<2x2xf32>, %w: tensor<4xf32>) -> tensor<2x2xf32> {
      %init = tensor.empty() : tensor<2x2xf32>
      %r = qnn.contract ins(%x, %w : tensor<2x2xf32>, tensor<4xf32>) outs(%init : tensor<2x2xf32>)
        attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
        ^bb0(%acc: f32):
          qnn.yield %acc : f32
      } -> tensor<2x2xf32>
      return %r : tensor<2x2xf32>
    })",
                  {tensor("tensor<2x2xf32>", pattern(4)),
                   tensor("tensor<4xf32>", pattern(4))})
                .find("not in canonical order"),
            std::string::npos);
}

} // namespace
