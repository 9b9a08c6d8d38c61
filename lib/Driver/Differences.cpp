#include "lib/Driver/Differences.h"

#include "lib/Driver/TensorFile.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>

using namespace llvm;

namespace qcc::driver {

static uint64_t readBits(const char *from, unsigned bytes) {
  uint64_t bits = 0;
  memcpy(&bits, from, bytes);
  return bits;
}

static double toDouble(uint64_t bits, mlir::Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  bits &= maskTrailingOnes<uint64_t>(width);
  if (auto number = dyn_cast<mlir::FloatType>(type)) {
    APFloat value(number.getFloatSemantics(), APInt(width, bits));
    bool losesInfo;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    return value.convertToDouble();
  }
  auto integer = cast<mlir::IntegerType>(type);
  if (integer.isUnsigned() || width == 1)
    return static_cast<double>(bits);
  return static_cast<double>(SignExtend64(bits, width));
}

std::vector<double> getNumbers(const Tensor &tensor) {
  mlir::Type type = tensor.getElementType();
  unsigned bytes = tensor.getElementBytes();
  const char *data = tensor.getBytes().data();
  std::vector<double> numbers(tensor.getNumElements());
  for (auto [i, number] : enumerate(numbers)) {
    if (type.isF32()) { // Most are, and APFloat is slow.
      float value;
      memcpy(&value, data + i * bytes, sizeof(value));
      number = value;
    } else {
      number = toDouble(readBits(data + i * bytes, bytes), type);
    }
  }
  return numbers;
}

static bool agrees(double got, double expected, Tolerance tolerance) {
  if (std::isnan(expected) || std::isnan(got))
    return std::isnan(expected) && std::isnan(got);
  if (std::isinf(expected) || std::isinf(got))
    return got == expected;
  return std::fabs(got - expected) <=
         tolerance.absolute + tolerance.relative * std::fabs(expected);
}

Difference findDifference(const Tensor &got, const Tensor &expected,
                          Tolerance tolerance) {
  Difference result;
  if (got.getElementType() != expected.getElementType() ||
      got.getShape() != expected.getShape()) {
    result.mismatch =
        "is " + getTypeName(got.getElementType(), got.getShape()) + ", not " +
        getTypeName(expected.getElementType(), expected.getShape());
    return result;
  }
  std::vector<double> a = getNumbers(got), b = getNumbers(expected);
  result.elements = static_cast<int64_t>(a.size());
  double signal = 0, noise = 0;
  for (auto [i, x, y] : enumerate(a, b)) {
    bool isOutside = !agrees(x, y, tolerance);
    double distance = std::fabs(x - y);
    bool isFinite = std::isfinite(x) && std::isfinite(y);
    bool isFurther = isFinite && distance > result.maxAbsolute;
    if ((isOutside && result.outside == 0) ||
        (isFurther && result.outside == 0) || i == 0) {
      result.where = static_cast<int64_t>(i);
      result.got = x;
      result.expected = y;
    }
    result.outside += isOutside;
    if (!isFinite) {
      result.isSpecialOnOneSide |= isOutside;
      continue;
    }
    result.maxAbsolute = std::max(result.maxAbsolute, distance);
    if (y != 0)
      result.maxRelative =
          std::max(result.maxRelative, distance / std::fabs(y));
    signal += y * y;
    noise += distance * distance;
  }
  result.sqnr = noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
  return result;
}

std::string describe(const Difference &difference, StringRef name,
                     const Tensor &expected) {
  std::string text;
  raw_string_ostream out(text);
  out << "output '" << name << "' ";
  if (!difference.mismatch.empty()) {
    out << difference.mismatch;
    return text;
  }
  out << getTypeName(expected.getElementType(), expected.getShape()) << ": ";
  if (difference.agrees()) {
    out << "agrees, max abs error " << format("%.3g", difference.maxAbsolute);
    return text;
  }
  out << difference.outside << " of " << difference.elements
      << " elements differ, max abs error "
      << format("%.3g", difference.maxAbsolute) << ", max rel error "
      << format("%.3g", difference.maxRelative) << "; the first is at [";
  SmallVector<int64_t> index;
  int64_t rest = difference.where;
  for (int64_t extent : reverse(expected.getShape())) {
    index.push_back(rest % extent);
    rest /= extent;
  }
  interleaveComma(reverse(index), out);
  out << "]: " << format("%.9g", difference.got) << ", expected "
      << format("%.9g", difference.expected);
  return text;
}

} // namespace qcc::driver
