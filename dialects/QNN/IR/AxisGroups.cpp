#include "dialects/QNN/IR/AxisGroups.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc::qnn;

LogicalResult qcc::qnn::verifyAxis(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t axis, ArrayRef<int64_t> shape) {
  if (axis >= 0 && axis < static_cast<int64_t>(shape.size()))
    return success();
  if (!emitError)
    return failure();
  return emitError() << "axis " << axis << " is not an axis of a tensor of "
                     << "rank " << shape.size();
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

namespace {

/// One shape, whose axes are taken from the innermost on.
class Side {
public:
  explicit Side(ArrayRef<int64_t> shape) : shape(shape), next(shape.size()) {}

  bool isDone() const { return next == 0; }

  void take() {
    int64_t extent = shape[--next];
    axes.push_back(next);
    if (ShapedType::isDynamic(extent))
      isOpen = true;
    else
      product *= extent;
  }

  /// Whether as many elements are taken as of `other`, as far as one can tell.
  bool meets(const Side &other) const {
    return product == other.product && isOpen == other.isOpen;
  }

  /// Whether this one must take more to meet `other`.
  bool isBehind(const Side &other) const {
    return isOpen == other.isOpen ? product < other.product : other.isOpen;
  }

  SmallVector<int64_t> finish() {
    SmallVector<int64_t> group(llvm::reverse(axes));
    axes.clear();
    product = 1;
    isOpen = false;
    return group;
  }

  bool isOpen = false; ///< A dynamic extent is among what is taken.

private:
  ArrayRef<int64_t> shape;
  size_t next;
  SmallVector<int64_t> axes;
  int64_t product = 1; ///< Of the static extents taken.
};

} // namespace

/// Takes of both sides what belongs to one group, which begins at the axes that
/// are next. Failure where they cannot meet.
static LogicalResult takeGroup(Side &from, Side &to) {
  from.take();
  to.take();
  while (!from.meets(to)) {
    Side &behind = from.isBehind(to) ? from : to;
    if (!behind.isDone()) {
      behind.take();
      continue;
    }
    // A dynamic extent may stand for any factor that is missing.
    Side &ahead = from.isBehind(to) ? to : from;
    if (!from.isOpen || !to.isOpen)
      return failure();
    while (!ahead.isDone())
      ahead.take();
    return success();
  }
  return success();
}

std::optional<SmallVector<AxisGroup>>
qcc::qnn::groupAxes(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  Side left(from), right(to);
  SmallVector<AxisGroup> groups;
  bool isOpen = false;
  while (!left.isDone() && !right.isDone()) {
    if (failed(takeGroup(left, right)))
      return std::nullopt;
    isOpen = left.isOpen && right.isOpen;
    groups.push_back({left.finish(), right.finish()});
  }
  // What is left of one side joins the outermost group.
  bool isOfFrom = !left.isDone();
  Side &rest = isOfFrom ? left : right;
  ArrayRef<int64_t> shape = isOfFrom ? from : to;
  while (!rest.isDone())
    rest.take();
  SmallVector<int64_t> outermost = rest.finish();
  bool areOnes =
      llvm::all_of(outermost, [&](int64_t axis) { return shape[axis] == 1; });
  if (!areOnes && !isOpen)
    return std::nullopt;
  if (groups.empty())
    groups.emplace_back();
  SmallVector<int64_t> &axes = isOfFrom ? groups.back().from : groups.back().to;
  axes.insert(axes.begin(), outermost.begin(), outermost.end());
  return groups;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// All elements of a group, however many.
static constexpr int64_t kWhole = -1;

/// Whether a block of `length` elements along an axis leaves none over, so that
/// the next index along an outer axis begins a block.
static bool isDivided(int64_t extent, int64_t length) {
  return length == 1 || (!ShapedType::isDynamic(extent) && length != 0 &&
                         extent % length == 0);
}

/// How many elements of a group, which lie one after the other, are in a block;
/// nothing where a block's do not, or the blocks differ in size.
static std::optional<int64_t> getRun(ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> block,
                                     ArrayRef<int64_t> axes) {
  SmallVector<int64_t> moving(llvm::make_filter_range(
      axes, [&](int64_t axis) { return shape[axis] != 1; }));
  int64_t run = 1;
  bool isWhole = true;
  while (!moving.empty()) {
    int64_t axis = moving.pop_back_val();
    int64_t extent = shape[axis], length = block[axis];
    if (isWhole && length == extent) {
      // Dynamic only if what lies outside is whole as well.
      run = ShapedType::isDynamic(extent) || ShapedType::isDynamic(run)
                ? ShapedType::kDynamic
                : run * extent;
      continue;
    }
    if (ShapedType::isDynamic(run) || ShapedType::isDynamic(length) ||
        (!isWhole && length != 1) ||
        (!moving.empty() && !isDivided(extent, length)))
      return std::nullopt;
    isWhole = false;
    run *= length;
  }
  return isWhole ? kWhole : run;
}

/// Sets the extents of blocks of so many elements; failure where there are none
/// such.
static LogicalResult setRun(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
                            int64_t run, MutableArrayRef<int64_t> block) {
  SmallVector<int64_t> moving;
  for (int64_t axis : axes) {
    if (run == kWhole || shape[axis] == 1)
      block[axis] = shape[axis];
    else
      moving.push_back(axis);
  }
  if (run == kWhole)
    return success();
  bool isEmpty = run == 0 || llvm::any_of(moving, [&](int64_t axis) {
                   return shape[axis] == 0;
                 });
  if (isEmpty)
    return failure();
  while (!moving.empty()) {
    int64_t axis = moving.pop_back_val(), extent = shape[axis];
    bool isFilled = !ShapedType::isDynamic(extent) && run >= extent;
    if (isFilled ? run % extent != 0
                 : !moving.empty() && !isDivided(extent, run))
      return failure();
    block[axis] = isFilled ? extent : run;
    run = isFilled ? run / extent : 1;
  }
  return success(run == 1);
}

std::optional<SmallVector<int64_t>>
qcc::qnn::reshapeBlock(ArrayRef<int64_t> block, ArrayRef<int64_t> from,
                       ArrayRef<int64_t> to) {
  auto groups = groupAxes(from, to);
  if (!groups)
    return std::nullopt;
  SmallVector<int64_t> result(to.size(), 1);
  for (const AxisGroup &group : *groups) {
    std::optional<int64_t> run = getRun(from, block, group.from);
    if (!run || failed(setRun(to, group.to, *run, result)))
      return std::nullopt;
  }
  return result;
}
