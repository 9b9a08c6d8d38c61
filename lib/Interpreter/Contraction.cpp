// qnn.matmul and conv. What is summed depends on the operands
// (docs/numerics.md):
//
//   accumulators, and codes whose scales are constant along the reduction:
//     the exact sum of (q - z)(q - z); y = fl(fl(acc) * fl(s * s))
//   codes with other scales: the sum of (q - z) s (q - z) s, in double, where
//     each factor is exact, rounded once
//   all else: real values, in double, rounded once
//   plain integers: modulo 2^bits

#include "lib/Interpreter/DotProducts.h"
#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Image.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {
namespace {

enum class Arithmetic { Integers, Accumulators, ScaledCodes, Reals };

/// One side of a contraction.
struct Operand {
  Operand(Value value, const Frame &frame)
      : value(frame.get(value)), type(value.getType()) {
    if (auto *formatted = std::get_if<FormattedTensor>(&this->value))
      shape = Shape(formatted->type.getShape());
    else
      shape = Shape(std::get<Tensor>(this->value).getShape());
  }

  const FormattedTensor *getFormatted() const {
    return std::get_if<FormattedTensor>(&value);
  }
  Scaling getScaling() const {
    return getFormatted()->type.getFormat().getScaling();
  }
  bool hasIntegerCodes() const {
    return getFormatted() &&
           getFormatted()->type.getFormat().getCodec().getIntegerRange();
  }

  const RuntimeValue &value;
  Type type; ///< As the model has it, perhaps with dynamic extents.
  Shape shape;
  /// What is multiplied: as doubles, or modulo 2^64 where doubles are inexact.
  std::vector<double> reals;
  std::vector<uint64_t> integers;
  /// Of ScaledCodes: for each element the position of its scale.
  std::vector<float> scales;
  std::vector<int64_t> scalePositions;

