// Makes contractions with a kernel into qnn.contract. See Passes.td.

#include "dialects/QNN/Transforms/Contraction.h"
#include "dialects/QNN/Transforms/IntegerArithmetic.h"
#include "dialects/QNN/Transforms/Layout.h"
#include "dialects/QNN/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_APPLYKERNELS
#include "dialects/QNN/Transforms/Passes.h.inc"

namespace {

constexpr int64_t kToCanonical[] = {0, 2, 3, 1}; // [K, C, R, S] -> [K, R, S, C]

/// Makes one qnn.contract. Steps in order: readInput, readWeights, create.
class ContractMaker {
public:
  ContractMaker(Operation *op, const Weights &weights, IRRewriter &rewriter)
      : op(op), weights(weights), rewriter(rewriter), b(op->getLoc(), rewriter),
        conv(dyn_cast<ConvOp>(op)),
        kernel(op->getAttrOfType<KernelAttr>("kernel")),
        isInteger(kernel.getAccumulator().isInteger()) {}

  LogicalResult run();

private:
  void readInput();
  void readWeights();
  Value canonicalize(Value tensor, bool isMatrix);
  void addBias();
  void addScale();
  Value createInit(Type elementType);
  ContractOp create(Type elementType);
  Value yieldResult(Block &body, Type elementType);

  Value getBias() { return conv ? conv.getBias() : Value(); }
  bool isAccumulators() { return hasAccumulators(op); }

  Operation *op;
  const Weights &weights;
  IRRewriter &rewriter;
  ImplicitLocOpBuilder b;
  ConvOp conv;
  KernelAttr kernel;
  bool isInteger;

  QuantizedOperand inputParts, weightParts;
  FormatAttr inputFormat, weightsFormat;
  Value input, weight, start, inputScales;
  Value rowScale; ///< A scale for each row, applied after the contraction.
  SmallVector<Value> extras;
  bool hasScale = false, hasBias = false; ///< Which extras there are, in order.
};

/// [..., C] as rows [M, C].
static Value collapseRows(ImplicitLocOpBuilder &b, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return value;
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(b, b.getLoc(), value);
  AffineExpr product = b.getAffineConstantExpr(1);
  for (size_t i = 0; i + 1 < extents.size(); ++i)
    product = product * b.getAffineSymbolExpr(i);
  OpFoldResult rows = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, extents.size() - 1, product),
      ArrayRef(extents).drop_back());
  return ReshapeOp::create(b, value, {rows, extents.back()});
}

void ContractMaker::readInput() {
  input = op->getOperand(0);
  Value padding;
  if (isa<FormattedType>(input.getType())) {
    inputParts = openOperand(b, input);
    inputFormat = cast<FormattedType>(input.getType()).getFormat();
    input = inputParts.codes;
    padding = inputParts.zeroPoint;
  }
  if (!conv) {
    input = collapseRows(b, input);
    return;
  }
  ArrayRef<int64_t> pads = conv.getPads();
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return;
  SmallVector<OpFoldResult> low(4, b.getIndexAttr(0)), high = low;
  for (int64_t axis : {0, 1}) {
    low[1 + axis] = b.getIndexAttr(pads[axis]);
    high[1 + axis] = b.getIndexAttr(pads[2 + axis]);
  }
  input = PadOp::create(b, PadMode::constant, input, low, high, padding);
}

/// Weights as [K, R, S, C] or [K, C].
Value ContractMaker::canonicalize(Value tensor, bool isMatrix) {
  if (conv && isMatrix) {
    ArrayRef<int64_t> shape =
        cast<ShapedType>(conv.getWeights().getType()).getShape();
    SmallVector<OpFoldResult> sizes;
    for (int64_t axis : kToCanonical)
      sizes.push_back(b.getIndexAttr(shape[axis]));
    return ReshapeOp::create(b, tensor, sizes);
  }
  if (conv)
    return TransposeOp::create(b, tensor, kToCanonical);
  if (cast<MatmulOp>(op).getTransposeB())
    return tensor;
  return TransposeOp::create(b, tensor, ArrayRef<int64_t>{1, 0});
}

void ContractMaker::readWeights() {
  if (!weights.type) {
    weight = canonicalize(weights.value, /*isMatrix=*/false);
    return;
  }
  weightsFormat = weights.type.getFormat();
  if (isInteger) {
    weightParts = openOperand(b, weights.value);
    if (isa_and_present<UnitAttr>(weightsFormat.getScaling().getZeroPoint()) &&
        !weights.hasZeroPoints)
      weightParts.zeroPoint = {};
    weight = canonicalize(weightParts.codes, weights.isMatrix);
    return;
  }
  // Stays one op until the target packs its components.
  Value wrap = weights.value;
  if (conv && !weights.isMatrix)
    wrap = transposeAnyFormat(b, b.getLoc(), wrap, kToCanonical);
  else if (!conv && !cast<MatmulOp>(op).getTransposeB())
    wrap = transposeAnyFormat(b, b.getLoc(), wrap, {1, 0});
  weightsFormat = cast<FormattedType>(wrap.getType()).getFormat();
  weight = DecodeOp::create(b, wrap);
  if (conv && weights.isMatrix)
    weight = canonicalize(weight, /*isMatrix=*/true);
}

