// Ops that place elements elsewhere: reshapes, joins, splits.

#include "lib/Import/ONNX/Axes.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

//===----------------------------------------------------------------------===//
// Other extents
//===----------------------------------------------------------------------===//

/// Input 1 with its 0 and -1 resolved: 0 is the input's own extent unless
/// `allowZero`, -1 what the number of elements leaves.
static FailureOr<Extents> resolveReshape(Node &n, Value x, Extents target,
                                         bool allowZero) {
  Emit &e = n.e;
  auto &math = e.math;
  Extents own = e.extents(x);
  OpFoldResult minusOne = math.constant(-1), one = math.constant(1);
  // With 1 in place of -1, for the product of the others.
  Extents others;
  unsigned numInferred = 0;
  for (auto [i, extent] : llvm::enumerate(target)) {
    if (math.isConstant(extent, 0) && !allowZero) {
      if (i >= own.size()) {
        n.error() << "the new shape copies axis " << i
                  << ", but the input has only " << own.size() << " axes";
        return failure();
      }
      extent = own[i];
    } else if (!getConstantIntValue(extent) && !math.isNonNegative(extent) &&
               !allowZero && i < own.size()) {
      extent =
          math.select(math.equal(extent, math.constant(0)), own[i], extent);
    }
    numInferred += math.isConstant(extent, -1);
    others.push_back(math.select(math.equal(extent, minusOne), one, extent));
  }
  if (numInferred > 1) {
    n.error() << "the new shape leaves more than one extent open (-1)";
    return failure();
  }
  for (OpFoldResult &extent : target) {
    OpFoldResult isOpen = math.equal(extent, minusOne);
    if (getConstantIntValue(isOpen) == 0)
      continue;
    OpFoldResult rest = math.product(others);
    OpFoldResult inferred =
        getConstantIntValue(rest) == 0 ? math.constant(0)
        : getConstantIntValue(isOpen)
            ? math.exactDiv(own, others)
            : math.div(math.product(own), math.max(rest, one));
    extent = math.select(isOpen, inferred, extent);
  }
  e.checkNotNegative(target, "the new shape has a negative extent");
  if (!math.isSameProduct(own, target))
    e.check(math.equal(math.product(own), math.product(target)),
            "the new shape has another number of elements");
  return target;
}

static LogicalResult importReshape(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Extents> target = n.requireExtents(1);
  if (failed(target))
    return failure();
  target = resolveReshape(n, x, *target, n.getInt("allowzero", 0));
  if (failed(target))
    return failure();
  auto sizes = getConstantIntValues(*target);
  if (sizes && n.e.type(x).hasStaticShape()) {
    int64_t wanted = 1;
    for (int64_t size : *sizes)
      wanted *= size;
    if (wanted != n.e.type(x).getNumElements() ||
        llvm::any_of(*sizes, [](int64_t size) { return size < 0; }))
      return n.error() << "cannot give " << n.e.type(x) << " the shape ["
                       << *sizes << "]";
  }
  return n.result(n.e.reshape(x, *target));
}

static LogicalResult importFlatten(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  int64_t axis = n.getInt("axis", 1), rank = n.e.rank(x);
  if (axis < -rank || axis > rank)
    return n.error() << "axis " << axis
                     << " is not an axis of a tensor of rank " << rank;
  return n.result(n.e.flatten(x, axis < 0 ? axis + rank : axis));
}

static LogicalResult importSqueeze(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto given = getAxes(n, "axes", 1, n.e.rank(x));
  if (failed(given))
    return failure();
  if (*given)
    return n.result((*given)->drop(n.e, x));
  SmallVector<int64_t> axes;
  for (auto [axis, extent] : llvm::enumerate(n.e.extents(x))) {
    std::optional<int64_t> number = getConstantIntValue(extent);
    if (!number)
      return n.unsupported("names no axes, and which extents are 1 is not "
                           "known");
    if (*number == 1)
      axes.push_back(axis);
  }
  return n.result(n.e.squeeze(x, axes));
}

static LogicalResult importUnsqueeze(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  int64_t count = 0;
  if (auto attribute = n.getInts("axes")) {
    count = attribute->size();
  } else {
    Value axes = n.in(1);
    if (!axes)
      return failure();
    std::optional<int64_t> number = getConstantIntValue(n.e.numElements(axes));
    if (!number || *number > 64)
      return n.unsupported("the number of axes is not known");
    count = *number;
  }
  auto given = getAxes(n, "axes", 1, n.e.rank(x) + count);
  if (failed(given) || !*given)
    return failure();
  return n.result((*given)->insert(n.e, x));
}

