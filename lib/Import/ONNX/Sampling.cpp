// Resize and its kin.

#include "lib/Import/ONNX/Node.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::CoordinateMode;
using qnn::NearestMode;
using qnn::ResizeMode;
using qnn::UnaryKind;

namespace {

/// What a resize op is made from, with an entry for each axis of the input.
struct Resize {
  ResizeMode mode = ResizeMode::nearest;
  CoordinateMode coordinates = CoordinateMode::asymmetric;
  NearestMode rounding = NearestMode::floor;
  double cubic = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
  Value scales, roi;
  Extents sizes;
};

} // namespace

static Value makeResize(Emit &e, Value x, const Resize &r) {
  if (!x || !r.scales)
    return {};
  SmallVector<Value> sizes;
  SmallVector<int64_t> staticSizes;
  dispatchIndexOpFoldResults(r.sizes, sizes, staticSizes);
  Value result = e.make<qnn::ResizeOp>(
      r.mode, x, e.cast(r.scales, e.b.getF32Type()), r.roi, sizes, staticSizes,
      r.coordinates, r.rounding, APFloat(float(r.cubic)), r.excludeOutside,
      r.antialias, APFloat(float(r.extrapolation)));
  if (result)
    e.setExtents(result, r.sizes);
  return result;
}

static FailureOr<ResizeMode> getMode(Node &n, StringRef otherwise) {
  StringRef mode = n.getString("mode", otherwise);
  if (mode == "nearest")
    return ResizeMode::nearest;
  if (mode == "linear" || mode == "bilinear")
    return ResizeMode::linear;
  if (mode == "cubic" || mode == "bicubic")
    return ResizeMode::cubic;
  n.error() << "mode is '" << mode << "', which is none of ONNX's";
  return failure();
}

static Value makeFloats(Emit &e, ArrayRef<double> numbers) {
  SmallVector<float> floats(numbers.begin(), numbers.end());
  auto type = RankedTensorType::get({int64_t(floats.size())}, e.b.getF32Type());
  return e.constant(DenseElementsAttr::get(type, ArrayRef<float>(floats)));
}

/// floor(extent * scale), which ONNX computes in f32.
static Extents getSizes(Emit &e, ArrayRef<OpFoldResult> extents, Value scales) {
  auto numbers = e.getNumbers(scales);
  Extents sizes;
  bool isKnown = numbers.has_value();
  if (numbers)
    for (auto [extent, scale] : llvm::zip_equal(extents, *numbers)) {
      if (auto number = getConstantIntValue(extent))
        sizes.push_back(e.math.constant(
            int64_t(std::floor(float(*number) * float(scale)))));
      else if (scale == std::floor(scale))
        sizes.push_back(e.math.mul(extent, e.math.constant(int64_t(scale))));
      else
        isKnown = false;
    }
  if (isKnown)
    return sizes;
  Value products = e.mul(e.cast(e.fromExtents(extents), e.b.getF32Type()),
                         e.cast(scales, e.b.getF32Type()));
  Value floors = e.cast(e.unary(UnaryKind::floor, products), e.b.getI64Type());
  return floors ? e.values.extract(floors) : Extents();
}

/// sizes / extents, in f32.
static Value getScales(Emit &e, ArrayRef<OpFoldResult> extents,
                       ArrayRef<OpFoldResult> sizes) {
  auto from = getConstantIntValues(extents), to = getConstantIntValues(sizes);
  if (from && to) {
    SmallVector<double> scales;
    for (auto [a, b] : llvm::zip_equal(*from, *to))
      scales.push_back(a ? float(b) / float(a) : 1.0f);
    return makeFloats(e, scales);
  }
  Type f32 = e.b.getF32Type();
  return e.div(e.cast(e.fromExtents(sizes), f32),
               e.cast(e.fromExtents(extents), f32));
}

/// Sizes that keep the ratio of extents, as far as they are known.
static LogicalResult keepAspectRatio(Node &n, Resize &r,
                                     ArrayRef<OpFoldResult> extents, Ints axes,
                                     StringRef policy) {
  double ratio = policy == "not_larger" ? INFINITY : 0;
  for (int64_t axis : axes) {
    auto from = getConstantIntValue(extents[axis]);
    auto to = getConstantIntValue(r.sizes[axis]);
    if (!from || !to || *from == 0)
      return n.unsupported("keep_aspect_ratio_policy is '" + policy +
                           "' with sizes that are not constant");
    double own = double(float(*to) / float(*from));
    ratio =
        policy == "not_larger" ? std::min(ratio, own) : std::max(ratio, own);
  }
  SmallVector<double> scales(extents.size(), 1);
  for (int64_t axis : axes) {
    int64_t from = *getConstantIntValue(extents[axis]);
    r.sizes[axis] = n.e.math.constant(int64_t(std::floor(ratio * from + 0.5)));
    scales[axis] = ratio;
  }
  r.scales = makeFloats(n.e, scales);
  return success();
}

