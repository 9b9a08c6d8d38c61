#include "test/lib/Interpreter/Testing.h"

#include <cmath>

using namespace qcc;
using namespace qcc::interpreter;

namespace {

using ElementwiseTest = InterpreterTest;
const double inf = INFINITY, nan = NAN;

/// `qnn.KIND NAME` on two tensors of one element type.
std::string binary(const std::string &kind, const std::string &lhs,
                   const std::string &rhs, const std::string &result) {
  return "func.func @main(%x: " + lhs + ", %y: " + rhs + ") -> " + result +
         " { %r = qnn.binary " + kind + " %x, %y : (" + lhs + ", " + rhs +
         ") -> " + result + " return %r : " + result + " }";
}

std::string unary(const std::string &kind, const std::string &type) {
  return "func.func @main(%x: " + type + ") -> " + type + " { %r = qnn.unary " +
         kind + " %x : (" + type + ") -> " + type + " return %r : " + type +
         " }";
}

TEST_F(ElementwiseTest, BroadcastsAsNumPy) {
  EXPECT_EQ(values(binary("add", "tensor<2x1xf32>", "tensor<3xf32>",
                          "tensor<2x3xf32>"),
                   {tensor("tensor<2x1xf32>", {10, 20}),
                    tensor("tensor<3xf32>", {1, 2, 3})}),
            Doubles({11, 12, 13, 21, 22, 23}));
}

TEST_F(ElementwiseTest, IntegersWrapAndDivideTowardZero) {
  std::string t = "tensor<3xi8>";
  EXPECT_EQ(values(binary("mul", t, t, t),
                   {tensor(t, {100, -128, 3}), tensor(t, {2, -1, 4})}),
            Doubles({-56, -128, 12}));
  EXPECT_EQ(values(binary("div", t, t, t),
                   {tensor(t, {-7, 7, -128}), tensor(t, {2, -2, -1})}),
            Doubles({-3, -3, -128}));
}

TEST_F(ElementwiseTest, DivisionOfAnIntegerByZeroIsAnError) {
  std::string t = "tensor<1xi32>";
  for (std::string kind : {"div", "mod", "fmod"}) {
    std::string text =
        error(binary(kind, t, t, t), {tensor(t, {1}), tensor(t, {0})});
    EXPECT_NE(text.find("qnn.binary: an integer is divided by zero"),
              std::string::npos)
        << text;
  }
}

TEST_F(ElementwiseTest, ModHasTheSignOfTheDivisorAndFmodOfTheDividend) {
  std::string i = "tensor<4xi32>", f = "tensor<4xf32>";
  std::vector<double> a = {7, -7, 7, -7}, b = {3, 3, -3, -3};
  for (std::string t : {i, f}) {
    EXPECT_EQ(values(binary("mod", t, t, t), {tensor(t, a), tensor(t, b)}),
              Doubles({1, 2, -2, -1}));
    EXPECT_EQ(values(binary("fmod", t, t, t), {tensor(t, a), tensor(t, b)}),
              Doubles({1, -1, 1, -1}));
  }
}

TEST_F(ElementwiseTest, PowerKeepsTheTypeOfItsBase) {
  EXPECT_EQ(
      values(binary("pow", "tensor<3xi32>", "tensor<3xi32>", "tensor<3xi32>"),
             {tensor("tensor<3xi32>", {2, -1, 3}),
              tensor("tensor<3xi32>", {10, 3, -1})}),
      Doubles({1024, -1, 0}));
  EXPECT_EQ(
      values(
          binary("pow", "tensor<2xi64>", "tensor<2xf32>", "tensor<2xi64>"),
          {tensor("tensor<2xi64>", {2, 9}), tensor("tensor<2xf32>", {3, 0.5})}),
      Doubles({8, 3}));
}

TEST_F(ElementwiseTest, MaxAndMinKeepNaN) {
  std::string t = "tensor<3xf32>";
  auto x = tensor(t, {nan, 1, 2}), y = tensor(t, {1, nan, 3});
  for (std::string kind : {"max", "min"}) {
    std::vector<double> result = values(binary(kind, t, t, t), {x, y});
    EXPECT_TRUE(std::isnan(result[0]) && std::isnan(result[1]));
    EXPECT_EQ(result[2], kind == "max" ? 3 : 2);
  }
}

TEST_F(ElementwiseTest, ShiftsByTheWidthGiveZero) {
  std::string t = "tensor<3xui8>";
  EXPECT_EQ(values(binary("shl", t, t, t),
                   {tensor(t, {1, 255, 3}), tensor(t, {7, 4, 8})}),
            Doubles({128, 240, 0}));
  EXPECT_EQ(values(binary("shr", t, t, t),
                   {tensor(t, {128, 255, 3}), tensor(t, {7, 4, 200})}),
            Doubles({1, 15, 0}));
}

TEST_F(ElementwiseTest, RoundsHalfToEven) {
  std::string t = "tensor<5xf32>";
  EXPECT_EQ(values(unary("round", t), {tensor(t, {0.5, 1.5, 2.5, -0.5, -1.5})}),
            Doubles({0, 2, 2, 0, -2}));
}

TEST_F(ElementwiseTest, FunctionsAreComputedInF32) {
  std::string t = "tensor<2xf32>";
  std::vector<double> x = {0.3f, -2.7f};
  std::vector<double> expected;
  for (double value : x)
    expected.push_back(std::exp(static_cast<float>(value)));
  EXPECT_EQ(values(unary("exp", t), {tensor(t, x)}), expected);
}

TEST_F(ElementwiseTest, HalvesAreComputedInF32AndRoundedOnce) {
  // 2048 + 1 lies between two f16 and goes to the even one.
  std::string t = "tensor<2xf16>";
  EXPECT_EQ(values(binary("add", t, t, t),
                   {tensor(t, {2048, 2050}), tensor(t, {1, 1})}),
            Doubles({2048, 2052}));
}

TEST_F(ElementwiseTest, BooleanOperations) {
  std::string t = "tensor<4xi1>";
  auto x = tensor(t, {0, 0, 1, 1}), y = tensor(t, {0, 1, 0, 1});
  EXPECT_EQ(values(binary("xor_", t, t, t), {x, y}), Doubles({0, 1, 1, 0}));
  EXPECT_EQ(values(unary("bitwise_not", t), {x}), Doubles({1, 1, 0, 0}));
}

std::string cast(const std::string &from, const std::string &to,
                 const std::string &attributes = "") {
  return "func.func @main(%x: " + from + ") -> " + to + " { %r = qnn.cast %x " +
         attributes + " : (" + from + ") -> " + to + " return %r : " + to +
         " }";
}

TEST_F(ElementwiseTest, CastsToIntegersTowardZeroAndWrap) {
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xi8>"),
                   {tensor("tensor<4xf32>", {1.9, -1.9, 300, -129})}),
            Doubles({1, -1, 44, 127}));
  EXPECT_EQ(values(cast("tensor<3xi32>", "tensor<3xui8>"),
                   {tensor("tensor<3xi32>", {-1, 256, 255})}),
            Doubles({255, 0, 255}));
  EXPECT_EQ(values(cast("tensor<3xf32>", "tensor<3xi1>"),
                   {tensor("tensor<3xf32>", {0, 0.25, -3})}),
            Doubles({0, 1, 1}));
}

