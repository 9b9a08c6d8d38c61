// ONNX's own operators on quantized numbers.

#include "lib/Import/ONNX/Quantized.h"

#include "lib/Import/ONNX/Quantization.h"
#include "lib/Import/ONNX/Window.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

//===----------------------------------------------------------------------===//
// QuantizeLinear and DequantizeLinear
//===----------------------------------------------------------------------===//

static std::string getName(const ElementType &element, int64_t number) {
  return element.name.empty() ? std::to_string(number) : element.name.str();
}

/// Scales are real numbers; zero points are codes, whose type is null where it
/// is that of the zero points.
static LogicalResult checkTypes(Node &n, const Scaling &s, Type codes) {
  if (!n.e.isFloat(s.scale))
    return n.error() << "has scales of " << n.e.element(s.scale)
                     << "; qcc takes floating-point ones";
  if (s.zero && codes && n.e.element(s.zero) != codes)
    return n.error() << "has zero points of " << n.e.element(s.zero)
                     << " for codes of " << codes << "; they are of one type";
  return success();
}

/// The shape of scales that differ along the axis of `x`, by its elements or by
/// blocks of them.
static SmallVector<int64_t> getScaleShape(const Scaling &s,
                                          RankedTensorType x) {
  int64_t extent = x.getDimSize(s.axis);
  if (!s.block)
    return {extent};
  SmallVector<int64_t> shape(x.getShape());
  if (!ShapedType::isDynamic(extent))
    shape[s.axis] = llvm::divideCeil(extent, s.block);
  return shape;
}

/// Whether scales fit the values, and zero points the scales. One zero point
/// serves scales along an axis, and a vector of one element is as a scalar.
static LogicalResult checkShapes(Node &n, const Scaling &s, RankedTensorType x,
                                 bool isOne) {
  SmallVector<int64_t> wanted(n.e.shape(s.scale));
  if (!isOne)
    wanted = getScaleShape(s, x);
  if (failed(verifyCompatibleShape(n.e.shape(s.scale), wanted)))
    return n.error() << "has scales of " << n.e.type(s.scale)
                     << " for values of " << x << ", which need "
                     << n.e.type(s.scale).clone(wanted);
  if (!s.zero ||
      (!s.block && n.e.math.isConstant(n.e.numElements(s.zero), 1)) ||
      (!isOne &&
       succeeded(verifyCompatibleShape(n.e.shape(s.zero), n.e.shape(s.scale)))))
    return success();
  return n.error() << "has zero points of " << n.e.type(s.zero)
                   << " for scales of " << n.e.type(s.scale)
                   << "; each scale has one";
}

/// Inputs 1 and 2 of a node whose input 0 is of the shape of `x`.
static FailureOr<Scaling> getScaling(Node &n, RankedTensorType x, Type codes) {
  Scaling s;
  s.scale = n.in(1);
  s.zero = n.optional(2);
  if (!s.scale || failed(checkTypes(n, s, codes)))
    return failure();
  s.block = n.getInt("block_size", 0);
  // Before version 13 there was one scale, and it needed no axis.
  bool isOne = n.e.math.isConstant(n.e.numElements(s.scale), 1) && !s.block;
  if (!isOne) {
    FailureOr<int64_t> axis = n.axis(n.getInt("axis", 1), x.getRank());
    if (failed(axis))
      return failure();
    s.axis = *axis;
  }
  int64_t wanted = s.block ? x.getRank() : 1;
  if (s.block < 0 || (!isOne && n.e.rank(s.scale) != wanted)) {
    n.error() << "has scales of " << n.e.type(s.scale) << " and block_size "
              << s.block << " for values of " << x;
    return failure();
  }
  if (failed(checkShapes(n, s, x, isOne)))
    return failure();
  return s;
}