/// What joins the sum before the epilogue: a bias of the accumulator's type,
/// and what the zero point of the input takes off.
void ContractMaker::addBias() {
  Value bias = getBias();
  if (isInteger) {
    Value correction;
    if (inputParts.zeroPoint)
      correction = multiplyZeroPoint(b, inputParts, weight, weightParts);
    if (isAccumulators() && bias)
      start = correction
                  ? BinaryOp::create(b, BinaryKind::sub, bias, correction)
                  : bias;
    else if (correction)
      start = UnaryOp::create(b, UnaryKind::neg, correction);
    if (!isAccumulators() && bias) {
      extras.push_back(bias);
      hasBias = true;
    }
  } else {
    start = bias;
  }
}

void ContractMaker::addScale() {
  if (!inputFormat)
    return;
  bool isPerRow = isa<AxisScalingAttr>(inputFormat.getScaling());
  if (!isInteger) {
    inputScales = inputParts.scale;
    return;
  }
  if (isAccumulators())
    return;
  if (isPerRow) {
    rowScale = inputParts.scale;
    return;
  }
  extras.insert(extras.begin(),
                BinaryOp::create(b, BinaryKind::mul, inputParts.scale,
                                 weightParts.scale));
  hasScale = true;
}

Value ContractMaker::createInit(Type elementType) {
  if (!conv) {
    OpFoldResult rows = tensor::getMixedSize(b, b.getLoc(), input, 0);
    OpFoldResult columns = tensor::getMixedSize(b, b.getLoc(), weight, 0);
    return tensor::EmptyOp::create(b, ArrayRef{rows, columns}, elementType);
  }
  ReifiedRankedShapedTypeDims shapes;
  if (failed(conv.reifyResultShapes(b, shapes)))
    llvm_unreachable("every extent of a convolution is known");
  return tensor::EmptyOp::create(b, shapes.front(), elementType);
}

/// In the order of the numeric contract.
Value ContractMaker::yieldResult(Block &body, Type elementType) {
  Value value = body.getArgument(0);
  unsigned next = 1;
  if (isInteger && elementType.isF32())
    value = arith::SIToFPOp::create(b, elementType, value);
  if (hasScale)
    value = arith::MulFOp::create(b, value, body.getArgument(next++));
  if (hasBias)
    value = arith::AddFOp::create(b, value, body.getArgument(next++));
  return value;
}

ContractOp ContractMaker::create(Type elementType) {
  SmallVector<int64_t> ones(2, 1), window = ones, strides = ones,
                                   dilations = ones;
  int64_t groups = 1;
  if (conv) {
    ArrayRef<int64_t> shape =
        cast<ShapedType>(conv.getWeights().getType()).getShape();
    window.assign({shape[2], shape[3]});
    strides.assign(conv.getStrides().begin(), conv.getStrides().end());
    dilations.assign(conv.getDilations().begin(), conv.getDilations().end());
    groups = conv.getGroups();
  }
  Value init = createInit(elementType);
  auto contract = ContractOp::create(
      b, init.getType(), input, weight, inputScales, start, extras, init,
      strides, dilations, window, groups, inputFormat, weightsFormat, kernel);
  Block &body = contract.getEpilogue().emplaceBlock();
  body.addArgument(kernel.getAccumulator(), b.getLoc());
  for (Value extra : extras)
    body.addArgument(getElementTypeOrSelf(extra.getType()), b.getLoc());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&body);
  YieldOp::create(b, yieldResult(body, elementType));
  return contract;
}

LogicalResult ContractMaker::run() {
  b.setInsertionPoint(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  readInput();
  readWeights();
  addBias();
  addScale();
  Value bias = rowScale && hasBias ? extras.pop_back_val() : Value();
  hasBias &= !bias;
  Value result = create(type.getElementType()).getResult();
  if (rowScale)
    result = applyRowScale(b, result, rowScale, weightParts.scale, bias);
  if (result.getType() != type) {
    ReifiedRankedShapedTypeDims shapes;
    auto shaped = cast<ReifyRankedShapedTypeOpInterface>(op);
    if (failed(shaped.reifyResultShapes(b, shapes)))
      return failure();
    result = ReshapeOp::create(b, result, shapes.front());
  }
  rewriter.replaceOp(op, result);
  return success();
}

struct ApplyKernels : impl::ApplyKernelsBase<ApplyKernels> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isContraction(op) && op->hasAttr("kernel"))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops) {
      std::string whyNot;
      FailureOr<Weights> weights = findWeights(op, whyNot);
      auto kernel = op->getAttrOfType<KernelAttr>("kernel");
      if (failed(weights) ||
          !canApply(makeWork(op, *weights), kernel, *weights, whyNot)) {
        op->emitOpError("has a kernel that cannot be applied: ") << whyNot;
        return signalPassFailure();
      }
      if (failed(ContractMaker(op, *weights, rewriter).run()))
        return signalPassFailure();
      ++numApplied;
    }
  }
};

} // namespace
} // namespace qcc::qnn