TEST_F(ElementwiseTest, CastsToNarrowFloatsSaturateOrNot) {
  auto x = tensor("tensor<4xf32>", {465, inf, -1000, 1.0625});
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E4M3FN>"), {x}),
            Doubles({448, 448, -448, 1}));
  std::vector<double> result = values(
      cast("tensor<4xf32>", "tensor<4xf8E4M3FN>", "{saturate = false}"), {x});
  ASSERT_EQ(result.size(), 4u);
  EXPECT_TRUE(std::isnan(result[0]) && std::isnan(result[1]) &&
              std::isnan(result[2]));
  EXPECT_EQ(result[3], 1);
  EXPECT_EQ(
      values(cast("tensor<4xf32>", "tensor<4xf8E5M2>", "{saturate = false}"),
             {tensor("tensor<4xf32>", {1e6, -1e6, 1.125, 1.375})}),
      Doubles({inf, -inf, 1, 1.5}));
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf4E2M1FN>"),
                   {tensor("tensor<4xf32>", {100, 0.25, 2.5, -0.75})}),
            Doubles({6, 0, 2, -1}));
  auto nans = tensor("tensor<2xf32>", {nan, -nan});
  EXPECT_EQ(values(cast("tensor<2xf32>", "tensor<2xf4E2M1FN>"), {nans}),
            Doubles({6, 6}));
  EXPECT_EQ(values(cast("tensor<2xf32>", "tensor<2xf6E2M3FN>"), {nans}),
            Doubles({7.5, 7.5}));
  EXPECT_EQ(values(cast("tensor<2xf32>", "tensor<2xf6E3M2FN>"), {nans}),
            Doubles({28, 28}));
}

