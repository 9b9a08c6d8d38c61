#include "lib/Analysis/ShapeValues.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::analysis;

/// A chain of ops longer than this is not followed: recursion must end.
static constexpr unsigned maxDepth = 64;

ShapeValues::Scope::~Scope() {
  for (; values.log.size() > mark; values.log.pop_back())
    values.known.erase(values.log.back());
}

/// Whether the tensor is small enough, static, and of integers (or i1).
static bool isCandidate(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  return type && type.hasStaticShape() &&
         isa<IntegerType>(type.getElementType()) &&
         type.getNumElements() <= ShapeValues::maxElements;
}

/// Numbers of which signed index arithmetic computes the same: narrower ones
/// wrap, and unsigned ones never are negative.
static bool isWide(Type element) {
  return element.isSignlessInteger(64) || element.isSignlessInteger(32);
}

/// `element` as a tensor of `type` holds it, if it is a constant.
static OpFoldResult wrapConstant(IndexMath &math, Type type,
                                 OpFoldResult element) {
  std::optional<int64_t> number = getConstantIntValue(element);
  return number && type.isInteger(32)
             ? math.constant(static_cast<int32_t>(*number))
             : element;
}

static ArrayRef<int64_t> getShape(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape();
}

void ShapeValues::record(Value tensor, SmallVector<OpFoldResult> elements) {
  known[tensor] = std::move(elements);
  log.push_back(tensor);
}

std::optional<SmallVector<OpFoldResult>> ShapeValues::lookup(Value tensor) {
  if (!isCandidate(tensor) || depth > maxDepth)
    return std::nullopt;
  auto found = known.find(tensor);
  if (found != known.end())
    return found->second;
  ++depth;
  Elements elements = compute(tensor);
  --depth;
  // What stopped at the depth limit may succeed from elsewhere.
  if (elements || depth == 0) {
    known[tensor] = elements;
    log.push_back(tensor);
  }
  return elements;
}

SmallVector<OpFoldResult> ShapeValues::extract(Value tensor) {
  if (Elements elements = lookup(tensor))
    return *elements;
  assert(isCandidate(tensor) && "a small tensor of integers");
  SmallVector<OpFoldResult> elements;
  Location loc = tensor.getLoc();
  SmallVector<int64_t> strides = computeSuffixProduct(getShape(tensor));
  auto type = cast<RankedTensorType>(tensor.getType());
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
    SmallVector<Value> position;
    for (int64_t p : delinearize(i, strides))
      position.push_back(math.materialize(math.constant(p)));
    Value element = tensor::ExtractOp::create(builder, loc, tensor, position);
    if (!element.getType().isSignlessInteger(1))
      element = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           element);
    elements.push_back(element);
  }
  record(tensor, elements);
  return elements;
}

/// An integer scalar as an index; the same value if it was one before.
static OpFoldResult getScalar(OpBuilder &builder, Value scalar) {
  if (auto cast = scalar.getDefiningOp<arith::IndexCastOp>())
    if (cast.getIn().getType().isIndex())
      return cast.getIn();
  IntegerAttr constant;
  if (matchPattern(scalar, m_Constant(&constant)))
    return builder.getIndexAttr(constant.getValue().getSExtValue());
  return arith::IndexCastOp::create(builder, scalar.getLoc(),
                                    builder.getIndexType(), scalar)
      .getResult();
}