/// Codes narrower than a byte as the component that holds them: packed, each
/// row from a byte of its own. ONNX packs all rows as one.
static Value makePackedCodes(Node &n, const TensorView &view) {
  Ints shape = view.type.getShape();
  unsigned bits = view.element.bits, perByte = 8 / bits;
  RankedTensorType type = qnn::getPackedType(n.e.b.getContext(), shape, bits);
  int64_t width = shape.empty() ? 1 : shape.back();
  TensorView packed = view;
  packed.type = type;
  packed.element = {"INT8", type.getElementType(), 8};
  if (width % perByte != 0 && view.type.getNumElements() > width) {
    std::string bytes(type.getNumElements(), '\0');
    int64_t rowBytes = type.getShape().back();
    unsigned mask = (1u << bits) - 1;
    for (int64_t i = 0, e = view.type.getNumElements(); i < e; ++i) {
      unsigned code = view.data[i / perByte] >> (i % perByte * bits) & mask;
      int64_t column = i % width;
      bytes[i / width * rowBytes + column / perByte] |=
          char(code << (column % perByte * bits));
    }
    packed.owner = copyBytes(bytes);
    packed.data = packed.owner->get();
  }
  return n.e.constant(makeAttribute(packed, "codes"));
}

/// A constant of narrow codes keeps its bytes; anything else is a value.
static Value dequantizeNarrow(Node &n, const TensorView &view,
                              const Scaling &scaling, Type valueType) {
  Format format =
      makeFormat(n.e, view.type, valueType, view.element.type, scaling);
  if (!format.type)
    return {};
  SmallVector<Value> components{makePackedCodes(n, view)};
  components.append(format.parameters);
  Value wrapped = qnn::WrapOp::create(n.e.b, n.e.loc, format.type, components);
  return n.e.make<qnn::DecodeOp>(wrapped);
}

static LogicalResult importDequantizeLinear(Node &n) {
  const TensorView *view = n.tensor(0);
  bool isNarrow = view && view->element.bits < 8 &&
                  !getCodecName(view->element.type).empty() &&
                  view->type.getRank() > 0;
  Value x = isNarrow ? Value() : n.in(0);
  if (!isNarrow && !x)
    return failure();
  FailureOr<Scaling> scaling =
      isNarrow ? getScaling(n, view->type, view->element.type)
               : getScaling(n, n.e.type(x), n.e.element(x));
  if (failed(scaling))
    return failure();
  Type valueType = n.e.element(scaling->scale);
  // Scales of powers of two give f32 where nothing else is asked for.
  if (valueType.getIntOrFloatBitWidth() < 16)
    valueType = n.e.b.getF32Type();
  if (int64_t wanted = n.getInt("output_dtype", 0)) {
    ElementType element = getElementType(wanted, n.e.b.getContext());
    if (!isa_and_nonnull<FloatType>(element.type) || element.bits < 16)
      return n.unsupported("output_dtype is " + getName(element, wanted) +
                           "; real numbers are FLOAT, FLOAT16, BFLOAT16 or "
                           "DOUBLE");
    valueType = element.type;
  }
  return n.result(isNarrow ? dequantizeNarrow(n, *view, *scaling, valueType)
                           : dequantize(n.e, x, *scaling, valueType));
}

/// x / scale rounded to the type; the scaling is then one of ones.
static Value divide(Emit &e, Value x, Scaling &scaling, Type precision) {
  Value scale = e.cast(scaling.scale, precision);
  Value ratio = e.div(e.cast(x, precision), spread(e, scale, x, scaling));
  Type f32 = e.b.getF32Type();
  scaling.scale = e.splat(e.scalar(1, f32), e.extents(scaling.scale));
  return e.cast(ratio, f32);
}

static LogicalResult importQuantizeLinear(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  Type codes;
  if (int64_t wanted = n.getInt("output_dtype", 0)) {
    ElementType element = getElementType(wanted, n.e.b.getContext());
    if (!element.type)
      return n.unsupported("output_dtype is " + getName(element, wanted));
    codes = element.type;
  }
  FailureOr<Scaling> scaling = getScaling(n, n.e.type(x), codes);
  if (failed(scaling))
    return failure();
  if (!codes)
    codes = scaling->zero ? n.e.element(scaling->zero)
                          : IntegerType::get(n.e.b.getContext(), 8,
                                             IntegerType::Unsigned);
  if (int64_t wanted = n.getInt("precision", 0)) {
    ElementType element = getElementType(wanted, n.e.b.getContext());
    if (!element.type || !(element.type.isF32() || element.type.isF16() ||
                           element.type.isBF16()))
      return n.unsupported("precision is " + getName(element, wanted) +
                           "; x is divided by its scale in FLOAT, FLOAT16 or "
                           "BFLOAT16");
    if (!element.type.isF32())
      x = divide(n.e, x, *scaling, element.type);
  }
  return n.result(
      quantize(n.e, x, *scaling, codes, n.getInt("saturate", 1) != 0));
}