static LogicalResult importExpand(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Extents> given = n.requireExtents(1);
  if (failed(given))
    return failure();
  auto &math = n.e.math;
  Extents own = n.e.extents(x);
  Extents target(std::max(own.size(), given->size()), math.constant(1));
  llvm::copy(*given, target.end() - given->size());
  OpFoldResult *result = target.end() - own.size();
  for (OpFoldResult extent : own) {
    OpFoldResult &merged = *result++;
    // Both may be 1, which stands for the other.
    if (math.isConstant(extent, 1) || math.isSame(extent, merged))
      continue;
    if (math.isConstant(merged, 1) || getConstantIntValue(extent)) {
      if (getConstantIntValue(merged).value_or(1) != 1)
        return n.error() << "an extent of " << *getConstantIntValue(extent)
                         << " cannot become " << *getConstantIntValue(merged);
      // What the target says must be the extent, or 1 for it.
      OpFoldResult meant =
          math.select(math.equal(merged, math.constant(1)), extent, merged);
      n.e.check(math.equal(meant, extent),
                "an extent cannot become the one that is asked for");
      merged = extent;
      continue;
    }
    merged = math.select(math.equal(merged, math.constant(1)), extent, merged);
  }
  return n.result(n.e.expand(x, target));
}

static LogicalResult importTile(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  FailureOr<Extents> repeats = n.requireExtents(1);
  if (failed(repeats))
    return failure();
  if (int64_t(repeats->size()) != n.e.rank(x))
    return n.error() << "repeats " << repeats->size() << " axes of a tensor of "
                     << "rank " << n.e.rank(x);
  SmallVector<Value> dynamic;
  SmallVector<int64_t> numbers;
  dispatchIndexOpFoldResults(*repeats, dynamic, numbers);
  Value result = n.e.make<qnn::TileOp>(x, dynamic, numbers);
  if (!result)
    return failure();
  Extents extents;
  for (auto [own, repeat] : llvm::zip_equal(n.e.extents(x), *repeats))
    extents.push_back(n.e.math.mul(own, repeat));
  n.e.setExtents(result, extents);
  return n.result(result);
}

//===----------------------------------------------------------------------===//
// Other places
//===----------------------------------------------------------------------===//

static LogicalResult importTranspose(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  SmallVector<int64_t> permutation;
  for (int64_t axis = n.e.rank(x) - 1; axis >= 0; --axis)
    permutation.push_back(axis);
  if (auto given = n.getInts("perm")) {
    auto axes = n.axes(*given, n.e.rank(x));
    if (failed(axes))
      return failure();
    if (axes->size() != permutation.size())
      return n.error() << "perm has " << axes->size() << " axes, the input "
                       << permutation.size();
    permutation = *axes;
  }
  return n.result(n.e.transpose(x, permutation));
}

static LogicalResult importConcat(Node &n) {
  SmallVector<Value> parts;
  for (int i = 0; i < n.numInputs(); ++i)
    if (n.has(i))
      parts.push_back(n.in(i));
  if (parts.empty())
    return n.error() << "joins nothing";
  if (llvm::is_contained(parts, Value()))
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(parts.front()));
  return failed(axis) ? failure() : n.result(n.e.concat(parts, *axis));
}

/// The sizes of the parts: given, or equal ones of which the last may be
/// smaller.
static FailureOr<Extents> getSplit(Node &n, OpFoldResult extent) {
  auto &math = n.e.math;
  if (n.has(1))
    return n.requireExtents(1);
  Extents sizes;
  if (auto given = n.getInts("split")) {
    for (int64_t size : *given)
      sizes.push_back(math.constant(size));
    return sizes;
  }
  int64_t count = n.getInt("num_outputs", n.numOutputs());
  if (count <= 0 || count != n.numOutputs()) {
    n.error() << "has " << n.numOutputs() << " outputs, but num_outputs is "
              << count;
    return failure();
  }
  OpFoldResult chunk = math.ceilDiv(extent, math.constant(count));
  OpFoldResult left = extent;
  for (int64_t i = 0; i < count; ++i) {
    sizes.push_back(math.max(math.min(chunk, left), math.constant(0)));
    left = math.sub(left, chunk);
  }
  return sizes;
}

/// To be called before the parts are made: they would reach over the end.
static void checkSplit(Emit &e, ArrayRef<OpFoldResult> sizes,
                       OpFoldResult extent) {
  OpFoldResult sum = e.math.constant(0);
  for (OpFoldResult size : sizes)
    sum = e.math.add(sum, size);
  e.checkNotNegative(sizes, "a part has a negative size");
  if (!e.math.isSame(sum, extent))
    e.check(e.math.equal(sum, extent), "the parts do not sum up to the whole");
}

static LogicalResult importSplit(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(x));
  if (failed(axis))
    return failure();
  FailureOr<Extents> sizes = getSplit(n, n.e.extent(x, *axis));
  if (failed(sizes))
    return failure();
  if (int64_t(sizes->size()) != n.numOutputs())
    return n.error() << "splits into " << sizes->size() << " parts, but has "
                     << n.numOutputs() << " outputs";
  checkSplit(n.e, *sizes, n.e.extent(x, *axis));
  OpFoldResult offset = n.e.math.constant(0);
  for (auto [i, size] : llvm::enumerate(*sizes)) {
    Value part = n.e.slice(x, *axis, offset, size);
    if (!part)
      return failure();
    n.set(i, part);
    offset = n.e.math.add(offset, size);
  }
  return success();
}

