// Pools.

#include "lib/Import/ONNX/Window.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::PoolKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

Value qcc::importer::makePool(Emit &e, PoolKind kind, Value x,
                              const Window &window, bool countPadding) {
  if (!x)
    return {};
  std::optional<SmallVector<int64_t>> pads = window.getPads();
  if (!pads)
    return e.fail("has pads that are negative or depend on a dynamic extent, "
                  "and counts no padding, which is not supported; fix the "
                  "extent with --shape, or write the pads as a Pad");
  // Before the op, since what it checks protects the op.
  Extents own = e.extents(x), extents{own[0], own[1]};
  extents.append(
      window.getCounts(e, ArrayRef<OpFoldResult>(own).drop_front(2)));
  Value result = e.make<qnn::PoolOp>(
      kind, x, Ints(window.size), Ints(window.strides), Ints(*pads),
      Ints(window.dilations), window.ceilMode, countPadding,
      /*channels_last=*/false);
  if (result)
    e.setExtents(result, extents);
  return result;
}

/// The lowest number of the type, which a maximum ignores.
static Value getLowest(Emit &e, Type type) {
  if (isa<FloatType>(type))
    return e.scalar(-std::numeric_limits<double>::infinity(), type);
  unsigned bits = type.getIntOrFloatBitWidth();
  return e.scalar(type.isUnsignedInteger() ? 0.0 : -std::ldexp(1.0, bits - 1),
                  type);
}

static LogicalResult importMaxPool(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Window> window = getWindow(n, n.e.extents(x));
  if (failed(window))
    return failure();
  if (n.wants(1))
    return n.unsupported("its output 1, the positions of the largest elements, "
                         "is not computed");
  if (!window->getPads())
    x = makePadsExplicit(n.e, *window, x, getLowest(n.e, n.e.element(x)));
  return n.result(makePool(n.e, PoolKind::max, x, *window, false));
}

static LogicalResult importAveragePool(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Window> window = getWindow(n, n.e.extents(x));
  if (failed(window))
    return failure();
  bool countsPadding = n.getInt("count_include_pad", 0) != 0;
  if (countsPadding && !window->getPads())
    x = makePadsExplicit(n.e, *window, x);
  return n.result(makePool(n.e, PoolKind::average, x, *window, countsPadding));
}

static Value power(Emit &e, Value x, double exponent) {
  if (exponent == 1)
    return x;
  if (exponent == 2)
    return e.mul(x, x);
  if (exponent == 0.5)
    return e.unary(UnaryKind::sqrt, x);
  return e.binary(BinaryKind::pow, x, exponent);
}

/// (sum |x|^p)^(1/p): the mean of a window times its number of elements.
static LogicalResult importLpPool(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Window> window = getWindow(n, e.extents(x));
  if (failed(window))
    return failure();
  double p = n.getInt("p", 2), count = 1;
  for (int64_t size : window->size)
    count *= size;
  Type element = e.element(x);
  Value powers = power(e, e.unary(UnaryKind::abs, e.widen(x)), p);
  // Zeros add nothing to a sum. Where a last window reaches beyond the padding
  // its mean counts fewer elements, so those are padded, too.
  if (window->ceilMode) {
    Extents own = e.extents(x);
    ArrayRef<OpFoldResult> spatial(own);
    spatial = spatial.drop_front(2);
    Extents counts = window->getCounts(e, spatial);
    for (int64_t axis : llvm::seq(window->rank())) {
      OpFoldResult needed =
          e.math.add(e.math.mul(e.math.sub(counts[axis], e.math.constant(1)),
                                e.math.constant(window->strides[axis])),
                     e.math.constant(window->reach(axis)));
      window->after[axis] = e.math.max(
          window->after[axis],
          e.math.sub(needed, e.math.add(spatial[axis], window->before[axis])));
    }
    window->ceilMode = false;
  }
  powers = makePadsExplicit(e, *window, powers);
  Value sum =
      e.mul(makePool(e, PoolKind::average, powers, *window, true), count);
  return n.result(e.cast(power(e, sum, 1 / p), element));
}

static SmallVector<int64_t> getSpatialAxes(Emit &e, Value x) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 2; axis < e.rank(x); ++axis)
    axes.push_back(axis);
  return axes;
}

template <ReduceKind kind> static LogicalResult importGlobalPool(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  return n.result(n.e.reduce(kind, x, getSpatialAxes(n.e, x), true));
}

static LogicalResult importGlobalLpPool(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  double p = n.getInt("p", 2);
  Value powers = power(e, e.unary(UnaryKind::abs, e.widen(x)), p);
  Value sum = e.reduce(ReduceKind::sum, powers, getSpatialAxes(e, x), true);
  return n.result(e.cast(power(e, sum, 1 / p), e.element(x)));
}

void qcc::importer::addPooling(OperatorTable &t) {
  t.add("MaxPool", importMaxPool);
  t.add("AveragePool", importAveragePool);
  t.add("LpPool", importLpPool);
  t.add("GlobalAveragePool", importGlobalPool<ReduceKind::mean>);
  t.add("GlobalMaxPool", importGlobalPool<ReduceKind::max>);
  t.add("GlobalLpPool", importGlobalLpPool);
}