/// Puts what is given for some axes among `otherwise` for all; in groups of one
/// element for each axis.
static Value spreadOverAxes(Emit &e, Value given, Ints axes, int64_t rank,
                            ArrayRef<double> otherwise) {
  if (!given || llvm::equal(axes, llvm::seq<int64_t>(0, rank)))
    return given;
  std::optional<SmallVector<double>> numbers = e.getNumbers(given);
  if (numbers && numbers->size() == axes.size() * otherwise.size()) {
    // As a constant, so that extents stay static.
    SmallVector<double> all;
    for (auto [group, value] : llvm::enumerate(otherwise)) {
      all.append(rank, value);
      for (auto [position, axis] : llvm::enumerate(axes))
        all[group * rank + axis] = (*numbers)[group * axes.size() + position];
    }
    return makeFloats(e, all);
  }
  SmallVector<Value> parts;
  given = e.cast(given, e.b.getF32Type());
  for (auto [group, value] : llvm::enumerate(otherwise))
    for (int64_t axis : llvm::seq(rank)) {
      const int64_t *at = llvm::find(axes, axis);
      int64_t position = group * axes.size() + (at - axes.begin());
      parts.push_back(at == axes.end()
                          ? makeFloats(e, {value})
                          : e.slice(given, 0, e.math.constant(position),
                                    e.math.constant(1)));
    }
  return e.concat(parts, 0);
}

static bool isEmpty(Emit &e, Value v) {
  return !v || e.math.isConstant(e.numElements(v), 0);
}

/// Resize of operator set 10 has no nearest_mode: ONNX Runtime takes the
/// element before where an axis grows, and the one behind where it shrinks.
static LogicalResult readOldRounding(Node &n, Resize &r) {
  if (r.mode != ResizeMode::nearest)
    return success();
  std::optional<SmallVector<double>> scales = n.e.getNumbers(n.optional(1));
  auto shrinks = [](double scale) { return scale < 1; };
  if (scales && llvm::none_of(*scales, shrinks))
    return success();
  if (!scales || llvm::any_of(*scales, [](double scale) { return scale > 1; }))
    return n.unsupported(
        "nearest elements before operator set 11 depend on whether an axis "
        "grows or shrinks, and its scales are not constant or do both; "
        "convert the model to operator set 11 or later");
  r.rounding = NearestMode::ceil;
  return success();
}

static LogicalResult readAttributes(Node &n, Resize &r) {
  FailureOr<ResizeMode> mode = getMode(n, "nearest");
  if (failed(mode))
    return failure();
  r.mode = *mode;
  if (n.version() < 11)
    return n.type() == "Resize" ? readOldRounding(n, r) : success();
  StringRef coordinates =
      n.getString("coordinate_transformation_mode", "half_pixel");
  auto coordinateMode = qnn::symbolizeCoordinateMode(coordinates);
  StringRef rounding = n.getString("nearest_mode", "round_prefer_floor");
  auto nearestMode = qnn::symbolizeNearestMode(rounding);
  if (!coordinateMode || !nearestMode)
    return n.unsupported("coordinate_transformation_mode is '" + coordinates +
                         "', nearest_mode '" + rounding + "'");
  r.coordinates = *coordinateMode;
  r.rounding = *nearestMode;
  r.cubic = n.getFloat("cubic_coeff_a", -0.75);
  r.extrapolation = n.getFloat("extrapolation_value", 0);
  r.excludeOutside = n.getInt("exclude_outside", 0) != 0;
  r.antialias = n.getInt("antialias", 0) != 0;
  return success();
}

static LogicalResult importResize(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0);
  Resize r;
  if (!x || failed(readAttributes(n, r)))
    return failure();
  Extents extents = e.extents(x);
  int64_t rank = e.rank(x);
  SmallVector<int64_t> axes;
  for (int64_t axis : llvm::seq(rank))
    axes.push_back(axis);
  if (auto given = n.getInts("axes")) {
    auto fromFront = n.axes(*given, rank);
    if (failed(fromFront))
      return failure();
    axes = *fromFront;
  }
  bool isNew = n.version() >= 11;
  Value roi = isNew ? n.optional(1) : Value();
  Value scales = n.optional(isNew ? 2 : 1),
        sizes = isNew ? n.optional(3) : Value();
  if (r.coordinates == CoordinateMode::tf_crop_and_resize && !isEmpty(e, roi))
    r.roi =
        e.cast(spreadOverAxes(e, roi, axes, rank, {0, 1}), e.b.getF32Type());

  if (!isEmpty(e, sizes)) {
    FailureOr<Extents> given = n.requireExtents(3);
    if (failed(given))
      return failure();
    if (given->size() != axes.size())
      return n.error() << "has " << given->size() << " sizes for "
                       << axes.size() << " axes";
    r.sizes = extents;
    for (auto [axis, size] : llvm::zip_equal(axes, *given))
      r.sizes[axis] = size;
    StringRef policy = n.getString("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch") {
      if (failed(keepAspectRatio(n, r, extents, axes, policy)))
        return failure();
    } else {
      r.scales = getScales(e, extents, r.sizes);
    }
    return n.result(makeResize(e, x, r));
  }
  if (isEmpty(e, scales))
    return n.error() << "has neither scales nor sizes";
  if (!e.isFloat(scales) || e.rank(scales) != 1 ||
      !e.math.isConstant(e.extent(scales, 0), axes.size()))
    return n.error() << "has scales of " << e.type(scales) << " for "
                     << axes.size() << " axes";
  if (r.roi)
    return n.unsupported("tf_crop_and_resize with scales; give sizes");
  r.scales = spreadOverAxes(e, scales, axes, rank, {1});
  r.sizes = getSizes(e, extents, r.scales);
  if (r.sizes.empty())
    return failure();
  return n.result(makeResize(e, x, r));
}

