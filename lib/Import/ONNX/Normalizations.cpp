// Normalizations and softmaxes, made of reductions and arithmetic. f16 and bf16
// are computed in f32.

#include "lib/Import/ONNX/Normalizations.h"
#include "lib/Import/ONNX/Window.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::CompareKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

static SmallVector<int64_t> axesFrom(Emit &e, Value x, int64_t first) {
  SmallVector<int64_t> axes;
  for (int64_t axis = first; axis < e.rank(x); ++axis)
    axes.push_back(axis);
  return axes;
}

/// One number for each channel, for [N, C, ...] with `rank` axes.
static Value perChannel(Emit &e, Value v, int64_t rank) {
  if (!v || rank <= 2)
    return v;
  Extents extents(rank - 1, e.math.constant(1));
  extents[0] = e.extent(v, 0);
  return e.reshape(v, extents);
}

namespace {
struct Moments {
  Value mean, centered, variance;
};
} // namespace

static Moments getMoments(Emit &e, Value x, Ints axes) {
  Value mean = e.reduce(ReduceKind::mean, x, axes, true);
  Value centered = e.sub(x, mean);
  Value variance =
      e.reduce(ReduceKind::mean, e.mul(centered, centered), axes, true);
  return {mean, centered, variance};
}

static Value getDeviation(Emit &e, Value variance, double epsilon) {
  return e.unary(UnaryKind::sqrt, e.add(variance, epsilon));
}

//===----------------------------------------------------------------------===//
// By given or computed moments
//===----------------------------------------------------------------------===//

static LogicalResult importTrainedBatchNorm(Node &n, Value x) {
  Emit &e = n.e;
  SmallVector<int64_t> axes = axesFrom(e, x, 2);
  axes.insert(axes.begin(), 0);
  Type element = e.element(x);
  int64_t rank = e.rank(x);
  Value wide = e.widen(x);
  Moments m = getMoments(e, wide, axes);
  double epsilon = n.getFloat("epsilon", 1e-5),
         momentum = n.getFloat("momentum", 0.9);
  Value y = e.div(m.centered, getDeviation(e, m.variance, epsilon));
  y = e.add(e.mul(y, perChannel(e, e.widen(n.vector(1)), rank)),
            perChannel(e, e.widen(n.vector(2)), rank));
  n.set(0, e.cast(y, element));
  for (auto [i, own] : {std::pair(1, m.mean), std::pair(2, m.variance)}) {
    Value given = n.vector(2 + i);
    if (!given || !own || !n.wants(i))
      continue;
    Value current = e.reshape(own, {e.extent(given, 0)});
    Value running =
        e.add(e.mul(e.widen(given), momentum), e.mul(current, 1 - momentum));
    n.set(i, e.cast(running, e.element(given)));
  }
  return success(n.outputs[0] != nullptr);
}

/// x * a + b with a and b of constants, which fold into a convolution before.
static LogicalResult importBatchNorm(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  for (int i : {1, 2, 3, 4})
    if (!n.vector(i))
      return failure();
  if (e.rank(x) < 2)
    return n.error() << "needs an input [N, C, ...], got " << e.type(x);
  if (n.version() < 9 && n.getInt("spatial", 1) == 0)
    return n.unsupported("spatial is 0");
  if (n.getInt("training_mode", 0))
    return importTrainedBatchNorm(n, x);
  // Version 7 has outputs of training that inference leaves empty.
  Type element = e.element(x);
  Value scale = e.widen(n.in(1)), shift = e.widen(n.in(2)),
        mean = e.widen(n.in(3)), variance = e.widen(n.in(4));
  Value a =
      e.div(scale, getDeviation(e, variance, n.getFloat("epsilon", 1e-5)));
  Value b = e.sub(shift, e.mul(mean, a));
  Value wide = e.cast(e.widen(x), a ? e.element(a) : element);
  Value y = e.add(e.mul(wide, perChannel(e, a, e.rank(x))),
                  perChannel(e, b, e.rank(x)));
  return n.result(e.cast(y, element));
}

static LogicalResult importInstanceNorm(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), scale = x ? n.vector(1) : Value(),
        shift = scale ? n.vector(2) : Value();
  if (!shift)
    return failure();
  Moments m = getMoments(e, e.widen(x), axesFrom(e, x, 2));
  Value y = e.div(m.centered,
                  getDeviation(e, m.variance, n.getFloat("epsilon", 1e-5)));
  y = e.add(e.mul(y, perChannel(e, e.widen(scale), e.rank(x))),
            perChannel(e, e.widen(shift), e.rank(x)));
  return n.result(e.cast(y, e.element(x)));
}

