// Parts of tensors, and tensors as parts of larger ones.

#include "lib/Import/ONNX/Window.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::PadMode;

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// A position counted from the front: ONNX counts negative ones from the end.
static OpFoldResult fromFront(Emit &e, OpFoldResult at, OpFoldResult extent) {
  auto &math = e.math;
  return math.select(math.less(at, math.constant(0)), math.add(at, extent), at);
}

namespace {
struct SliceAxis {
  OpFoldResult offset, size;
};
} // namespace

/// Beyond this a bound means "to the end": exporters write INT32_MAX, INT64_MAX
/// and their likes.
static constexpr int64_t farAway = INT32_MAX;

static SliceAxis sliceForward(Emit &e, OpFoldResult start, OpFoldResult end,
                              int64_t step, OpFoldResult extent) {
  auto &math = e.math;
  OpFoldResult zero = math.constant(0);
  auto clamp = [&](OpFoldResult at) {
    if (std::optional<int64_t> number = getConstantIntValue(at)) {
      if (*number >= farAway)
        return extent;
      if (*number <= -farAway)
        return zero;
    }
    return math.min(math.max(fromFront(e, at, extent), zero), extent);
  };
  OpFoldResult from = clamp(start), to = clamp(end);
  // The last k elements are k whatever the extent is, if there are so many.
  std::optional<int64_t> tail = getConstantIntValue(start);
  bool toEnd = math.isSame(to, extent);
  OpFoldResult length = tail && *tail < 0 && *tail > -farAway && toEnd
                            ? math.min(math.constant(-*tail), extent)
                            : math.max(math.sub(to, from), zero);
  return {from, math.ceilDiv(length, math.constant(step))};
}

static SliceAxis sliceBackward(Emit &e, OpFoldResult start, OpFoldResult end,
                               int64_t step, OpFoldResult extent) {
  auto &math = e.math;
  OpFoldResult last = math.sub(extent, math.constant(1));
  auto clamp = [&](OpFoldResult at, int64_t lowest) {
    OpFoldResult low = math.constant(lowest);
    if (std::optional<int64_t> number = getConstantIntValue(at)) {
      if (*number >= farAway)
        return last;
      if (*number <= -farAway)
        return low;
    }
    return math.min(math.max(fromFront(e, at, extent), low), last);
  };
  OpFoldResult from = clamp(start, 0), to = clamp(end, -1);
  OpFoldResult length = math.max(math.sub(from, to), math.constant(0));
  return {math.max(from, math.constant(0)),
          math.ceilDiv(length, math.constant(-step))};
}

static LogicalResult importSlice(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto &math = n.e.math;
  Extents starts, ends;
  SmallVector<int64_t> axes, steps;
  if (n.version() < 10) {
    auto givenStarts = n.getInts("starts"), givenEnds = n.getInts("ends");
    if (!givenStarts || !givenEnds)
      return n.error() << "has no starts or no ends";
    for (int64_t at : *givenStarts)
      starts.push_back(math.constant(at));
    for (int64_t at : *givenEnds)
      ends.push_back(math.constant(at));
    axes = n.getInts("axes").value_or(SmallVector<int64_t>());
  } else {
    FailureOr<Extents> givenStarts = n.requireExtents(1);
    if (failed(givenStarts))
      return failure();
    FailureOr<Extents> givenEnds = n.requireExtents(2);
    if (failed(givenEnds))
      return failure();
    starts = *givenStarts;
    ends = *givenEnds;
    for (auto [i, list] : {std::pair(3, &axes), std::pair(4, &steps)}) {
      if (!n.has(i))
        continue;
      FailureOr<SmallVector<int64_t>> numbers = n.requireInts(i);
      if (failed(numbers))
        return failure();
      *list = *numbers;
    }
  }
  if (axes.empty())
    for (int64_t axis : llvm::seq<int64_t>(0, starts.size()))
      axes.push_back(axis);
  if (steps.empty())
    steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size())
    return n.error() << "has " << starts.size() << " starts, " << ends.size()
                     << " ends, " << axes.size() << " axes and " << steps.size()
                     << " steps";
  auto fromFrontAxes = n.axes(axes, n.e.rank(x));
  if (failed(fromFrontAxes))
    return failure();

  Extents offsets(n.e.rank(x), math.constant(0)), sizes = n.e.extents(x);
  SmallVector<int64_t> strides(n.e.rank(x), 1);
  for (auto [i, axis] : llvm::enumerate(*fromFrontAxes)) {
    int64_t step = steps[i];
    if (step == 0 || step == INT64_MIN)
      return n.error() << "a step of " << step << " leads nowhere";
    SliceAxis slice =
        step > 0 ? sliceForward(n.e, starts[i], ends[i], step, sizes[axis])
                 : sliceBackward(n.e, starts[i], ends[i], step, sizes[axis]);
    offsets[axis] = slice.offset;
    sizes[axis] = slice.size;
    strides[axis] = step;
  }
  return n.result(n.e.slice(x, offsets, sizes, strides));
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

