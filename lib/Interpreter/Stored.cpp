// The ops of phase storage: qnn.decode_stored, encode_stored and contract, the
// latter with weights in canonical order. So what the passes up to there made
// of a graph can be compared with the graph.

#include "lib/Interpreter/DotProducts.h"
#include "lib/Interpreter/Evaluation.h"
#include "lib/Interpreter/Image.h"

#include "dialects/QNN/IR/Ops.h"

using namespace mlir;
using namespace qcc::qnn;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static std::vector<Tensor> getTensors(ValueRange values, const Frame &frame) {
  std::vector<Tensor> tensors;
  for (Value value : values)
    tensors.push_back(frame.getTensor(value));
  return tensors;
}

static Error evaluateDecodeStored(DecodeStoredOp op, Frame &frame) {
  Expected<FormattedTensor> value =
      wrap(FormattedType::get(op.getType(), op.getFormat()),
           getTensors(op.getComponents(), frame));
  if (!value)
    return value.takeError();
  return frame.set(op.getResult(), decode(*value));
}

static Error evaluateEncodeStored(EncodeStoredOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  auto type = FormattedType::get(input.getType(), op.getFormat());
  std::vector<Tensor> parameters = getTensors(op.getParameters(), frame);
  bool areGiven = !parameters.empty() || type.getParameters().empty();
  if (!areGiven) {
    Expected<std::vector<Tensor>> made = makeParameters(input, type);
    if (!made)
      return made.takeError();
    parameters = std::move(*made);
  }
  Expected<FormattedTensor> value = encode(input, type, parameters);
  if (!value)
    return value.takeError();
  for (auto [result, component] :
       llvm::zip(op.getComponents(), value->components))
    if (Error error = frame.set(result, component))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Contract
//===----------------------------------------------------------------------===//

/// Numbers of a contraction in double. Codes count without their zero point,
/// but for a constant one of weights.
static Expected<std::vector<double>>
loadOperand(const Tensor &tensor, std::optional<FormatAttr> format,
            bool isWeights) {
  Type element = tensor.getElementType();
  if (isa<FloatType>(element) || element.getIntOrFloatBitWidth() > 8)
    return load<double>(tensor);
  if (!format)
    return fail("has integer elements without the format that says what they "
                "stand for");
  const formats::Codec &codec = format->getCodec();
  if (codec.getBits() < 8 || !codec.getIntegerRange())
    return fail("has packed codes of '" + format->getCodecName() +
                "'; the interpreter takes weights in canonical order only");
  int64_t zeroPoint =
      isWeights ? format->getScaling().getConstantZeroPoint().value_or(0) : 0;
  std::vector<double> values;
  uint64_t mask = ~uint64_t(0) >> (64 - codec.getBits());
  for (int64_t code : load<int64_t>(tensor))
    values.push_back(codec.decode(
        static_cast<uint32_t>(static_cast<uint64_t>(code) & mask), zeroPoint));
  return values;
}

/// The extents of a contraction; a matrix is an image of one column, and a
/// batch is computed matrix by matrix.
namespace {
struct ContractShape {
  ContractShape(ContractOp op, const Tensor &input, const Tensor &weights,
                const Tensor &init)
      : groups(op.getGroups()), input(input.getShape()),
        weights(weights.getShape()), output(init.getShape()) {
    if (!op.isMatrix())
      return;
    if (input.getRank() == 3) {
      batch = input.getDim(0);
      weightBatch = weights.getRank() == 3 ? weights.getDim(0) : 1;
    }
    // [M, C] is [1, M, 1, C].
    int64_t last = input.getRank() - 1, of = weights.getRank() - 1;
    this->input = {1, input.getDim(last - 1), 1, input.getDim(last)};
    this->output = {1, init.getDim(last - 1), 1, init.getDim(last)};
    bool isTransposed = op.getTransposed();
    this->weights = {weights.getDim(isTransposed ? of : of - 1), 1, 1,
                     weights.getDim(isTransposed ? of - 1 : of)};
  }

  int64_t getDepth() const { return weights[1] * weights[2] * weights[3]; }

  int64_t batch = 1, weightBatch = 1, groups;
  Shape input, weights, output;
};
} // namespace

static Error check(ContractOp op, const ContractShape &shape) {
  bool fits = shape.weights[3] * shape.groups == shape.input[3] &&
              shape.weights[0] == shape.output[3] &&
              shape.input[0] == shape.output[0] && shape.weightBatch > 0 &&
              shape.batch % shape.weightBatch == 0;
  for (int64_t axis : {0, 1}) {
    int64_t reach = (shape.weights[1 + axis] - 1) * op.getDilations()[axis] + 1;
    fits &= shape.output[1 + axis] == 0 ||
            (shape.output[1 + axis] - 1) * op.getStrides()[axis] + reach <=
                shape.input[1 + axis];
  }
  if (!fits)
    return fail("has operands whose extents do not fit");
  return Error::success();
}

/// The sums over window and channels, [N, OH, OW, K].
static std::vector<double> sumProducts(ContractOp op,
                                       const ContractShape &shape,
                                       const double *input,
                                       const double *weights) {
  int64_t depth = shape.getDepth(), channels = shape.weights[3];
  int64_t columns = shape.weights[0] / shape.groups, all = shape.weights[0];
  int64_t rows = getNumElements(ArrayRef(shape.output).drop_back());
  Shape strides = getStrides(shape.input);
  std::vector<double> sums(rows * all);
  for (int64_t g = 0; g < shape.groups; ++g) {
    auto gather = [&](int64_t m, double *row) {
      Shape at = delinearize(m, ArrayRef(shape.output).drop_back());
      for (int64_t r = 0; r < shape.weights[1]; ++r)
        for (int64_t s = 0; s < shape.weights[2]; ++s) {
          int64_t h = at[1] * op.getStrides()[0] + r * op.getDilations()[0];
          int64_t w = at[2] * op.getStrides()[1] + s * op.getDilations()[1];
          const double *from = input + at[0] * strides[0] + h * strides[1] +
                               w * strides[2] + g * channels;
          row = std::copy_n(from, channels, row);
        }
    };
    std::vector<double> part =
        multiply(GatherRow<double>(gather), rows, weights + g * columns * depth,
                 columns, depth);
    for (int64_t m = 0; m < rows; ++m)
      std::copy_n(part.data() + m * columns, columns,
                  sums.data() + m * all + g * columns);
  }
  return sums;
}

/// Matrices [C, K] as [K, C].
static std::vector<double> transpose(const ContractShape &shape,
                                     const std::vector<double> &weights) {
  int64_t rows = shape.weights[3], columns = shape.weights[0];
  std::vector<double> result(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    int64_t within = i % (rows * columns);
    int64_t row = within / columns, column = within % columns;
    result[i - within + column * rows + row] = weights[i];
  }
  return result;
}

/// The sums of all matrices of a batch, one after the other.
static std::vector<double> sumBatch(ContractOp op, const ContractShape &shape,
                                    const std::vector<double> &input,
                                    std::vector<double> weights) {
  if (op.getTransposed())
    weights = transpose(shape, weights);
  std::vector<double> sums;
  for (int64_t i = 0; i < shape.batch; ++i) {
    int64_t matrix = i / (shape.batch / shape.weightBatch);
    std::vector<double> part =
        sumProducts(op, shape, input.data() + i * getNumElements(shape.input),
                    weights.data() + matrix * getNumElements(shape.weights));
    sums.insert(sums.end(), part.begin(), part.end());
  }
  return sums;
}

/// The accumulators, in the shape of init.
static Expected<Tensor> accumulate(ContractOp op, const ContractShape &shape,
                                   const Tensor &init, std::vector<double> sums,
                                   Frame &frame) {
  int64_t columns = shape.weights[0];
  if (op.getInputScales()) {
    std::vector<double> scales =
        load<double>(frame.getTensor(op.getInputScales()));
    for (size_t i = 0; i < sums.size(); ++i)
      sums[i] *= scales[i / columns];
  }
  if (op.getStart()) {
    std::vector<double> start = load<double>(frame.getTensor(op.getStart()));
    for (size_t i = 0; i < sums.size(); ++i)
      sums[i] += start[i % columns];
  }
  Type type = op.getAccumulatorType();
  if (isa<FloatType>(type))
    return makeTensor<double>(type, init.getShape(), sums);
  return makeTensor<int64_t>(type, init.getShape(),
                             std::vector<int64_t>(sums.begin(), sums.end()));
}

static Error evaluateContract(ContractOp op, Frame &frame) {
  const Tensor &input = frame.getTensor(op.getInput());
  const Tensor &weights = frame.getTensor(op.getWeights());
  const Tensor &init = frame.getTensor(op.getInit());
  if (weights.getRank() < 2)
    return fail("has weights that are not in canonical order, as they are up "
                "to phase storage");
  ContractShape shape(op, input, weights, init);
  if (Error error = check(op, shape))
    return error;
  Expected<std::vector<double>> inputs =
      loadOperand(input, op.getInputFormat(), /*isWeights=*/false);
  if (!inputs)
    return inputs.takeError();
  Expected<std::vector<double>> factors =
      loadOperand(weights, op.getWeightsFormat(), /*isWeights=*/true);
  if (!factors)
    return factors.takeError();
  Expected<Tensor> accumulators =
      accumulate(op, shape, init,
                 sumBatch(op, shape, *inputs, std::move(*factors)), frame);
  if (!accumulators)
    return accumulators.takeError();

  // The region is elementwise, so its scalars may be whole tensors.
  RuntimeValues arguments = {*accumulators};
  for (Value extra : op.getExtras()) {
    const Tensor &tensor = frame.getTensor(extra);
    Expected<Tensor> spread = gatherStrided(
        tensor, 0, getBroadcastStrides(tensor.getShape(), init.getShape()),
        init.getShape());
    if (!spread)
      return spread.takeError();
    arguments.push_back(std::move(*spread));
  }
  auto results = frame.runBlock(op.getEpilogue().front(), arguments);
  if (!results)
    return results.takeError();
  return frame.set(op.getResult(), results->front());
}

void addStored(Evaluators &evaluators) {
  evaluators.add<DecodeStoredOp>(evaluateDecodeStored);
  evaluators.add<EncodeStoredOp>(evaluateEncodeStored);
  evaluators.add<ContractOp>(evaluateContract);
}

} // namespace qcc::interpreter
