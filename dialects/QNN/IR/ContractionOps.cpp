#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::qnn;

/// Numbers of which an i32 holds the products.
static bool isPlainI16(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isSignlessInteger(16);
}

/// Constraints that conv and matmul share; `name` are those in Ops.td.
template <typename ContractionOp>
static LogicalResult verifyCodes(ContractionOp op, Type lhs, Type rhs) {
  bool areCodes = hasIntegerCodes(lhs) && hasIntegerCodes(rhs);
  bool areNarrow = isa<MatmulOp>(op) && isPlainI16(lhs) && isPlainI16(rhs);
  if (op.getAccumulators() && !areCodes && !areNarrow)
    return op.emitOpError("gives accumulators, so both operands need integer "
                          "codes");
  std::optional<KernelAttr> kernel = op.getKernel();
  if (kernel && kernel->getAccumulator().isInteger() && !areCodes && !areNarrow)
    return op.emitOpError("kernel '")
           << kernel->getName() << "' accumulates in "
           << kernel->getAccumulator()
           << ", so both operands need integer codes";
  return success();
}

static Type getResultElement(MLIRContext *context, ShapedType operand,
                             bool accumulators) {
  return accumulators ? IntegerType::get(context, 32)
                      : operand.getElementType();
}

//===----------------------------------------------------------------------===//
// Matmul
//===----------------------------------------------------------------------===//

/// An op's own verifier runs before the types are inferred, so both check
/// ranks.
static LogicalResult checkMatrices(MaybeLocation loc, ShapedType lhs,
                                   ShapedType rhs) {
  if (lhs.getRank() < 2 || rhs.getRank() < 2) // C1
    return emitOptionalError(loc, "multiplies matrices, got ranks ",
                             lhs.getRank(), " and ", rhs.getRank());
  return success();
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *context,
                                         MaybeLocation loc, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ShapedType lhs = getShaped(adaptor.getLhs());
  ShapedType rhs = getShaped(adaptor.getRhs());
  if (failed(checkMatrices(loc, lhs, rhs))) // C1
    return failure();
  FailureOr<Shape> shape = broadcast(lhs.getShape().drop_back(2),
                                     rhs.getShape().drop_back(2)); // C6
  if (failed(shape))
    return emitOptionalError(
        loc, "batch axes cannot be broadcast: ", adaptor.getLhs().getType(),
        " and ", adaptor.getRhs().getType());
  shape->push_back(lhs.getShape().end()[-2]);
  shape->push_back(rhs.getShape().end()[adaptor.getTransposeB() ? -2 : -1]);
  types.push_back(RankedTensorType::get( // C5
      *shape, getResultElement(context, lhs, adaptor.getAccumulators())));
  return success();
}

LogicalResult MatmulOp::verify() {
  ShapedType lhs = getShaped(getLhs()), rhs = getShaped(getRhs());
  if (failed(checkMatrices(getLoc(), lhs, rhs))) // C1
    return failure();
  int64_t k = lhs.getShape().back();
  int64_t rhsK = rhs.getShape().end()[getTransposeB() ? -1 : -2];
  if (failed(verifyCompatibleShape({k}, {rhsK}))) // C2
    return emitOpError("contracts an extent of ")
           << k << " with one of " << rhsK;
  if (lhs.getElementType() != rhs.getElementType()) // C3
    return emitOpError("multiplies values of different types, ")
           << lhs.getElementType() << " and " << rhs.getElementType();
  return verifyCodes(*this, lhs, rhs); // C4, C7
}