std::optional<SmallVector<OpFoldResult>> ShapeValues::compute(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return std::nullopt;
  DenseElementsAttr constant;
  if (matchPattern(op, m_Constant(&constant))) {
    SmallVector<OpFoldResult> elements;
    bool isUnsigned = constant.getElementType().isUnsignedInteger();
    bool isBool = constant.getElementType().isInteger(1);
    for (const APInt &value : constant.getValues<APInt>())
      elements.push_back(
          isBool ? OpFoldResult(builder.getBoolAttr(value.getBoolValue()))
                 : math.constant(isUnsigned ? value.getZExtValue()
                                            : value.getSExtValue()));
    return elements;
  }
  if (auto from = dyn_cast<tensor::FromElementsOp>(op)) {
    if (from.getType().getElementType().isInteger(1))
      return std::nullopt;
    SmallVector<OpFoldResult> elements;
    for (Value element : from.getElements())
      elements.push_back(getScalar(builder, element));
    return elements;
  }
  if (auto iota = dyn_cast<qnn::IotaOp>(op)) {
    SmallVector<OpFoldResult> elements;
    SmallVector<int64_t> strides = computeSuffixProduct(getShape(tensor));
    for (int64_t i = 0, e = computeProduct(getShape(tensor)); i < e; ++i)
      elements.push_back(
          math.constant(delinearize(i, strides)[iota.getAxis()]));
    return elements;
  }
  if (auto unary = dyn_cast<qnn::UnaryOp>(op);
      unary && unary.getKind() == qnn::UnaryKind::neg &&
      isWide(unary.getType().getElementType())) {
    Elements elements = lookup(unary.getInput());
    if (elements)
      for (OpFoldResult &element : *elements)
        element = wrapConstant(math, unary.getType().getElementType(),
                               math.sub(math.constant(0), element));
    return elements;
  }
  if (Elements elements = computeStructural(op))
    return elements;
  return computeArithmetic(op);
}

std::optional<SmallVector<OpFoldResult>>
ShapeValues::computeConcat(qnn::ConcatOp concat) {
  SmallVector<SmallVector<OpFoldResult>> parts;
  for (Value input : concat.getInputs()) {
    Elements part = lookup(input);
    if (!part)
      return std::nullopt;
    parts.push_back(*part);
  }
  ArrayRef<int64_t> shape = getShape(concat);
  SmallVector<int64_t> strides = computeSuffixProduct(shape);
  SmallVector<OpFoldResult> elements;
  int64_t axis = concat.getAxis();
  ValueRange inputs = concat.getInputs();
  for (int64_t i = 0, e = computeProduct(shape); i < e; ++i) {
    SmallVector<int64_t> at = delinearize(i, strides);
    unsigned part = 0;
    for (; at[axis] >= getShape(inputs[part])[axis]; ++part)
      at[axis] -= getShape(inputs[part])[axis];
    elements.push_back(parts[part][linearize(
        at, computeSuffixProduct(getShape(inputs[part])))]);
  }
  return elements;
}

std::optional<SmallVector<OpFoldResult>>
ShapeValues::computeCast(qnn::CastOp cast) {
  Type from = cast.getInput().getType().getElementType();
  Type to = cast.getType().getElementType();
  if (!isWide(from) || !isWide(to))
    return std::nullopt;
  Elements elements = lookup(cast.getInput());
  if (!elements || from.getIntOrFloatBitWidth() <= to.getIntOrFloatBitWidth())
    return elements;
  for (OpFoldResult &element : *elements) {
    // Extents are taken to fit: a model that casts one expects that.
    if (!getConstantIntValue(element) && !math.isExtent(element))
      return std::nullopt;
    element = wrapConstant(math, to, element);
  }
  return elements;
}

namespace {
/// Where in the operand of an op that moves elements each of its result stands.
class Source {
public:
  Source(Operation *op, ArrayRef<int64_t> from, ArrayRef<int64_t> to)
      : op(op), from(from), to(to), strides(computeSuffixProduct(to)),
        fromStrides(computeSuffixProduct(from)) {}

  /// Of a gather: the constant indices.
  SmallVector<int64_t> indices, indexShape;
  /// Of a slice.
  SmallVector<int64_t> offsets;

