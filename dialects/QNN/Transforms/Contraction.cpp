#include "dialects/QNN/Transforms/Contraction.h"

#include "lib/Analysis/Work.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace qcc::qnn {

bool isContraction(Operation *op) { return isa<ConvOp, MatmulOp>(op); }

bool hasAccumulators(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return conv.getAccumulators();
  return cast<MatmulOp>(op).getAccumulators();
}

int64_t getKeptAxis(Operation *op, bool isLeft) {
  auto matmul = dyn_cast<MatmulOp>(op);
  if (!matmul)
    return isLeft ? -1 : 0;
  int64_t rank = cast<ShapedType>(op->getOperand(!isLeft).getType()).getRank();
  return rank - (isLeft || matmul.getTransposeB() ? 2 : 1);
}

bool isConstantAlongSum(FormatAttr format, ArrayRef<int64_t> shape,
                        int64_t kept) {
  int64_t rank = shape.size();
  return llvm::all_of(llvm::seq<int64_t>(0, rank), [&](int64_t axis) {
    return axis == kept || format.getScaling().isConstantAlong(axis, shape);
  });
}

SmallVector<int64_t> exchangeLastAxes(int64_t rank) {
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[rank - 1], permutation[rank - 2]);
  return permutation;
}

/// The largest magnitude of a code less its zero point.
static uint64_t getSpan(FormatAttr format) {
  formats::IntegerRange range = *format.getCodec().getIntegerRange();
  if (format.getScaling().hasZeroPoints()) // Any code may be one.
    return range.max - range.min;
  int64_t zero = format.getScaling().getConstantZeroPoint().value_or(0);
  return std::max(range.max - zero, zero - range.min);
}

int64_t getMaxSumLength(FormatAttr lhs, FormatAttr rhs, unsigned bits) {
  return llvm::maxIntN(bits) / getSpan(lhs) / getSpan(rhs);
}

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

/// The order of axes from canonical weights [K, R, S, C] to those of a conv.
static constexpr int64_t kFromCanonical[] = {0, 3, 1, 2};

/// The matrix [K, R*S*C] of which `value`, a convolution's weights [K, C, R,
/// S], is a reshape and a transpose; null where it is something else. A
/// transpose that moves extents of 1 only has become part of the reshape.
static Value getMatrix(Value value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  bool isMoved = shape[1] != 1 && shape[2] * shape[3] != 1;
  if (auto transpose = value.getDefiningOp<TransposeOp>()) {
    if (transpose.getPermutation() != ArrayRef<int64_t>(kFromCanonical))
      return {};
    value = transpose.getInput();
  } else if (isMoved) {
    return {};
  }
  auto reshape = value.getDefiningOp<ReshapeOp>();
  if (!reshape)
    return {};
  RankedTensorType from = reshape.getInput().getType();
  bool isMatrix = from.getRank() == 2 && from.getDimSize(0) == shape[0];
  return isMatrix ? reshape.getInput() : Value();
}

/// Looks through a decode; `value` itself where it is something else.
static Value skipDecode(Value value, bool isConv, bool &isMatrix) {
  Value matrix = isConv ? getMatrix(value) : Value();
  if (auto decode = (matrix ? matrix : value).getDefiningOp<DecodeOp>()) {
    isMatrix = static_cast<bool>(matrix);
    return decode.getSource();
  }
  return value;
}

/// Whether a wrap can be brought into canonical order without computing new
/// codes: it is in that order, or its codes are whole bytes.
static bool isTransposable(Operation *op, const Weights &weights) {
  auto matmul = dyn_cast<MatmulOp>(op);
  bool isCanonical = matmul ? matmul.getTransposeB() : weights.isMatrix;
  return isCanonical ||
         weights.type.getFormat().isPermutedByCodes(weights.type.getRank());
}

/// Whether zero points are a component and not all 0.
static bool hasZeroPoints(WrapOp wrap) {
  Value component =
      wrap.getType().getComponent(wrap.getComponents(), Component::ZeroPoints);
  if (!component)
    return false;
  ElementsAttr zeroPoints;
  if (!matchPattern(component, m_Constant(&zeroPoints)))
    return true;
  auto values = zeroPoints.tryGetValues<APInt>();
  return !values ||
         !llvm::all_of(*values, [](const APInt &z) { return z.isZero(); });
}

bool isMadeOfConstants(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isMemoryEffectFree(op) && op->getNumRegions() == 0 &&
         llvm::all_of(op->getOperands(), isMadeOfConstants);
}

/// The leading axes of `right`, batch axes of a right operand, along which it
/// has matrices of its own, where the axes behind them are 1: then consecutive
/// matrices of the left one share one. Nothing where they meet in another way.
static std::optional<int64_t> countBatchAxes(ArrayRef<int64_t> left,
                                             ArrayRef<int64_t> right) {
  size_t own = right.size();
  while (own > 0 && right[own - 1] == 1)
    --own;
  if (own == 0 && right.size() <= left.size())
    return 0;
  if (left.size() != right.size())
    return std::nullopt;
  // Dynamic extents that meet are equal; a static 1 is repeated.
  for (auto [x, y] : llvm::zip(left.take_front(own), right))
    if ((x == 1) != (y == 1))
      return std::nullopt;
  return own;
}

