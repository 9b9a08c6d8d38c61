#include "lib/Import/ONNX/Window.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

std::optional<SmallVector<int64_t>> Window::getPads() const {
  SmallVector<int64_t> pads;
  for (const Extents *side : {&before, &after})
    for (OpFoldResult pad : *side) {
      std::optional<int64_t> number = getConstantIntValue(pad);
      if (!number || *number < 0)
        return std::nullopt;
      pads.push_back(*number);
    }
  return pads;
}

void Window::clearPads(Emit &e) {
  before.assign(rank(), e.math.constant(0));
  after = before;
}

void Window::checkFits(Emit &e, int64_t axis, OpFoldResult extent,
                       OpFoldResult room, OpFoldResult count) const {
  auto &math = e.math;
  auto pads = getConstantIntValue(math.add(before[axis], after[axis]));
  int64_t enough = reach(axis) - 1;
  // An axis without elements has as many windows.
  if (pads == enough && strides[axis] == 1 && !ceilMode)
    return;
  // A window that lies in padding alone has nothing to read.
  e.check(math.less(math.constant(0), extent),
          "an input has no elements for the window that moves over it");
  // Pads that keep the extent hold a window wherever there is an element.
  if (getConstantIntValue(count) || (pads && *pads >= enough))
    return;
  // Divided by the stride, room that is negative could round to none.
  e.check(ceilMode ? math.less(math.constant(0), count)
                   : math.less(math.constant(-1), room),
          "an input is too small for the window that moves over it");
}

Extents Window::getCounts(Emit &e, ArrayRef<OpFoldResult> spatial) const {
  auto &math = e.math;
  Extents counts;
  for (int64_t axis : llvm::seq(rank())) {
    OpFoldResult padded =
        math.add(spatial[axis], math.add(before[axis], after[axis]));
    OpFoldResult room = math.sub(padded, math.constant(reach(axis)));
    OpFoldResult stride = math.constant(strides[axis]);
    OpFoldResult steps =
        ceilMode ? math.ceilDiv(room, stride) : math.div(room, stride);
    OpFoldResult count = math.add(steps, math.constant(1));
    if (ceilMode) {
      // A window that would start in the padding at the end is left out.
      OpFoldResult lastStart = math.mul(steps, stride);
      OpFoldResult isInside =
          math.less(lastStart, math.add(spatial[axis], before[axis]));
      count = math.select(isInside, count, steps);
    }
    checkFits(e, axis, spatial[axis], room, count);
    counts.push_back(count);
  }
  return counts;
}

/// Pads so that there are ceil(extent / stride) windows.
static void padToSame(Emit &e, Window &window, ArrayRef<OpFoldResult> spatial,
                      bool upper) {
  auto &math = e.math;
  for (int64_t axis : llvm::seq(window.rank())) {
    OpFoldResult stride = math.constant(window.strides[axis]);
    OpFoldResult span;
    if (window.strides[axis] == 1) {
      // Known whatever the extent is.
      span = math.constant(window.reach(axis) - 1);
    } else {
      OpFoldResult count = math.ceilDiv(spatial[axis], stride);
      OpFoldResult needed =
          math.add(math.mul(math.sub(count, math.constant(1)), stride),
                   math.constant(window.reach(axis)));
      span = math.max(math.sub(needed, spatial[axis]), math.constant(0));
    }
    OpFoldResult half = math.div(span, math.constant(2));
    OpFoldResult rest = math.sub(span, half);
    window.before[axis] = upper ? half : rest;
    window.after[axis] = upper ? rest : half;
  }
}

LogicalResult qcc::importer::checkWindowSize(Node &n, Ints size) {
  // What looks at all elements of a window lists their offsets.
  constexpr int64_t limit = 1 << 24;
  int64_t room = limit;
  for (int64_t each : size)
    room /= each;
  if (room > 0)
    return success();
  return n.error() << "has a window of [" << size << "], more than " << limit
                   << " elements; a global pool or a reduction takes a whole "
                      "axis";
}