  std::optional<int64_t> get(int64_t i) const {
    if (isa<qnn::ReshapeOp, tensor::CastOp>(op))
      return i;
    SmallVector<int64_t> at = delinearize(i, strides);
    if (auto transpose = dyn_cast<qnn::TransposeOp>(op)) {
      SmallVector<int64_t> source(at.size());
      for (auto [axis, p] : llvm::enumerate(transpose.getPermutation()))
        source[p] = at[axis];
      return linearize(source, fromStrides);
    }
    if (isa<qnn::ExpandOp>(op)) {
      at.erase(at.begin(), at.begin() + (at.size() - from.size()));
      for (auto [axis, p] : llvm::enumerate(at))
        p = from[axis] == 1 ? 0 : p;
      return linearize(at, fromStrides);
    }
    if (auto slice = dyn_cast<qnn::SliceOp>(op)) {
      for (auto [axis, p] : llvm::enumerate(at))
        p = offsets[axis] + p * slice.getStrides()[axis];
      return linearize(at, fromStrides);
    }
    return getOfGather(at, cast<qnn::GatherOp>(op).getAxis());
  }

private:
  /// Nothing where the index is out of range.
  std::optional<int64_t> getOfGather(ArrayRef<int64_t> at, int64_t axis) const {
    int64_t rank = indexShape.size(), extent = from[axis];
    int64_t index = indices[linearize(at.slice(axis, rank),
                                      computeSuffixProduct(indexShape))];
    index += index < 0 ? extent : 0;
    if (index < 0 || index >= extent)
      return std::nullopt;
    SmallVector<int64_t> source(at.take_front(axis));
    source.push_back(index);
    llvm::append_range(source, at.drop_front(axis + rank));
    return linearize(source, fromStrides);
  }

  Operation *op;
  ArrayRef<int64_t> from, to;
  SmallVector<int64_t> strides, fromStrides;
};
} // namespace

/// Ops that place elements elsewhere.
std::optional<SmallVector<OpFoldResult>>
ShapeValues::computeStructural(Operation *op) {
  if (auto concat = dyn_cast<qnn::ConcatOp>(op))
    return computeConcat(concat);
  if (auto cast = dyn_cast<qnn::CastOp>(op))
    return computeCast(cast);
  if (!isa<qnn::ReshapeOp, tensor::CastOp, qnn::TransposeOp, qnn::ExpandOp,
           qnn::SliceOp, qnn::GatherOp>(op) ||
      !isCandidate(op->getOperand(0)))
    return std::nullopt;
  Value input = op->getOperand(0), result = op->getResult(0);
  Source source(op, getShape(input), getShape(result));
  if (auto slice = dyn_cast<qnn::SliceOp>(op)) {
    auto offsets = getConstantIntValues(slice.getMixedOffsets());
    if (!offsets)
      return std::nullopt;
    source.offsets = *offsets;
  }
  if (auto gather = dyn_cast<qnn::GatherOp>(op)) {
    Elements indices = lookup(gather.getIndices());
    auto numbers = indices ? getConstantIntValues(*indices) : std::nullopt;
    if (!numbers)
      return std::nullopt;
    source.indices = *numbers;
    source.indexShape.assign(getShape(gather.getIndices()));
  }
  Elements from = lookup(input);
  if (!from)
    return std::nullopt;
  SmallVector<OpFoldResult> elements;
  for (int64_t i = 0, e = computeProduct(getShape(result)); i < e; ++i) {
    std::optional<int64_t> at = source.get(i);
    if (!at)
      return std::nullopt;
    elements.push_back((*from)[*at]);
  }
  return elements;
}

