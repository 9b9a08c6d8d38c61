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

/// The product of the extents, 1 of none.
OpFoldResult multiplyExtents(ImplicitLocOpBuilder &b,
                             ArrayRef<OpFoldResult> extents) {
  AffineExpr product = b.getAffineConstantExpr(1);
  for (size_t i = 0; i < extents.size(); ++i)
    product = product * b.getAffineSymbolExpr(i);
  return affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, extents.size(), product), extents);
}

/// [..., C] as rows [M, C], or [..., M, C] as a batch of matrices [B, M, C].
Value collapse(ImplicitLocOpBuilder &b, Value value, bool isBatch) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t kept = isBatch ? 2 : 1;
  if (type.getRank() == kept + 1)
    return value;
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(b, b.getLoc(), value);
  SmallVector<OpFoldResult> sizes = {
      multiplyExtents(b, ArrayRef(extents).drop_back(kept))};
  llvm::append_range(sizes, ArrayRef(extents).take_back(kept));
  return ReshapeOp::create(b, value, sizes);
}

/// Makes one qnn.contract. Steps in order: readInput and readWeights, or for a
/// product of activations readFactors; create.
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
  Value readFactor(Value value, QuantizedOperand &parts);
  void readFactors();
  Value collapseWeights(Value value);
  Value canonicalize(Value tensor, bool isMatrix);
  void addBias();
  void addScales();
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
  bool isTransposed = false; ///< The weights are [..., C, K].
  // What the region reads, null where there is none: [M, 1], [K] or a scalar.
  Value rowScale, scale, bias;
};

/// An operand of a product of activations: codes less their zero points, which
/// 16 bits hold, or reals.
Value ContractMaker::readFactor(Value value, QuantizedOperand &parts) {
  if (!isa<FormattedType>(value.getType()))
    return value;
  if (!isInteger)
    return DecodeOp::create(b, value);
  parts = openOperand(b, value);
  return toCentered(b, parts, b.getI16Type());
}

void ContractMaker::readFactors() {
  bool isBatch = weights.batchAxes > 0;
  input = collapse(b, readFactor(op->getOperand(0), inputParts), isBatch);
  weight = collapseWeights(readFactor(weights.value, weightParts));
  // Kernels pack a right factor that lies as [..., C, K].
  isTransposed = true;
  if (!cast<MatmulOp>(op).getTransposeB())
    return;
  int64_t rank = cast<ShapedType>(weight.getType()).getRank();
  weight = TransposeOp::create(b, weight, exchangeLastAxes(rank));
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
    input = collapse(b, input, /*isBatch=*/weights.batchAxes > 0);
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

/// The right operand of a matmul as one matrix or as a batch of matrices.
Value ContractMaker::collapseWeights(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<OpFoldResult> extents =
      tensor::getMixedSizes(b, b.getLoc(), value);
  SmallVector<OpFoldResult> sizes;
  if (weights.batchAxes > 0)
    sizes.push_back(
        multiplyExtents(b, ArrayRef(extents).take_front(weights.batchAxes)));
  llvm::append_range(sizes, ArrayRef(extents).take_back(2));
  bool isCollapsed = static_cast<int64_t>(sizes.size()) == type.getRank();
  return isCollapsed ? value : ReshapeOp::create(b, value, sizes).getResult();
}

/// Weights as [K, R, S, C] or [..., K, C].
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
  int64_t rank = cast<ShapedType>(tensor.getType()).getRank();
  return TransposeOp::create(b, tensor, exchangeLastAxes(rank));
}

void ContractMaker::readWeights() {
  if (!weights.type) {
    weight = conv ? weights.value : collapseWeights(weights.value);
    weight = canonicalize(weight, /*isMatrix=*/false);
    return;
  }
  weightsFormat = weights.type.getFormat();
  if (isInteger) {
    weightParts = openOperand(b, weights.value);
    if (weightsFormat.getScaling().hasZeroPoints() && !weights.hasZeroPoints)
      weightParts.zeroPoint = {};
    weight = canonicalize(weightParts.codes, weights.isMatrix);
    return;
  }
  // Stays one op until the target packs its components.
  Value wrap = weights.value;
  if (conv && !weights.isMatrix)
    wrap = transposeAnyFormat(b, b.getLoc(), wrap, kToCanonical);
  else if (!conv && !cast<MatmulOp>(op).getTransposeB())
    wrap = transposeAnyFormat(b, b.getLoc(), wrap,
                              exchangeLastAxes(weights.type.getRank()));
  weightsFormat = cast<FormattedType>(wrap.getType()).getFormat();
  weight = DecodeOp::create(b, wrap);
  if (conv && weights.isMatrix)
    weight = canonicalize(weight, /*isMatrix=*/true);
}

