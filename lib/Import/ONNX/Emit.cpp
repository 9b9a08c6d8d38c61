#include "lib/Import/ONNX/Emit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

Emit::Scope::Scope(Emit &e)
    : e(e), math(e.math), values(e.values), mark(e.log.size()) {}

Emit::Scope::~Scope() {
  for (; e.log.size() > mark; e.log.pop_back())
    e.known.erase(e.log.back());
}

Value Emit::fail(const Twine &what) {
  emitError(loc) << what;
  return {};
}

bool qcc::importer::isSizeReasonable(ShapedType type) {
  int64_t limit = int64_t(1) << 40;
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent) && extent > 1 && (limit /= extent) == 0)
      return false;
  return true;
}

Operation *Emit::finish(Operation *op) {
  bool isReasonable = llvm::all_of(op->getResultTypes(), [](Type type) {
    auto shaped = dyn_cast<ShapedType>(type);
    return !shaped || isSizeReasonable(shaped);
  });
  if (!isReasonable)
    emitError(loc) << "gives " << op->getResultTypes().front()
                   << ", which has more elements than qcc accepts";
  else if (succeeded(mlir::verify(op, /*verifyRecursively=*/false)))
    return op;
  op->erase();
  return nullptr;
}

Value Emit::finishWith(Operation *op, Extents extents) {
  op = finish(op);
  if (!op)
    return {};
  setExtents(op->getResult(0), std::move(extents));
  return op->getResult(0);
}

//===----------------------------------------------------------------------===//
// Types and extents
//===----------------------------------------------------------------------===//

OpFoldResult Emit::extent(Value v, int64_t axis) {
  auto type = mlir::cast<ShapedType>(v.getType());
  if (!type.isDynamicDim(axis))
    return math.constant(type.getDimSize(axis));
  OpFoldResult &result = known[{v, axis}];
  if (result)
    return result;
  log.push_back({v, axis});
  Value dim;
  if (isa<qnn::FormattedType>(type))
    dim = qnn::DimOp::create(b, loc, v, axis);
  else
    dim =
        tensor::DimOp::create(b, loc, v, math.materialize(math.constant(axis)));
  return result = dim;
}

Extents Emit::extents(Value v) {
  Extents result;
  for (int64_t axis : llvm::seq(mlir::cast<ShapedType>(v.getType()).getRank()))
    result.push_back(extent(v, axis));
  return result;
}

void Emit::setExtents(Value v, Extents extents) {
  auto type = mlir::cast<ShapedType>(v.getType());
  assert(int64_t(extents.size()) == type.getRank() && "one for each axis");
  for (auto [axis, extent] : llvm::enumerate(extents)) {
    math.setExtent(extent);
    if (type.isDynamicDim(axis) &&
        known.try_emplace({v, int64_t(axis)}, extent).second)
      log.push_back({v, int64_t(axis)});
  }
}

void Emit::check(OpFoldResult condition, const Twine &message) {
  std::optional<int64_t> known = getConstantIntValue(condition);
  if (known && *known)
    return;
  if (known && b.getInsertionBlock() == entry) {
    fail(message);
    return;
  }
  cf::AssertOp::create(b, loc, math.materialize(condition), message.str());
}

void Emit::checkNotNegative(ArrayRef<OpFoldResult> extents,
                            const Twine &message) {
  for (OpFoldResult extent : extents)
    if (!getConstantIntValue(extent) && !math.isNonNegative(extent))
      check(math.less(math.constant(-1), extent), message);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value Emit::constant(ElementsAttr attribute) {
  Value &result = constants[attribute];
  if (result)
    return result;
  // At the top of the function: seen from everywhere, also by what comes after
  // the region in which it was first asked for.
  OpBuilder::InsertionGuard guard(b);
  if (lastConstant)
    b.setInsertionPointAfter(lastConstant);
  else
    b.setInsertionPointToStart(entry);
  lastConstant =
      arith::ConstantOp::create(b, loc, mlir::cast<TypedAttr>(attribute));
  return result = lastConstant->getResult(0);
}

Value Emit::scalar(double value, Type type) {
  auto tensorType = RankedTensorType::get({}, type);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APFloat number(value);
    bool losesInfo;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    return constant(DenseElementsAttr::get(tensorType, number));
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  bool isSigned = !type.isUnsignedInteger() && bits != 1;
  APInt number(bits, isSigned ? uint64_t(int64_t(value)) : uint64_t(value),
               isSigned, /*implicitTrunc=*/true);
  return constant(DenseElementsAttr::get(tensorType, number));
}

Value Emit::indices(Ints numbers) {
  auto type = RankedTensorType::get({int64_t(numbers.size())}, b.getI64Type());
  return constant(DenseElementsAttr::get(type, numbers));
}

Value Emit::fromExtents(ArrayRef<OpFoldResult> extents) {
  if (std::optional<SmallVector<int64_t>> numbers =
          getConstantIntValues(extents))
    return indices(*numbers);
  SmallVector<Value> elements;
  for (Value extent : math.materialize(extents))
    elements.push_back(
        arith::IndexCastOp::create(b, loc, b.getI64Type(), extent));
  auto type = RankedTensorType::get({int64_t(extents.size())}, b.getI64Type());
  Value result = tensor::FromElementsOp::create(b, loc, type, elements);
  values.record(result, Extents(extents));
  return result;
}

Value Emit::splat(Value scalar, ArrayRef<OpFoldResult> extents) {
  if (!scalar)
    return {};
  DenseElementsAttr attribute;
  std::optional<SmallVector<int64_t>> shape = getConstantIntValues(extents);
  if (shape && matchPattern(scalar, m_Constant(&attribute)) &&
      attribute.isSplat())
    return constant(
        attribute.resizeSplat(RankedTensorType::get(*shape, element(scalar))));
  return expand(scalar, extents);
}

std::optional<SmallVector<double>> Emit::getNumbers(Value v, int64_t limit) {
  ElementsAttr attribute;
  if (!v || !matchPattern(v, m_Constant(&attribute)) ||
      attribute.getNumElements() > limit)
    return std::nullopt;
  SmallVector<double> numbers;
  auto elements = dyn_cast<DenseElementsAttr>(attribute);
  if (!elements)
    return std::nullopt;
  Type type = elements.getElementType();
  if (isa<FloatType>(type)) {
    for (APFloat number : elements.getValues<APFloat>()) {
      bool losesInfo;
      number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                     &losesInfo);
      numbers.push_back(number.convertToDouble());
    }
    return numbers;
  }
  bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
  for (const APInt &number : elements.getValues<APInt>())
    numbers.push_back(isUnsigned ? double(number.getZExtValue())
                                 : double(number.getSExtValue()));
  return numbers;
}

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

