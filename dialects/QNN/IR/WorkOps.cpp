// The iteration space of each op: its side of WorkOpInterface.

#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/AffineExpr.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace qcc::qnn;
using utils::IteratorType;

using Indices = SmallVector<AffineExpr>;

namespace {

/// Collects loops, and the indices of operands and results in terms of them.
class SpaceBuilder {
public:
  explicit SpaceBuilder(Operation *op)
      : op(op), indices(op->getNumOperands() + op->getNumResults()) {
    space.reaches.assign(indices.size(), 0);
  }

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

  /// Nothing is said where one of the indices is null.
  void setOperand(unsigned operand, Indices at) {
    if (llvm::is_contained(at, AffineExpr()))
      return;
    indices[operand] = std::move(at);
    space.reaches[operand] = 1;
  }
  /// Of an operand of which data tells the indices.
  void setReach(unsigned operand, int64_t elements) {
    space.reaches[operand] = elements;
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

  /// Of an operand of one element, whatever its rank.
  void setOnly(unsigned operand) {
    auto type = cast<ShapedType>(op->getOperand(operand).getType());
    setOperand(operand, Indices(type.getRank(),
                                getAffineConstantExpr(0, op->getContext())));
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

int64_t IterationSpace::getReductionLength() const {
  int64_t length = 1;
  for (auto [extent, iterator] : llvm::zip_equal(extents, iterators)) {
    if (iterator != IteratorType::reduction)
      continue;
    if (ShapedType::isDynamic(extent))
      return ShapedType::kDynamic;
    if (llvm::MulOverflow(length, extent, length))
      return std::numeric_limits<int64_t>::max();
  }
  return length;
}

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
/// division of cases tells what it reads: at most `reach` elements of the first
/// operand, 0 where only its size bounds them.
static IterationSpace getScattered(Operation *op, int64_t reach) {
  SpaceBuilder space(op);
  space.setResult(0, space.addLoops(getShape(op->getResult(0))));
  if (reach != 0)
    space.setReach(0, reach);
  return space.take();
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
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getShape(getResult()));
  space.setResult(0, at);
  space.setOperand(0, at);
  space.setOnly(1);
  // One scale for the tensor, or one for each index along the axis.
  if (getShape(getWeightsScale()).empty())
    space.setOnly(2);
  else
    space.setOperand(2, {at[getAxis()]});
  for (unsigned i = 0; i < getParameters().size(); ++i)
    space.setOnly(3 + i);
  return space.take();
}
IterationSpace DecodeStoredOp::getIterationSpace() {
  return getScattered(*this, /*reach=*/0);
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

/// Of two extents that agree, the one that is known.
static int64_t getKnown(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) ? b : a;
}

/// Exchanges the last two where the operand lies transposed.
static void orderLast(Indices &indices, bool isTransposed) {
  if (isTransposed)
    std::swap(indices.end()[-1], indices.end()[-2]);
}

IterationSpace MatmulOp::getIterationSpace() {
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape());
  AffineExpr m = at.end()[-2], n = at.end()[-1];
  AffineExpr k = space.addLoop(
      getKnown(getShape(getLhs()).back(),
               getShape(getRhs()).end()[getTransposeB() ? -1 : -2]),
      IteratorType::reduction);
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
  AffineExpr batch;
  AffineExpr output, channel; ///< Of input and result; may be null.
  AffineExpr weightsChannel;
  Indices out, in, window;
};

} // namespace

/// Groups of channels are a loop of their own; with one group there is none.
static ConvolutionIndices addConvolution(SpaceBuilder &space,
                                         const Convolution &conv) {
  ConvolutionIndices at;
  at.batch = space.addLoop(conv.batch);
  at.out = space.addLoops(conv.out);
  AffineExpr group;
  if (conv.groups != 1)
    group = space.addLoop(conv.groups);
  // Of groups of as many channels as the run tells, no index is affine.
  auto addGroup = [&](AffineExpr own, int64_t extent) {
    if (!group)
      return own;
    return ShapedType::isDynamic(extent) ? AffineExpr() : group * extent + own;
  };
  int64_t own = ShapedType::isDynamic(conv.outputs)
                    ? conv.outputs
                    : conv.outputs / conv.groups;
  at.output = addGroup(space.addLoop(own), own);
  at.window = space.addLoops(conv.window, IteratorType::reduction);
  at.weightsChannel = space.addLoop(conv.channels, IteratorType::reduction);
  at.channel = addGroup(at.weightsChannel, conv.channels);
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
  Convolution conv = {
      out.slice(getChannelsLast() ? 1 : 2, axes),
      weights.take_back(axes),
      getStrides(),
      getDilations(),
      getPads().take_front(axes),
      out[0],
      getKnown(weights[0], out[getChannelsLast() ? axes + 1 : 1]),
      weights[1],
      static_cast<int64_t>(getGroups())};
  ConvolutionIndices at = addConvolution(space, conv);
  bool isLast = getChannelsLast();
  space.setOperand(0, getImageIndices(at.batch, at.in, at.channel, isLast));
  space.setOperand(1, getImageIndices(at.output, at.window, at.weightsChannel,
                                      /*isChannelsLast=*/false));
  if (getBias())
    space.setOperand(2, {at.output});
  space.setResult(0, getImageIndices(at.batch, at.out, at.output, isLast));
  return space.take();
}

/// Before the constant weights of a contraction are packed they have axes.
static bool hasAxes(ContractOp op) {
  return getShape(op.getWeights()).size() > 1;
}

/// Extents along an axis of the weights in their canonical order; dynamic where
/// they have no axes.
static int64_t getWeightsExtent(ContractOp op, int64_t axisFromEnd) {
  if (!hasAxes(op))
    return ShapedType::kDynamic;
  if (op.getTransposed())
    axisFromEnd = 3 - axisFromEnd;
  return getShape(op.getWeights()).end()[-axisFromEnd];
}

/// Of starts, scales of rows and extras: what belongs to the result's element
/// at `at`.
static void setEpilogue(SpaceBuilder &space, ContractOp op, const Indices &at) {
  AffineExpr zero = getAffineConstantExpr(0, op.getContext());
  unsigned operand = 2;
  if (op.getInputScales())
    space.setOperand(operand++, {at.front()});
  if (op.getInputSums())
    ++operand; // Those of the block that a point is in: a matter of formats.
  if (op.getStart())
    space.setOperand(operand++, {at.back()});
  for (Value extra : op.getExtras()) {
    ArrayRef<int64_t> shape = getShape(extra);
    Indices own(ArrayRef(at).take_back(shape.size()));
    if (!own.empty() && shape.back() == 1)
      own.back() = zero;
    space.setOperand(operand++, std::move(own));
  }
  space.setOperand(operand, at);
  if (op.getResult())
    space.setResult(0, at);
}

static IterationSpace getMatrixSpace(ContractOp op) {
  SpaceBuilder space(op);
  Indices at = space.addLoops(getShape(op.getInit()));
  AffineExpr m = at.end()[-2], k = at.end()[-1];
  AffineExpr c = space.addLoop(
      getKnown(getShape(op.getInput()).back(), getWeightsExtent(op, 1)),
      IteratorType::reduction);
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
  setEpilogue(space, op, at);
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
                      getKnown(out.back(), getWeightsExtent(*this, 4)),
                      ShapedType::isDynamic(input.back())
                          ? getWeightsExtent(*this, 1)
                          : input.back() / groups,
                      groups};
  ConvolutionIndices at = addConvolution(space, conv);
  space.setOperand(0, getImageIndices(at.batch, at.in, at.channel,
                                      /*isChannelsLast=*/true));
  if (hasAxes(*this))
    space.setOperand(1, getImageIndices(at.output, at.window, at.weightsChannel,
                                        /*isChannelsLast=*/true));
  setEpilogue(space, *this,
              getImageIndices(at.batch, at.out, at.output,
                              /*isChannelsLast=*/true));
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
  return getInput().getType().hasStaticShape()
             ? getElementwise(*this, {0})
             : getScattered(*this, /*reach=*/1);
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
    return getScattered(*this, /*reach=*/1);
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input;
  for (auto [i, expr] : llvm::enumerate(at))
    input.push_back(expr * getStrides()[i] + getStaticOffsets()[i]);
  space.setOperand(0, std::move(input));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace PadOp::getIterationSpace() {
  SpaceBuilder space(*this);
  Indices at = space.addLoops(getType().getShape()), input;
  // Other modes read inside of the input for what is outside.
  if (getMode() != PadMode::constant ||
      ShapedType::isDynamicShape(getStaticLow())) {
    space.setReach(0, 1);
  } else {
    for (auto [i, expr] : llvm::enumerate(at))
      input.push_back(expr - getStaticLow()[i]);
    space.setOperand(0, std::move(input));
  }
  if (getValue())
    space.setOnly(getOperation()->getNumOperands() - 1);
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace TileOp::getIterationSpace() {
  ArrayRef<int64_t> shape = getInput().getType().getShape();
  if (ShapedType::isDynamicShape(shape) || llvm::is_contained(shape, 0))
    return getScattered(*this, /*reach=*/1);
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
  space.setReach(0, 1);
  space.setOperand(
      1, Indices(ArrayRef(at).slice(getAxis(), getShape(getIndices()).size())));
  space.setResult(0, std::move(at));
  return space.take();
}

IterationSpace GatherElementsOp::getIterationSpace() {
  IterationSpace space = getElementwise(*this, {1});
  space.reaches[0] = 1;
  return space;
}

IterationSpace ReshapeOp::getIterationSpace() {
  return getScattered(*this, /*reach=*/1);
}
IterationSpace ConcatOp::getIterationSpace() {
  return getScattered(*this, /*reach=*/0);
}
IterationSpace GatherNDOp::getIterationSpace() {
  return getScattered(*this, /*reach=*/1);
}
IterationSpace IotaOp::getIterationSpace() {
  return getScattered(*this, /*reach=*/0);
}

/// Elements between which a sample along `axes` axes is interpolated.
static int64_t countNeighbours(ResizeMode mode, int64_t axes) {
  switch (mode) {
  case ResizeMode::nearest:
    return 1;
  case ResizeMode::linear:
    return int64_t(1) << axes;
  case ResizeMode::cubic:
    return int64_t(1) << 2 * axes;
  }
  llvm_unreachable("all modes have neighbours");
}

// A filter against aliases is as wide as the scale is small.
IterationSpace ResizeOp::getIterationSpace() {
  size_t axes = getShape(getInput()).size();
  return getScattered(*this,
                      getAntialias() ? 0 : countNeighbours(getMode(), axes));
}
IterationSpace GridSampleOp::getIterationSpace() {
  return getScattered(
      *this, countNeighbours(getMode(), getShape(getInput()).size() - 2));
}

// A point for each element of the result, which is a copy but for the updates.
IterationSpace ScatterElementsOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
IterationSpace ScatterNDOp::getIterationSpace() {
  return getElementwise(*this, {0});
}
