#include "test/lib/Interpreter/Testing.h"

#include <cmath>
#include <random>

using namespace qcc;
using namespace qcc::interpreter;

namespace {

class ContractionTest : public InterpreterTest {
protected:
  std::vector<double> random(size_t count, double low, double high) {
    std::uniform_real_distribution<double> distribution(low, high);
    std::vector<double> numbers(count);
    for (double &number : numbers)
      number = distribution(generator);
    return numbers;
  }
  std::vector<double> randomIntegers(size_t count, int low, int high) {
    std::uniform_int_distribution<int> distribution(low, high);
    std::vector<double> numbers(count);
    for (double &number : numbers)
      number = distribution(generator);
    return numbers;
  }

  std::mt19937 generator{42};
};

TEST_F(ContractionTest, MatmulBroadcastsBatches) {
  constexpr int64_t B = 3, M = 5, K = 77, N = 6;
  std::vector<double> a = random(B * M * K, -1, 1), b = random(K * N, -1, 1);
  std::vector<double> result = values(
      R"(func.func @main(%a: tensor<3x5x77xf32>, %b: tensor<77x6xf32>) -> tensor<3x5x6xf32> {
        %r = qnn.matmul %a, %b : (tensor<3x5x77xf32>, tensor<77x6xf32>) -> tensor<3x5x6xf32>
        return %r : tensor<3x5x6xf32> })",
      {tensor("tensor<3x5x77xf32>", a), tensor("tensor<77x6xf32>", b)});
  ASSERT_EQ(result.size(), size_t(B * M * N));
  for (int64_t i = 0; i < B * M; ++i)
    for (int64_t n = 0; n < N; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < K; ++k)
        sum += double(float(a[i * K + k])) * float(b[k * N + n]);
      EXPECT_NEAR(result[i * N + n], sum, 1e-6);
    }
}

/// Many rows and a long reduction: blocks, stretches and threads.
TEST_F(ContractionTest, LargeProductsAreExactForIntegers) {
  constexpr int64_t M = 67, K = 1301, N = 59;
  std::vector<double> a = randomIntegers(M * K, -128, 127),
                      b = randomIntegers(N * K, -128, 127);
  std::vector<double> result = values(
      R"(func.func @main(%a: tensor<67x1301xi32>, %b: tensor<59x1301xi32>) -> tensor<67x59xi32> {
        %r = qnn.matmul %a, %b {transpose_b} : (tensor<67x1301xi32>, tensor<59x1301xi32>) -> tensor<67x59xi32>
        return %r : tensor<67x59xi32> })",
      {tensor("tensor<67x1301xi32>", a), tensor("tensor<59x1301xi32>", b)});
  ASSERT_EQ(result.size(), size_t(M * N));
  for (int64_t m = 0; m < M; ++m)
    for (int64_t n = 0; n < N; ++n) {
      int64_t sum = 0;
      for (int64_t k = 0; k < K; ++k)
        sum += int64_t(a[m * K + k]) * int64_t(b[n * K + k]);
      ASSERT_EQ(result[m * N + n], sum);
    }
}

TEST_F(ContractionTest, PlainIntegersWrapBeyondDoubles) {
  EXPECT_EQ(
      load<int64_t>(run(
          R"(func.func @main(%a: tensor<1x2xi64>, %b: tensor<2x1xi64>) -> tensor<1x1xi64> {
        %r = qnn.matmul %a, %b : (tensor<1x2xi64>, tensor<2x1xi64>) -> tensor<1x1xi64>
        return %r : tensor<1x1xi64> })",
          {tensor<int64_t>("tensor<1x2xi64>", {(1ll << 62) + 1, 1}),
           tensor<int64_t>("tensor<2x1xi64>", {4, 3})})[0]),
      std::vector<int64_t>({7}));
}

