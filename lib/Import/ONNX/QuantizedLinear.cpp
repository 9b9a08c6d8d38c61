// com.microsoft's operators on quantized numbers, as ONNX Runtime's quantizer
// writes them in its QOperator format. Most are equal to their float namesake
// between decode and encode on every input.

#include "lib/Import/ONNX/Quantized.h"
#include "lib/Import/ONNX/Window.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

/// Codes, scale and zero point at three inputs, as f32.
static Value decodeAt(Node &n, int i) {
  Value x = n.in(i), scale = x ? n.in(i + 1) : Value();
  if (!scale)
    return {};
  return dequantize(n.e, x, {scale, n.optional(i + 2)}, n.e.b.getF32Type());
}

/// `x` in codes by scale and zero point at two inputs, of the type of `like`
/// where there is no zero point.
static LogicalResult encodeBy(Node &n, Value x, int i, Type like) {
  Value scale = x ? n.in(i) : Value();
  if (!scale)
    return failure();
  Value zero = n.optional(i + 1);
  Type codes = zero ? n.e.element(zero) : like;
  return n.result(quantize(n.e, x, {scale, zero}, codes));
}

static Type getCodes(Node &n, int i) {
  Value x = n.in(i);
  return x ? n.e.element(x) : Type();
}

static LogicalResult importQLinearAdd(Node &n) {
  return encodeBy(n, n.e.add(decodeAt(n, 0), decodeAt(n, 3)), 6,
                  getCodes(n, 0));
}

/// The product of codes is exact, and rounded once.
static LogicalResult importQLinearMul(Node &n) {
  Emit &e = n.e;
  for (int i : {0, 1, 3, 4, 6})
    if (!n.in(i))
      return failure();
  Value product = e.mul(centered(e, n.in(0), n.optional(2)),
                        centered(e, n.in(3), n.optional(5)));
  Value zero = n.optional(7);
  return n.result(requantize(e, product, n.in(1), n.in(4), {n.in(6), zero},
                             zero ? e.element(zero) : getCodes(n, 0), 0));
}

static LogicalResult importQLinearSigmoid(Node &n) {
  return encodeBy(n, n.e.unary(UnaryKind::sigmoid, decodeAt(n, 0)), 3,
                  getCodes(n, 0));
}

static LogicalResult importQLinearLeakyRelu(Node &n) {
  Emit &e = n.e;
  Value x = decodeAt(n, 0);
  if (!x)
    return failure();
  Value isNegative = e.compare(qnn::CompareKind::lt, x, e.scalarLike(0, x));
  Value y = e.select(isNegative, e.mul(x, n.getFloat("alpha", 0.01)), x);
  return encodeBy(n, y, 3, getCodes(n, 0));
}

static LogicalResult importQLinearAveragePool(Node &n) {
  Value x = decodeAt(n, 0);
  if (!x)
    return failure();
  if (n.getInt("channels_last", 0))
    return n.unsupported("its channels come last");
  FailureOr<Window> window = getWindow(n, n.e.extents(x));
  if (failed(window))
    return failure();
  Value y = makePool(n.e, qnn::PoolKind::average, x, *window,
                     n.getInt("count_include_pad", 0) != 0);
  return encodeBy(n, y, 3, getCodes(n, 0));
}

static LogicalResult importQLinearGlobalAveragePool(Node &n) {
  Value x = decodeAt(n, 0);
  if (!x)
    return failure();
  if (n.getInt("channels_last", 0))
    return n.unsupported("its channels come last");
  SmallVector<int64_t> axes;
  for (int64_t axis = 2; axis < n.e.rank(x); ++axis)
    axes.push_back(axis);
  return encodeBy(n, n.e.reduce(ReduceKind::mean, x, axes, true), 3,
                  getCodes(n, 0));
}

static LogicalResult importQLinearConcat(Node &n) {
  SmallVector<Value> parts;
  for (int i = 2; i + 1 < n.numInputs(); i += 3)
    if (!parts.emplace_back(decodeAt(n, i)))
      return failure();
  if (parts.empty())
    return n.error() << "joins nothing";
  FailureOr<int64_t> axis =
      n.axis(n.getInt("axis", 0), n.e.rank(parts.front()));
  if (failed(axis))
    return failure();
  return encodeBy(n, n.e.concat(parts, *axis), 0, getCodes(n, 2));
}