TEST_F(ElementwiseTest, CastsToPowersOfTwo) {
  auto x = tensor("tensor<4xf32>", {1.4, 1.6, 4, 0});
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>"), {x}),
            Doubles({2, 2, 4, std::ldexp(1, -127)}));
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>",
                        "{round_mode = \"down\"}"),
                   {x}),
            Doubles({1, 1, 4, std::ldexp(1, -127)}));
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>",
                        "{round_mode = \"nearest\"}"),
                   {x}),
            Doubles({1, 2, 4, std::ldexp(1, -127)}));
  // Down there, 2^-127 is half of the least normal f32.
  double least = std::ldexp(1, -127);
  auto small =
      tensor("tensor<4xf32>", {least, least * 1.25, least * 1.5, least / 2});
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>"), {small}),
            Doubles({least, least * 2, least * 2, least}));
  EXPECT_EQ(values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>",
                        "{round_mode = \"nearest\"}"),
                   {small}),
            Doubles({least, least, least * 2, least}));
  std::vector<double> strict =
      values(cast("tensor<4xf32>", "tensor<4xf8E8M0FNU>",
                  "{round_mode = \"nearest\", saturate = false}"),
             {tensor("tensor<4xf32>", {0, least / 2, least, inf})});
  EXPECT_TRUE(std::isnan(strict[0]) && std::isnan(strict[1]) &&
              strict[2] == least && std::isnan(strict[3]));
}

/// Every f16 and bf16 survives a round trip through f32 and the fast encoders
/// agree with the general one.
TEST_F(ElementwiseTest, HalfEncodersAgreeWithAPFloat) {
  auto half = llvm::cast<mlir::FloatType>(parseType("f16"));
  auto brain = llvm::cast<mlir::FloatType>(parseType("bf16"));
  std::vector<float> probes;
  for (uint32_t i = 0; i < 40000; ++i) {
    uint32_t bits = i * 107377u + i; // spread over all exponents
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isnan(value))
      probes.push_back(value);
  }
  for (uint32_t code = 0; code < 0x7c00; ++code) {
    // Numbers, and the middles between neighbours.
    float low = static_cast<float>(decodeFloat(half, code));
    float high = static_cast<float>(decodeFloat(half, code + 1));
    llvm::append_values(probes, low, -low, (low + high) / 2,
                        std::nextafter((low + high) / 2, high));
  }
  int64_t count = probes.size();
  for (mlir::FloatType type : {half, brain}) {
    Tensor encoded = llvm::cantFail(makeTensor<float>(type, {count}, probes));
    for (int64_t i = 0; i < count; ++i) {
      uint16_t bits;
      std::memcpy(&bits, encoded.getBytes().data() + 2 * i, 2);
      ASSERT_EQ(bits, encodeFloat(type, probes[i])) << probes[i];
    }
  }
}

} // namespace
