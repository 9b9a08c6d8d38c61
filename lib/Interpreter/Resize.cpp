// qnn.resize, as ONNX's reference implementation has it: the axes are
// interpolated one after the other, each output element from the `n` input
// elements nearest to its coordinate, those beyond the ends being the ends.

#include "lib/Interpreter/Evaluation.h"

#include "dialects/QNN/IR/Ops.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {
namespace {

/// One axis of a resize.
struct ResizeAxis {
  int64_t input, output;
  /// Output by input extent, as the model states it.
  double scale;
  /// Of tf_crop_and_resize.
  double roiStart = 0, roiEnd = 1;
};

/// What an output element is made of.
struct Sample {
  bool isExtrapolated = false;
  SmallVector<int64_t> positions;
  SmallVector<double> weights;
};

/// (x + shift) / scale - shift in f32, as ONNX Runtime has it: where it is a
/// whole number, the last bit decides which element is the nearest.
double unscale(const ResizeAxis &axis, double x, float shift) {
  return (static_cast<float>(x) + shift) / static_cast<float>(axis.scale) -
         shift;
}

double getCoordinate(CoordinateMode mode, const ResizeAxis &axis, double x) {
  // As a product in f32, so that a third of three is one.
  double width =
      static_cast<float>(axis.scale) * static_cast<float>(axis.input);
  auto last = static_cast<double>(axis.input - 1);
  switch (mode) {
  case CoordinateMode::half_pixel:
    return unscale(axis, x, 0.5f);
  case CoordinateMode::half_pixel_symmetric: {
    float adjustment =
        static_cast<float>(axis.output) / static_cast<float>(width);
    float offset = static_cast<float>(axis.input) / 2 * (1 - adjustment);
    return static_cast<float>(offset + (x + 0.5) / axis.scale - 0.5);
  }
  case CoordinateMode::pytorch_half_pixel:
    return width == 1 ? -0.5 : unscale(axis, x, 0.5f);
  case CoordinateMode::align_corners:
    return width == 1 ? 0 : x * last / (width - 1);
  case CoordinateMode::asymmetric:
    return unscale(axis, x, 0);
  case CoordinateMode::tf_crop_and_resize: {
    double span = (axis.roiEnd - axis.roiStart) * last;
    double along = width == 1 ? span / 2 : x * span / (width - 1);
    return along + axis.roiStart * last;
  }
  }
  llvm_unreachable("unknown coordinate mode");
}

SmallVector<double> getNearestWeights(NearestMode mode, double ratio) {
  bool takesSecond = ratio == 1;
  switch (mode) {
  case NearestMode::round_prefer_floor:
    takesSecond |= ratio > 0.5;
    break;
  case NearestMode::round_prefer_ceil:
    takesSecond |= ratio >= 0.5;
    break;
  case NearestMode::floor:
    break;
  case NearestMode::ceil:
    takesSecond = true;
  }
  return {takesSecond ? 0.0 : 1.0, takesSecond ? 1.0 : 0.0};
}

/// Keys' cubic convolution at distance x.
double getCubic(double x, double a) {
  x = std::fabs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

double getTriangle(double x) { return std::fmax(0, 1 - std::fabs(x)); }

/// Weights of neighbours first, first + 1, ... of the element left of the
/// coordinate, `ratio` before it. Antialiasing stretches the kernel.
SmallVector<double> getKernelWeights(ResizeOp op, double ratio, double scale) {
  bool isCubic = op.getMode() == ResizeMode::cubic;
  double a = op.getCubicCoefficient().convertToFloat();
  double reach = isCubic ? 2 : 1;
  double stretch = op.getAntialias() ? std::fmin(scale, 1.0) : 1.0;
  auto first = static_cast<int64_t>(std::floor(-reach / stretch) + 1);
  int64_t end = 2 - first;
  SmallVector<double> weights;
  for (int64_t i = first; i < end; ++i) {
    double x = stretch * (static_cast<double>(i) - ratio);
    weights.push_back(isCubic ? getCubic(x, a) : getTriangle(x));
  }
  if (op.getAntialias()) {
    double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double &weight : weights)
      weight /= sum;
  }
  return weights;
}

/// The first of the `count` elements nearest to `x`; of two equally near those
/// to the left.
int64_t getFirstNeighbour(double x, int64_t count) {
  double floor = std::floor(x), fraction = x - floor;
  auto at = static_cast<int64_t>(floor);
  if (count % 2 == 0)
    return at - count / 2 + (fraction == 0 ? 0 : 1);
  return at - (count - 1) / 2 + (fraction <= 0.5 ? 0 : 1);
}

Sample getSample(ResizeOp op, const ResizeAxis &axis, int64_t position) {
  Sample sample;
  double x =
      getCoordinate(op.getCoordinates(), axis, static_cast<double>(position));
  if (op.getCoordinates() == CoordinateMode::tf_crop_and_resize &&
      !(x >= 0 && x <= static_cast<double>(axis.input - 1))) {
    sample.isExtrapolated = true;
    return sample;
  }
  // Scales of a damaged model lead anywhere.
  if (!(std::fabs(x) < 1e15))
    x = 0;
  // In (0, 1]: an element at the coordinate counts as the right neighbour.
  double ratio = x - std::floor(x);
  if (ratio == 0)
    ratio = 1;
  sample.weights = op.getMode() == ResizeMode::nearest
                       ? getNearestWeights(op.getRounding(), ratio)
                       : getKernelWeights(op, ratio, axis.scale);
  int64_t first = getFirstNeighbour(x, sample.weights.size());
  double sum = 0;
  for (auto [i, weight] : llvm::enumerate(sample.weights)) {
    int64_t at = first + static_cast<int64_t>(i);
    if (op.getExcludeOutside() && (at < 0 || at >= axis.input))
      weight = 0;
    sum += weight;
    sample.positions.push_back(std::clamp<int64_t>(at, 0, axis.input - 1));
  }
  if (op.getExcludeOutside() && sum != 0)
    for (double &weight : sample.weights)
      weight /= sum;
  return sample;
}

/// Replaces axis `axis` of `values`, a tensor of `shape`.
void resizeAxis(ResizeOp op, const ResizeAxis &axis, size_t position,
                std::vector<double> &values, Shape &shape) {
  int64_t outer = getNumElements(ArrayRef(shape).take_front(position));
  int64_t inner = getNumElements(ArrayRef(shape).drop_front(position + 1));
  double extrapolated = op.getExtrapolationValue().convertToFloat();
  std::vector<double> resized(outer * axis.output * inner);
  for (int64_t x = 0; x < axis.output; ++x) {
    Sample sample = getSample(op, axis, x);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        double sum = sample.isExtrapolated ? extrapolated : 0;
        for (auto [at, weight] :
             llvm::zip_equal(sample.positions, sample.weights))
          // What has no weight may be infinite.
          if (weight != 0)
            sum += weight * values[(o * axis.input + at) * inner + i];
        resized[(o * axis.output + x) * inner + i] = sum;
      }
  }
  values = std::move(resized);
  shape[position] = axis.output;
}