/// y = fl(fl(acc) * fl(s * s)), with scales for each row and each column.
TEST_F(ContractionTest, CodesWithConstantScalesFollowTheContract) {
  constexpr int64_t M = 4, K = 64, N = 8;
  std::vector<double> a = randomIntegers(M * K, 0, 255),
                      b = randomIntegers(N * K, -128, 127);
  std::vector<double> sa = {0.0173}, sb = random(N, 0.001, 0.1);
  constexpr int64_t zero = 131;
  std::vector<double> result =
      values(R"(
    !a = !qnn.tensor<4x64xf32, uint8, tensor<f32, zero>, dense>
    !b = !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>
    func.func @main(%ca: tensor<4x64xi8>, %sa: tensor<f32>, %za: tensor<i8>, %cb: tensor<8x64xi8>, %sb: tensor<8xf32>) -> tensor<4x8xf32> {
      %a = qnn.wrap %ca, %sa, %za : (tensor<4x64xi8>, tensor<f32>, tensor<i8>) -> !a
      %b = qnn.wrap %cb, %sb : (tensor<8x64xi8>, tensor<8xf32>) -> !b
      %r = qnn.matmul %a, %b {transpose_b} : (!a, !b) -> tensor<4x8xf32>
      return %r : tensor<4x8xf32>
    })",
             {tensor("tensor<4x64xi8>", a), tensor("tensor<f32>", sa),
              tensor("tensor<i8>", {double(zero)}),
              tensor("tensor<8x64xi8>", b), tensor("tensor<8xf32>", sb)});
  ASSERT_EQ(result.size(), size_t(M * N));
  for (int64_t m = 0; m < M; ++m)
    for (int64_t n = 0; n < N; ++n) {
      int32_t acc = 0;
      for (int64_t k = 0; k < K; ++k)
        acc += (int32_t(a[m * K + k]) - zero) * int32_t(b[n * K + k]);
      float scale = float(sa[0]) * float(sb[n]);
      EXPECT_EQ(result[m * N + n], float(acc) * scale);
    }
}

/// So do blocks that cover the reduction by the model's types; where only the
/// run tells that they do, they are summed as blocks.
TEST_F(ContractionTest, BlocksThatCoverTheSumAreConstant) {
  constexpr int64_t M = 4, K = 64, N = 8;
  std::vector<double> a = randomIntegers(M * K, -128, 127),
                      b = randomIntegers(N * K, -128, 127);
  std::vector<double> sa = {0.0173}, sb = random(N, 0.001, 0.1);
  auto multiply = [&](std::string k) {
    auto replaced = [&](std::string text) {
      for (size_t at; (at = text.find('K')) != std::string::npos;)
        text.replace(at, 1, k);
      for (size_t at; (at = text.find('B')) != std::string::npos;)
        text.replace(at, 1, k == "?" ? "?" : "1");
      return text;
    };
    return values(replaced(R"(
    !a = !qnn.tensor<4xKxf32, int8, tensor<f32>, dense>
    !b = !qnn.tensor<8xKxf32, int8, block<1x64, f32>, dense>
    func.func @main(%ca: tensor<4xKxi8>, %sa: tensor<f32>, %cb: tensor<8xKxi8>, %sb: tensor<8xBxf32>) -> tensor<4x8xf32> {
      %a = qnn.wrap %ca, %sa : (tensor<4xKxi8>, tensor<f32>) -> !a
      %b = qnn.wrap %cb, %sb : (tensor<8xKxi8>, tensor<8xBxf32>) -> !b
      %r = qnn.matmul %a, %b {transpose_b} : (!a, !b) -> tensor<4x8xf32>
      return %r : tensor<4x8xf32>
    })"),
                  {tensor("tensor<4x64xi8>", a), tensor("tensor<f32>", sa),
                   tensor("tensor<8x64xi8>", b),
                   tensor("tensor<8x1xf32>", sb)});
  };
  std::vector<double> known = multiply("64"), open = multiply("?");
  ASSERT_EQ(known.size(), size_t(M * N));
  ASSERT_EQ(open.size(), size_t(M * N));
  for (int64_t m = 0; m < M; ++m)
    for (int64_t n = 0; n < N; ++n) {
      int32_t acc = 0;
      double sum = 0;
      for (int64_t k = 0; k < K; ++k) {
        acc += int32_t(a[m * K + k]) * int32_t(b[n * K + k]);
        sum += (a[m * K + k] * double(float(sa[0]))) *
               (b[n * K + k] * double(float(sb[n])));
      }
      float scale = float(sa[0]) * float(sb[n]);
      EXPECT_EQ(known[m * N + n], float(acc) * scale);
      EXPECT_EQ(open[m * N + n], float(sum));
    }
}

