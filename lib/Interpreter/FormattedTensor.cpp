// Formatted values: bundles of components, their codes, and what they mean.

#include "lib/Interpreter/Evaluation.h"

#include "lib/Formats/Packing.h"

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static const formats::Codec &getCodec(const FormattedTensor &value) {
  return value.type.getFormat().getCodec();
}

//===----------------------------------------------------------------------===//
// Bundles
//===----------------------------------------------------------------------===//

/// The extents of a value of `type` whose codes have the shape `codes`. Those
/// that do not follow from the codes are static.
static Shape getValueShape(FormattedType type, ArrayRef<int64_t> codes) {
  Shape shape(type.getShape());
  for (auto [extent, stored] : llvm::zip_equal(shape, codes))
    if (ShapedType::isDynamic(extent))
      extent = stored;
  return shape;
}

Expected<FormattedTensor> wrap(FormattedType type,
                               ArrayRef<Tensor> components) {
  const Tensor &codes = components[*type.find(Component::Codes)];
  if (codes.getRank() != type.getRank())
    return fail("codes of rank " + llvm::Twine(codes.getRank()) +
                " came for values of rank " + llvm::Twine(type.getRank()));
  Shape shape = getValueShape(type, codes.getShape());
  FormattedTensor result{cast<FormattedType>(type.cloneWith(
                             ArrayRef<int64_t>(shape), type.getElementType())),
                         components.vec()};
  for (auto [component, actual] :
       llvm::zip_equal(result.type.getComponents(), components))
    if (component.type != actual.getType()) {
      std::string text;
      llvm::raw_string_ostream(text)
          << "expects " << component.getName() << " of type " << component.type
          << ", got " << actual.getType();
      return fail(text);
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// `shape` numbers of `bits` bits from a packed component.
static std::vector<uint32_t> unpack(const Tensor &packed,
                                    ArrayRef<int64_t> shape, unsigned bits) {
  std::vector<uint32_t> numbers(getNumElements(shape));
  int64_t length = shape.empty() ? 1 : shape.back();
  int64_t rowBytes = formats::getRowBytes(length, bits);
  auto *bytes = reinterpret_cast<const uint8_t *>(packed.getBytes().data());
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] =
        formats::readCode(bytes + i / length * rowBytes, i % length, bits);
  return numbers;
}

ScaleMap::ScaleMap(Scaling scaling, ArrayRef<int64_t> shape)
    : length(shape.empty() ? 1 : shape.back()) {
  rows.assign(shape.empty() ? 1 : getNumElements(shape.drop_back()), 0);
  columns.assign(length, 0);
  // Every scaling is one by blocks.
  SmallVector<int64_t> block = scaling.getBlock(shape);
  // A position is the sum over axes of (index / block) * stride.
  int64_t stride = 1, inner = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    bool isLast = axis + 1 == shape.size();
    std::vector<int64_t> &part = isLast ? columns : rows;
    if (block[axis] < shape[axis])
      for (size_t i = 0; i < part.size(); ++i)
        part[i] += static_cast<int64_t>(i) / inner % shape[axis] / block[axis] *
                   stride;
    stride *= llvm::divideCeil(shape[axis], std::max<int64_t>(block[axis], 1));
    inner *= isLast ? 1 : shape[axis];
  }
}

std::vector<int64_t> getScalePositions(Scaling scaling,
                                       ArrayRef<int64_t> shape) {
  ScaleMap map(scaling, shape);
  std::vector<int64_t> positions;
  positions.reserve(getNumElements(shape));
  for (int64_t row : map.rows)
    for (int64_t column : map.columns)
      positions.push_back(row + column);
  return positions;
}

std::vector<int64_t> getZeroPoints(const FormattedTensor &value) {
  Scaling scaling = value.type.getFormat().getScaling();
  if (!scaling.hasZeroPoints())
    return {scaling.getConstantZeroPoint().value_or(0)};
  const Tensor &stored = *value.get(Component::ZeroPoints);
  // A zero point is an integer of the codec, and stored as its code.
  unsigned bits = getCodec(value).getBits();
  std::vector<int64_t> zeroPoints;
  for (uint32_t code : unpack(stored, stored.getShape(), std::max(bits, 8u)))
    zeroPoints.push_back(static_cast<int64_t>(
        getCodec(value).decode(code & ((uint64_t(1) << bits) - 1), 0)));
  return zeroPoints;
}

/// Where the stored elements of a value stand among all of them.
static std::vector<int64_t> getStoredPositions(const FormattedTensor &value) {
  Layout layout = value.type.getFormat().getLayout();
  ArrayRef<int64_t> shape = value.type.getShape();
  std::vector<uint32_t> indices;
  if (const Tensor *stored = value.get(Component::Indices))
    indices =
        unpack(*stored, layout.getStoredShape(shape), layout.getIndexBits());
  return layout.getPositions(shape, indices);
}

std::vector<double> decodeUnscaled(const FormattedTensor &value) {
  FormatAttr format = value.type.getFormat();
  const formats::Codec &codec = format.getCodec();
  std::vector<int64_t> zeroPoints = getZeroPoints(value);
  std::vector<int64_t> scalePositions;
  if (zeroPoints.size() > 1)
    scalePositions =
        getScalePositions(format.getScaling(), value.type.getShape());
  std::vector<int64_t> positions = getStoredPositions(value);
  std::vector<uint32_t> codes =
      unpack(*value.get(Component::Codes),
             format.getLayout().getStoredShape(value.type.getShape()),
             codec.getBits());
  std::vector<double> values(getNumElements(value.type.getShape()), 0.0);
  for (auto [code, position] : llvm::zip_equal(codes, positions)) {
    int64_t zero = zeroPoints.size() > 1 ? zeroPoints[scalePositions[position]]
                                         : zeroPoints.front();
    values[position] = codec.decode(code, zero);
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Decode
//===----------------------------------------------------------------------===//

/// C is float, or double where the values are f64.
template <typename C>
static Expected<Tensor> decodeIn(const FormattedTensor &value) {
  std::vector<double> unscaled = decodeUnscaled(value);
  std::vector<C> values(unscaled.begin(), unscaled.end());
  if (const Tensor *stored = value.get(Component::Scales)) {
    std::vector<C> scales = load<C>(*stored);
    ScaleMap map(value.type.getFormat().getScaling(), value.type.getShape());
    auto element = values.begin();
    for (int64_t row : map.rows)
      for (int64_t column : map.columns)
        *element++ *= scales[row + column];
  }
  return makeTensor<C>(value.type.getElementType(), value.type.getShape(),
                       values);
}

Expected<Tensor> decode(const FormattedTensor &value) {
  if (value.type.getElementType().isF64())
    return decodeIn<double>(value);
  return decodeIn<float>(value);
}

} // namespace qcc::interpreter