FailureOr<DynamicCodes> qcc::importer::quantizeDynamically(Emit &e, Value x) {
  if (!x)
    return failure();
  if (!e.element(x).isF32()) {
    e.fail("quantizes f32 only");
    return failure();
  }
  MLIRContext *context = e.b.getContext();
  auto scaling =
      qnn::TensorScalingAttr::get(context, e.b.getF32Type(), e.b.getUnitAttr());
  auto format = qnn::FormatAttr::get("uint8", scaling,
                                     qnn::DenseLayoutAttr::get(context));
  Value encoded = qnn::EncodeAutoOp::create(
      e.b, e.loc, qnn::FormattedType::get(e.type(x), format), x);
  auto op = qnn::UnwrapOp::create(e.b, e.loc, encoded);
  e.setExtents(op->getResult(0), e.extents(x));
  Type u8 = IntegerType::get(context, 8, IntegerType::Unsigned);
  return DynamicCodes{e.bitcast(op->getResult(0), u8), op->getResult(1),
                      e.bitcast(op->getResult(2), u8)};
}

/// Codes, scale and zero point of uint8 by the range of the input.
static LogicalResult importDynamicQuantizeLinear(Node &n) {
  FailureOr<DynamicCodes> result = quantizeDynamically(n.e, n.in(0));
  if (failed(result))
    return failure();
  n.set(0, result->codes);
  n.set(1, result->scale);
  n.set(2, result->zero);
  return success();
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

/// Codes as integers of i32 without their zero point.
Value qcc::importer::centered(Emit &e, Value codes, Value zero) {
  Type i32 = e.b.getI32Type();
  Value x = e.cast(codes, i32);
  return zero ? e.sub(x, e.cast(zero, i32)) : x;
}

static Value one(Emit &e) { return e.scalar(1, e.b.getF32Type()); }

static bool isSingle(Emit &e, Value v) {
  return !v || e.math.isConstant(e.numElements(v), 1);
}

static LogicalResult importMatMulInteger(Node &n) {
  Emit &e = n.e;
  Value a = n.in(0), b = a ? n.in(1) : Value();
  if (!b)
    return failure();
  Value aZero = n.optional(2), bZero = n.optional(3);
  return n.result(matmulInteger(e, a, aZero, b, bZero));
}

Value qcc::importer::matmulInteger(Emit &e, Value a, Value aZero, Value b,
                                   Value bZero) {
  if (!a || !b)
    return {};
  Type f32 = e.b.getF32Type();
  bool isPerColumn = bZero && e.rank(bZero) == 1 && !isSingle(e, bZero);
  if (isSingle(e, aZero) && (isSingle(e, bZero) || isPerColumn) &&
      e.rank(a) >= 2 && e.rank(b) >= 2) {
    Value columns = one(e);
    if (isPerColumn)
      columns = e.splat(columns, e.extents(bZero));
    Value x = wrap(e, a, {one(e), aZero}, f32);
    Value y = wrap(e, b, {columns, bZero, e.rank(b) - 1}, f32);
    return e.matmul(x, y, /*transposeY=*/false, /*accumulators=*/true);
  }
  // Zero points of rows: [M] belongs to [.., M, K].
  if (aZero && e.rank(aZero) == 1 && !isSingle(e, aZero))
    aZero = e.unsqueeze(aZero, {1});
  return e.matmul(centered(e, a, aZero), centered(e, b, bZero));
}

static LogicalResult importConvInteger(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), w = x ? n.in(1) : Value();
  if (!w)
    return failure();
  if (e.rank(x) != e.rank(w) || !e.type(w).hasStaticShape())
    return n.error() << "convolves " << e.type(x) << " with " << e.type(w);
  FailureOr<Window> window =
      getWindow(n, e.extents(x), e.shape(w).drop_front(2));
  if (failed(window))
    return failure();
  Value xZero = n.optional(2), wZero = n.optional(3), channels = one(e);
  if (!isSingle(e, wZero))
    channels = e.splat(channels, e.extents(wZero));
  Type f32 = e.b.getF32Type();
  return n.result(makeConv(e, wrap(e, x, {one(e), xZero}, f32),
                           wrap(e, w, {channels, wZero, 0}, f32), {}, *window,
                           n.getInt("group", 1), /*accumulators=*/true));
}

