#include "lib/Formats/Codec.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace qcc::formats {

/// A table of wider codes would be too large, and who makes a codec of them
/// must know.
static void checkHasTable(const Codec &codec) {
  if (codec.getBits() > Codec::kMaxTableBits)
    llvm::report_fatal_error(llvm::Twine("codec '") + codec.getName() +
                             "' has codes of " + llvm::Twine(codec.getBits()) +
                             " bits and must describe its arithmetic itself");
}

Expr Codec::describeDecode(Expr code, Expr zeroPoint, NumberType type) const {
  checkHasTable(*this);
  std::vector<float> numbers;
  for (uint32_t i = 0; i >> bits == 0; ++i)
    numbers.push_back(static_cast<float>(decode(i, 0)));
  Graph &g = code.getGraph();
  Expr number = g.convert(g.lookUp(std::move(numbers), code), type);
  return zeroPoint ? number - zeroPoint : number;
}

/// Order of f32 as integers: -0 comes before 0.
static int64_t getOrder(float value) {
  int32_t order;
  std::memcpy(&order, &value, sizeof(order));
  return order < 0 ? int64_t(INT32_MIN) - order - 1 : order;
}

static float getFloat(int64_t order) {
  auto bits = static_cast<int32_t>(order < 0 ? INT32_MIN - order - 1 : order);
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

namespace {

struct Point {
  double number;
  uint32_t code;
};

} // namespace

/// Codes of numbers that encode() gives, by their numbers, without that of -0.
static std::vector<Point> getNumberLine(const Codec &codec) {
  std::vector<Point> line;
  for (uint32_t code = 0; code >> codec.getBits() == 0; ++code) {
    double number = codec.decode(code, 0);
    bool isNegativeZero = number == 0 && std::signbit(number);
    if (std::isfinite(number) && !isNegativeZero &&
        codec.encode(number, 0) == code)
      line.push_back({number, code});
  }
  std::sort(line.begin(), line.end(),
            [](Point a, Point b) { return a.number < b.number; });
  return line;
}

/// The least f32 that is not nearer to `low` than to `high`: as encode() sees
/// it, also where their middle is no f32.
static float getLeast(const Codec &codec, const Point &low, const Point &high) {
  int64_t below = getOrder(static_cast<float>(low.number)),
          from = getOrder(static_cast<float>(high.number));
  while (from - below > 1) {
    int64_t middle = below + (from - below) / 2;
    double number = codec.decode(codec.encode(double(getFloat(middle)), 0), 0);
    (number >= high.number ? from : below) = middle;
  }
  return getFloat(from);
}

Expr Codec::describeEncode(Expr value, Expr zeroPoint) const {
  checkHasTable(*this);
  Graph &g = value.getGraph();
  if (zeroPoint) // Of integers: rounded before it is added.
    value = g.roundEven(value) + g.convert(zeroPoint, value.getType());
  std::vector<Point> line = getNumberLine(*this);
  Expr code = g.integer(line.front().code);
  for (size_t i = 1; i < line.size(); ++i)
    code = g.select(double(getLeast(*this, line[i - 1], line[i])) <= value,
                    g.integer(line[i].code), code);
  uint32_t zero = encode(0.0, 0), negative = encode(-0.0, 0);
  if (zero != negative) // What rounds to zero keeps its sign.
    code = g.select((code == double(zero)) & (g.bitsOf(value) < 0.0),
                    g.integer(negative), code);
  return g.select(g.isNaN(value), g.integer(encode(std::nan(""), 0)), code);
}

double Codec::getScaledMagnitude() const {
  // What saturates is the largest number.
  double largest = decode(encode(HUGE_VAL, 0), 0);
  double lowest = decode(encode(-HUGE_VAL, 0), 0);
  return std::max(largest, -lowest);
}

} // namespace qcc::formats
