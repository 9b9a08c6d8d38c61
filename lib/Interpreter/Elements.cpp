#include "lib/Interpreter/Elements.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>

using namespace mlir;
using llvm::APFloat;
using llvm::APInt;
using llvm::Expected;

namespace qcc::interpreter {

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

uint64_t encodeE8M0(double value, StringRef roundMode, bool saturate) {
  constexpr uint64_t nan = 0xff, largest = 0xfe;
  if (std::isnan(value))
    return nan;
  value = std::fabs(value);
  if (std::isinf(value))
    return saturate ? largest : nan;
  if (value < std::ldexp(1.0, -127))
    return saturate ? 0 : nan;
  int exponent = std::ilogb(value);
  double mantissa = std::ldexp(value, -exponent); // in [1, 2)
  if ((roundMode == "up" && mantissa > 1) ||
      (roundMode == "nearest" && mantissa >= 1.5))
    ++exponent;
  if (exponent > 127)
    return saturate ? largest : nan;
  return static_cast<uint64_t>(exponent + 127);
}

uint64_t encodeFloat(FloatType type, double value) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  if (isa<Float8E8M0FNUType>(type))
    return encodeE8M0(value, "up", /*saturate=*/true);
  bool hasNaN = APFloat::semanticsHasNaN(semantics);
  if (std::isnan(value) && !hasNaN)
    return APFloat::getLargest(semantics).bitcastToAPInt().getZExtValue();
  if (std::isinf(value) && !APFloat::semanticsHasInf(semantics)) {
    if (!hasNaN)
      return APFloat::getLargest(semantics, value < 0)
          .bitcastToAPInt()
          .getZExtValue();
    value = std::copysign(std::nan(""), value);
  }
  if (std::isnan(value))
    return APFloat::getNaN(semantics, std::signbit(value))
        .bitcastToAPInt()
        .getZExtValue();
  APFloat number(value);
  bool losesInfo;
  number.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

double decodeFloat(FloatType type, uint64_t bits) {
  unsigned width = type.getWidth();
  uint64_t mask = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  APFloat number(type.getFloatSemantics(), APInt(width, bits & mask));
  if (number.isNaN()) // not every semantics converts its NaN
    return std::copysign(std::nan(""), number.isNegative() ? -1.0 : 1.0);
  return number.convertToDouble();
}

/// What every code of a type of at most 16 bits stands for.
static const std::vector<float> &getDecodeTable(FloatType type) {
  // Function-local: a memo of a pure function, which no result depends on.
  static std::mutex mutex;
  static llvm::DenseMap<const llvm::fltSemantics *,
                        std::unique_ptr<std::vector<float>>>
      tables;
  std::lock_guard<std::mutex> lock(mutex);
  auto &table = tables[&type.getFloatSemantics()];
  if (!table) {
    // All bits of a byte may be set above a narrow code.
    size_t numCodes = size_t(1) << (type.getWidth() <= 8 ? 8 : 16);
    table = std::make_unique<std::vector<float>>(numCodes);
    for (size_t code = 0; code < numCodes; ++code)
      (*table)[code] = static_cast<float>(decodeFloat(type, code));
  }
  return *table;
}

/// The bits of the f16 nearest to `value`, ties to even.
static uint16_t encodeHalf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x477ff000) // 65520 and more round to infinity
    return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x38800000) { // subnormal: in steps of 2^-24
    float steps = std::fabs(value) * 16777216.0f;
    return static_cast<uint16_t>(sign |
                                 static_cast<uint32_t>(std::nearbyint(steps)));
  }
  uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

static uint16_t encodeBFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  if (std::isnan(value))
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

template <typename Stored> static Stored read(const char *data, int64_t i) {
  Stored value;
  std::memcpy(&value, data + i * sizeof(Stored), sizeof(Stored));
  return value;
}

template <typename Stored>
static void write(char *data, int64_t i, Stored value) {
  std::memcpy(data + i * sizeof(Stored), &value, sizeof(Stored));
}