static LogicalResult importQLinearSoftmax(Node &n) {
  Value x = decodeAt(n, 0);
  if (!x)
    return failure();
  FailureOr<int64_t> axis = n.axis(n.getInt("axis", -1), n.e.rank(x));
  if (failed(axis))
    return failure();
  // Of the operator set that the attribute names: before 13 along all axes from
  // this one on.
  SmallVector<int64_t> axes{*axis};
  if (n.getInt("opset", 13) < 13)
    for (int64_t each = *axis + 1; each < n.e.rank(x); ++each)
      axes.push_back(each);
  return encodeBy(n, n.e.softmax(x, axes), 3, getCodes(n, 0));
}

static LogicalResult importQLinearWhere(Node &n) {
  Value condition = n.in(0);
  Value x = condition ? decodeAt(n, 1) : Value();
  Value y = x ? decodeAt(n, 4) : Value();
  return encodeBy(n, n.e.select(condition, x, y), 7, getCodes(n, 1));
}

/// alpha * A * B + C, with C in units of sA * sB * alpha.
static LogicalResult importQGemm(Node &n) {
  Emit &e = n.e;
  for (int i : {0, 1, 3, 4})
    if (!n.in(i))
      return failure();
  Value a = n.in(0), b = n.in(3), bScale = n.in(4), bZero = n.optional(5);
  if (e.rank(a) != 2 || e.rank(b) != 2)
    return n.error() << "multiplies matrices, got " << e.type(a) << " and "
                     << e.type(b);
  if (n.getInt("transA", 0))
    a = e.transpose(a, {1, 0});
  if (n.getInt("transB", 0))
    b = e.transpose(b, {1, 0});
  Value sums = matmulInteger(e, a, n.optional(2), b, bZero);
  if (n.has(6))
    sums = e.add(sums, n.in(6));
  Value inputScale = n.in(1);
  double alpha = n.getFloat("alpha", 1.0);
  if (alpha != 1.0)
    inputScale = e.mul(inputScale, alpha);
  if (n.has(7)) {
    Value zero = n.optional(8);
    return n.result(requantize(e, sums, inputScale, bScale, {n.in(7), zero},
                               zero ? e.element(zero) : e.element(a), 1));
  }
  Value unit = e.mul(e.asScalar(inputScale), bScale);
  return n.result(e.mul(e.cast(sums, e.b.getF32Type()), unit));
}

/// f32(acc) * (sA * sB) + bias.
static Value scaleSums(Node &n, Value sums, Value aScale, Value bScale,
                       Value bias) {
  Emit &e = n.e;
  if (!sums || !aScale || !bScale)
    return {};
  Value unit = e.mul(e.asScalar(aScale), bScale);
  Value y = e.mul(e.cast(sums, e.element(aScale)), unit);
  return bias ? e.add(y, bias) : y;
}

static LogicalResult importMatMulIntegerToFloat(Node &n) {
  Value sums =
      matmulInteger(n.e, n.in(0), n.optional(4), n.in(1), n.optional(5));
  return n.result(scaleSums(n, sums, n.in(2), n.in(3), n.optional(6)));
}

static LogicalResult importDynamicQuantizeMatMul(Node &n) {
  Emit &e = n.e;
  Value a = n.in(0), b = a ? n.in(1) : Value();
  if (!b)
    return failure();
  FailureOr<DynamicCodes> codes = quantizeDynamically(e, a);
  if (failed(codes))
    return failure();
  Value sums = matmulInteger(e, codes->codes, codes->zero, b, n.optional(3));
  return n.result(scaleSums(n, sums, codes->scale, n.in(2), n.optional(4)));
}

void qcc::importer::addQuantizedLinear(OperatorTable &t) {
  t.addMicrosoft("QLinearAdd", importQLinearAdd);
  t.addMicrosoft("QLinearMul", importQLinearMul);
  t.addMicrosoft("QLinearSigmoid", importQLinearSigmoid);
  t.addMicrosoft("QLinearLeakyRelu", importQLinearLeakyRelu);
  t.addMicrosoft("QLinearAveragePool", importQLinearAveragePool);
  t.addMicrosoft("QLinearGlobalAveragePool", importQLinearGlobalAveragePool);
  t.addMicrosoft("QLinearConcat", importQLinearConcat);
  t.addMicrosoft("QLinearSoftmax", importQLinearSoftmax);
  t.addMicrosoft("QLinearWhere", importQLinearWhere);
  t.addMicrosoft("QGemm", importQGemm);
  t.addMicrosoft("MatMulIntegerToFloat", importMatMulIntegerToFloat);
  t.addMicrosoft("DynamicQuantizeMatMul", importDynamicQuantizeMatMul);
}
