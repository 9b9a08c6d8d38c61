// Tensors that are made of extents and positions.

#include "lib/Import/ONNX/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::CompareKind;
using qnn::UnaryKind;

static LogicalResult importShape(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  int64_t rank = n.e.rank(x);
  auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = clamp(n.getInt("start", 0));
  int64_t end = std::max(start, clamp(n.getInt("end", rank)));
  Extents extents;
  for (int64_t axis = start; axis < end; ++axis)
    extents.push_back(n.e.extent(x, axis));
  return n.result(n.e.fromExtents(extents));
}

static LogicalResult importSize(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  return n.result(n.e.reshape(n.e.fromExtents({n.e.numElements(x)}), {}));
}

static LogicalResult importConstantOfShape(Node &n) {
  FailureOr<Extents> extents = n.requireExtents(0);
  if (failed(extents))
    return failure();
  Value value = n.hasAttribute("value") ? n.getTensor("value")
                                        : n.e.scalar(0, n.e.b.getF32Type());
  if (!value)
    return failure();
  if (n.e.type(value).getNumElements() != 1)
    return n.error() << "value has " << n.e.type(value).getNumElements()
                     << " elements in place of one";
  DenseElementsAttr number;
  if (matchPattern(value, m_Constant(&number)))
    value = n.e.constant(
        number.resizeSplat(RankedTensorType::get({}, n.e.element(value))));
  return n.result(n.e.splat(value, *extents));
}

/// A scalar of integers as an index.
static OpFoldResult asIndex(Emit &e, Value v) {
  return e.values.extract(e.cast(v, e.b.getI64Type())).front();
}

static LogicalResult importRange(Node &n) {
  Emit &e = n.e;
  Value start = e.asScalar(n.in(0)), limit = e.asScalar(n.in(1)),
        delta = e.asScalar(n.in(2));
  if (!start || !limit || !delta)
    return failure();
  Type element = e.element(start);
  OpFoldResult count;
  auto step = e.getNumbers(delta, 1);
  if (step && step->front() == 0)
    return n.error() << "a step of 0 leads nowhere";
  if (e.isFloat(start)) {
    auto from = e.getNumbers(start, 1), to = e.getNumbers(limit, 1);
    if (from && to && step) {
      double number = std::ceil((to->front() - from->front()) / step->front());
      if (!(number < 1e12))
        return n.error() << "has " << number << " elements";
      count = e.math.constant(std::max<int64_t>(0, int64_t(number)));
    } else {
      Value number =
          e.unary(UnaryKind::ceil, e.div(e.sub(limit, start), delta));
      if (!number)
        return failure();
      count = e.math.max(asIndex(e, number), e.math.constant(0));
    }
  } else {
    OpFoldResult from = asIndex(e, start), to = asIndex(e, limit);
    OpFoldResult by = asIndex(e, delta);
    // Known by way of the graph, where delta itself is no constant.
    if (getConstantIntValue(by) == 0)
      return n.error() << "a step of 0 leads nowhere";
    if (!getConstantIntValue(by))
      e.check(e.math.select(e.math.equal(by, e.math.constant(0)),
                            OpFoldResult(e.b.getBoolAttr(false)),
                            OpFoldResult(e.b.getBoolAttr(true))),
              "a step of 0 leads nowhere");
    count = e.math.max(e.math.ceilDiv(e.math.sub(to, from), by),
                       e.math.constant(0));
  }
  Value positions = e.iota({count}, 0, element);
  return n.result(e.add(e.mul(positions, delta), start));
}

/// column - row of a matrix with the extents of `like`'s innermost axes, as
/// i64.
static Value makeDiagonals(Emit &e, Value like) {
  Extents extents = e.extents(like);
  Extents matrix{extents.end()[-2], extents.end()[-1]};
  Type i64 = e.b.getI64Type();
  return e.sub(e.iota(matrix, 1, i64), e.iota(matrix, 0, i64));
}