static LogicalResult importGroupNorm(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), scale = x ? n.vector(1) : Value(),
        shift = scale ? n.vector(2) : Value();
  if (!shift)
    return failure();
  int64_t groups = n.getInt("num_groups", 0), rank = e.rank(x);
  if (groups < 1 || rank < 2)
    return n.error() << "needs positive num_groups and an input [N, C, ...]";
  Extents own = e.extents(x);
  OpFoldResult count = e.math.constant(groups);
  Extents grouped{own[0], count, e.math.div(own[1], count)};
  grouped.append(own.begin() + 2, own.end());
  Value wide = e.reshape(e.widen(x), grouped);
  if (!wide)
    return failure();
  Moments m = getMoments(e, wide, axesFrom(e, wide, 2));
  Value y = e.div(m.centered,
                  getDeviation(e, m.variance, n.getFloat("epsilon", 1e-5)));
  scale = e.widen(scale);
  shift = e.widen(shift);
  // Since version 21 scale and bias are of channels, before of groups.
  if (n.version() < 21) {
    y = e.add(e.mul(y, perChannel(e, scale, rank + 1)),
              perChannel(e, shift, rank + 1));
    return n.result(e.cast(e.reshape(y, own), e.element(x)));
  }
  y = e.reshape(y, own);
  y = e.add(e.mul(y, perChannel(e, scale, rank)), perChannel(e, shift, rank));
  return n.result(e.cast(y, e.element(x)));
}

LayerNorm qcc::importer::makeLayerNorm(Emit &e, Value x, Value scale,
                                       Value shift, int64_t axis,
                                       double epsilon, bool isWide) {
  if (!x || !scale)
    return {};
  Value wide = isWide ? e.widen(x) : x;
  Moments m = getMoments(e, wide, axesFrom(e, x, axis));
  Value deviation = getDeviation(e, m.variance, epsilon);
  Value y = e.cast(e.div(m.centered, deviation), e.element(x));
  y = e.mul(y, scale);
  return {shift ? e.add(y, shift) : y, m.mean, deviation};
}

static LogicalResult importLayerNorm(Node &n) {
  Value x = n.in(0), scale = x ? n.in(1) : Value();
  if (!scale || (n.has(2) && !n.in(2)))
    return failure();
  auto axis = n.axis(n.getInt("axis", -1), n.e.rank(x));
  if (failed(axis))
    return failure();
  LayerNorm norm = makeLayerNorm(n.e, x, scale, n.optional(2), *axis,
                                 n.getFloat("epsilon", 1e-5),
                                 n.getInt("stash_type", 1) == 1);
  if (n.wants(1))
    n.set(1, norm.mean);
  if (n.wants(2))
    n.set(2, n.e.unary(UnaryKind::reciprocal, norm.deviation));
  return n.result(norm.y);
}

Value qcc::importer::makeRMSNorm(Emit &e, Value x, Value scale, int64_t axis,
                                 double epsilon) {
  if (!x || !scale)
    return {};
  Value wide = e.widen(x);
  Value square =
      e.reduce(ReduceKind::mean, e.mul(wide, wide), axesFrom(e, x, axis), true);
  Value y = e.div(wide, getDeviation(e, square, epsilon));
  // Scale may be of a type of its own, which the result then has.
  return e.mul(e.cast(y, e.element(scale)), scale);
}

static LogicalResult importRMSNorm(Node &n) {
  Value x = n.in(0), scale = x ? n.in(1) : Value();
  if (!scale)
    return failure();
  auto axis = n.axis(n.getInt("axis", -1), n.e.rank(x));
  if (failed(axis))
    return failure();
  return n.result(
      makeRMSNorm(n.e, x, scale, *axis, n.getFloat("epsilon", 1e-5)));
}

static LogicalResult importMeanVarianceNorm(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axes = n.axes(n.getInts("axes").value_or(SmallVector<int64_t>{0, 2, 3}),
                     e.rank(x));
  if (failed(axes))
    return failure();
  Moments m = getMoments(e, e.widen(x), *axes);
  Value deviation = e.unary(UnaryKind::sqrt, m.variance);
  // As ONNX's function body: the deviation itself is moved away from 0.
  return n.result(
      e.cast(e.div(m.centered, e.add(deviation, 1e-9)), e.element(x)));
}

