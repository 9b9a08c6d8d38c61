#include "lib/Import/ONNX/Quantization.h"

#include "dialects/QNN/IR/Dialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::UnaryKind;

Value qcc::importer::castShape(Emit &e, Value v, RankedTensorType type) {
  if (!v || v.getType() == type)
    return v;
  Extents extents = e.extents(v);
  if (e.element(v) != type.getElementType() ||
      failed(verifyCompatibleShape(e.shape(v), type.getShape())))
    return e.fail("a tensor is needed of " + llvm::Twine(type.getRank()) +
                  " axes that fits the scales");
  v = tensor::CastOp::create(e.b, e.loc, type, v);
  e.setExtents(v, extents);
  return v;
}

StringRef qcc::importer::getCodecName(Type codes) {
  auto *dialect = codes.getContext()->getLoadedDialect<qnn::QNNDialect>();
  std::string name;
  if (auto integer = dyn_cast<IntegerType>(codes))
    name = (integer.isUnsigned() ? "uint" : "int") +
           std::to_string(integer.getWidth());
  else if (isa<Float8E4M3FNType>(codes))
    name = "e4m3fn";
  else if (isa<Float8E5M2Type>(codes))
    name = "e5m2";
  else
    return {};
  const formats::Codec *codec = dialect->getCodecs().lookup(name);
  return codec ? StringRef(codec->getName()) : StringRef();
}

/// The constant that all zero points are, if they are one.
static std::optional<int64_t> getConstantZero(Value zero) {
  DenseElementsAttr attribute;
  if (!zero)
    return 0;
  if (!matchPattern(zero, m_Constant(&attribute)) || !attribute.isSplat() ||
      !isa<IntegerType>(attribute.getElementType()))
    return std::nullopt;
  APInt number = attribute.getSplatValue<APInt>();
  return attribute.getElementType().isUnsignedInteger()
             ? int64_t(number.getZExtValue())
             : number.getSExtValue();
}

/// Zero points as the component of a format: signless, a byte at least.
static Value makeZeros(Emit &e, Value zero, Value scale) {
  auto type = cast<IntegerType>(e.element(zero));
  MLIRContext *context = e.b.getContext();
  if (type.getWidth() < 8)
    zero = e.cast(zero, IntegerType::get(context, 8, type.getSignedness()));
  unsigned bits = std::max(type.getWidth(), 8u);
  zero = e.bitcast(zero, IntegerType::get(context, bits));
  if (!zero)
    return {};
  if (e.rank(scale) == 0)
    return e.asScalar(zero);
  if (e.math.isConstant(e.numElements(zero), 1) &&
      e.rank(zero) != e.rank(scale))
    zero = e.asScalar(zero);
  return e.expand(zero, e.extents(scale));
}

Format qcc::importer::makeFormat(Emit &e, RankedTensorType like, Type valueType,
                                 Type codes, const Scaling &scaling) {
  StringRef codec = getCodecName(codes);
  Value scale = scaling.scale;
  if (codec.empty() || !scale)
    return {};
  MLIRContext *context = e.b.getContext();
  Type scaleType = e.element(scale);
  bool isOne = !scaling.block && e.math.isConstant(e.numElements(scale), 1);
  if (isOne)
    scale = e.asScalar(scale);

  Attribute zeroAttr;
  Value zeros;
  if (std::optional<int64_t> constant = getConstantZero(scaling.zero)) {
    if (*constant)
      zeroAttr = e.b.getI64IntegerAttr(*constant);
  } else if (isa<IntegerType>(e.element(scaling.zero))) {
    zeroAttr = e.b.getUnitAttr();
    zeros = makeZeros(e, scaling.zero, scale);
    if (!zeros)
      return {};
  }

  // Types and zero points are the model's, so they may be impossible ones.
  auto emitError = [&]() { return mlir::emitError(e.loc); };
  qnn::Scaling attr;
  if (isOne) {
    attr = qnn::TensorScalingAttr::getChecked(emitError, context, scaleType,
                                              zeroAttr);
  } else if (!scaling.block) {
    attr = qnn::AxisScalingAttr::getChecked(emitError, context, scaling.axis,
                                            scaleType, zeroAttr);
  } else {
    SmallVector<int64_t> block(like.getRank(), 1);
    block[scaling.axis] = scaling.block;
    attr = qnn::BlockScalingAttr::getChecked(
        emitError, context, ArrayRef<int64_t>(block), scaleType, zeroAttr);
  }
  if (!attr)
    return {};
  auto format = qnn::FormatAttr::getChecked(
      emitError, context, codec, attr,
      qnn::Layout(qnn::DenseLayoutAttr::get(context)));
  if (!format)
    return {};
  auto type = qnn::FormattedType::getChecked(
      emitError, context, like.getShape(), valueType, format);
  if (!type)
    return {};
  Format result{type, {}};
  for (const qnn::Component &component : type.getParameters()) {
    bool isScale = component.kind == qnn::Component::Scales;
    Value v = castShape(e, isScale ? scale : zeros, component.type);
    if (!v)
      return {};
    result.parameters.push_back(v);
  }
  return result;
}