template <typename Stored, typename C, typename Fn>
static void readAll(const Tensor &tensor, std::vector<C> &values, Fn convert) {
  const char *data = tensor.getBytes().data();
  for (size_t i = 0, e = values.size(); i < e; ++i)
    values[i] = static_cast<C>(convert(read<Stored>(data, i)));
}

template <typename C>
static void loadFloats(const Tensor &tensor, std::vector<C> &values) {
  auto same = [](auto value) { return value; };
  auto type = cast<FloatType>(tensor.getElementType());
  if (type.isF32())
    return readAll<float>(tensor, values, same);
  if (type.isF64())
    return readAll<double>(tensor, values, same);
  const std::vector<float> &table = getDecodeTable(type);
  auto look = [&](auto code) { return table[code]; };
  if (tensor.getElementBytes() == 1)
    return readAll<uint8_t>(tensor, values, look);
  readAll<uint16_t>(tensor, values, look);
}

template <typename C>
static void loadIntegers(const Tensor &tensor, std::vector<C> &values) {
  Type type = tensor.getElementType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
  // Narrow elements are in the low bits of theirs.
  auto extend = [&](uint64_t value) -> C {
    value <<= 64 - bits;
    if (isUnsigned)
      return static_cast<C>(value >> (64 - bits));
    return static_cast<C>(static_cast<int64_t>(value) >> (64 - bits));
  };
  switch (tensor.getElementBytes()) {
  case 1:
    return readAll<uint8_t>(tensor, values, extend);
  case 2:
    return readAll<uint16_t>(tensor, values, extend);
  case 4:
    return readAll<uint32_t>(tensor, values, extend);
  default:
    return readAll<uint64_t>(tensor, values, extend);
  }
}

template <typename C> std::vector<C> load(const Tensor &tensor) {
  std::vector<C> values(tensor.getNumElements());
  if (isa<FloatType>(tensor.getElementType()))
    loadFloats(tensor, values);
  else
    loadIntegers(tensor, values);
  return values;
}

template <typename C>
static void storeFloats(ArrayRef<C> values, Tensor &tensor) {
  auto type = cast<FloatType>(tensor.getElementType());
  char *data = tensor.getWritable();
  for (auto [i, value] : llvm::enumerate(values)) {
    if (type.isF32())
      write<float>(data, i, static_cast<float>(value));
    else if (type.isF64())
      write<double>(data, i, static_cast<double>(value));
    else if (type.isF16() && std::is_same_v<C, float>)
      write<uint16_t>(data, i, encodeHalf(static_cast<float>(value)));
    else if (type.isBF16() && std::is_same_v<C, float>)
      write<uint16_t>(data, i, encodeBFloat(static_cast<float>(value)));
    else if (tensor.getElementBytes() == 1)
      write<uint8_t>(data, i, encodeFloat(type, value));
    else
      write<uint16_t>(data, i, encodeFloat(type, value));
  }
}

template <typename C>
static void storeIntegers(ArrayRef<C> values, Tensor &tensor) {
  Type type = tensor.getElementType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  uint64_t mask = ~uint64_t(0) >> (64 - bits);
  unsigned bytes = tensor.getElementBytes();
  char *data = tensor.getWritable();
  for (auto [i, value] : llvm::enumerate(values)) {
    uint64_t masked = static_cast<uint64_t>(value) & mask;
    std::memcpy(data + i * bytes, &masked, bytes); // little endian
  }
}

template <typename C> void store(ArrayRef<C> values, Tensor &tensor) {
  if constexpr (std::is_floating_point_v<C>) {
    assert(isa<FloatType>(tensor.getElementType()));
    storeFloats(values, tensor);
  } else {
    assert(!isa<FloatType>(tensor.getElementType()));
    storeIntegers(values, tensor);
  }
}

template std::vector<float> load(const Tensor &);
template std::vector<double> load(const Tensor &);
template std::vector<int64_t> load(const Tensor &);
template std::vector<uint64_t> load(const Tensor &);
template void store(ArrayRef<float>, Tensor &);
template void store(ArrayRef<double>, Tensor &);
template void store(ArrayRef<int64_t>, Tensor &);
template void store(ArrayRef<uint64_t>, Tensor &);