static LogicalResult importLpNorm(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axis = n.axis(n.getInt("axis", -1), e.rank(x));
  if (failed(axis))
    return failure();
  int64_t p = n.getInt("p", 2);
  if (p != 1 && p != 2)
    return n.error() << "p is " << p << ", which is neither 1 nor 2";
  Value wide = e.widen(x);
  Value powers = p == 1 ? e.unary(UnaryKind::abs, wide) : e.mul(wide, wide);
  Value norm = e.reduce(ReduceKind::sum, powers, {*axis}, true);
  if (p == 2)
    norm = e.unary(UnaryKind::sqrt, norm);
  // Where all elements are 0, so is the result.
  Value isZero =
      norm ? e.compare(CompareKind::eq, norm, e.scalarLike(0, norm)) : Value();
  norm = e.select(isZero, e.scalarLike(1, norm), norm);
  return n.result(e.cast(e.div(wide, norm), e.element(x)));
}

/// x / (bias + alpha / size * sum of squares of `size` channels) ^ beta.
static LogicalResult importLRN(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  int64_t size = n.getInt("size", 0);
  if (size < 1 || e.rank(x) < 2)
    return n.error() << "needs a positive size and an input [N, C, ...]";
  if (failed(checkWindowSize(n, {size})))
    return failure();
  Value wide = e.widen(x);
  Extents own = e.extents(x);
  OpFoldResult rest = e.math.product(ArrayRef<OpFoldResult>(own).drop_front(2));
  // Channels as an axis over which a window moves.
  Value plane =
      e.reshape(e.mul(wide, wide), {own[0], e.math.constant(1), own[1], rest});
  Window window;
  window.size = {size, 1};
  window.strides = window.dilations = {1, 1};
  window.clearPads(e);
  window.before[0] = e.math.constant((size - 1) / 2);
  window.after[0] = e.math.constant(size - 1 - (size - 1) / 2);
  Value mean = makePool(e, qnn::PoolKind::average, plane, window, true);
  Value base = e.add(e.mul(e.reshape(mean, own), n.getFloat("alpha", 1e-4)),
                     n.getFloat("bias", 1.0));
  Value factor = e.binary(BinaryKind::pow, base, n.getFloat("beta", 0.75));
  return n.result(e.cast(e.div(wide, factor), e.element(x)));
}

//===----------------------------------------------------------------------===//
// Softmaxes
//===----------------------------------------------------------------------===//

/// Along one axis since version 13; before along all from `axis` on.
static FailureOr<SmallVector<int64_t>> getSoftmaxAxes(Node &n, Value x) {
  bool isOld = n.version() < 13;
  auto axis = n.axis(n.getInt("axis", isOld ? 1 : -1), n.e.rank(x));
  if (failed(axis))
    return failure();
  if (isOld)
    return axesFrom(n.e, x, *axis);
  return SmallVector<int64_t>{*axis};
}

static LogicalResult importSoftmax(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axes = getSoftmaxAxes(n, x);
  if (failed(axes))
    return failure();
  return n.result(n.e.cast(n.e.softmax(n.e.widen(x), *axes), n.e.element(x)));
}

static LogicalResult importLogSoftmax(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axes = getSoftmaxAxes(n, x);
  if (failed(axes))
    return failure();
  return n.result(
      n.e.cast(n.e.logSoftmax(n.e.widen(x), *axes), n.e.element(x)));
}

/// 1 where the first largest element stands, else 0.
static LogicalResult importHardmax(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axes = getSoftmaxAxes(n, x);
  if (failed(axes))
    return failure();
  Extents own = e.extents(x);
  int64_t axis = axes->front();
  Value flat = axes->size() == 1 ? x : e.flatten(x, axis);
  if (axes->size() != 1)
    axis = 1;
  Value first = e.make<qnn::ArgReduceOp>(ReduceKind::max, flat, uint64_t(axis),
                                         /*keep_dims=*/true,
                                         /*select_last=*/false);
  if (!first)
    return failure();
  Extents kept = e.extents(flat), line(kept.size(), e.math.constant(1));
  line[axis] = kept[axis];
  kept[axis] = e.math.constant(1);
  e.setExtents(first, kept);
  Value hit =
      e.compare(CompareKind::eq, first, e.iota(line, axis, e.b.getI64Type()));
  return n.result(e.reshape(e.cast(hit, e.element(x)), own));
}

void qcc::importer::addNormalizations(OperatorTable &t) {
  t.add("BatchNormalization", importBatchNorm);
  t.add("InstanceNormalization", importInstanceNorm);
  t.add("GroupNormalization", importGroupNorm, 18);
  t.add("LayerNormalization", importLayerNorm, 17);
  t.add("RMSNormalization", importRMSNorm, 23);
  t.add("SimplifiedLayerNormalization", importRMSNorm);
  t.add("MeanVarianceNormalization", importMeanVarianceNorm, 9);
  t.add("LpNormalization", importLpNorm);
  t.add("LRN", importLRN);
  t.add("Softmax", importSoftmax);
  t.add("LogSoftmax", importLogSoftmax);
  t.add("Hardmax", importHardmax);
}
