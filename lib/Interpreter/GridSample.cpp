// qnn.grid_sample, as ONNX's reference implementation has it.

#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Image.h"

#include "dialects/QNN/IR/Ops.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {
namespace {

/// One spatial axis of the input.
struct GridAxis {
  GridAxis(int64_t extent, bool alignCorners)
      : extent(extent), alignCorners(alignCorners),
        low(alignCorners ? 0 : -0.5),
        high(static_cast<double>(extent) - (alignCorners ? 1.0 : 0.5)) {}

  /// From [-1, 1], in f32 as the grid.
  double denormalize(float x) const {
    auto length = static_cast<float>(extent);
    return alignCorners ? (x + 1) / 2 * (length - 1)
                        : ((x + 1) * length - 1) / 2;
  }

  /// Mirrored at the borders until it lies within.
  double reflect(double x) const {
    double range = high - low;
    if (!(range > 0))
      return low;
    if (x >= low && x <= high)
      return x;
    bool isLow = x < low;
    double beyond = isLow ? low - x : x - high;
    double count = std::trunc(beyond / range);
    double rest = beyond - count * range;
    bool isEven = std::fmod(count, 2) == 0;
    return isEven == isLow ? low + rest : high - rest;
  }

  int64_t extent;
  bool alignCorners;
  double low, high;
};

/// Elements along one axis and their weights; -1 is a zero.
struct Taps {
  SmallVector<int64_t, 4> positions;
  SmallVector<double, 4> weights;
};

int64_t padPosition(GridPadding padding, const GridAxis &axis, int64_t at) {
  if (at >= 0 && at < axis.extent)
    return at;
  switch (padding) {
  case GridPadding::zeros:
    return -1;
  case GridPadding::border:
    return std::clamp<int64_t>(at, 0, axis.extent - 1);
  case GridPadding::reflection:
    return std::clamp<int64_t>(
        static_cast<int64_t>(axis.reflect(static_cast<double>(at))), 0,
        axis.extent - 1);
  }
  llvm_unreachable("unknown padding");
}

double getCubic(double x) {
  constexpr double a = -0.75;
  x = std::fabs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

Taps getTaps(GridSampleOp op, const GridAxis &axis, float normalized) {
  double x = axis.denormalize(normalized);
  if (op.getMode() == ResizeMode::nearest)
    x = std::nearbyint(x);
  if (!(x >= axis.low && x <= axis.high)) {
    if (op.getPadding() == GridPadding::border)
      x = std::fmin(std::fmax(x, 0), static_cast<double>(axis.extent - 1));
    else if (op.getPadding() == GridPadding::reflection)
      x = axis.reflect(x);
  }
  // NaN, and what no integer holds, is far outside.
  if (!(std::fabs(x) < 1e15))
    x = -1e15;
  auto floor = static_cast<int64_t>(std::floor(x));
  double fraction = x - static_cast<double>(floor);
  Taps taps;
  auto add = [&](int64_t at, double weight) {
    taps.positions.push_back(padPosition(op.getPadding(), axis, at));
    taps.weights.push_back(weight);
  };
  switch (op.getMode()) {
  case ResizeMode::nearest:
    add(static_cast<int64_t>(x), 1);
    break;
  case ResizeMode::linear:
    add(floor, 1 - fraction);
    add(floor + 1, fraction);
    break;
  case ResizeMode::cubic:
    for (int64_t i = -1; i <= 2; ++i)
      add(floor + i, getCubic(fraction - static_cast<double>(i)));
  }
  return taps;
}

/// The weighted sum over all combinations of the axes' taps.
template <typename C>
double sample(const C *image, ArrayRef<Taps> taps, ArrayRef<int64_t> strides) {
  if (taps.empty())
    return static_cast<double>(*image);
  double sum = 0;
  for (auto [at, weight] :
       llvm::zip_equal(taps.front().positions, taps.front().weights))
    if (at >= 0 && weight != 0)
      sum += weight * sample(image + at * strides.front(), taps.drop_front(),
                             strides.drop_front());
  return sum;
}

} // namespace

static Error evaluateGridSample(GridSampleOp op, Frame &frame) {
  const Tensor &tensor = frame.getTensor(op.getInput());
  const Tensor &gridTensor = frame.getTensor(op.getGrid());
  if (gridTensor.getDim(0) != tensor.getDim(0))
    return fail("input and grid differ in their first extent");
  Image input(tensor.getShape(), /*channelsLast=*/false);
  size_t axes = input.spatial.size();
  Shape shape = {tensor.getDim(0), input.channels};
  llvm::append_range(shape, gridTensor.getShape().slice(1, axes));
  Type type = tensor.getElementType();
  Expected<Tensor> result = Tensor::allocate(type, shape);
  if (!result)
    return result.takeError();
  if (result->getNumElements() != 0 && tensor.getNumElements() == 0)
    return fail("an input without elements cannot be sampled");

  Image output(shape, /*channelsLast=*/false);
  int64_t positions = getNumElements(output.spatial);
  std::vector<float> grid = load<float>(gridTensor);
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> from = load<C>(tensor), values(result->getNumElements());
    for (int64_t i = 0; i < shape[0] * positions; ++i) {
      int64_t n = i / positions, position = i % positions;
      SmallVector<Taps, 3> taps;
      for (size_t axis = 0; axis < axes; ++axis) // the innermost comes first
        taps.push_back(
            getTaps(op, GridAxis(input.spatial[axis], op.getAlignCorners()),
                    grid[i * axes + axes - 1 - axis]));
      for (int64_t c = 0; c < input.channels; ++c)
        values[n * output.batchStride + c * output.channelStride + position] =
            static_cast<C>(sample<C>(from.data() + n * input.batchStride +
                                         c * input.channelStride,
                                     taps, input.strides));
    }
    store<C>(values, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addGridSample(Evaluators &evaluators) {
  evaluators.add<GridSampleOp>(evaluateGridSample);
}

} // namespace qcc::interpreter
