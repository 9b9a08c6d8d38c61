// Reductions along axes, running ones, and positions of extremes.

#include "lib/Import/ONNX/Axes.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::CumulateKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

/// Axes are an attribute first and an input later; none stands for all, unless
/// the node says that it stands for none.
static FailureOr<Axes> getReducedAxes(Node &n, Value x) {
  FailureOr<std::optional<Axes>> given = getAxes(n, "axes", 1, n.e.rank(x));
  if (failed(given))
    return failure();
  if (*given && !(*given)->empty())
    return **given;
  SmallVector<int64_t> all;
  if (!n.getInt("noop_with_empty_axes", 0))
    for (int64_t axis : llvm::seq(n.e.rank(x)))
      all.push_back(axis);
  return Axes(all);
}

using Reduction = Value (*)(Emit &, Value x, const Axes &axes, bool keep);

template <Reduction reduction> static LogicalResult importReduction(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Axes> axes = getReducedAxes(n, x);
  if (failed(axes))
    return failure();
  return n.result(reduction(n.e, x, *axes, n.getInt("keepdims", 1) != 0));
}

/// Computed in f32 at least.
template <Reduction reduction>
static LogicalResult importWideReduction(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Axes> axes = getReducedAxes(n, x);
  if (failed(axes))
    return failure();
  Type element = n.e.element(x);
  // Roots and logarithms of integers are computed as floats.
  Value wide = isa<IntegerType>(element) ? n.e.cast(x, n.e.b.getF64Type())
                                         : n.e.widen(x);
  return n.result(n.e.cast(
      reduction(n.e, wide, *axes, n.getInt("keepdims", 1) != 0), element));
}

template <ReduceKind kind>
static Value plain(Emit &e, Value x, const Axes &axes, bool keep) {
  return axes.empty() ? x : axes.reduce(e, kind, x, keep);
}

static Value sum(Emit &e, Value x, const Axes &axes, bool keep) {
  return plain<ReduceKind::sum>(e, x, axes, keep);
}

static Value l1(Emit &e, Value x, const Axes &axes, bool keep) {
  return sum(e, e.unary(UnaryKind::abs, x), axes, keep);
}

static Value sumSquare(Emit &e, Value x, const Axes &axes, bool keep) {
  return sum(e, e.mul(x, x), axes, keep);
}

static Value l2(Emit &e, Value x, const Axes &axes, bool keep) {
  return e.unary(UnaryKind::sqrt, sumSquare(e, x, axes, keep));
}

static Value logSum(Emit &e, Value x, const Axes &axes, bool keep) {
  return e.unary(UnaryKind::log, sum(e, x, axes, keep));
}

/// m + log(sum(exp(x - m))) with m the largest element, so that nothing
/// overflows; an infinite one is left out, since inf - inf is NaN.
static Value logSumExp(Emit &e, Value x, const Axes &axes, bool keep) {
  if (axes.empty())
    return x;
  Value largest = axes.reduce(e, ReduceKind::max, x, /*keepDims=*/true);
  Value isInfinite = e.make<qnn::TestOp>(qnn::TestKind::is_inf, largest);
  if (!isInfinite)
    return {};
  e.setExtents(isInfinite, e.extents(largest));
  Value m = e.select(isInfinite, e.scalarLike(0, largest), largest);
  Value powers = e.unary(UnaryKind::exp, e.sub(x, m));
  Value result = e.add(e.unary(UnaryKind::log, sum(e, powers, axes, true)), m);
  return keep ? result : axes.drop(e, result);
}

/// Each line along the axis needs an element that can be found.
static void checkFound(Emit &e, Value x, int64_t axis) {
  auto &math = e.math;
  OpFoldResult extent = e.extent(x, axis), zero = math.constant(0);
  if (getConstantIntValue(extent))
    return;
  Extents others = e.extents(x);
  others.erase(others.begin() + axis);
  e.check(math.select(math.equal(math.product(others), zero),
                      OpFoldResult(e.b.getBoolAttr(true)),
                      math.less(zero, extent)),
          "an axis has no element to look for");
}

template <ReduceKind kind> static LogicalResult importArg(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(x));
  if (failed(axis))
    return failure();
  bool keep = n.getInt("keepdims", 1) != 0;
  checkFound(n.e, x, *axis);
  Value result = n.e.make<qnn::ArgReduceOp>(
      kind, x, uint64_t(*axis), keep, n.getInt("select_last_index", 0) != 0);
  if (!result)
    return failure();
  Extents extents = n.e.extents(x);
  if (keep)
    extents[*axis] = n.e.math.constant(1);
  else
    extents.erase(extents.begin() + *axis);
  n.e.setExtents(result, extents);
  return n.result(result);
}

template <CumulateKind kind> static LogicalResult importCumulate(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), at = x ? n.in(1) : Value();
  if (!at)
    return failure();
  bool exclusive = n.getInt("exclusive", 0) != 0;
  bool reverse = n.getInt("reverse", 0) != 0;
  if (!e.math.isConstant(e.numElements(at), 1))
    return n.error() << "runs along one axis, got " << e.type(at);
  if (auto given = n.constantInts(1)) {
    auto axis = n.axis(given->front(), e.rank(x));
    if (failed(axis))
      return failure();
    return n.result(e.cumulate(kind, x, *axis, exclusive, reverse));
  }
  // Along each axis; which one is wanted is known when the model runs.
  at = e.cast(e.reshape(at, {}), e.b.getI64Type());
  checkAxis(e, e.values.extract(at).front(), e.rank(x));
  Value result;
  for (int64_t axis : llvm::seq(e.rank(x))) {
    Value here = e.cumulate(kind, x, axis, exclusive, reverse);
    Value fromEnd =
        e.compare(qnn::CompareKind::eq, at, e.scalarLike(axis - e.rank(x), at));
    Value isHere =
        e.binary(qnn::BinaryKind::or_, fromEnd,
                 e.compare(qnn::CompareKind::eq, at, e.scalarLike(axis, at)));
    result = result ? e.select(isHere, here, result) : here;
  }
  return n.result(result);
}

void qcc::importer::addReductions(OperatorTable &t) {
  t.add("ReduceSum", importReduction<plain<ReduceKind::sum>>);
  t.add("ReduceProd", importReduction<plain<ReduceKind::prod>>);
  t.add("ReduceMax", importReduction<plain<ReduceKind::max>>);
  t.add("ReduceMin", importReduction<plain<ReduceKind::min>>);
  t.add("ReduceMean", importReduction<plain<ReduceKind::mean>>);
  t.add("ReduceL1", importReduction<l1>);
  t.add("ReduceSumSquare", importReduction<sumSquare>);
  t.add("ReduceL2", importWideReduction<l2>);
  t.add("ReduceLogSum", importWideReduction<logSum>);
  t.add("ReduceLogSumExp", importWideReduction<logSumExp>);
  t.add("ArgMax", importArg<ReduceKind::max>);
  t.add("ArgMin", importArg<ReduceKind::min>);
  t.add("CumSum", importCumulate<CumulateKind::sum>, 11);
  t.add("CumProd", importCumulate<CumulateKind::prod>, 26);
}
