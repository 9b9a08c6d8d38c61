// Each codec's graphs compute what its decode() and encode() do: for all codes,
// and at each value where codes change.

#include "lib/Formats/CodecRegistry.h"
#include "test/lib/Formats/Evaluate.h"

#include "gtest/gtest.h"

#include <limits>
#include <random>

using namespace qcc::formats;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

const CodecRegistry &codecs() {
  static const CodecRegistry registry = createBuiltinCodecs();
  return registry;
}

class EveryCodec : public testing::TestWithParam<std::string> {
protected:
  const Codec &codec = *codecs().lookup(GetParam());
  bool isInteger() const { return codec.getIntegerRange().has_value(); }

  std::vector<uint32_t> getCodes() const {
    std::vector<uint32_t> codes;
    if (codec.getBits() <= 16)
      for (uint32_t code = 0; code >> codec.getBits() == 0; ++code)
        codes.push_back(code);
    else
      codes = {0, 1, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF};
    return codes;
  }

  std::vector<int64_t> getZeroPoints() const {
    std::optional<IntegerRange> range = codec.getIntegerRange();
    if (!range)
      return {0};
    return {0, 1, range->min, range->max};
  }

  /// Numbers of neighbouring codes and their middles, with what lies beside
  /// them; numbers of no code; some at random.
  std::vector<float> getValues() const {
    std::vector<double> numbers;
    for (uint32_t code : getCodes())
      if (double number = codec.decode(code, 0); std::isfinite(number))
        numbers.push_back(number);
    std::sort(numbers.begin(), numbers.end());
    std::vector<float> values = {
        0.0f,  -0.0f,  kInfinity, -kInfinity, std::nanf(""), -std::nanf(""),
        3e38f, -3e38f, 1e-45f,    -1e-45f,    1e-40f,        1.17549435e-38f};
    auto add = [&](double value) {
      auto single = static_cast<float>(value);
      values.push_back(single);
      values.push_back(std::nextafter(single, kInfinity));
      values.push_back(std::nextafter(single, -kInfinity));
    };
    for (size_t i = 0; i < numbers.size(); ++i) {
      add(numbers[i]);
      if (i > 0)
        add((numbers[i - 1] + numbers[i]) / 2);
    }
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (int i = 0; i < 10000; ++i)
      values.push_back(normal(random) * static_cast<float>(numbers.back() / 3));
    return values;
  }
};

TEST_P(EveryCodec, DecodesAsItsGraph) {
  for (NumberType type : {NumberType::F32, NumberType::F64}) {
    if (type == NumberType::F64 && !isInteger())
      continue;
    for (bool hasZero : {false, true}) {
      if (hasZero && !isInteger())
        continue;
      Graph graph;
      Expr code = graph.addInput(NumberType::Int), zero;
      if (hasZero)
        zero = graph.addInput(type);
      graph.setResult(codec.describeDecode(code, zero, type));
      Evaluator evaluator(graph);
      for (int64_t zeroPoint :
           hasZero ? getZeroPoints() : std::vector<int64_t>{0})
        for (uint32_t number : getCodes()) {
          if (codec.getBits() > 16 && type == NumberType::F32)
            continue; // f32 does not hold them.
          double expected = codec.decode(number, zeroPoint);
          double actual =
              evaluator.evaluate({{int32_t(number), 0}, {0, double(zeroPoint)}})
                  .real;
          if (std::isnan(expected))
            EXPECT_TRUE(std::isnan(actual)) << number;
          else
            EXPECT_EQ(actual, isInteger() ? expected : double(float(expected)))
                << "code " << number << ", zero point " << zeroPoint;
          EXPECT_EQ(std::signbit(actual), std::signbit(expected)) << number;
        }
    }
  }
}