FailureOr<Window>
qcc::importer::getWindow(Node &n, ArrayRef<OpFoldResult> input, Ints size) {
  if (input.size() < 3) {
    n.error() << "needs an input [N, C, spatial...], got one of rank "
              << input.size();
    return failure();
  }
  ArrayRef<OpFoldResult> spatial = input.drop_front(2);
  Window window;
  window.size = n.getInts("kernel_shape").value_or(SmallVector<int64_t>(size));
  size_t rank = spatial.size();
  SmallVector<int64_t> ones(rank, 1);
  window.strides = n.getInts("strides").value_or(ones);
  window.dilations = n.getInts("dilations").value_or(ones);
  SmallVector<int64_t> pads =
      n.getInts("pads").value_or(SmallVector<int64_t>(2 * rank, 0));
  if (window.size.size() != rank || window.strides.size() != rank ||
      window.dilations.size() != rank || pads.size() != 2 * rank) {
    n.error() << "has attributes for another number of spatial axes than "
              << rank;
    return failure();
  }
  auto isBad = [](int64_t number) {
    return number < 1 || number > (int64_t(1) << 31);
  };
  if (llvm::any_of(window.size, isBad) || llvm::any_of(window.strides, isBad) ||
      llvm::any_of(window.dilations, isBad)) {
    n.error() << "has a window, stride or dilation that is not positive";
    return failure();
  }
  if (failed(checkWindowSize(n, window.size)))
    return failure();
  if (!size.empty() && Ints(window.size) != size) {
    n.error() << "kernel_shape is [" << window.size
              << "], but the weights have [" << size << "]";
    return failure();
  }
  window.ceilMode = n.getInt("ceil_mode", 0) != 0;
  window.clearPads(n.e);
  StringRef mode = n.getString("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    padToSame(n.e, window, spatial, mode == "SAME_UPPER");
  } else if (mode == "NOTSET" || mode.empty()) {
    for (size_t axis = 0; axis < rank; ++axis) {
      window.before[axis] = n.e.math.constant(pads[axis]);
      window.after[axis] = n.e.math.constant(pads[rank + axis]);
    }
  } else if (mode != "VALID") {
    n.error() << "auto_pad is '" << mode << "', which is none of ONNX's";
    return failure();
  }
  return window;
}

Value qcc::importer::padOrCrop(Emit &e, qnn::PadMode mode, Value x, Extents low,
                               Extents high, Value value) {
  if (!x)
    return {};
  auto &math = e.math;
  Extents offsets, sizes = e.extents(x);
  bool crops = false;
  OpFoldResult zero = math.constant(0);
  for (auto [axis, size] : llvm::enumerate(sizes)) {
    OpFoldResult cutLow = math.min(low[axis], zero);
    OpFoldResult cutHigh = math.min(high[axis], zero);
    crops |= !math.isConstant(cutLow, 0) || !math.isConstant(cutHigh, 0);
    offsets.push_back(math.sub(zero, cutLow));
    size = math.add(math.add(size, cutLow), cutHigh);
    low[axis] = math.max(low[axis], zero);
    high[axis] = math.max(high[axis], zero);
  }
  if (crops) {
    e.checkNotNegative(sizes, "more is cropped than there is");
    x = e.slice(x, offsets, sizes);
  }
  return e.pad(mode, x, low, high, value);
}

Value qcc::importer::makePadsExplicit(Emit &e, Window &window, Value x,
                                      Value value) {
  if (!x || window.getPads())
    return x;
  OpFoldResult zero = e.math.constant(0);
  Extents low{zero, zero}, high{zero, zero};
  low.append(window.before);
  high.append(window.after);
  window.clearPads(e);
  return padOrCrop(e, qnn::PadMode::constant, x, low, high, value);
}

void qcc::importer::checkBias(Emit &e, Value bias, OpFoldResult channels) {
  OpFoldResult fits = e.math.equal(e.extent(bias, 0), channels);
  if (!getConstantIntValue(fits))
    e.check(fits, "the bias has not one element for each channel");
}

Value qcc::importer::makeConv(Emit &e, Value x, Value weights, Value bias,
                              Window window, int64_t groups,
                              bool accumulators) {
  if (!x || !weights)
    return {};
  if (!window.getPads()) {
    if (!isa<RankedTensorType>(x.getType()))
      return e.fail("pads of a quantized convolution depend on a dynamic "
                    "extent, which qcc does not support");
    x = makePadsExplicit(e, window, x);
  }
  if (!x)
    return {};
  SmallVector<int64_t> pads = *window.getPads();
  Extents own = e.extents(x);
  // Before the op, since what they check protects the op. Its verifier compares
  // what is static.
  OpFoldResult fits = e.math.equal(
      own[1], e.math.mul(e.extent(weights, 1), e.math.constant(groups)));
  if (!getConstantIntValue(fits))
    e.check(fits, "the channels of input and weights differ");
  if (bias)
    checkBias(e, bias, e.extent(weights, 0));
  Extents counts =
      window.getCounts(e, ArrayRef<OpFoldResult>(own).drop_front(2));
  Value result = e.make<qnn::ConvOp>(x, weights, bias, Ints(window.strides),
                                     Ints(pads), Ints(window.dilations),
                                     uint64_t(groups), /*channels_last=*/false,
                                     accumulators, qnn::KernelAttr());
  if (!result)
    return {};
  Extents extents{own[0], e.extent(weights, 0)};
  extents.append(counts);
  e.setExtents(result, extents);
  return result;
}
