// The iteration space of each op: its side of WorkOpInterface.

#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/AffineExpr.h"

using namespace mlir;
using namespace qcc::qnn;
using utils::IteratorType;

using Indices = SmallVector<AffineExpr>;

namespace {

/// Collects loops, and the indices of operands and results in terms of them.
class SpaceBuilder {
public:
  explicit SpaceBuilder(Operation *op)
      : op(op), indices(op->getNumOperands() + op->getNumResults()) {}

  AffineExpr addLoop(int64_t extent,
                     IteratorType iterator = IteratorType::parallel) {
    space.extents.push_back(extent);
    space.iterators.push_back(iterator);
    return getAffineDimExpr(space.extents.size() - 1, op->getContext());
  }

  Indices addLoops(ArrayRef<int64_t> extents,
                   IteratorType iterator = IteratorType::parallel) {
    return llvm::map_to_vector(
        extents, [&](int64_t extent) { return addLoop(extent, iterator); });
  }

  void setOperand(unsigned operand, Indices at) {
    indices[operand] = std::move(at);
  }
  void setResult(unsigned result, Indices at) {
    setOperand(op->getNumOperands() + result, std::move(at));
  }

  /// Gives an operand the element that belongs to a result's at `at`, aligned
  /// at their innermost axes; no indices where it has more axes.
  void broadcast(unsigned operand, const Indices &at) {
    auto type = dyn_cast<ShapedType>(op->getOperand(operand).getType());
    int64_t missing = type ? at.size() - type.getRank() : -1;
    if (missing < 0)
      return;
    Indices own(ArrayRef(at).drop_front(missing));
    for (auto [expr, extent] : llvm::zip_equal(own, type.getShape()))
      if (extent == 1)
        expr = getAffineConstantExpr(0, op->getContext());
    setOperand(operand, std::move(own));
  }

  IterationSpace take() {
    for (const std::optional<Indices> &at : indices)
      space.maps.push_back(at ? AffineMap::get(space.extents.size(),
                                               /*symbolCount=*/0, *at,
                                               op->getContext())
                              : AffineMap());
    return std::move(space);
  }

private:
  Operation *op;
  IterationSpace space;
  SmallVector<std::optional<Indices>> indices;
};

} // namespace

static ArrayRef<int64_t> getShape(Value value) {
  return cast<ShapedType>(value.getType()).getShape();
}

/// A point for each element of the first result, which reads those of
/// `operands` that belong to it.
static IterationSpace getElementwise(Operation *op,
                                     ArrayRef<unsigned> operands) {
  SpaceBuilder space(op);
  Indices at = space.addLoops(getShape(op->getResult(0)));
  space.setResult(0, at);
  for (unsigned operand : operands)
    space.broadcast(operand, at);
  return space.take();
}

static IterationSpace getElementwise(Operation *op) {
  return getElementwise(op, llvm::to_vector(llvm::seq(op->getNumOperands())));
}

/// A point for each element of the first result, of which only the run or a
/// division of cases tells what it reads.
static IterationSpace getScattered(Operation *op) {
  return getElementwise(op, {});
}

//===----------------------------------------------------------------------===//
// Elementwise ops and formats
//===----------------------------------------------------------------------===//

IterationSpace UnaryOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace TestOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace BinaryOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace CompareOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace SelectOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace CastOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace BitcastOp::getIterationSpace() { return getElementwise(*this); }
IterationSpace DecodeOp::getIterationSpace() { return getElementwise(*this); }