/// Null when the op cannot be done on indices.
OpFoldResult ShapeValues::combine(Operation *op, OpFoldResult a,
                                  OpFoldResult b) {
  if (auto compare = dyn_cast<qnn::CompareOp>(op)) {
    auto negate = [&](OpFoldResult value) -> OpFoldResult {
      std::optional<int64_t> known = getConstantIntValue(value);
      return known ? OpFoldResult(builder.getBoolAttr(!*known))
                   : OpFoldResult();
    };
    switch (compare.getKind()) {
    case qnn::CompareKind::eq:
      return math.equal(a, b);
    case qnn::CompareKind::ne:
      return negate(math.equal(a, b));
    case qnn::CompareKind::lt:
      return math.less(a, b);
    case qnn::CompareKind::gt:
      return math.less(b, a);
    case qnn::CompareKind::le:
      return negate(math.less(b, a));
    case qnn::CompareKind::ge:
      return negate(math.less(a, b));
    }
    return {};
  }
  switch (cast<qnn::BinaryOp>(op).getKind()) {
  case qnn::BinaryKind::add:
    return math.add(a, b);
  case qnn::BinaryKind::sub:
    return math.sub(a, b);
  case qnn::BinaryKind::mul:
    return math.mul(a, b);
  case qnn::BinaryKind::min:
    return math.min(a, b);
  case qnn::BinaryKind::max:
    return math.max(a, b);
  case qnn::BinaryKind::div:
    // A divisor that is not known could be zero.
    return getConstantIntValue(b).value_or(0) > 0 ? math.div(a, b)
                                                  : OpFoldResult();
  case qnn::BinaryKind::mod:
    return getConstantIntValue(b).value_or(0) > 0 && math.isNonNegative(a)
               ? math.rem(a, b)
               : OpFoldResult();
  default:
    return {};
  }
}

std::optional<SmallVector<OpFoldResult>>
ShapeValues::computeArithmetic(Operation *op) {
  bool isBinary = isa<qnn::BinaryOp, qnn::CompareOp>(op);
  auto reduce = dyn_cast<qnn::ReduceOp>(op);
  if (!isBinary && !isa<qnn::SelectOp>(op) && !reduce)
    return std::nullopt;
  SmallVector<SmallVector<OpFoldResult>> operands;
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type ||
        !(isWide(type.getElementType()) ||
          (isa<qnn::SelectOp>(op) && type.getElementType().isInteger(1))))
      return std::nullopt;
    Elements elements = lookup(operand);
    if (!elements)
      return std::nullopt;
    operands.push_back(*elements);
  }

  SmallVector<OpFoldResult> results;
  if (reduce) {
    // Along all axes: Shape followed by ReduceProd.
    if (int64_t(reduce.getAxes().size()) !=
            int64_t(getShape(reduce.getInput()).size()) ||
        (reduce.getKind() != qnn::ReduceKind::sum &&
         reduce.getKind() != qnn::ReduceKind::prod))
      return std::nullopt;
    bool isSum = reduce.getKind() == qnn::ReduceKind::sum;
    OpFoldResult total = math.constant(isSum ? 0 : 1);
    for (OpFoldResult element : operands[0])
      total = isSum ? math.add(total, element) : math.mul(total, element);
    results.push_back(total);
    return results;
  }

  ArrayRef<int64_t> shape = getShape(op->getResult(0));
  SmallVector<int64_t> strides = computeSuffixProduct(shape);
  for (int64_t i = 0, e = computeProduct(shape); i < e; ++i) {
    SmallVector<OpFoldResult> at;
    for (auto [operand, elements] :
         llvm::zip_equal(op->getOperands(), operands)) {
      ArrayRef<int64_t> from = getShape(operand);
      SmallVector<int64_t> position = delinearize(i, strides);
      position.erase(position.begin(),
                     position.begin() + (position.size() - from.size()));
      for (auto [axis, p] : llvm::enumerate(position))
        p = from[axis] == 1 ? 0 : p;
      at.push_back(elements[linearize(position, computeSuffixProduct(from))]);
    }
    OpFoldResult result =
        isBinary ? combine(op, at[0], at[1]) : math.select(at[0], at[1], at[2]);
    if (!result)
      return std::nullopt;
    results.push_back(
        wrapConstant(math, getElementTypeOrSelf(op->getResult(0)), result));
  }
  return results;
}