Value qcc::importer::wrap(Emit &e, Value codes, const Scaling &scaling,
                          Type valueType) {
  if (!codes)
    return {};
  Format format =
      makeFormat(e, e.type(codes), valueType, e.element(codes), scaling);
  if (!format.type)
    return {};
  unsigned bits = e.element(codes).getIntOrFloatBitWidth();
  SmallVector<Value> components{
      e.bitcast(codes, IntegerType::get(e.b.getContext(), bits))};
  components.append(format.parameters);
  Value result = qnn::WrapOp::create(e.b, e.loc, format.type, components);
  e.setExtents(result, e.extents(codes));
  return result;
}

Value qcc::importer::unwrapCodes(Emit &e, Value formatted, Type codes) {
  if (!formatted)
    return {};
  auto op = qnn::UnwrapOp::create(e.b, e.loc, formatted);
  Value result = op->getResult(0);
  e.setExtents(result, e.extents(formatted));
  return e.bitcast(result, codes);
}

//===----------------------------------------------------------------------===//
// By arithmetic
//===----------------------------------------------------------------------===//

Value qcc::importer::spread(Emit &e, Value v, Value like,
                            const Scaling &scaling) {
  if (!v)
    return {};
  int64_t rank = e.rank(like), axis = scaling.axis;
  if (!scaling.block) {
    if (e.math.isConstant(e.numElements(v), 1))
      return e.asScalar(v);
    Extents line(rank, e.math.constant(1));
    line[axis] = e.numElements(v);
    return e.reshape(v, line);
  }
  // Each scale repeated, and the last block cut.
  Extents apart = e.extents(v), repeated, joined = apart;
  apart.insert(apart.begin() + axis + 1, e.math.constant(1));
  repeated = apart;
  repeated[axis + 1] = e.math.constant(scaling.block);
  joined[axis] = e.math.mul(joined[axis], e.math.constant(scaling.block));
  Value wide = e.reshape(e.expand(e.reshape(v, apart), repeated), joined);
  return e.slice(wide, axis, e.math.constant(0), e.extent(like, axis));
}

Value qcc::importer::dequantize(Emit &e, Value codes, const Scaling &scaling,
                                Type valueType) {
  if (!codes || !scaling.scale)
    return {};
  if (e.element(codes).getIntOrFloatBitWidth() >= 8 &&
      !getCodecName(e.element(codes)).empty() && isa<FloatType>(valueType)) {
    Value wrapped = wrap(e, codes, scaling, valueType);
    if (!wrapped)
      return {};
    Value result = e.make<qnn::DecodeOp>(wrapped);
    if (result)
      e.setExtents(result, e.extents(codes));
    return result;
  }
  Type f32 = e.b.getF32Type();
  Value x = e.cast(codes, f32);
  if (scaling.zero && isa<IntegerType>(e.element(codes)))
    x = e.sub(x, spread(e, e.cast(scaling.zero, f32), codes, scaling));
  x = e.mul(x, spread(e, e.cast(scaling.scale, f32), codes, scaling));
  return e.cast(x, valueType);
}

static Value cast(Emit &e, Value x, Type to, bool saturate) {
  if (!x)
    return {};
  Value result = qnn::CastOp::create(e.b, e.loc, e.type(x).clone(to), x,
                                     saturate, StringAttr());
  e.setExtents(result, e.extents(x));
  return result;
}

Value qcc::importer::quantize(Emit &e, Value x, const Scaling &scaling,
                              Type codes, bool saturate) {
  if (!x || !scaling.scale)
    return {};
  unsigned bits = codes.getIntOrFloatBitWidth();
  if (!e.isFloat(x))
    x = e.cast(x, e.b.getF32Type());
  if (isa<IntegerType>(codes) && bits >= 8 && !getCodecName(codes).empty()) {
    Format format = makeFormat(e, e.type(x), e.element(x), codes, scaling);
    if (!format.type)
      return {};
    Value encoded =
        qnn::EncodeOp::create(e.b, e.loc, format.type, x, format.parameters);
    e.setExtents(encoded, e.extents(x));
    return unwrapCodes(e, encoded, codes);
  }
  Type f32 = e.b.getF32Type();
  Value ratio =
      e.div(e.cast(x, f32), spread(e, e.cast(scaling.scale, f32), x, scaling));
  auto integer = dyn_cast<IntegerType>(codes);
  if (!integer)
    return ::cast(e, ratio, codes, saturate);
  Value rounded = e.unary(UnaryKind::round, ratio);
  if (scaling.zero)
    rounded = e.add(rounded, spread(e, e.cast(scaling.zero, f32), x, scaling));
  double low = integer.isUnsigned() ? 0 : -std::ldexp(1.0, bits - 1);
  double high = std::ldexp(1.0, bits - !integer.isUnsigned()) - 1;
  // Not max, which keeps NaN: that becomes the lowest code.
  Value lowest = e.scalar(low, f32);
  rounded = e.select(e.compare(qnn::CompareKind::gt, rounded, lowest), rounded,
                     lowest);
  return e.cast(e.min(rounded, e.scalar(high, f32)), codes);
}
