// Ops between components, formatted values and real values. docs/numerics.md:
//
//   decode(q) = fl(fl(q - z) * s)
//   encode(v) = clamp(rne(fl(v / s)) + z)
//
// in f32 (in f64 where the values are).

#include "lib/Interpreter/Evaluation.h"

#include "dialects/QNN/IR/Ops.h"
#include "lib/Formats/AutoScale.h"
#include "lib/Formats/Packing.h"

#include <cmath>

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
  if (components.front().getRank() != type.getRank())
    return fail("codes of rank " + llvm::Twine(components.front().getRank()) +
                " came for values of rank " + llvm::Twine(type.getRank()));
  Shape shape = getValueShape(type, components.front().getShape());
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

static Error evaluateWrap(WrapOp op, Frame &frame) {
  std::vector<Tensor> components;
  for (Value component : op.getComponents())
    components.push_back(frame.getTensor(component));
  Expected<FormattedTensor> value = wrap(op.getType(), components);
  if (!value)
    return value.takeError();
  return frame.set(op.getResult(), RuntimeValue(std::move(*value)));
}

static Error evaluateUnwrap(UnwrapOp op, Frame &frame) {
  const FormattedTensor &source = frame.getFormatted(op.getSource());
  for (auto [result, component] :
       llvm::zip_equal(op.getComponents(), source.components))
    if (Error error = frame.set(result, component))
      return error;
  return Error::success();
}

static Error evaluateDim(DimOp op, Frame &frame) {
  const FormattedTensor &source = frame.getFormatted(op.getSource());
  return frame.set(
      op.getResult(),
      makeScalar(op.getType(), source.type.getDimSize(op.getAxis())));
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// Codes of a tensor of `shape` packed as its format's component.
static Expected<Tensor> packCodes(FormattedType type,
                                  const std::vector<uint32_t> &codes) {
  RankedTensorType packed = type.getComponents().front().type;
  Expected<Tensor> result =
      Tensor::allocate(packed.getElementType(), packed.getShape());
  if (!result || codes.empty())
    return result;
  unsigned bits = type.getFormat().getCodec().getBits();
  int64_t length = type.getRank() == 0 ? 1 : type.getShape().back();
  int64_t rowBytes = formats::getRowBytes(length, bits);
  auto *bytes = reinterpret_cast<uint8_t *>(result->getWritable());
  for (size_t i = 0; i < codes.size(); ++i)
    formats::writeCode(bytes + i / length * rowBytes, i % length, bits,
                       codes[i]);
  return result;
}

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

std::vector<int64_t> getScalePositions(Scaling scaling,
                                       ArrayRef<int64_t> shape) {
  std::vector<int64_t> positions(getNumElements(shape), 0);
  // Every scaling is one by blocks.
  Shape block(shape);
  if (auto axis = dyn_cast<AxisScalingAttr>(scaling))
    block[axis.getAxis()] = 1;
  else if (auto blocks = dyn_cast<BlockScalingAttr>(scaling))
    block.assign(blocks.getBlock().begin(), blocks.getBlock().end());
  else
    return positions;
  Shape strides(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    block[axis] = std::max<int64_t>(block[axis], 1);
    strides[axis] = stride;
    stride *= llvm::divideCeil(shape[axis], block[axis]);
  }
  // positions[i] is the sum over axes of (index / block) * stride.
  int64_t inner = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (block[axis] < shape[axis])
      for (size_t i = 0; i < positions.size(); ++i)
        positions[i] += static_cast<int64_t>(i) / inner % shape[axis] /
                        block[axis] * strides[axis];
    inner *= shape[axis];
  }
  return positions;
}

static int64_t getNumScales(const FormattedType &type) {
  return getNumElements(
      type.getFormat().getScaling().getScaleShape(type.getShape()));
}