TEST_F(ContractionTest, BlockScalesAreSummedToWithinTheContract) {
  constexpr int64_t M = 2, K = 80, N = 3; // the last block is shorter
  std::vector<double> x = random(M * K, -1, 1),
                      codes = randomIntegers(N * K, 0, 15),
                      scales = random(N * 3, 0.01, 0.1);
  std::vector<double> packed(N * K / 2);
  for (int64_t i = 0; i < N * K / 2; ++i)
    packed[i] = codes[2 * i] + 16 * codes[2 * i + 1]; // low nibble first
  std::vector<double> result =
      values(R"(
    !w = !qnn.tensor<3x80xf32, uint4, block<1x32, f32, zero = 8>, dense>
    func.func @main(%x: tensor<2x80xf32>, %c: tensor<3x40xi8>, %s: tensor<3x3xf32>) -> tensor<2x3xf32> {
      %w = qnn.wrap %c, %s : (tensor<3x40xi8>, tensor<3x3xf32>) -> !w
      %r = qnn.matmul %x, %w {transpose_b} : (tensor<2x80xf32>, !w) -> tensor<2x3xf32>
      return %r : tensor<2x3xf32>
    })",
             {tensor("tensor<2x80xf32>", x), tensor("tensor<3x40xi8>", packed),
              tensor("tensor<3x3xf32>", scales)});
  ASSERT_EQ(result.size(), size_t(M * N));
  for (int64_t m = 0; m < M; ++m)
    for (int64_t n = 0; n < N; ++n) {
      double sum = 0, bound = 0;
      for (int64_t k = 0; k < K; ++k) {
        double product =
            x[m * K + k] * (codes[n * K + k] - 8) * scales[n * 3 + k / 32];
        sum += product;
        bound += std::fabs(product);
      }
      EXPECT_NEAR(result[m * N + n], sum, 1e-5 * bound);
    }
}

TEST_F(ContractionTest, AccumulatorsAndRequantize) {
  // acc = (3 - 1) * 5 + (0 - 1) * -7 = 17; 17 * fl(fl(0.5 * 0.25) / 0.1) + 3.
  std::vector<Tensor> results =
      run(R"(
    !a = !qnn.tensor<1x2xf32, uint8, tensor<f32, zero>, dense>
    !b = !qnn.tensor<1x2xf32, int8, tensor<f32>, dense>
    !y = !qnn.tensor<1x1xf32, uint8, tensor<f32, zero>, dense>
    func.func @main(%ca: tensor<1x2xi8>, %sa: tensor<f32>, %za: tensor<i8>, %cb: tensor<1x2xi8>, %sb: tensor<f32>, %sy: tensor<f32>, %zy: tensor<i8>) -> (tensor<1x1xi32>, tensor<1x1xi8>) {
      %a = qnn.wrap %ca, %sa, %za : (tensor<1x2xi8>, tensor<f32>, tensor<i8>) -> !a
      %b = qnn.wrap %cb, %sb : (tensor<1x2xi8>, tensor<f32>) -> !b
      %acc = qnn.matmul %a, %b {transpose_b, accumulators} : (!a, !b) -> tensor<1x1xi32>
      %y = qnn.requantize %acc, %sa, %sb, %sy, %zy {axis = 1 : i64} : (tensor<1x1xi32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>) -> !y
      %c:3 = qnn.unwrap %y : (!y) -> (tensor<1x1xi8>, tensor<f32>, tensor<i8>)
      return %acc, %c#0 : tensor<1x1xi32>, tensor<1x1xi8>
    })",
          {tensor("tensor<1x2xi8>", {3, 0}), tensor("tensor<f32>", {0.5}),
           tensor("tensor<i8>", {1}), tensor("tensor<1x2xi8>", {5, -7}),
           tensor("tensor<f32>", {0.25}), tensor("tensor<f32>", {0.1}),
           tensor("tensor<i8>", {3})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(load<double>(results[0]), Doubles({17}));
  EXPECT_EQ(load<double>(results[1]), Doubles({24})); // 21.25 + 3
}

/// Strides, dilations, uneven pads and groups against the definition.
TEST_F(ContractionTest, ConvolutionFollowsItsDefinition) {
  constexpr int64_t N = 2, C = 4, H = 9, W = 7, K = 6, G = 2, R = 3, S = 2;
  constexpr int64_t OH = 4, OW = 8;
  std::vector<double> x = random(N * C * H * W, -1, 1),
                      w = random(K * C / G * R * S, -1, 1),
                      b = random(K, -1, 1);
  std::vector<double> result =
      values(R"(
    func.func @main(%x: tensor<2x4x9x7xf32>, %w: tensor<6x2x3x2xf32>, %b: tensor<6xf32>) -> tensor<2x6x4x8xf32> {
      %r = qnn.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 1, 2, 2, 1>, dilations = array<i64: 2, 2>, groups = 2 : i64}
        : (tensor<2x4x9x7xf32>, tensor<6x2x3x2xf32>, tensor<6xf32>) -> tensor<2x6x4x8xf32>
      return %r : tensor<2x6x4x8xf32>
    })",
             {tensor("tensor<2x4x9x7xf32>", x),
              tensor("tensor<6x2x3x2xf32>", w), tensor("tensor<6xf32>", b)});
  ASSERT_EQ(result.size(), size_t(N * K * OH * OW));
  size_t at = 0;
  for (int64_t n = 0; n < N; ++n)
    for (int64_t k = 0; k < K; ++k)
      for (int64_t oh = 0; oh < OH; ++oh)
        for (int64_t ow = 0; ow < OW; ++ow, ++at) {
          double sum = b[k];
          for (int64_t c = 0; c < C / G; ++c)
            for (int64_t r = 0; r < R; ++r)
              for (int64_t s = 0; s < S; ++s) {
                int64_t ih = oh * 2 - 1 + r * 2, iw = ow - 2 + s * 2;
                if (ih < 0 || ih >= H || iw < 0 || iw >= W)
                  continue;
                int64_t ic = k / (K / G) * (C / G) + c;
                sum += x[((n * C + ic) * H + ih) * W + iw] *
                       w[((k * (C / G) + c) * R + r) * S + s];
              }
          EXPECT_NEAR(result[at], sum, 1e-5);
        }
}

