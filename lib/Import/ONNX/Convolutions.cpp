// Conv and ConvTranspose.

#include "lib/Import/ONNX/Window.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

static LogicalResult checkRanks(Node &n, Value x, Value w) {
  if (n.e.rank(x) != n.e.rank(w) || n.e.rank(x) < 3 || n.e.rank(x) > 5)
    return n.error() << "convolves " << n.e.type(x) << " with " << n.e.type(w)
                     << "; both need one to three spatial axes";
  if (!n.e.type(w).hasStaticShape())
    return n.unsupported("the extents of its weights are dynamic");
  return success();
}

static LogicalResult importConv(Node &n) {
  Value x = n.in(0), w = x ? n.in(1) : Value();
  if (!w || failed(checkRanks(n, x, w)))
    return failure();
  FailureOr<Window> window =
      getWindow(n, n.e.extents(x), n.e.shape(w).drop_front(2));
  if (failed(window))
    return failure();
  return n.result(
      makeConv(n.e, x, w, n.optional(2), *window, n.getInt("group", 1)));
}

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

namespace {
struct Transposed {
  Window window;
  SmallVector<int64_t> outputPadding;
  int64_t groups;
};
} // namespace

/// Pads of the transposed convolution, which cut the full result.
static LogicalResult getTransposedPads(Node &n, ArrayRef<OpFoldResult> spatial,
                                       Transposed &t) {
  auto &math = n.e.math;
  StringRef mode = n.getString("auto_pad", "NOTSET");
  auto shape = n.getInts("output_shape");
  bool isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!shape && !isSame)
    return success(); // as getWindow has read them
  size_t rank = spatial.size();
  if (shape && shape->size() > rank)
    shape->erase(shape->begin(), shape->end() - rank);
  if (shape && shape->size() != rank)
    return n.error() << "output_shape has " << shape->size()
                     << " spatial extents, the input " << rank;
  for (size_t axis = 0; axis < rank; ++axis) {
    OpFoldResult stride = math.constant(t.window.strides[axis]);
    OpFoldResult full =
        math.constant(t.window.reach(axis) + t.outputPadding[axis]);
    // stride * (extent - 1) + full - wanted
    OpFoldResult total =
        shape ? math.sub(
                    math.add(math.mul(math.sub(spatial[axis], math.constant(1)),
                                      stride),
                             full),
                    math.constant((*shape)[axis]))
              : math.sub(full, stride);
    // A shape that asks for more than there is pads zeros on.
    if (getConstantIntValue(total).value_or(0) < 0) {
      t.outputPadding[axis] -= *getConstantIntValue(total);
      total = math.constant(0);
    }
    OpFoldResult half = math.div(total, math.constant(2));
    OpFoldResult rest = math.sub(total, half);
    t.window.before[axis] = mode == "SAME_UPPER" ? half : rest;
    t.window.after[axis] = mode == "SAME_UPPER" ? rest : half;
  }
  return success();
}

/// Where the windows do not overlap, each input element gives its own block: a
/// 1x1 convolution and a permutation.
static Value convByBlocks(Emit &e, Value x, Value w, const Window &window) {
  auto &math = e.math;
  Ints shape = e.shape(w);
  int64_t rank = window.rank(), c = shape[0], m = shape[1], block = 1;
  for (int64_t size : window.size)
    block *= size;
  // [C, M, k...] to [M * k..., C, 1...].
  Value matrix = e.transpose(
      e.reshape(w, {math.constant(c), math.constant(m * block)}), {1, 0});
  Extents pointExtents{math.constant(m * block), math.constant(c)};
  pointExtents.append(rank, math.constant(1));
  Window point;
  point.size.assign(rank, 1);
  point.strides = point.dilations = point.size;
  point.clearPads(e);
  Value y = makeConv(e, x, e.reshape(matrix, pointExtents), {}, point, 1);
  if (!y)
    return {};
  // [N, M, k..., s...] to [N, M, s0, k0, s1, k1, ...].
  Extents own = e.extents(x), split{own[0], math.constant(m)}, joined = split;
  SmallVector<int64_t> order{0, 1};
  for (int64_t axis : llvm::seq(rank)) {
    split.push_back(math.constant(window.size[axis]));
    order.append({2 + rank + axis, 2 + axis});
    joined.push_back(math.mul(own[2 + axis], math.constant(window.size[axis])));
  }
  split.append(own.begin() + 2, own.end());
  return e.reshape(e.transpose(e.reshape(y, split), order), joined);
}

