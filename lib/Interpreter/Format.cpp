// Ops between components, formatted values and real values. docs/numerics.md:
//
//   decode(q) = fl(fl(q - z) * s)
//   encode(v) = clamp(rne(fl(v / s)) + z)
//
// in f32 (in f64 where the values are; v / s is then rounded to f32 for a codec
// that is not of integers).

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Parallel.h"

#include "dialects/QNN/IR/Ops.h"
#include "lib/Formats/AutoScale.h"
#include "lib/Formats/Packing.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

//===----------------------------------------------------------------------===//
// Bundles
//===----------------------------------------------------------------------===//

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
// Encode
//===----------------------------------------------------------------------===//

/// Some rows of a tensor, of which each is a line of innermost elements.
struct Piece {
  int64_t firstRow, numRows;
  Tensor tensor;
};

static int64_t getRowLength(const Tensor &tensor) {
  return tensor.getRank() == 0 ? 1 : tensor.getShape().back();
}

/// Pieces of a size that a core likes.
static std::vector<Piece> getPieces(const Tensor &tensor) {
  constexpr int64_t pieceElements = 1 << 16;
  int64_t length = getRowLength(tensor);
  int64_t rows = length == 0 ? 0 : tensor.getNumElements() / length;
  int64_t step =
      std::max<int64_t>(pieceElements / std::max<int64_t>(length, 1), 1);
  std::vector<Piece> pieces;
  for (int64_t row = 0; row < rows; row += step) {
    int64_t count = std::min(step, rows - row);
    const char *data =
        tensor.getBytes().data() + row * length * tensor.getElementBytes();
    pieces.push_back({row, count,
                      Tensor::over(tensor.getElementType(), {count, length},
                                   data, tensor.getOwner())});
  }
  return pieces;
}

/// `parameters` are the scales and zero points that the type asks for.
/// `isScaled` input was divided by the scales before.
template <typename C>
static Expected<FormattedTensor>
encodeIn(const Tensor &input, FormattedType type, ArrayRef<Tensor> parameters,
         bool isScaled = false) {
  RankedTensorType packed =
      type.getComponents()[*type.find(Component::Codes)].type;
  Expected<Tensor> stored =
      Tensor::allocate(packed.getElementType(), packed.getShape());
  if (!stored)
    return stored.takeError();
  FormattedTensor result{type, {*stored}};
  llvm::append_range(result.components, parameters);
  std::vector<int64_t> zeroPoints = getZeroPoints(result);
  std::vector<C> scales;
  const Tensor *component = result.get(Component::Scales);
  if (component && !isScaled)
    scales = load<C>(*component);
  const formats::Codec &codec = type.getFormat().getCodec();
  bool isInteger = codec.getIntegerRange().has_value();
  ScaleMap map(type.getFormat().getScaling(), type.getShape());
  int64_t length = getRowLength(input);
  int64_t rowBytes = formats::getRowBytes(length, codec.getBits());
  auto *bytes = reinterpret_cast<uint8_t *>(stored->getWritable());
  std::vector<Piece> pieces = getPieces(input);
  parallelFor(pieces.size(), [&](int64_t i) {
    std::vector<C> values = load<C>(pieces[i].tensor);
    const C *value = values.data();
    for (int64_t r = 0; r < pieces[i].numRows; ++r) {
      int64_t row = pieces[i].firstRow + r;
      for (int64_t c = 0; c < length; ++c, ++value) {
        int64_t position = map.rows[row] + map.columns[c];
        C scaled = scales.empty() ? *value : *value / scales[position];
        if (!isInteger)
          scaled = static_cast<float>(scaled);
        int64_t zero = zeroPoints[zeroPoints.size() > 1 ? position : 0];
        formats::writeCode(bytes + row * rowBytes, c, codec.getBits(),
                           codec.encode(scaled, zero));
      }
    }
  });
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
  int64_t numScales = getNumElements(scaling.getScaleShape(type.getShape()));
  std::vector<float> low(numScales, 0), high(numScales, 0);
  ScaleMap map(scaling, type.getShape());
  for (const Piece &piece : getPieces(input)) {
    std::vector<float> values = load<float>(piece.tensor);
    const float *value = values.data();
    for (int64_t r = 0; r < piece.numRows; ++r)
      for (int64_t column : map.columns) {
        int64_t position = map.rows[piece.firstRow + r] + column;
        // Unlike fmin and fmax, passes over a signaling NaN.
        if (*value < low[position])
          low[position] = *value;
        if (*value > high[position])
          high[position] = *value;
        ++value;
      }
  }

  bool isAsymmetric = scaling.hasZeroPoints();
  int64_t zero = scaling.getConstantZeroPoint().value_or(0);
  std::vector<float> scales(numScales);
  std::vector<int64_t> zeroPoints(numScales);
  for (int64_t i = 0; i < numScales; ++i) {
    if (isAsymmetric) {
      formats::GroupScale group =
          formats::getAsymmetricScale(codec, low[i], high[i], scaleType);
      scales[i] = group.scale;
      zeroPoints[i] = group.zeroPoint;
    } else {
      scales[i] = formats::getSymmetricScale(
          codec, zero, std::fmax(-low[i], high[i]), scaleType);
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
  std::vector<Tensor> parameters;
  for (Value parameter : op.getParameters())
    parameters.push_back(frame.getTensor(parameter));
  Value scales =
      op.getType().getParameter(op.getParameters(), Component::Scales);
  float outputScale = load<float>(frame.getTensor(scales)).front(); // C2

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
  std::vector<float> products;
  for (int64_t acc : load<int64_t>(accumulators)) {
    int64_t i = products.size();
    float scale = inputScale * weightsScales[i / inner % extent];
    float factor = scale / outputScale;
    products.push_back(static_cast<float>(acc) * factor);
  }
  Expected<Tensor> scaled = makeTensor<float>(
      Float32Type::get(op.getContext()), accumulators.getShape(), products);
  if (!scaled)
    return scaled.takeError();
  return setFormatted(op.getResult(),
                      encodeIn<float>(*scaled,
                                      withShape(op.getType(), accumulators),
                                      parameters, /*isScaled=*/true),
                      frame);
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