std::vector<int64_t> getZeroPoints(const FormattedTensor &value) {
  Attribute zeroPoint = value.type.getFormat().getScaling().getZeroPoint();
  if (!zeroPoint)
    return {0};
  if (auto constant = dyn_cast<IntegerAttr>(zeroPoint))
    return {constant.getInt()};
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
  Shape stored = layout.getStoredShape(shape);
  std::vector<int64_t> positions(getNumElements(stored));
  auto nm = dyn_cast<NMLayoutAttr>(layout);
  if (!nm) {
    for (size_t i = 0; i < positions.size(); ++i)
      positions[i] = i;
    return positions;
  }
  std::vector<uint32_t> indices = unpack(*value.get(Component::Indices), stored,
                                         llvm::Log2_64_Ceil(nm.getM()));
  int64_t inner = getNumElements(shape.drop_front(nm.getAxis() + 1));
  int64_t extent = shape[nm.getAxis()], kept = stored[nm.getAxis()];
  for (size_t i = 0; i < positions.size(); ++i) {
    int64_t at = static_cast<int64_t>(i) / inner % kept;
    int64_t outer = static_cast<int64_t>(i) / inner / kept;
    // An index beyond M, of a damaged file, must stay in its group.
    int64_t index = std::min<int64_t>(indices[i], nm.getM() - 1);
    positions[i] =
        (outer * extent + at / nm.getN() * nm.getM() + index) * inner +
        static_cast<int64_t>(i) % inner;
  }
  return positions;
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
// Decode and encode
//===----------------------------------------------------------------------===//

/// C is float, or double where the values are f64.
template <typename C>
static Expected<Tensor> decodeIn(const FormattedTensor &value) {
  std::vector<double> unscaled = decodeUnscaled(value);
  std::vector<C> values(unscaled.begin(), unscaled.end());
  if (const Tensor *stored = value.get(Component::Scales)) {
    std::vector<C> scales = load<C>(*stored);
    std::vector<int64_t> positions = getScalePositions(
        value.type.getFormat().getScaling(), value.type.getShape());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] *= scales[positions[i]];
  }
  return makeTensor<C>(value.type.getElementType(), value.type.getShape(),
                       values);
}

Expected<Tensor> decode(const FormattedTensor &value) {
  if (value.type.getElementType().isF64())
    return decodeIn<double>(value);
  return decodeIn<float>(value);
}

/// `parameters` are the scales and zero points that the type asks for.
template <typename C>
static Expected<FormattedTensor>
encodeIn(const Tensor &input, FormattedType type, ArrayRef<Tensor> parameters) {
  // With codes of no meaning yet, to read the zero points.
  FormattedTensor result{type, {Tensor()}};
  llvm::append_range(result.components, parameters);
  std::vector<int64_t> zeroPoints = getZeroPoints(result);
  std::vector<C> scales;
  if (const Tensor *stored = result.get(Component::Scales))
    scales = load<C>(*stored);
  std::vector<int64_t> positions =
      getScalePositions(type.getFormat().getScaling(), type.getShape());
  const formats::Codec &codec = type.getFormat().getCodec();
  std::vector<C> values = load<C>(input);
  std::vector<uint32_t> codes(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    C scaled = scales.empty() ? values[i] : values[i] / scales[positions[i]];
    int64_t zero = zeroPoints[zeroPoints.size() > 1 ? positions[i] : 0];
    codes[i] = codec.encode(scaled, zero);
  }
  Expected<Tensor> packed = packCodes(type, codes);
  if (!packed)
    return packed.takeError();
  result.components.front() = std::move(*packed);
  return result;
}

/// `type` with the extents that `input` has.
static FormattedType withShape(FormattedType type, const Tensor &input) {
  return cast<FormattedType>(
      type.cloneWith(input.getShape(), type.getElementType()));
}

Expected<FormattedTensor> encode(const Tensor &input, FormattedType type,
                                 ArrayRef<Tensor> parameters) {
  type = withShape(type, input);
  for (auto [parameter, actual] :
       llvm::zip_equal(type.getParameters(), parameters))
    if (parameter.type != actual.getType())
      return fail(parameter.getName() + " do not fit the shape of the input");
  if (type.getElementType().isF64())
    return encodeIn<double>(input, type, parameters);
  return encodeIn<float>(input, type, parameters);
}