  float getScale(int64_t element) const {
    return scales.empty() ? 1.0f : scales[scalePositions[element]];
  }
};

/// Whether all elements along `axes` share their scale by the model's types:
/// the arithmetic is the same whatever extents a run has.
bool isConstantAlong(const Operand &operand, ArrayRef<int64_t> axes) {
  ArrayRef<int64_t> shape = cast<ShapedType>(operand.type).getShape();
  return llvm::all_of(axes, [&](int64_t axis) {
    return operand.getScaling().isConstantAlong(axis, shape);
  });
}

void loadScales(Operand &operand) {
  const FormattedTensor &value = *operand.getFormatted();
  if (const Tensor *scales = value.get(Component::Scales)) {
    operand.scales = load<float>(*scales);
    operand.scalePositions =
        getScalePositions(operand.getScaling(), operand.shape);
  }
}

/// The real values, in double. Those of codes are not rounded.
Error loadReals(Operand &operand, bool areCodes) {
  if (auto *tensor = std::get_if<Tensor>(&operand.value)) {
    operand.reals = load<double>(*tensor);
    return Error::success();
  }
  const FormattedTensor &value = *operand.getFormatted();
  if (!areCodes) {
    Expected<Tensor> decoded = decode(value);
    if (!decoded)
      return decoded.takeError();
    operand.reals = load<double>(*decoded);
    return Error::success();
  }
  operand.reals = decodeUnscaled(value);
  loadScales(operand);
  for (size_t i = 0; i < operand.reals.size(); ++i)
    operand.reals[i] *= static_cast<double>(operand.getScale(i));
  return Error::success();
}

double getLargest(const std::vector<double> &values) {
  double largest = 0;
  for (double value : values)
    largest = std::fmax(largest, std::fabs(value));
  return largest;
}

void useIntegers(Operand &operand) {
  if (auto *tensor = std::get_if<Tensor>(&operand.value)) {
    operand.integers = load<uint64_t>(*tensor);
  } else {
    for (double value : operand.reals)
      operand.integers.push_back(
          static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
}

class Contraction {
public:
  Contraction(Value lhs, Value rhs, const Frame &frame)
      : lhs(lhs, frame), rhs(rhs, frame) {}

  /// Chooses the arithmetic and loads what it multiplies. The axes are those
  /// that are reduced, `depth` their number of products in a sum.
  Error prepare(Type valueType, bool accumulators, ArrayRef<int64_t> lhsAxes,
                ArrayRef<int64_t> rhsAxes, int64_t depth);

  /// Products of rows, which `gather` copies from the left operand's numbers,
  /// with consecutive rows of the right one's from element `rhsOffset`.
  /// `finish(m, n, sum)` gets each as a double, or as an integer.
  template <typename Gather, typename Finish>
  void run(Gather gather, int64_t rows, const Operand &rhsRows,
           int64_t rhsOffset, int64_t columns, int64_t depth, Finish finish) {
    if (lhs.integers.empty() && rhsRows.integers.empty()) {
      auto gatherReals = [&](int64_t m, double *row) {
        gather(m, lhs.reals.data(), row);
      };
      auto products =
          multiply(GatherRow<double>(gatherReals), rows,
                   rhsRows.reals.data() + rhsOffset, columns, depth);
      for (int64_t i = 0; i < rows * columns; ++i)
        finish(i / columns, i % columns, products[i]);
      return;
    }
    auto gatherIntegers = [&](int64_t m, uint64_t *row) {
      gather(m, lhs.integers.data(), row);
    };
    auto products =
        multiply(GatherRow<uint64_t>(gatherIntegers), rows,
                 rhsRows.integers.data() + rhsOffset, columns, depth);
    for (int64_t i = 0; i < rows * columns; ++i)
      finish(i / columns, i % columns, static_cast<int64_t>(products[i]));
  }

  /// The result's element for a sum; `l` and `r` are any elements of the row
  /// and the column.
  template <typename C, typename SumT>
  C getResult(SumT sum, int64_t l, int64_t r) const {
    if constexpr (std::is_floating_point_v<C>) {
      if (arithmetic == Arithmetic::ScaledCodes)
        return static_cast<C>(static_cast<float>(sum) *
                              (lhs.getScale(l) * rhs.getScale(r)));
    }
    return static_cast<C>(sum);
  }

  Operand lhs, rhs;
  Arithmetic arithmetic = Arithmetic::Reals;
};

Error Contraction::prepare(Type valueType, bool accumulators,
                           ArrayRef<int64_t> lhsAxes, ArrayRef<int64_t> rhsAxes,
                           int64_t depth) {
  bool areCodes = lhs.hasIntegerCodes() && rhs.hasIntegerCodes();
  if (accumulators)
    arithmetic = Arithmetic::Accumulators;
  else if (!isa<FloatType>(valueType))
    arithmetic = Arithmetic::Integers;
  else if (areCodes && isConstantAlong(lhs, lhsAxes) &&
           isConstantAlong(rhs, rhsAxes))
    arithmetic = Arithmetic::ScaledCodes;

  for (Operand *operand : {&lhs, &rhs}) {
    if (arithmetic == Arithmetic::Reals) {
      if (Error error = loadReals(*operand, areCodes))
        return error;
    } else if (arithmetic == Arithmetic::Integers) {
      operand->reals = load<double>(std::get<Tensor>(operand->value));
    } else if (!operand->getFormatted()) {
      operand->reals = load<double>(std::get<Tensor>(operand->value));
    } else {
      operand->reals = decodeUnscaled(*operand->getFormatted());
      if (arithmetic == Arithmetic::ScaledCodes)
        loadScales(*operand);
    }
  }
  if (arithmetic != Arithmetic::Reals &&
      !isExactInDouble(getLargest(lhs.reals), getLargest(rhs.reals), depth)) {
    useIntegers(lhs);
    useIntegers(rhs);
  }
  return Error::success();
}

/// `operand` with its last two axes exchanged, so that columns lie in rows. Its
/// scales are exchanged as well.
template <typename T>
void exchangeLastAxes(std::vector<T> &values, ArrayRef<int64_t> shape) {
  if (values.empty())
    return;
  int64_t rows = shape.end()[-2], columns = shape.end()[-1];
  std::vector<T> exchanged(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t matrix = i / (rows * columns), at = i % (rows * columns);
    exchanged[matrix * rows * columns + at % columns * rows + at / columns] =
        values[i];
  }
  values = std::move(exchanged);
}

void exchangeLastAxes(Operand &operand) {
  exchangeLastAxes(operand.reals, operand.shape);
  exchangeLastAxes(operand.integers, operand.shape);
  exchangeLastAxes(operand.scalePositions, operand.shape);
  std::swap(operand.shape.end()[-1], operand.shape.end()[-2]);
}

} // namespace

//===----------------------------------------------------------------------===//
// Matmul
//===----------------------------------------------------------------------===//

static Error evaluateMatmul(MatmulOp op, Frame &frame) {
  Contraction contraction(op.getLhs(), op.getRhs(), frame);
  Operand &lhs = contraction.lhs, &rhs = contraction.rhs;
  int64_t lhsRank = lhs.shape.size(), rhsRank = rhs.shape.size();
  int64_t rhsAxis = rhsRank - (op.getTransposeB() ? 1 : 2);
  int64_t depth = lhs.shape.back();
  if (rhs.shape[rhsAxis] != depth)
    return fail("contracts an extent of " + llvm::Twine(depth) +
                " with one of " + llvm::Twine(rhs.shape[rhsAxis]));
  if (Error error = contraction.prepare(
          cast<ShapedType>(op.getLhs().getType()).getElementType(),
          op.getAccumulators(), lhsRank - 1, rhsAxis, depth))
    return error;
  if (!op.getTransposeB())
    exchangeLastAxes(rhs);
  int64_t rows = lhs.shape[lhsRank - 2], columns = rhs.shape[rhsRank - 2];

  Shape lhsBatch(ArrayRef(lhs.shape).drop_back(2));
  Shape rhsBatch(ArrayRef(rhs.shape).drop_back(2));
  Expected<Shape> shape = broadcastShapes({lhsBatch, rhsBatch});
  if (!shape)
    return shape.takeError();
  Shape batch = *shape;
  llvm::append_values(*shape, rows, columns);
  Type type = op.getType().getElementType();
  Expected<Tensor> result = Tensor::allocate(type, *shape);
  if (!result)
    return result.takeError();
  std::array<Shape, 2> strides = {getBroadcastStrides(lhsBatch, batch),
                                  getBroadcastStrides(rhsBatch, batch)};
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values(result->getNumElements());
    forEach<2>(batch, strides, [&](int64_t i, auto at) {
      int64_t l = at[0] * rows * depth, r = at[1] * columns * depth;
      auto gather = [&](int64_t m, const auto *from, auto *row) {
        std::copy_n(from + l + m * depth, depth, row);
      };
      contraction.run(gather, rows, rhs, r, columns, depth,
                      [&](int64_t m, int64_t n, auto sum) {
                        values[(i * rows + m) * columns + n] =
                            contraction.getResult<C>(sum, l + m * depth,
                                                     r + n * depth);
                      });
    });
    store<C>(values, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// One image and one group: element `l` of the input is its first, `r` of the
/// weights theirs. `finish(position, k, sum)` has k count within the group.
template <typename Finish>
static void convolve(Contraction &contraction, const Image &input,
                     ArrayRef<WindowAxis> axes, ArrayRef<int64_t> output,
                     int64_t groups, int64_t l, int64_t r, Finish finish) {
  ArrayRef<int64_t> weights = contraction.rhs.shape;
  int64_t channels = weights[1];
  int64_t depth = getNumElements(weights.drop_front(1));
  auto gather = [&](int64_t m, const auto *from, auto *row) {
    Shape offsets = getWindowOffsets(input, axes, delinearize(m, output));
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t offset : offsets)
        *row++ = offset < 0 ? 0 : from[l + c * input.channelStride + offset];
  };
  contraction.run(gather, getNumElements(output), contraction.rhs, r,
                  weights[0] / groups, depth, finish);
}

static Error evaluateConv(ConvOp op, Frame &frame) {
  Contraction contraction(op.getInput(), op.getWeights(), frame);
  ArrayRef<int64_t> shape = contraction.lhs.shape;
  ArrayRef<int64_t> weights = contraction.rhs.shape;
  Image input(shape, op.getChannelsLast());
  int64_t groups = op.getGroups(), columns = weights[0] / groups;
  if (input.channels != weights[1] * groups || weights[0] % groups != 0)
    return fail("takes " + llvm::Twine(input.channels) + " channels in " +
                llvm::Twine(groups) + " group(s) with weights for " +
                llvm::Twine(weights[1]));
  auto axes = getWindowAxes(weights.drop_front(2), op.getStrides(),
                            op.getPads(), op.getDilations());
  Expected<Shape> resultShape =
      getWindowedShape(shape, axes, weights[0], op.getChannelsLast());
  if (!resultShape)
    return resultShape.takeError();

  // Every axis of the input but the first is summed over.
  Shape lhsAxes, rhsAxes;
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    lhsAxes.push_back(axis);
    rhsAxes.push_back(axis);
  }
  int64_t depth = getNumElements(weights.drop_front(1));
  if (Error error = contraction.prepare(
          cast<ShapedType>(op.getInput().getType()).getElementType(),
          op.getAccumulators(), lhsAxes, rhsAxes, depth))
    return error;

  Type type = op.getType().getElementType();
  if (op.getBias() &&
      frame.getTensor(op.getBias()).getNumElements() != weights[0])
    return fail("the bias has not one element for each channel");
  Expected<Tensor> result = Tensor::allocate(type, *resultShape);
  if (!result)
    return result.takeError();
  Image output(*resultShape, op.getChannelsLast());
  int64_t positionStride = op.getChannelsLast() ? output.channels : 1;
  dispatch(type, [&](auto zero) {
    using C = decltype(zero);
    std::vector<C> values(result->getNumElements()), bias;
    if (op.getBias())
      bias = load<C>(frame.getTensor(op.getBias()));
    for (int64_t n = 0; n < shape[0]; ++n)
      for (int64_t g = 0; g < groups; ++g) {
        int64_t l =
            n * input.batchStride + g * weights[1] * input.channelStride;
        int64_t r = g * columns * depth;
        convolve(
            contraction, input, axes, output.spatial, groups, l, r,
            [&](int64_t position, int64_t k, auto sum) {
              C value = contraction.getResult<C>(sum, n * input.batchStride,
                                                 r + k * depth);
              int64_t channel = g * columns + k;
              if (!bias.empty())
                value += bias[channel];
              values[n * output.batchStride + channel * output.channelStride +
                     position * positionStride] = value;
            });
      }
    store<C>(values, *result);
  });
  return frame.set(op.getResult(), std::move(result));
}

void addContractions(Evaluators &evaluators) {
  evaluators.add<MatmulOp>(evaluateMatmul);
  evaluators.add<ConvOp>(evaluateConv);
}

} // namespace qcc::interpreter