Value qcc::importer::requantize(Emit &e, Value accumulators, Value inputScale,
                                Value weightsScale, const Scaling &result,
                                Type codes, int64_t axis) {
  if (!accumulators || !inputScale || !weightsScale)
    return {};
  Type f32 = e.b.getF32Type();
  Scaling scaling = result;
  scaling.scale = e.asScalar(e.cast(result.scale, f32));
  Format format = makeFormat(e, e.type(accumulators), f32, codes, scaling);
  if (!format.type)
    return {};
  weightsScale = e.cast(weightsScale, f32);
  if (e.math.isConstant(e.numElements(weightsScale), 1))
    weightsScale = e.asScalar(weightsScale);
  Value encoded =
      qnn::RequantizeOp::create(e.b, e.loc, format.type, accumulators,
                                e.asScalar(e.cast(inputScale, f32)),
                                weightsScale, format.parameters, axis);
  e.setExtents(encoded, e.extents(accumulators));
  return unwrapCodes(e, encoded, codes);
}

/// Inputs x, its scale and zero point, w and its, y's, and an i32 bias.
static LogicalResult importQLinearConv(Node &n) {
  Emit &e = n.e;
  SmallVector<Value> in;
  for (int i = 0; i < 8; ++i)
    if (!(in.emplace_back(n.in(i))))
      return failure();
  Value x = in[0], w = in[3];
  if (e.rank(x) != e.rank(w) || !e.type(w).hasStaticShape())
    return n.error() << "convolves " << e.type(x) << " with " << e.type(w);
  FailureOr<Window> window =
      getWindow(n, e.extents(x), e.shape(w).drop_front(2));
  if (failed(window))
    return failure();
  Type f32 = e.b.getF32Type();
  Value sums = makeConv(e, wrap(e, x, {in[1], in[2]}, f32),
                        wrap(e, w, {in[4], in[5], 0}, f32), n.optional(8),
                        *window, n.getInt("group", 1), /*accumulators=*/true);
  return n.result(
      requantize(e, sums, in[1], in[4], {in[6], in[7]}, e.element(in[7]), 1));
}

/// Inputs a, its scale and zero point, b and its, y's.
static LogicalResult importQLinearMatMul(Node &n) {
  Emit &e = n.e;
  SmallVector<Value> in;
  for (int i = 0; i < 8; ++i)
    if (!(in.emplace_back(n.in(i))))
      return failure();
  Value a = in[0], b = in[3];
  if (!isSingle(e, in[1]) || !isSingle(e, in[2]))
    return n.unsupported("the scale or zero point of a is not one number");
  if (!isSingle(e, in[4]) && e.rank(in[4]) != 1)
    return n.unsupported("the scale of b is not one for each column");
  if (e.rank(a) < 2 || e.rank(b) < 2)
    return n.unsupported("an operand is a vector");
  Type f32 = e.b.getF32Type();
  Scaling left{e.cast(in[1], f32), in[2]},
      right{e.cast(in[4], f32), in[5], e.rank(b) - 1};
  Value sums = e.matmul(wrap(e, a, left, f32), wrap(e, b, right, f32),
                        /*transposeY=*/false, /*accumulators=*/true);
  if (!sums)
    return failure();
  return n.result(requantize(e, sums, in[1], in[4], {in[6], in[7]},
                             e.element(in[7]), e.rank(sums) - 1));
}

void qcc::importer::addQuantized(OperatorTable &t) {
  t.add("QuantizeLinear", importQuantizeLinear, 10);
  t.add("DequantizeLinear", importDequantizeLinear, 10);
  t.addMicrosoft("QuantizeLinear", importQuantizeLinear);
  t.addMicrosoft("DequantizeLinear", importDequantizeLinear);
  t.add("DynamicQuantizeLinear", importDynamicQuantizeLinear, 11);
  t.add("MatMulInteger", importMatMulInteger, 10);
  t.add("ConvInteger", importConvInteger, 10);
  t.add("QLinearConv", importQLinearConv, 10);
  t.add("QLinearMatMul", importQLinearMatMul, 10);
}