/// Upsample 7 has its scales as an attribute.
static LogicalResult importUpsample(Node &n) {
  if (n.version() >= 9)
    return importResize(n);
  Value x = n.in(0);
  FailureOr<ResizeMode> mode = getMode(n, "nearest");
  auto scales = n.getFloats("scales");
  if (!x || failed(mode))
    return failure();
  if (!scales || int64_t(scales->size()) != n.e.rank(x))
    return n.error() << "needs a scale for each axis";
  Resize r;
  r.mode = *mode;
  r.scales = makeFloats(n.e, *scales);
  r.sizes = getSizes(n.e, n.e.extents(x), r.scales);
  return n.result(makeResize(n.e, x, r));
}

static LogicalResult importGridSample(Node &n) {
  Value x = n.in(0), grid = x ? n.in(1) : Value();
  FailureOr<ResizeMode> mode = getMode(n, "linear");
  StringRef name = n.getString("padding_mode", "zeros");
  auto padding = qnn::symbolizeGridPadding(name);
  if (!grid || failed(mode))
    return failure();
  if (!padding)
    return n.error() << "padding_mode is '" << name << "', which is none of "
                     << "ONNX's";
  Value result = n.e.make<qnn::GridSampleOp>(*mode, *padding, x, grid,
                                             n.getInt("align_corners", 0) != 0);
  if (!result)
    return failure();
  Extents own = n.e.extents(x), at = n.e.extents(grid);
  Extents extents{own[0], own[1]};
  extents.append(at.begin() + 1, at.end() - 1);
  n.e.setExtents(result, extents);
  return n.result(result);
}

/// Coordinates from -1 to 1 along an axis of the extent, at corners or at the
/// middles of pixels.
static Value getCoordinates(Emit &e, OpFoldResult extent, bool alignCorners) {
  Type f32 = e.b.getF32Type();
  Value count = e.cast(e.reshape(e.fromExtents({extent}), {}), f32);
  Value at = e.iota({extent}, 0, f32);
  if (alignCorners) {
    // One element stands at -1.
    Value steps = e.max(e.sub(count, 1.0), e.scalar(1, f32));
    return e.sub(e.div(e.mul(at, 2.0), steps), 1.0);
  }
  return e.sub(e.div(e.add(e.mul(at, 2.0), 1.0), count), 1.0);
}

static LogicalResult importAffineGrid(Node &n) {
  Emit &e = n.e;
  Value theta = n.in(0);
  if (!theta)
    return failure();
  FailureOr<Extents> size = n.requireExtents(1);
  if (failed(size))
    return failure();
  int64_t spatial = int64_t(size->size()) - 2;
  if (spatial < 2 || spatial > 3 || e.rank(theta) != 3)
    return n.error()
           << "needs theta [N, r, r + 1] and a size of r + 2 numbers, "
           << "r 2 or 3";
  bool align = n.getInt("align_corners", 0) != 0;
  Extents grid(size->begin() + 2, size->end()), point = grid;
  point.push_back(e.math.constant(1));
  // [x, y, (z,) 1] at each point: the innermost axis comes first.
  SmallVector<Value> parts;
  for (int64_t axis = spatial - 1; axis >= 0; --axis) {
    Extents line(spatial + 1, e.math.constant(1));
    line[axis] = grid[axis];
    parts.push_back(
        e.expand(e.reshape(getCoordinates(e, grid[axis], align), line), point));
  }
  parts.push_back(e.splat(e.scalar(1, e.b.getF32Type()), point));
  Value points = e.concat(parts, spatial);
  if (!points)
    return failure();
  points = e.cast(
      e.reshape(points, {e.math.product(grid), e.math.constant(spatial + 1)}),
      e.element(theta));
  Value moved = e.matmul(points, theta, /*transposeY=*/true);
  Extents result{size->front()};
  result.append(grid);
  result.push_back(e.math.constant(spatial));
  return n.result(e.reshape(moved, result));
}

void qcc::importer::addSampling(OperatorTable &t) {
  t.add("Resize", importResize, 10);
  t.add("Upsample", importUpsample);
  t.add("GridSample", importGridSample, 16);
  t.add("AffineGrid", importAffineGrid, 20);
}