/// Scales and zero points by the rule of lib/Formats/AutoScale.h.
Expected<std::vector<Tensor>> makeParameters(const Tensor &input,
                                             FormattedType type) {
  type = withShape(type, input);
  Scaling scaling = type.getFormat().getScaling();
  const formats::Codec &codec = type.getFormat().getCodec();
  const llvm::fltSemantics &scaleType =
      cast<FloatType>(scaling.getScaleType()).getFloatSemantics();
  int64_t numScales = getNumScales(type);
  std::vector<float> low(numScales, 0), high(numScales, 0);
  std::vector<int64_t> positions = getScalePositions(scaling, type.getShape());
  for (auto [i, value] : llvm::enumerate(load<float>(input))) {
    low[positions[i]] = std::fmin(low[positions[i]], value);
    high[positions[i]] = std::fmax(high[positions[i]], value);
  }

  Attribute zeroPoint = scaling.getZeroPoint();
  auto constant = dyn_cast_if_present<IntegerAttr>(zeroPoint);
  bool isAsymmetric = zeroPoint && !constant;
  std::vector<float> scales(numScales);
  std::vector<int64_t> zeroPoints(numScales);
  for (int64_t i = 0; i < numScales; ++i) {
    if (isAsymmetric) {
      formats::GroupScale group =
          formats::getAsymmetricScale(codec, low[i], high[i], scaleType);
      scales[i] = group.scale;
      zeroPoints[i] = group.zeroPoint;
    } else {
      scales[i] =
          formats::getSymmetricScale(codec, constant ? constant.getInt() : 0,
                                     std::fmax(-low[i], high[i]), scaleType);
    }
  }

  std::vector<Tensor> parameters;
  for (const Component &component : type.getParameters()) {
    Type element = component.type.getElementType();
    Expected<Tensor> parameter =
        component.kind == Component::Scales
            ? makeTensor<float>(element, component.type.getShape(), scales)
            : makeTensor<int64_t>(element, component.type.getShape(),
                                  zeroPoints);
    if (!parameter)
      return parameter.takeError();
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

static Error setFormatted(Value result, Expected<FormattedTensor> value,
                          Frame &frame) {
  if (!value)
    return value.takeError();
  return frame.set(result, RuntimeValue(std::move(*value)));
}

static Error evaluateEncode(EncodeOp op, Frame &frame) {
  std::vector<Tensor> parameters;
  for (Value parameter : op.getParameters())
    parameters.push_back(frame.getTensor(parameter));
  return setFormatted(
      op.getResult(),
      encode(frame.getTensor(op.getInput()), op.getType(), parameters), frame);
}

static Error evaluateEncodeAuto(EncodeAutoOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Expected<std::vector<Tensor>> parameters =
      makeParameters(input, op.getType());
  if (!parameters)
    return parameters.takeError();
  return setFormatted(op.getResult(), encode(input, op.getType(), *parameters),
                      frame);
}

static Error evaluateDecode(DecodeOp op, Frame &frame) {
  return frame.set(op.getResult(), decode(frame.getFormatted(op.getSource())));
}

//===----------------------------------------------------------------------===//
// Requantize
//===----------------------------------------------------------------------===//

/// clamp(rne(fl(fl(acc) * fl(fl(sx * sw) / sy))) + z)
static Error evaluateRequantize(RequantizeOp op, Frame &frame) {
  const Tensor &accumulators = frame.getTensor(op.getAccumulators());
  float inputScale = load<float>(frame.getTensor(op.getInputScale())).front();
  std::vector<float> weightsScales =
      load<float>(frame.getTensor(op.getWeightsScale()));
  FormattedTensor result{withShape(op.getType(), accumulators), {Tensor()}};
  for (Value parameter : op.getParameters())
    result.components.push_back(frame.getTensor(parameter));
  int64_t zero = getZeroPoints(result).front();
  float outputScale = load<float>(*result.get(Component::Scales)).front();

  bool isPerAxis = weightsScales.size() > 1;
  int64_t extent = isPerAxis ? accumulators.getDim(op.getAxis()) : 1;
  int64_t inner =
      isPerAxis
          ? getNumElements(accumulators.getShape().drop_front(op.getAxis() + 1))
          : 1;
  if (isPerAxis && extent != static_cast<int64_t>(weightsScales.size()))
    return fail("has " + llvm::Twine(weightsScales.size()) +
                " scales of weights for " + llvm::Twine(extent) +
                " indices along the axis");
  const formats::Codec &codec = getCodec(result);
  std::vector<uint32_t> codes;
  for (auto [i, acc] : llvm::enumerate(load<int64_t>(accumulators))) {
    int64_t channel = isPerAxis ? static_cast<int64_t>(i) / inner % extent : 0;
    float scale = inputScale * weightsScales[channel];
    float factor = scale / outputScale;
    float product = static_cast<float>(acc) * factor;
    codes.push_back(codec.encode(product, zero));
  }
  Expected<Tensor> packed = packCodes(result.type, codes);
  if (!packed)
    return packed.takeError();
  result.components.front() = std::move(*packed);
  return frame.set(op.getResult(), RuntimeValue(std::move(result)));
}

void addFormats(Evaluators &evaluators) {
  evaluators.add<WrapOp>(evaluateWrap);
  evaluators.add<UnwrapOp>(evaluateUnwrap);
  evaluators.add<DimOp>(evaluateDim);
  evaluators.add<EncodeOp>(evaluateEncode);
  evaluators.add<EncodeAutoOp>(evaluateEncodeAuto);
  evaluators.add<DecodeOp>(evaluateDecode);
  evaluators.add<RequantizeOp>(evaluateRequantize);
}

} // namespace qcc::interpreter