namespace {
/// What DepthToSpace and SpaceToDepth have in common: blocks of an input
/// [N, C, H, W], which lie along depth before (DCR) or behind the channels.
struct DepthBlocks {
  Value x;
  int64_t size;
  bool isDCR;
};
} // namespace

static FailureOr<DepthBlocks> getDepthBlocks(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  StringRef mode = n.getString("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") {
    n.error() << "mode is '" << mode << "', which is neither DCR nor CRD";
    return failure();
  }
  // Its square must be an extent.
  constexpr int64_t limit = 1 << 15;
  int64_t size = n.getInt("blocksize", 0);
  if (n.e.rank(x) != 4 || size < 1 || size > limit) {
    n.error() << "needs an input of rank 4 and a blocksize from 1 to " << limit
              << ", got " << n.e.type(x) << " and " << size;
    return failure();
  }
  return DepthBlocks{x, size, mode == "DCR"};
}

/// Of extents that are known, the reshape's verifier tells.
static void checkMultiple(Emit &e, OpFoldResult extent, OpFoldResult count,
                          int64_t size) {
  if (!getConstantIntValue(extent))
    e.check(e.math.equal(e.math.mul(count, e.math.constant(size)), extent),
            "an extent is no multiple of " + Twine(size));
}

static LogicalResult importDepthToSpace(Node &n) {
  FailureOr<DepthBlocks> b = getDepthBlocks(n);
  if (failed(b))
    return failure();
  auto &math = n.e.math;
  Extents d = n.e.extents(b->x);
  OpFoldResult s = math.constant(b->size);
  OpFoldResult depth = math.div(d[1], math.constant(b->size * b->size));
  checkMultiple(n.e, d[1], depth, b->size * b->size);
  Extents inner = b->isDCR ? Extents{d[0], s, s, depth, d[2], d[3]}
                           : Extents{d[0], depth, s, s, d[2], d[3]};
  Value blocks = n.e.reshape(b->x, inner);
  SmallVector<int64_t> order = b->isDCR
                                   ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2}
                                   : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  return n.result(
      n.e.reshape(n.e.transpose(blocks, order),
                  {d[0], depth, math.mul(d[2], s), math.mul(d[3], s)}));
}

static LogicalResult importSpaceToDepth(Node &n) {
  FailureOr<DepthBlocks> b = getDepthBlocks(n);
  if (failed(b))
    return failure();
  auto &math = n.e.math;
  Extents d = n.e.extents(b->x);
  OpFoldResult s = math.constant(b->size);
  OpFoldResult h = math.div(d[2], s), w = math.div(d[3], s);
  checkMultiple(n.e, d[2], h, b->size);
  checkMultiple(n.e, d[3], w, b->size);
  Value blocks = n.e.reshape(b->x, {d[0], d[1], h, s, w, s});
  SmallVector<int64_t> order = b->isDCR
                                   ? SmallVector<int64_t>{0, 3, 5, 1, 2, 4}
                                   : SmallVector<int64_t>{0, 1, 3, 5, 2, 4};
  OpFoldResult depth = math.mul(d[1], math.constant(b->size * b->size));
  return n.result(
      n.e.reshape(n.e.transpose(blocks, order), {d[0], depth, h, w}));
}

/// Of inference: the identity, and a mask of all ones.
static LogicalResult importDropout(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  if (n.has(2)) {
    auto training = n.e.values.lookup(n.in(2));
    auto numbers = training ? getConstantIntValues(*training) : std::nullopt;
    if (!numbers || numbers->size() != 1)
      return n.unsupported("whether it is training is not constant");
    auto ratio = n.e.getNumbers(n.optional(1), 1);
    bool isIdentity = !numbers->front() || (ratio && ratio->front() == 0);
    if (!isIdentity)
      return n.unsupported("training is; export the model for inference");
  }
  n.set(0, x);
  if (n.wants(1)) {
    Type element = n.version() < 10 ? n.e.element(x) : n.e.b.getI1Type();
    n.set(1, n.e.splat(n.e.scalar(1, element), n.e.extents(x)));
  }
  return success();
}

void qcc::importer::addTensor(OperatorTable &t) {
  t.add("Reshape", importReshape);
  t.add("Flatten", importFlatten);
  t.add("Squeeze", importSqueeze);
  t.add("Unsqueeze", importUnsqueeze);
  t.add("Expand", importExpand, 8);
  t.add("Tile", importTile);
  t.add("Transpose", importTranspose);
  t.add("Concat", importConcat);
  t.add("Split", importSplit);
  t.add("DepthToSpace", importDepthToSpace);
  t.add("SpaceToDepth", importSpaceToDepth);
  t.add("Dropout", importDropout);
}