/// What joins the sum before the epilogue: a bias of the accumulator's type,
/// and what the zero point of the input takes off.
void ContractMaker::addBias() {
  Value convBias = getBias();
  if (isInteger) {
    Value correction;
    if (inputParts.zeroPoint)
      correction = multiplyZeroPoint(b, inputParts, weight, weightParts,
                                     kernel.getAccumulator());
    if (isAccumulators() && convBias)
      start = correction
                  ? BinaryOp::create(b, BinaryKind::sub, convBias, correction)
                  : convBias;
    else if (correction)
      start = UnaryOp::create(b, UnaryKind::neg, correction);
    if (!isAccumulators())
      bias = convBias;
    if (start)
      start = castTo(b, start, kernel.getAccumulator());
  } else {
    start = convBias;
  }
}

void ContractMaker::addScales() {
  if (!inputFormat)
    return;
  if (!isInteger) { // one for each row, also of a single one
    inputScales = inputParts.scale;
    if (inputParts.axis < 0)
      inputScales =
          ReshapeOp::create(b, inputScales, OpFoldResult(b.getIndexAttr(1)));
    return;
  }
  if (isAccumulators())
    return;
  if (inputParts.axis >= 0) { // one for each row
    rowScale = broadcastAlong(b, inputParts.scale, /*axis=*/0, /*rank=*/2);
    scale = weightParts.scale;
    return;
  }
  scale =
      BinaryOp::create(b, BinaryKind::mul, inputParts.scale, weightParts.scale);
}

Value ContractMaker::createInit(Type elementType) {
  if (!conv) {
    SmallVector<OpFoldResult> extents =
        tensor::getMixedSizes(b, b.getLoc(), input);
    int64_t rank = cast<ShapedType>(weight.getType()).getRank();
    extents.back() = tensor::getMixedSize(b, b.getLoc(), weight,
                                          rank - (isTransposed ? 1 : 2));
    return tensor::EmptyOp::create(b, extents, elementType);
  }
  ReifiedRankedShapedTypeDims shapes;
  if (failed(conv.reifyResultShapes(b, shapes)))
    llvm_unreachable("every extent of a convolution is known");
  return tensor::EmptyOp::create(b, shapes.front(), elementType);
}

Value ContractMaker::yieldResult(Block &body, Type elementType) {
  Value value = body.getArgument(0);
  if (isInteger && elementType.isF32())
    value = arith::SIToFPOp::create(b, elementType, value);
  else if (value.getType().isInteger(64))
    value = arith::TruncIOp::create(b, elementType, value);
  unsigned next = 1;
  auto getElement = [&](Value extra) {
    return extra ? Value(body.getArgument(next++)) : Value();
  };
  Value row = getElement(rowScale), column = getElement(scale),
        summand = getElement(bias);
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(b, x, y);
  };
  auto add = [&](Value x, Value y) -> Value {
    return arith::AddFOp::create(b, x, y);
  };
  return finishSum({mul, add}, value, row, column, summand);
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
  SmallVector<Value> extras;
  for (Value extra : {rowScale, scale, bias})
    if (extra)
      extras.push_back(extra);
  auto contract = ContractOp::create(
      b, init.getType(), input, weight, inputScales, /*input_sums=*/Value(),
      start, extras, init, strides, dilations, window, groups, isTransposed,
      inputFormat, weightsFormat, kernel);
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
  if (weights.isProduct) {
    readFactors();
  } else {
    readInput();
    readWeights();
    addBias();
    addScales();
  }
  Value result = create(type.getElementType()).getResult();
  if (result.getType() != type) {
    ReifiedRankedShapedTypeDims shapes;
    auto shaped = cast<ReifyRankedShapedTypeOpInterface>(op);
    if (failed(shaped.reifyResultShapes(b, shapes)))
      return failure();
    result = ReshapeOp::create(b, result, shapes.front());
  }
  // What follows a product's sums joins the region when loops are fused.
  if (weights.isProduct && isInteger && !isAccumulators())
    result = scaleSums(b, op, result, inputParts, weightParts, Value());
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
