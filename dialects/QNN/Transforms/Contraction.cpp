#include "dialects/QNN/Transforms/Contraction.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace qcc::qnn {

bool isContraction(Operation *op) { return isa<ConvOp, MatmulOp>(op); }

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
  FormatAttr format = weights.type.getFormat();
  return isCanonical || (format.getCodec().getBits() >= 8 &&
                         isa<DenseLayoutAttr>(format.getLayout()) &&
                         !isa<BlockScalingAttr>(format.getScaling()));
}

/// Whether zero points are a component and not all 0.
static bool hasZeroPoints(WrapOp wrap) {
  if (!isa_and_present<UnitAttr>(
          wrap.getType().getFormat().getScaling().getZeroPoint()))
    return false;
  ElementsAttr zeroPoints;
  if (!matchPattern(wrap.getComponents().back(), m_Constant(&zeroPoints)))
    return true;
  auto values = zeroPoints.tryGetValues<APInt>();
  return !values ||
         !llvm::all_of(*values, [](const APInt &z) { return z.isZero(); });
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
  if (!conv && type.getRank() != 2)
    return refuse("the right operand is a batch of matrices");
  if (!type.hasStaticShape())
    return refuse("the extents of the weights are dynamic");
  Weights weights;
  weights.value =
      skipDecode(op->getOperand(1), static_cast<bool>(conv), weights.isMatrix);
  weights.type = dyn_cast<FormattedType>(weights.value.getType());
  if (!weights.type) {
    if (!isConstant(weights.value))
      return refuse("the weights are computed at run time");
    return weights;
  }
  auto wrap = weights.value.getDefiningOp<WrapOp>();
  if (!wrap || !llvm::all_of(wrap.getComponents(), isConstant))
    return refuse("the weights are computed at run time");
  if (!isTransposable(op, weights))
    return refuse("the weights are packed along another axis than that of the "
                  "sum");
  weights.hasZeroPoints = hasZeroPoints(wrap);
  return weights;
}

bool canApply(KernelAttr kernel, const Weights &weights, std::string &whyNot) {
  if (!weights.hasZeroPoints || !kernel.getAccumulator().isInteger())
    return true;
  whyNot = "the weights have zero points other than 0, which sums of codes "
           "leave out";
  return false;
}

/// The format of a matmul's weights [C, K] as [K, C].
static FormatAttr transposeFormat(FormatAttr format) {
  auto axis = dyn_cast<AxisScalingAttr>(format.getScaling());
  if (!axis)
    return format;
  auto scaling = AxisScalingAttr::get(format.getContext(), 1 - axis.getAxis(),
                                      axis.getScaleType(), axis.getZeroPoint());
  return FormatAttr::get(format.getCodecName(), scaling, format.getLayout());
}

Work makeWork(Operation *op, const Weights &weights) {
  auto input = dyn_cast<FormattedType>(op->getOperand(0).getType());
  auto matmul = dyn_cast<MatmulOp>(op);
  FormatAttr format = weights.getFormat();
  if (format && matmul && !matmul.getTransposeB())
    format = transposeFormat(format);
  return {op, input ? input.getFormat() : FormatAttr(), format};
}

} // namespace qcc::qnn