TEST_F(ContractionTest, ChannelsLastIsTheSameConvolution) {
  std::vector<double> x = random(3 * 5 * 5, -1, 1),
                      w = random(4 * 3 * 3 * 3, -1, 1);
  auto convolve = [](std::string input, std::string result,
                     std::string attribute) {
    return "func.func @main(%x: " + input + ", %w: tensor<4x3x3x3xf32>) -> " +
           result +
           " { %r = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = "
           "array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>" +
           attribute + "} : (" + input + ", tensor<4x3x3x3xf32>) -> " + result +
           " return %r : " + result + " }";
  };
  std::vector<double> last(x.size());
  for (int64_t c = 0; c < 3; ++c)
    for (int64_t i = 0; i < 25; ++i)
      last[i * 3 + c] = x[c * 25 + i];
  std::vector<double> first = values(
      convolve("tensor<1x3x5x5xf32>", "tensor<1x4x5x5xf32>", ""),
      {tensor("tensor<1x3x5x5xf32>", x), tensor("tensor<4x3x3x3xf32>", w)});
  std::vector<double> second = values(
      convolve("tensor<1x5x5x3xf32>", "tensor<1x5x5x4xf32>", ", channels_last"),
      {tensor("tensor<1x5x5x3xf32>", last), tensor("tensor<4x3x3x3xf32>", w)});
  ASSERT_EQ(first.size(), 100u);
  ASSERT_EQ(second.size(), 100u);
  for (int64_t c = 0; c < 4; ++c)
    for (int64_t i = 0; i < 25; ++i)
      EXPECT_EQ(first[c * 25 + i], second[i * 4 + c]);
}

/// The padding of a quantized convolution is zero in real values.
TEST_F(ContractionTest, PaddingOfCodesIsTheirZeroPoint) {
  EXPECT_EQ(values(R"(
    !x = !qnn.tensor<1x1x1xf32, uint8, tensor<f32, zero>, dense>
    !w = !qnn.tensor<1x1x3xf32, int8, tensor<f32>, dense>
    func.func @main(%cx: tensor<1x1x1xi8>, %s: tensor<f32>, %z: tensor<i8>, %cw: tensor<1x1x3xi8>) -> tensor<1x1x1xi32> {
      %x = qnn.wrap %cx, %s, %z : (tensor<1x1x1xi8>, tensor<f32>, tensor<i8>) -> !x
      %w = qnn.wrap %cw, %s : (tensor<1x1x3xi8>, tensor<f32>) -> !w
      %r = qnn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, accumulators} : (!x, !w) -> tensor<1x1x1xi32>
      return %r : tensor<1x1x1xi32>
    })",
                   {tensor("tensor<1x1x1xi8>", {12}),
                    tensor("tensor<f32>", {1}), tensor("tensor<i8>", {10}),
                    tensor("tensor<1x1x3xi8>", {100, 3, 100})}),
            Doubles({6}));
}

} // namespace