// Of scales it is the format that tells which belong to an element.
IterationSpace EncodeOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
IterationSpace EncodeAutoOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
IterationSpace RequantizeOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
IterationSpace DecodeStoredOp::getIterationSpace() {
  return getScattered(*this);
}
IterationSpace EncodeStoredOp::getIterationSpace() {
  SpaceBuilder space(*this);
  space.setOperand(0, space.addLoops(getShape(getInput())));
  return space.take();
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

bool MatmulOp::isSumOfProducts() { return true; }
bool ConvOp::isSumOfProducts() { return true; }
bool ContractOp::isSumOfProducts() { return true; }

/// Exchanges the last two where the operand lies transposed.
static void orderLast(Indices &indices, bool isTransposed) {
  if (isTransposed)
    std::swap(indices.end()[-1], indices.end()[-2]);
}

IterationSpace MatmulOp::getIterationSpace() {
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape());
  AffineExpr m = at.end()[-2], n = at.end()[-1];
  int64_t length = getShape(getLhs()).back();
  if (ShapedType::isDynamic(length))
    length = getShape(getRhs()).end()[getTransposeB() ? -1 : -2];
  AffineExpr k = space.addLoop(length, IteratorType::reduction);
  space.setResult(0, at);
  auto setOperand = [&](unsigned operand, AffineExpr row, AffineExpr column) {
    ArrayRef<int64_t> shape = getShape(getOperand(operand));
    ArrayRef<int64_t> batch = shape.drop_back(2);
    Indices own(ArrayRef(at).drop_back(2).take_back(batch.size()));
    for (auto [expr, extent] : llvm::zip_equal(own, batch))
      if (extent == 1)
        expr = getAffineConstantExpr(0, getContext());
    own.append({row, column});
    space.setOperand(operand, std::move(own));
  };
  setOperand(0, m, k);
  getTransposeB() ? setOperand(1, n, k) : setOperand(1, k, n);
  return space.take();
}

namespace {

/// A convolution over any number of spatial axes.
struct Convolution {
  ArrayRef<int64_t> out;    ///< Extents of the spatial axes of the result.
  ArrayRef<int64_t> window; ///< As many, like those that follow.
  ArrayRef<int64_t> strides, dilations, padsBefore;
  int64_t batch, outputs, channels; ///< Channels are of one group.
  int64_t groups;
};

struct ConvolutionIndices {
  AffineExpr batch, output, channel; ///< Of input and result.
  AffineExpr weightsChannel;
  Indices out, in, window;
};

} // namespace

/// Groups of channels are a loop of their own; with one group there is none.
static std::optional<ConvolutionIndices>
addConvolution(SpaceBuilder &space, const Convolution &conv) {
  ConvolutionIndices at;
  at.batch = space.addLoop(conv.batch);
  at.out = space.addLoops(conv.out);
  bool isGrouped = conv.groups != 1;
  bool isKnown = !ShapedType::isDynamic(conv.outputs) &&
                 !ShapedType::isDynamic(conv.channels);
  if (isGrouped && !isKnown)
    return std::nullopt;
  if (isGrouped) {
    AffineExpr group = space.addLoop(conv.groups);
    int64_t own = conv.outputs / conv.groups;
    at.output = group * own + space.addLoop(own);
    at.channel = group * conv.channels;
  } else {
    at.output = space.addLoop(conv.outputs);
  }
  at.window = space.addLoops(conv.window, IteratorType::reduction);
  at.weightsChannel = space.addLoop(conv.channels, IteratorType::reduction);
  at.channel = isGrouped ? at.channel + at.weightsChannel : at.weightsChannel;
  for (auto [i, out] : llvm::enumerate(at.out))
    at.in.push_back(out * conv.strides[i] + at.window[i] * conv.dilations[i] -
                    conv.padsBefore[i]);
  return at;
}

/// [N, spatial..., C], or [N, C, spatial...].
static Indices getImageIndices(AffineExpr batch, const Indices &spatial,
                               AffineExpr channel, bool isChannelsLast) {
  Indices at = {batch};
  if (!isChannelsLast)
    at.push_back(channel);
  llvm::append_range(at, spatial);
  if (isChannelsLast)
    at.push_back(channel);
  return at;
}

IterationSpace ConvOp::getIterationSpace() {
  SpaceBuilder space(*this);
  ArrayRef<int64_t> weights = getShape(getWeights()),
                    out = getType().getShape();
  size_t axes = weights.size() - 2;
  Convolution conv = {out.slice(getChannelsLast() ? 1 : 2, axes),
                      weights.take_back(axes),
                      getStrides(),
                      getDilations(),
                      getPads().take_front(axes),
                      out[0],
                      weights[0],
                      weights[1],
                      static_cast<int64_t>(getGroups())};
  std::optional<ConvolutionIndices> at = addConvolution(space, conv);
  if (!at)
    return getScattered(*this);
  bool isLast = getChannelsLast();
  space.setOperand(0, getImageIndices(at->batch, at->in, at->channel, isLast));
  space.setOperand(1,
                   getImageIndices(at->output, at->window, at->weightsChannel,
                                   /*isChannelsLast=*/false));
  if (getBias())
    space.setOperand(2, {at->output});
  space.setResult(0, getImageIndices(at->batch, at->out, at->output, isLast));
  return space.take();
}