static FailureOr<PadMode> getPadMode(Node &n) {
  StringRef mode = n.getString("mode", "constant");
  for (PadMode each :
       {PadMode::constant, PadMode::edge, PadMode::reflect, PadMode::wrap})
    if (mode == stringifyPadMode(each))
      return each;
  n.error() << "mode is '" << mode << "', which is no way to pad";
  return failure();
}

static LogicalResult importPad(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<PadMode> mode = getPadMode(n);
  if (failed(mode))
    return failure();
  auto &math = n.e.math;
  Extents pads;
  Value value;
  if (n.version() < 11) {
    auto given = n.getInts("pads");
    if (!given)
      return n.error() << "has no pads";
    for (int64_t pad : *given)
      pads.push_back(math.constant(pad));
    value = n.e.scalarLike(n.getFloat("value", 0), x);
  } else {
    FailureOr<Extents> given = n.requireExtents(1);
    if (failed(given))
      return failure();
    pads = *given;
    value = n.optional(2);
    if (value && n.e.rank(value) != 0)
      value = n.e.reshape(value, {});
  }
  SmallVector<int64_t> axes;
  if (n.has(3)) {
    FailureOr<SmallVector<int64_t>> given = n.requireInts(3);
    if (failed(given))
      return failure();
    auto fromFront = n.axes(*given, n.e.rank(x));
    if (failed(fromFront))
      return failure();
    axes = *fromFront;
  } else {
    for (int64_t axis : llvm::seq(n.e.rank(x)))
      axes.push_back(axis);
  }
  if (pads.size() != 2 * axes.size())
    return n.error() << "has " << pads.size() << " pads for " << axes.size()
                     << " axes; each needs two";
  Extents low(n.e.rank(x), math.constant(0)), high = low;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    low[axis] = pads[i];
    high[axis] = pads[axes.size() + i];
  }
  return n.result(padOrCrop(n.e, *mode, x, low, high,
                            *mode == PadMode::constant ? value : Value()));
}

static LogicalResult importCenterCropPad(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Extents> target = n.requireExtents(1);
  if (failed(target))
    return failure();
  SmallVector<int64_t> all;
  for (int64_t axis : llvm::seq(n.e.rank(x)))
    all.push_back(axis);
  auto axes = n.axes(n.getInts("axes").value_or(all), n.e.rank(x));
  if (failed(axes))
    return failure();
  if (axes->size() != target->size())
    return n.error() << "gives " << target->size() << " extents for "
                     << axes->size() << " axes";
  auto &math = n.e.math;
  OpFoldResult two = math.constant(2), zero = math.constant(0);
  Extents offsets(n.e.rank(x), zero), sizes = n.e.extents(x);
  Extents low = offsets, high = offsets;
  for (auto [axis, wanted] : llvm::zip_equal(*axes, *target)) {
    OpFoldResult kept = math.min(sizes[axis], wanted);
    offsets[axis] = math.div(math.sub(sizes[axis], kept), two);
    OpFoldResult missing = math.sub(wanted, kept);
    low[axis] = math.div(missing, two);
    high[axis] = math.sub(missing, low[axis]);
    sizes[axis] = kept;
  }
  return n.result(
      n.e.pad(PadMode::constant, n.e.slice(x, offsets, sizes), low, high));
}

void qcc::importer::addSlicing(OperatorTable &t) {
  t.add("Slice", importSlice);
  t.add("Pad", importPad);
  t.add("CenterCropPad", importCenterCropPad, 18);
}