LogicalResult MatmulOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedShapes &shapes) {
  int64_t rank = getType().getRank();
  int64_t lhsRank = getShaped(getLhs()).getRank();
  int64_t rhsRank = getShaped(getRhs()).getRank();
  SmallVector<OpFoldResult> extents;
  for (int64_t axis : llvm::seq(rank - 2)) {
    if (!getType().isDynamicDim(axis)) {
      extents.push_back(builder.getIndexAttr(getType().getDimSize(axis)));
      continue;
    }
    int64_t lhsAxis = axis - (rank - lhsRank),
            rhsAxis = axis - (rank - rhsRank);
    bool useRhs = rhsAxis >= 0 &&
                  (lhsAxis < 0 || getShaped(getLhs()).getDimSize(lhsAxis) == 1);
    extents.push_back(getExtent(builder, getLoc(), useRhs ? getRhs() : getLhs(),
                                useRhs ? rhsAxis : lhsAxis));
  }
  extents.push_back(getExtent(builder, getLoc(), getLhs(), lhsRank - 2));
  extents.push_back(getExtent(builder, getLoc(), getRhs(),
                              rhsRank - (getTransposeB() ? 2 : 1)));
  shapes.push_back(std::move(extents));
  return success();
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// The first spatial axis, and the axis of channels, of a convolution's input.
static std::pair<int64_t, int64_t> getImageAxes(int64_t rank,
                                                bool channelsLast) {
  return channelsLast ? std::pair<int64_t, int64_t>{1, rank - 1}
                      : std::pair<int64_t, int64_t>{2, 1};
}

static LogicalResult checkImages(MaybeLocation loc, ShapedType input,
                                 ShapedType weights) {
  int64_t rank = input.getRank();
  if (rank < 3 || rank > 5 || weights.getRank() != rank) // C1
    return emitOptionalError(loc,
                             "needs input and weights of one rank, 3 to "
                             "5, got ",
                             rank, " and ", weights.getRank());
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *context, MaybeLocation loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ShapedType input = getShaped(adaptor.getInput());
  ShapedType weights = getShaped(adaptor.getWeights());
  if (failed(checkImages(loc, input, weights))) // C1
    return failure();
  int64_t rank = input.getRank();
  auto [first, channels] = getImageAxes(rank, adaptor.getChannelsLast());
  ArrayRef<int64_t> window = weights.getShape().drop_front(2);
  if (ShapedType::isDynamicShape(window))
    return emitOptionalError(loc, "needs weights with a static window");
  ArrayRef<int64_t> spatial = input.getShape().slice(first, rank - 2);
  if (failed(checkWindow(loc, spatial, window, adaptor.getStrides(), // C2, C8
                         adaptor.getPads(), adaptor.getDilations())))
    return failure();
  Shape shape(input.getShape());
  shape[channels] = weights.getDimSize(0);
  for (auto [i, axis] : llvm::enumerate(
           getWindowAxes(window, adaptor.getStrides(), adaptor.getPads(),
                         adaptor.getDilations())))
    shape[first + i] = axis.getCount(spatial[i]);
  types.push_back(RankedTensorType::get(
      shape, getResultElement(context, input, adaptor.getAccumulators())));
  return success();
}

LogicalResult ConvOp::verify() {
  ShapedType input = getShaped(getInput()), weights = getShaped(getWeights());
  if (failed(checkImages(getLoc(), input, weights))) // C1
    return failure();
  int64_t channels =
      input.getDimSize(getImageAxes(input.getRank(), getChannelsLast()).second);
  int64_t groups = getGroups(), k = weights.getDimSize(0);
  bool isDivided = groups > 0 &&
                   (ShapedType::isDynamic(k) || k % groups == 0) &&
                   (ShapedType::isDynamic(channels) ||
                    ShapedType::isDynamic(weights.getDimSize(1)) ||
                    channels == weights.getDimSize(1) * groups);
  if (!isDivided) // C3
    return emitOpError("with ")
           << groups << " group(s) cannot take " << channels
           << " input channels and weights of " << weights.getShape();
  if (input.getElementType() != weights.getElementType()) // C4
    return emitOpError("has values of different types: input ")
           << input.getElementType() << ", weights "
           << weights.getElementType();
  if (getBias() &&
      getBias().getType().getElementType() != getType().getElementType()) // C4
    return emitOpError("adds a bias of ")
           << getBias().getType().getElementType() << " to results of "
           << getType().getElementType();
  if (getBias() && (getBias().getType().getRank() != 1 ||
                    failed(verifyCompatibleShape(
                        {k}, getBias().getType().getShape())))) // C5
    return emitOpError("needs one bias for each of ")
           << k << " channels, got " << getBias().getType();
  return verifyCodes(*this, input, weights); // C6, C7
}

LogicalResult ConvOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedShapes &shapes) {
  int64_t rank = getType().getRank();
  auto [first, channels] = getImageAxes(rank, getChannelsLast());
  SmallVector<OpFoldResult> extents(rank);
  extents[0] = getExtent(builder, getLoc(), getInput(), 0);
  extents[channels] = getExtent(builder, getLoc(), getWeights(), 0);
  for (auto [i, axis] : llvm::enumerate(
           getWindowAxes(getShaped(getWeights()).getShape().drop_front(2),
                         getStrides(), getPads(), getDilations())))
    extents[first + i] = axis.getCount(
        builder, getLoc(), getExtent(builder, getLoc(), getInput(), first + i));
  shapes.push_back(std::move(extents));
  return success();
}

//===----------------------------------------------------------------------===//
// Requantize
//===----------------------------------------------------------------------===//

LogicalResult RequantizeOp::verify() {
  RankedTensorType accumulators = getAccumulators().getType();
  FormattedType result = getType();
  if (result.getShape() != accumulators.getShape() ||
      !hasIntegerCodes(result)) // C1
    return emitOpError("gives integer codes of the shape of ")
           << accumulators << ", not " << result;
  if (!isa<TensorScalingAttr>(result.getFormat().getScaling())) // C2
    return emitOpError("needs one scale for the whole result");
  if (failed(verifyComponents(*this, getParameters().getTypes(),
                              result.getParameters()))) // C2
    return failure();
  RankedTensorType scale = getWeightsScale().getType();
  if (scale.getRank() > 1) // C3
    return emitOpError("needs a scalar or one scale for each index along axis ")
           << getAxis() << " of the weights, got " << scale;
  // Also of a scalar: passes move the axis with the accumulators' axes.
  if (failed(checkAxis(getLoc(), getAxis(), accumulators.getRank()))) // C3
    return failure();
  if (scale.getRank() == 1 &&
      failed(verifyCompatibleShape({accumulators.getDimSize(getAxis())},
                                   scale.getShape()))) // C3
    return emitOpError("needs one scale for each index along axis ")
           << getAxis() << ", got " << scale;
  return success();
}