/// Before the constant weights of a contraction are packed they have axes.
static bool hasAxes(ContractOp op) {
  return getShape(op.getWeights()).size() > 1;
}

static IterationSpace getMatrixSpace(ContractOp op) {
  SpaceBuilder space(op);
  Indices at = space.addLoops(getShape(op.getInit()));
  AffineExpr m = at.end()[-2], k = at.end()[-1];
  AffineExpr c =
      space.addLoop(getShape(op.getInput()).back(), IteratorType::reduction);
  Indices input(ArrayRef(at).drop_back(2)), weights;
  input.append({m, c});
  // Consecutive matrices of a batch share weights.
  if (hasAxes(op) && op.isBatch()) {
    int64_t batch = getShape(op.getInit()).front(),
            own = getShape(op.getWeights()).front();
    bool isKnown = !ShapedType::isDynamic(batch) &&
                   !ShapedType::isDynamic(own) && own != 0 && batch >= own;
    if (isKnown)
      weights = {at.front().floorDiv(batch / own)};
  }
  weights.append({k, c});
  orderLast(weights, op.getTransposed());
  space.setOperand(0, std::move(input));
  if (hasAxes(op) && getShape(op.getWeights()).size() == weights.size())
    space.setOperand(1, std::move(weights));
  unsigned operand = op.getNumOperands() - 1;
  space.setOperand(operand, at);
  if (op.getResult())
    space.setResult(0, at);
  return space.take();
}