FailureOr<Weights> findWeights(Operation *op, std::string &whyNot) {
  auto refuse = [&](const Twine &why) {
    whyNot = why.str();
    return failure();
  };
  auto conv = dyn_cast<ConvOp>(op);
  auto type = cast<ShapedType>(op->getOperand(1).getType());
  if (conv && type.getRank() != 4)
    return refuse("the convolution has not two spatial axes");
  if (conv && !conv.getChannelsLast())
    return refuse("the image is not channels-last");
  Weights weights;
  if (!conv) {
    auto left = cast<ShapedType>(op->getOperand(0).getType());
    auto axes = countBatchAxes(left.getShape().drop_back(2),
                               type.getShape().drop_back(2));
    if (!axes)
      return refuse("the left operand's batch is repeated for the right one's");
    weights.batchAxes = *axes;
  }
  auto makeProduct = [&]() -> FailureOr<Weights> {
    if (conv)
      return refuse("the weights are computed at run time");
    // Memory never holds weights decoded.
    if (isMadeOfConstants(op->getOperand(1)))
      return refuse("the weights are stored in an order that no kernel reads");
    weights.value = op->getOperand(1);
    weights.type = dyn_cast<FormattedType>(weights.value.getType());
    weights.isProduct = true;
    return weights;
  };
  if (conv && !type.hasStaticShape())
    return refuse("the extents of the weights are dynamic");
  weights.value =
      skipDecode(op->getOperand(1), static_cast<bool>(conv), weights.isMatrix);
  weights.type = dyn_cast<FormattedType>(weights.value.getType());
  if (!weights.type) {
    return isConstant(weights.value) ? weights : makeProduct();
  }
  auto wrap = weights.value.getDefiningOp<WrapOp>();
  if (!wrap || !llvm::all_of(wrap.getComponents(), isConstant))
    return makeProduct();
  if (weights.type.getRank() > 2 && !conv &&
      (weights.type.getRank() > 3 || weights.batchAxes == 0))
    return refuse("a format of weights with more than one batch axis");
  Scaling scaling = weights.type.getFormat().getScaling();
  if (weights.batchAxes > 0 &&
      scaling.getScaleAxes(weights.type.getRank()).size() == 1)
    return refuse("the scales of a batch of weights are along an axis");
  if (!isTransposable(op, weights))
    return refuse("the weights are packed along another axis than that of the "
                  "sum");
  weights.hasZeroPoints = hasZeroPoints(wrap);
  return weights;
}

/// Whether the codes of an operand can be summed before they are scaled: small
/// integers, whose scales are constant along the sum. `kept` is an axis of what
/// is stored: getKeptAxis.
static bool areSummable(const WorkOperand &operand, FormatAttr format,
                        int64_t kept) {
  return format && format.getCodec().getIntegerRange() &&
         format.getCodec().getBits() <= 8 &&
         isConstantAlongSum(format, operand.getStoredShape(), kept);
}

static constexpr llvm::StringLiteral kNotSummable =
    "sums of codes are of two operands with integers of at most 8 bits and "
    "scales that are constant along the sum";

/// Whether sums of codes as they are stored, corrected by zero points, are
/// those of `work`; else a sentence in `whyNot`.
static bool canSumCodes(const Work &work, const Weights &weights,
                        Type accumulator, std::string &whyNot) {
  auto refuse = [&](const Twine &why) {
    whyNot = why.str();
    return false;
  };
  if (weights.hasZeroPoints)
    return refuse("the weights have zero points other than 0, which sums of "
                  "codes leave out");
  for (FormatAttr format : {work.getFormat(0), work.getFormat(1)})
    if (!format || format.getCodec().getBits() < 8)
      return refuse("codes that share a byte cannot be summed as they are "
                    "stored");
  int64_t row = getKeptAxis(work.op, /*isLeft=*/true);
  if (!areSummable(work.operands[0], work.getFormat(0), row) ||
      !areSummable(work.operands[1], work.getFormat(1), /*kept=*/0))
    return refuse(kNotSummable);
  if (hasAccumulators(work.op))
    return true;
  for (FormatAttr format : {work.getFormat(0), work.getFormat(1)})
    if (!format.getScaling().getScaleType())
      return refuse("codes without a scale are not multiplied by kernels");
  int64_t length = work.space.getReductionLength();
  int64_t most = getMaxSumLength(work.getFormat(0), work.getFormat(1), 32);
  if (!accumulator.isInteger(64) &&
      (ShapedType::isDynamic(length) || length > most))
    return refuse(
        "32 bits hold sums of " + Twine(most) +
        " products of such codes, and here are " +
        (ShapedType::isDynamic(length) ? "any number" : Twine(length)));
  return true;
}

bool isProduct(Operation *op) {
  std::string whyNot;
  FailureOr<Weights> weights = findWeights(op, whyNot);
  return succeeded(weights) && weights->isProduct;
}