static LogicalResult importTrilu(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  if (n.e.rank(x) < 2)
    return n.error() << "needs a matrix, got " << n.e.type(x);
  Value k =
      n.has(1) ? n.e.asScalar(n.in(1)) : n.e.scalar(0, n.e.b.getI64Type());
  CompareKind kept = n.getInt("upper", 1) ? CompareKind::ge : CompareKind::le;
  Value mask = n.e.compare(kept, makeDiagonals(n.e, x), k);
  return n.result(n.e.select(mask, x, n.e.scalarLike(0, x)));
}

static LogicalResult importEyeLike(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  if (n.e.rank(x) != 2)
    return n.error() << "needs a matrix, got " << n.e.type(x);
  Type element = n.e.element(x);
  if (n.hasAttribute("dtype")) {
    ElementType wanted =
        getElementType(n.getInt("dtype", 0), n.e.b.getContext());
    if (!wanted.type)
      return n.unsupported("dtype is " + wanted.name);
    element = wanted.type;
  }
  Value k = n.e.scalar(n.getInt("k", 0), n.e.b.getI64Type());
  Value mask = n.e.compare(CompareKind::eq, makeDiagonals(n.e, x), k);
  return n.result(n.e.cast(mask, element));
}

static LogicalResult importOneHot(Node &n) {
  Emit &e = n.e;
  Value indices = n.in(0), depth = e.asScalar(n.in(1)), values = n.in(2);
  if (!indices || !depth || !values)
    return failure();
  FailureOr<int64_t> axis = n.axis(n.getInt("axis", -1), e.rank(indices) + 1);
  if (failed(axis))
    return failure();
  if (e.rank(values) != 1)
    return n.error() << "values are [off, on], got " << e.type(values);
  Type i64 = e.b.getI64Type();
  depth = e.cast(depth, i64);
  auto known = e.getNumbers(depth, 1);
  OpFoldResult extent =
      known ? e.math.constant(int64_t(known->front())) : asIndex(e, depth);
  indices = e.cast(indices, i64);
  Value isNegative = e.compare(CompareKind::lt, indices, e.scalar(0, i64));
  indices = e.select(isNegative, e.add(indices, depth), indices);
  Extents positions(e.rank(indices) + 1, e.math.constant(1));
  positions[*axis] = extent;
  Value hit = e.compare(CompareKind::eq, e.unsqueeze(indices, {*axis}),
                        e.iota(positions, *axis, i64));
  auto getValue = [&](int64_t i) {
    return e.asScalar(
        e.slice(values, 0, e.math.constant(i), e.math.constant(1)));
  };
  return n.result(e.select(hit, getValue(1), getValue(0)));
}

/// Constants given as numbers; a tensor is an initializer to the graph.
static LogicalResult importConstant(Node &n) {
  Builder &b = n.e.b;
  if (n.hasAttribute("value"))
    return n.result(n.getTensor("value"));
  if (n.hasAttribute("value_float"))
    return n.result(n.e.scalar(n.getFloat("value_float", 0), b.getF32Type()));
  if (n.hasAttribute("value_int")) {
    int64_t number = n.getInt("value_int", 0);
    return n.result(n.e.constant(DenseElementsAttr::get(
        RankedTensorType::get({}, b.getI64Type()), number)));
  }
  if (auto numbers = n.getInts("value_ints"))
    return n.result(n.e.indices(*numbers));
  if (auto numbers = n.getFloats("value_floats")) {
    SmallVector<float> floats(numbers->begin(), numbers->end());
    auto type = RankedTensorType::get({int64_t(floats.size())}, b.getF32Type());
    return n.result(
        n.e.constant(DenseElementsAttr::get(type, ArrayRef<float>(floats))));
  }
  return n.unsupported("it is a constant of strings or a sparse one");
}

void qcc::importer::addShapes(OperatorTable &t) {
  t.add("Shape", importShape);
  t.add("Size", importSize);
  t.add("ConstantOfShape", importConstantOfShape, 9);
  t.add("Range", importRange, 11);
  t.add("Trilu", importTrilu, 14);
  t.add("EyeLike", importEyeLike, 9);
  t.add("OneHot", importOneHot, 9);
  t.add("Constant", importConstant);
}