/// Of values of one type and zero points of another.
static void checkEncode(const Codec &codec, NumberType type,
                        std::optional<NumberType> zeroType,
                        const std::vector<int64_t> &zeroPoints,
                        const std::vector<float> &values) {
  uint32_t mask = codec.getBits() == 32 ? ~0u : (1u << codec.getBits()) - 1;
  Graph graph;
  Expr value = graph.addInput(type), zero;
  if (zeroType)
    zero = graph.addInput(*zeroType);
  graph.setResult(codec.describeEncode(value, zero));
  Evaluator evaluator(graph);
  for (int64_t zeroPoint : zeroPoints) {
    if (zeroType == NumberType::F32 && double(float(zeroPoint)) != zeroPoint)
      continue;
    for (float x : values) {
      auto code = static_cast<uint32_t>(
          evaluator.evaluate({{0, x}, {0, double(zeroPoint)}}).integer);
      ASSERT_EQ(code & mask, codec.encode(x, zeroPoint))
          << "value " << x << ", zero point " << zeroPoint;
    }
  }
}

TEST_P(EveryCodec, EncodesAsItsGraph) {
  checkEncode(codec, NumberType::F32, std::nullopt, {0}, getValues());
  if (!isInteger())
    return;
  checkEncode(codec, NumberType::F64, std::nullopt, {0}, getValues());
  for (NumberType type : {NumberType::F32, NumberType::F64})
    for (NumberType zero : {NumberType::F32, NumberType::F64})
      if (codec.getBits() <= 16 || zero == NumberType::F64)
        checkEncode(codec, type, zero, getZeroPoints(), getValues());
}

TEST_P(EveryCodec, CostsFewOperations) {
  Graph graph;
  Expr code = graph.addInput(NumberType::Int);
  graph.setResult(codec.describeDecode(code, Expr(), NumberType::F32));
  EXPECT_GE(graph.countOperations(), 1u);
  EXPECT_LE(graph.countOperations(), 40u);
  Graph encode;
  Expr value = encode.addInput(NumberType::F32);
  encode.setResult(codec.describeEncode(value, Expr()));
  EXPECT_LE(encode.countOperations(), 64u);
}

/// A codec of a plug-in that describes nothing: integers in another order.
struct Reversed : Codec {
  Reversed() : Codec("reversed", 3) {}
  std::optional<IntegerRange> getIntegerRange() const override {
    return IntegerRange{-3, 4};
  }
  double decode(uint32_t code, int64_t zeroPoint) const override {
    return 4.0 - code - double(zeroPoint);
  }
  uint32_t encode(double value, int64_t zeroPoint) const override {
    double integer = std::nearbyint(value) + double(zeroPoint);
    integer = std::fmin(std::fmax(integer, -3), 4);
    return static_cast<uint32_t>(4 - integer);
  }
};

TEST(Codec, DescribesByDefaultWhatItComputes) {
  Reversed codec;
  std::vector<float> values = {-kInfinity, -3.5f, -1, -0.5f, 0.0f, 0.5f,
                               1.5f,       2,     3,  4.5f,  1e9f, kInfinity};
  values.push_back(std::nanf(""));
  for (NumberType type : {NumberType::F32, NumberType::F64}) {
    checkEncode(codec, type, std::nullopt, {0}, values);
    checkEncode(codec, type, NumberType::F64, {-3, 0, 2}, values);
    Graph graph;
    Expr code = graph.addInput(NumberType::Int), zero = graph.addInput(type);
    graph.setResult(codec.describeDecode(code, zero, type));
    for (int32_t number = 0; number < 8; ++number)
      EXPECT_EQ(Evaluator(graph).evaluate({{number, 0}, {0, 2}}).real,
                codec.decode(number, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryCodec,
                         testing::ValuesIn(codecs().getNames()),
                         [](const auto &info) { return info.param; });

TEST(Graph, HoldsEqualNodesOnce) {
  Graph graph;
  Expr x = graph.addInput(NumberType::Int);
  Expr sum = (x & 7) + (x & 7);
  EXPECT_EQ(graph.getNodes().size(), 4u); // x, 7, and, add
  graph.setResult(sum);
  EXPECT_EQ(graph.countOperations(), 2u);
  EXPECT_NE(graph.real(NumberType::F32, 0.0).getNode(),
            graph.real(NumberType::F32, -0.0).getNode());
}

TEST(Graph, CountsWhatTheResultDependsOn) {
  Graph graph;
  Expr x = graph.addInput(NumberType::Int);
  (void)(x << 3);
  graph.setResult(x + 1.0);
  EXPECT_EQ(graph.countOperations(), 1u);
}

} // namespace