/// Whether a kernel with this accumulator multiplies two activations.
static bool canMultiply(const Work &work, Type accumulator,
                        std::string &whyNot) {
  auto refuse = [&](const Twine &why) {
    whyNot = why.str();
    return false;
  };
  if (!accumulator.isInteger())
    return true; // Codes are decoded.
  if (!work.getFormat(0) && !work.getFormat(1))
    return hasAccumulators(work.op) ||
           refuse("integers are summed of codes, or of plain integers whose "
                  "sums are accumulators");
  for (unsigned i : {0, 1})
    if (!areSummable(work.operands[i], work.getFormat(i),
                     getKeptAxis(work.op, /*isLeft=*/i == 0)))
      return refuse(kNotSummable);
  int64_t length = work.space.getReductionLength();
  int64_t most = getMaxSumLength(work.getFormat(0), work.getFormat(1), 32);
  if (hasAccumulators(work.op) || accumulator.isInteger(64) ||
      (!ShapedType::isDynamic(length) && length <= most))
    return true;
  return refuse("32 bits hold sums of " + Twine(most) +
                " products of such codes, and here are more or any number; "
                "an accumulator of i64 holds all");
}

/// Whether zero points of a value of this shape are not more than one.
static bool hasOneZeroPoint(FormatAttr format, ArrayRef<int64_t> shape) {
  Scaling scaling = format.getScaling();
  return !scaling.hasZeroPoints() ||
         llvm::all_of(scaling.getScaleShape(shape),
                      [](int64_t extent) { return extent == 1; });
}

bool canApply(const Work &work, KernelAttr kernel, const Weights &weights,
              std::string &whyNot) {
  if (weights.isProduct)
    return canMultiply(work, kernel.getAccumulator(), whyNot);
  if (weights.batchAxes > 0 &&
      (kernel.getAccumulator().isInteger() || work.getFormat(0))) {
    whyNot = "a batch of weights is multiplied by plain activations";
    return false;
  }
  auto input = cast<ShapedType>(work.op->getOperand(0).getType());
  FormatAttr format = work.getFormat(0);
  bool isPerIndex =
      format && !format.getScaling().getScaleAxes(input.getRank()).empty();
  if (isPerIndex && (input.getRank() != 2 ||
                     !isConstantAlongSum(format, input.getShape(),
                                         getKeptAxis(work.op, true)))) {
    whyNot = "the input has scales along an axis, but not one for each row of "
             "a matrix";
    return false;
  }
  if (!kernel.getAccumulator().isInteger()) {
    // Sums of blocks are scaled one by one, and no zero point is taken off.
    if (!format || (isPerIndex && !format.getScaling().getZeroPoint()))
      return true;
    whyNot = "sums of reals are of codes with a scale for each row and without "
             "zero points, or of plain values";
    return false;
  }
  // What zero points take off joins the start of an output, in every row.
  if (format && !hasOneZeroPoint(format, input.getShape())) {
    whyNot = "the input has a zero point for each row, which starts of outputs "
             "cannot hold";
    return false;
  }
  return canSumCodes(work, weights, kernel.getAccumulator(), whyNot);
}

bool areSumsExact(Operation *op, FormatAttr lhs, FormatAttr rhs) {
  int64_t length =
      cast<WorkOpInterface>(op).getIterationSpace().getReductionLength();
  if (ShapedType::isDynamic(length))
    length = llvm::maxIntN(32);
  return length <= getMaxSumLength(lhs, rhs, 64);
}

Work makeWork(Operation *op, const Weights &weights) {
  Work work = analysis::getWork(cast<WorkOpInterface>(op));
  auto matmul = dyn_cast<MatmulOp>(op);
  FormatAttr format = weights.getFormat();
  // Constant weights are stored with the outputs as their first axis.
  if (matmul && !weights.isProduct && !matmul.getTransposeB()) {
    analysis::transpose(work, 1);
    if (format)
      format = format.permute(exchangeLastAxes(weights.type.getRank()));
  }
  WorkOperand &operand = work.operands[1];
  if (weights.isMatrix)
    operand.storedShape.assign(weights.type.getShape().begin(),
                               weights.type.getShape().end());
  operand.format = format;
  operand.isConstant = !weights.isProduct;
  return work;
}

Work getWork(WorkOpInterface op) {
  std::string whyNot;
  if (isContraction(op)) {
    FailureOr<Weights> weights = findWeights(op, whyNot);
    if (succeeded(weights))
      return makeWork(op, *weights);
  }
  return analysis::getWork(op);
}

SmallVector<Candidate> getCandidates(const Work &work, const Weights &weights,
                                     const TargetModel &model,
                                     std::string &whyNot) {
  SmallVector<Candidate> candidates = model.getCandidates(work, whyNot);
  llvm::erase_if(candidates, [&](const Candidate &candidate) {
    return !canApply(work, candidate.kernel, weights, whyNot);
  });
  return candidates;
}

SmallVector<Candidate> getCandidates(Operation *op, const TargetModel &model,
                                     std::string &whyNot) {
  FailureOr<Weights> weights = findWeights(op, whyNot);
  if (failed(weights))
    return {};
  return getCandidates(makeWork(op, *weights), *weights, model, whyNot);
}

} // namespace qcc::qnn