/// `value` as an integer of `bits` bits, toward zero.
template <typename C> C toInteger(double value, unsigned bits) {
  double low = std::is_signed_v<C> ? -std::ldexp(1.0, bits - 1) : 0;
  double high = std::ldexp(1.0, bits - std::is_signed_v<C>);
  if (!(value >= low))
    return static_cast<C>(low);
  if (value >= high)
    return static_cast<C>(static_cast<uint64_t>(high) - 1);
  return static_cast<C>(value);
}

} // namespace

static Error evaluateResize(ResizeOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  Shape sizes = frame.getIntegers(op.getMixedSizes());
  Type type = input.getElementType();
  Expected<Tensor> result = Tensor::allocate(type, sizes);
  if (!result)
    return result.takeError();
  std::vector<float> scales = load<float>(frame.getTensor(op.getScales()));
  std::vector<double> roi;
  if (op.getRoi())
    roi = load<double>(frame.getTensor(op.getRoi()));
  size_t rank = sizes.size();
  if (scales.size() != rank || (!roi.empty() && roi.size() != 2 * rank))
    return fail("scales and roi do not have an element for each axis");

  std::vector<double> values = load<double>(input);
  Shape shape(input.getShape());
  for (size_t axis = 0; axis < rank; ++axis) {
    if (scales[axis] == 1 && sizes[axis] == shape[axis] && roi.empty())
      continue;
    if (!(scales[axis] > 0) || (shape[axis] == 0 && sizes[axis] != 0))
      return fail("axis " + llvm::Twine(axis) + " of " +
                  llvm::Twine(shape[axis]) + " element(s) cannot be scaled " +
                  "to " + llvm::Twine(sizes[axis]));
    ResizeAxis along{shape[axis], sizes[axis], scales[axis]};
    // The kernel of antialiasing has 4 / scale elements.
    if (op.getAntialias() && along.scale * 1e6 < 1)
      return fail("a scale of " + std::to_string(along.scale) +
                  " is too small for antialiasing");
    if (!roi.empty()) {
      along.roiStart = roi[axis];
      along.roiEnd = roi[rank + axis];
    }
    resizeAxis(op, along, axis, values, shape);
  }
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> converted;
    for (double value : values) {
      if constexpr (std::is_floating_point_v<C>)
        converted.push_back(static_cast<C>(value));
      else
        converted.push_back(toInteger<C>(
            value, type.isIndex() ? 64 : type.getIntOrFloatBitWidth()));
    }
    store<C>(converted, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addResize(Evaluators &evaluators) {
  evaluators.add<ResizeOp>(evaluateResize);
}

} // namespace qcc::interpreter