Tensor makeScalar(Type elementType, int64_t value) {
  return llvm::cantFail(
      makeTensor<int64_t>(elementType, {}, std::vector<int64_t>{value}));
}

int64_t getInteger(const Tensor &scalar) {
  assert(scalar.getNumElements() == 1);
  return load<int64_t>(scalar).front();
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

Shape getStrides(ArrayRef<int64_t> shape) {
  Shape strides(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

Shape getBroadcastStrides(ArrayRef<int64_t> shape, ArrayRef<int64_t> result) {
  Shape strides(result.size(), 0), own = getStrides(shape);
  size_t missing = result.size() - shape.size();
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] != 1)
      strides[missing + axis] = own[axis];
  return strides;
}

Expected<Shape> broadcastShapes(ArrayRef<Shape> shapes) {
  size_t rank = 0;
  for (const Shape &shape : shapes)
    rank = std::max(rank, shape.size());
  Shape result(rank, 1);
  for (const Shape &shape : shapes)
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t &extent = result[rank - shape.size() + i];
      if (extent == 1)
        extent = shape[i];
      else if (shape[i] != 1 && shape[i] != extent)
        return llvm::createStringError("shapes cannot be broadcast: extents " +
                                       std::to_string(extent) + " and " +
                                       std::to_string(shape[i]) + " meet");
    }
  return result;
}

int64_t getNumElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

/// `fn` with an unsigned integer as wide as an element.
template <typename Fn> static void byWidth(const Tensor &tensor, Fn fn) {
  switch (tensor.getElementBytes()) {
  case 1:
    return fn(uint8_t());
  case 2:
    return fn(uint16_t());
  case 4:
    return fn(uint32_t());
  default:
    return fn(uint64_t());
  }
}

Expected<Tensor> gatherStrided(const Tensor &source, int64_t offset,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> shape) {
  Expected<Tensor> result = Tensor::allocate(source.getElementType(), shape);
  if (!result)
    return result;
  const char *from = source.getBytes().data();
  char *to = result->getWritable();
  byWidth(source, [&](auto zero) {
    using Word = decltype(zero);
    forEach<1>(shape, {Shape(strides)}, [&](int64_t i, auto positions) {
      write<Word>(to, i, read<Word>(from, offset + positions[0]));
    });
  });
  return result;
}

void scatterStrided(const Tensor &source, Tensor &target, int64_t offset,
                    ArrayRef<int64_t> strides) {
  const char *from = source.getBytes().data();
  char *to = target.getWritable();
  byWidth(source, [&](auto zero) {
    using Word = decltype(zero);
    forEach<1>(source.getShape(), {Shape(strides)},
               [&](int64_t i, auto positions) {
                 write<Word>(to, offset + positions[0], read<Word>(from, i));
               });
  });
}

Expected<Tensor> transpose(const Tensor &source,
                           ArrayRef<int64_t> permutation) {
  Shape own = getStrides(source.getShape()), strides, shape;
  for (int64_t axis : permutation) {
    strides.push_back(own[axis]);
    shape.push_back(source.getDim(axis));
  }
  return gatherStrided(source, 0, strides, shape);
}

Expected<Tensor> take(const Tensor &source, int64_t axis,
                      ArrayRef<int64_t> positions, ArrayRef<char> fill) {
  Shape shape(source.getShape());
  int64_t extent = shape[axis], count = positions.size();
  shape[axis] = count;
  Expected<Tensor> result = Tensor::allocate(source.getElementType(), shape);
  if (!result)
    return result;
  unsigned bytes = source.getElementBytes();
  int64_t outer = getNumElements(source.getShape().take_front(axis));
  int64_t inner =
      getNumElements(source.getShape().drop_front(axis + 1)) * bytes;
  const char *from = source.getBytes().data();
  char *to = result->getWritable();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t position : positions) {
      if (position >= 0)
        std::memcpy(to, from + (o * extent + position) * inner, inner);
      else
        for (int64_t i = 0; i < inner; i += bytes)
          std::memcpy(to + i, fill.data(), bytes);
      to += inner;
    }
  return result;
}

} // namespace qcc::interpreter