IterationSpace ContractOp::getIterationSpace() {
  if (isMatrix())
    return getMatrixSpace(*this);
  SpaceBuilder space(*this);
  ArrayRef<int64_t> input = getShape(getInput()), out = getShape(getInit());
  int64_t groups = getGroups();
  int64_t noPads[] = {0, 0};
  Convolution conv = {out.slice(1, 2),
                      getWindow(),
                      getStrides(),
                      getDilations(),
                      noPads,
                      out.front(),
                      out.back(),
                      ShapedType::isDynamic(input.back())
                          ? input.back()
                          : input.back() / groups,
                      groups};
  std::optional<ConvolutionIndices> at = addConvolution(space, conv);
  // Groups of channels whose number only the run tells are no loops.
  if (!at)
    return SpaceBuilder(*this).take();
  space.setOperand(0, getImageIndices(at->batch, at->in, at->channel,
                                      /*isChannelsLast=*/true));
  if (hasAxes(*this))
    space.setOperand(1,
                     getImageIndices(at->output, at->window, at->weightsChannel,
                                     /*isChannelsLast=*/true));
  Indices result = getImageIndices(at->batch, at->out, at->output,
                                   /*isChannelsLast=*/true);
  space.setOperand(getNumOperands() - 1, result);
  if (getResult())
    space.setResult(0, result);
  return space.take();
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// A point for each element of the first operand; points along `axes` join.
static SpaceBuilder reduceAlong(Operation *op, ArrayRef<int64_t> axes,
                                Indices &at) {
  SpaceBuilder space(op);
  for (auto [axis, extent] : llvm::enumerate(getShape(op->getOperand(0))))
    at.push_back(space.addLoop(extent, llvm::is_contained(axes, axis)
                                           ? IteratorType::reduction
                                           : IteratorType::parallel));
  space.setOperand(0, at);
  return space;
}

static IterationSpace getReduction(Operation *op, ArrayRef<int64_t> axes,
                                   bool keepsAxes) {
  Indices at, kept;
  SpaceBuilder space = reduceAlong(op, axes, at);
  for (auto [axis, expr] : llvm::enumerate(at)) {
    if (!llvm::is_contained(axes, axis))
      kept.push_back(expr);
    else if (keepsAxes)
      kept.push_back(getAffineConstantExpr(0, op->getContext()));
  }
  space.setResult(0, std::move(kept));
  return space.take();
}

IterationSpace ReduceOp::getIterationSpace() {
  return getReduction(*this, getAxes(), getKeepDims());
}

IterationSpace ArgReduceOp::getIterationSpace() {
  return getReduction(*this, {static_cast<int64_t>(getAxis())}, getKeepDims());
}

// Each element waits for the one before it.
IterationSpace CumulateOp::getIterationSpace() {
  Indices at;
  SpaceBuilder space =
      reduceAlong(*this, {static_cast<int64_t>(getAxis())}, at);
  space.setResult(0, at);
  return space.take();
}

IterationSpace TopKOp::getIterationSpace() {
  Indices at;
  return reduceAlong(*this, {static_cast<int64_t>(getAxis())}, at).take();
}

IterationSpace NonZeroOp::getIterationSpace() {
  Indices at;
  return reduceAlong(*this, {}, at).take();
}

IterationSpace PoolOp::getIterationSpace() {
  SpaceBuilder space(*this);
  ArrayRef<int64_t> out = getType().getShape();
  size_t axes = getWindow().size();
  bool isLast = getChannelsLast();
  AffineExpr batch = space.addLoop(out[0]);
  AffineExpr channel = space.addLoop(isLast ? out.back() : out[1]);
  Indices result = space.addLoops(out.slice(isLast ? 1 : 2, axes));
  Indices window = space.addLoops(getWindow(), IteratorType::reduction);
  Indices input;
  for (size_t i = 0; i < axes; ++i)
    input.push_back(result[i] * getStrides()[i] +
                    window[i] * getDilations()[i] - getPads()[i]);
  space.setOperand(0, getImageIndices(batch, input, channel, isLast));
  space.setResult(0, getImageIndices(batch, result, channel, isLast));
  return space.take();
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

// Whether an open extent is 1 is seen at run time only.
IterationSpace ExpandOp::getIterationSpace() {
  return getInput().getType().hasStaticShape() ? getElementwise(*this, {0})
                                               : getScattered(*this);
}

IterationSpace TransposeOp::getIterationSpace() {
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input(at.size());
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    input[axis] = at[i];
  space.setOperand(0, std::move(input));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace SliceOp::getIterationSpace() {
  if (ShapedType::isDynamicShape(getStaticOffsets()))
    return getScattered(*this);
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input;
  for (auto [i, expr] : llvm::enumerate(at))
    input.push_back(expr * getStrides()[i] + getStaticOffsets()[i]);
  space.setOperand(0, std::move(input));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace PadOp::getIterationSpace() {
  // Other modes read inside of the input for what is outside.
  if (getMode() != PadMode::constant ||
      ShapedType::isDynamicShape(getStaticLow()))
    return getScattered(*this);
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input;
  for (auto [i, expr] : llvm::enumerate(at))
    input.push_back(expr - getStaticLow()[i]);
  space.setOperand(0, std::move(input));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace TileOp::getIterationSpace() {
  ArrayRef<int64_t> shape = getInput().getType().getShape();
  if (ShapedType::isDynamicShape(shape) || llvm::is_contained(shape, 0))
    return getScattered(*this);
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input;
  for (auto [expr, extent] : llvm::zip_equal(at, shape))
    input.push_back(expr % extent);
  space.setOperand(0, std::move(input));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace GatherOp::getIterationSpace() {
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape());
  space.setOperand(
      1, Indices(ArrayRef(at).slice(getAxis(), getShape(getIndices()).size())));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace GatherElementsOp::getIterationSpace() {
  return getElementwise(*this, {1});
}

IterationSpace ReshapeOp::getIterationSpace() { return getScattered(*this); }
IterationSpace ConcatOp::getIterationSpace() { return getScattered(*this); }
IterationSpace GatherNDOp::getIterationSpace() { return getScattered(*this); }
IterationSpace IotaOp::getIterationSpace() { return getScattered(*this); }
IterationSpace ResizeOp::getIterationSpace() { return getScattered(*this); }
IterationSpace GridSampleOp::getIterationSpace() { return getScattered(*this); }

// A point for each element of the result, which is a copy but for the updates.
IterationSpace ScatterElementsOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
IterationSpace ScatterNDOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