Extents Emit::broadcastExtents(ArrayRef<Value> operands) {
  int64_t resultRank = 0;
  for (Value v : operands)
    resultRank = std::max(resultRank, rank(v));
  Extents result(resultRank, math.constant(1));
  for (Value v : operands) {
    int64_t shift = resultRank - rank(v);
    for (int64_t axis : llvm::seq(rank(v))) {
      OpFoldResult &merged = result[axis + shift];
      OpFoldResult own = extent(v, axis);
      if (math.isConstant(own, 1) || math.isSame(own, merged))
        continue;
      if (math.isConstant(merged, 1)) {
        merged = own;
        continue;
      }
      // A number other than 1 is the result's, whatever the other is.
      if (getConstantIntValue(merged))
        continue;
      if (getConstantIntValue(own)) {
        merged = own;
        continue;
      }
      merged = math.select(math.equal(merged, math.constant(1)), own, merged);
    }
  }
  return result;
}

Value Emit::conform(Value v, ArrayRef<OpFoldResult> extents) {
  if (!v)
    return {};
  ArrayRef<OpFoldResult> own = extents.take_back(rank(v));
  Extents target = this->extents(v);
  bool isConforming = true;
  for (auto [axis, mine] : llvm::enumerate(target)) {
    if (getConstantIntValue(mine) || math.isSame(mine, own[axis]))
      continue;
    isConforming = false;
    mine = own[axis];
  }
  return isConforming ? v : expand(v, target);
}

Value Emit::unary(qnn::UnaryKind kind, Value x) {
  if (!x)
    return {};
  Value result = make<qnn::UnaryOp>(kind, x);
  if (result)
    setExtents(result, extents(x));
  return result;
}

template <typename OpT, typename Kind>
Value Emit::combine(Kind kind, Value x, Value y, bool mayDiffer) {
  if (!x || !y)
    return {};
  if (element(x) != element(y) && !mayDiffer) {
    emitError(loc) << "inputs are of " << element(x) << " and " << element(y)
                   << "; ONNX wants one type, so insert a Cast";
    return {};
  }
  Extents merged = broadcastExtents({x, y});
  x = conform(x, merged);
  y = conform(y, merged);
  if (!x || !y)
    return {};
  Value result = make<OpT>(kind, x, y);
  if (result)
    setExtents(result, merged);
  return result;
}

Value Emit::binary(qnn::BinaryKind kind, Value x, Value y) {
  return combine<qnn::BinaryOp>(kind, x, y, kind == qnn::BinaryKind::pow);
}

Value Emit::compare(qnn::CompareKind kind, Value x, Value y) {
  return combine<qnn::CompareOp>(kind, x, y, /*mayDiffer=*/false);
}

Value Emit::select(Value condition, Value x, Value y) {
  if (!condition || !x || !y)
    return {};
  Extents merged = broadcastExtents({condition, x, y});
  condition = conform(condition, merged);
  x = conform(x, merged);
  y = conform(y, merged);
  if (!condition || !x || !y)
    return {};
  if (!element(condition).isInteger(1))
    return fail("the condition is of numbers, not of bool; insert a Cast");
  Value result = make<qnn::SelectOp>(condition, x, y);
  if (result)
    setExtents(result, merged);
  return result;
}

Value Emit::cast(Value x, Type to) {
  if (!x || element(x) == to)
    return x;
  auto op = qnn::CastOp::create(b, loc, type(x).clone(to), x);
  return finishWith(op, extents(x));
}

Value Emit::bitcast(Value x, Type to) {
  if (!x || element(x) == to)
    return x;
  auto op = qnn::BitcastOp::create(b, loc, type(x).clone(to), x);
  return finishWith(op, extents(x));
}

Value Emit::widen(Value x) {
  if (!x || !(element(x).isF16() || element(x).isBF16()))
    return x;
  return cast(x, b.getF32Type());
}