/// `count` - 1 zeros between elements along each spatial axis.
static Value spread(Emit &e, Value x, Ints strides) {
  auto &math = e.math;
  if (llvm::all_of(strides, [](int64_t s) { return s == 1; }))
    return x;
  Extents own = e.extents(x), apart{own[0], own[1]}, low, high;
  Extents joined = apart, kept = apart;
  for (auto [axis, stride] : llvm::enumerate(strides)) {
    OpFoldResult extent = own[2 + axis], step = math.constant(stride);
    apart.append({extent, math.constant(1)});
    joined.push_back(math.mul(extent, step));
    kept.push_back(math.add(math.mul(math.sub(extent, math.constant(1)), step),
                            math.constant(1)));
  }
  low.assign(apart.size(), math.constant(0));
  high = low;
  for (auto [axis, stride] : llvm::enumerate(strides))
    high[3 + 2 * axis] = math.constant(stride - 1);
  Value wide = e.reshape(
      e.pad(qnn::PadMode::constant, e.reshape(x, apart), low, high), joined);
  return e.slice(wide, Extents(kept.size(), math.constant(0)), kept);
}

/// [C, M / g, k...] to [M, C / g, k...] with each window turned around.
static Value turnWeights(Emit &e, Value w, int64_t groups) {
  auto &math = e.math;
  Ints shape = e.shape(w);
  int64_t rank = shape.size() - 2, c = shape[0], m = shape[1];
  Extents offsets{math.constant(0), math.constant(0)}, sizes = e.extents(w);
  SmallVector<int64_t> strides{1, 1}, order{0, 2, 1};
  Extents grouped{math.constant(groups), math.constant(c / groups),
                  math.constant(m)};
  Extents result{math.constant(groups * m), math.constant(c / groups)};
  for (int64_t axis : llvm::seq(rank)) {
    OpFoldResult size = math.constant(shape[2 + axis]);
    offsets.push_back(math.constant(shape[2 + axis] - 1));
    strides.push_back(-1);
    grouped.push_back(size);
    order.push_back(3 + axis);
    result.push_back(size);
  }
  Value turned = e.slice(w, offsets, sizes, strides);
  return e.reshape(e.transpose(e.reshape(turned, grouped), order), result);
}

static Value addBias(Emit &e, Value y, Value bias) {
  if (!y || !bias)
    return y;
  Extents extents(e.rank(y) - 1, e.math.constant(1));
  extents[0] = e.extent(bias, 0);
  checkBias(e, bias, e.extent(y, 1));
  return e.add(y, e.reshape(bias, extents));
}

static LogicalResult importConvTranspose(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), w = x ? n.in(1) : Value(),
        bias = n.has(2) ? n.vector(2) : Value();
  if (!w || (n.has(2) && !bias) || failed(checkRanks(n, x, w)))
    return failure();
  FailureOr<Window> window =
      getWindow(n, e.extents(x), e.shape(w).drop_front(2));
  if (failed(window))
    return failure();
  Transposed t{*window, {}, n.getInt("group", 1)};
  int64_t rank = window->rank();
  t.outputPadding =
      n.getInts("output_padding").value_or(SmallVector<int64_t>(rank, 0));
  if (t.groups < 1 || e.shape(w)[0] % t.groups != 0 ||
      int64_t(t.outputPadding.size()) != rank)
    return n.error() << "has groups or output_padding that do not fit "
                     << e.type(w);
  Extents own = e.extents(x);
  if (failed(
          getTransposedPads(n, ArrayRef<OpFoldResult>(own).drop_front(2), t)))
    return failure();

  auto isZero = [&](OpFoldResult v) { return e.math.isConstant(v, 0); };
  bool isBlocks =
      t.groups == 1 && t.window.size == t.window.strides &&
      llvm::all_of(t.window.dilations, [](int64_t d) { return d == 1; }) &&
      llvm::all_of(t.window.before, isZero) &&
      llvm::all_of(t.window.after, isZero) &&
      llvm::all_of(t.outputPadding, [](int64_t p) { return !p; });
  if (isBlocks)
    return n.result(addBias(e, convByBlocks(e, x, w, t.window), bias));

  Value wide = spread(e, x, t.window.strides);
  Window turned = t.window;
  turned.strides.assign(rank, 1);
  for (int64_t axis : llvm::seq(rank)) {
    OpFoldResult reach = e.math.constant(t.window.reach(axis) - 1);
    turned.before[axis] = e.math.sub(reach, t.window.before[axis]);
    turned.after[axis] = e.math.add(e.math.sub(reach, t.window.after[axis]),
                                    e.math.constant(t.outputPadding[axis]));
  }
  return n.result(
      makeConv(e, wide, turnWeights(e, w, t.groups), bias, turned, t.groups));
}

void qcc::importer::addConvolutions(OperatorTable &t) {
  t.add("Conv", importConv);
  t.add("ConvTranspose", importConvTranspose);
}
