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
  if (getConstantIntValue(condition).value_or(0) != 0)
    return;
  cf::AssertOp::create(b, loc, math.materialize(condition), message.str());
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

Value Emit::binary(qnn::BinaryKind kind, Value x, Value y) {
  if (!x || !y)
    return {};
  Extents merged = broadcastExtents({x, y});
  x = conform(x, merged);
  y = conform(y, merged);
  if (!x || !y)
    return {};
  Value result = make<qnn::BinaryOp>(kind, x, y);
  if (result)
    setExtents(result, merged);
  return result;
}

Value Emit::compare(qnn::CompareKind kind, Value x, Value y) {
  if (!x || !y)
    return {};
  Extents merged = broadcastExtents({x, y});
  x = conform(x, merged);
  y = conform(y, merged);
  if (!x || !y)
    return {};
  Value result = make<qnn::CompareOp>(kind, x, y);
  if (result)
    setExtents(result, merged);
  return result;
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
    return fail("the condition is of " + llvm::Twine("numbers, not of bool"));
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

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Extents as an op's two lists take them.
static std::pair<SmallVector<Value>, SmallVector<int64_t>>
dispatch(ArrayRef<OpFoldResult> mixed) {
  std::pair<SmallVector<Value>, SmallVector<int64_t>> lists;
  dispatchIndexOpFoldResults(mixed, lists.first, lists.second);
  return lists;
}

Value Emit::reshape(Value x, ArrayRef<OpFoldResult> target) {
  if (!x)
    return {};
  Extents own = extents(x);
  if (own.size() == target.size() &&
      llvm::all_of(llvm::zip_equal(own, target), [&](auto pair) {
        return math.isSame(std::get<0>(pair), std::get<1>(pair));
      }))
    return x;
  auto [sizes, staticSizes] = dispatch(target);
  Value result = make<qnn::ReshapeOp>(x, sizes, staticSizes);
  if (result)
    setExtents(result, Extents(target));
  return result;
}

Value Emit::expand(Value x, ArrayRef<OpFoldResult> target) {
  if (!x)
    return {};
  auto [sizes, staticSizes] = dispatch(target);
  if (type(x).hasStaticShape() && shape(x) == Ints(staticSizes))
    return x;
  Value result = make<qnn::ExpandOp>(x, sizes, staticSizes);
  if (result)
    setExtents(result, Extents(target));
  return result;
}

Value Emit::transpose(Value x, Ints permutation) {
  if (!x)
    return {};
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())) &&
      rank(x) == int64_t(permutation.size()))
    return x;
  Value result = make<qnn::TransposeOp>(x, permutation);
  if (!result)
    return {};
  Extents target;
  for (int64_t axis : permutation)
    target.push_back(extent(x, axis));
  setExtents(result, target);
  return result;
}

Value Emit::unsqueeze(Value x, Ints axes) {
  if (!x)
    return {};
  Extents own = extents(x), target;
  auto next = own.begin();
  for (int64_t axis : llvm::seq<int64_t>(0, own.size() + axes.size()))
    target.push_back(llvm::is_contained(axes, axis) ? math.constant(1)
                                                    : *next++);
  return reshape(x, target);
}

Value Emit::squeeze(Value x, Ints axes) {
  if (!x)
    return {};
  Extents target;
  for (auto [axis, extent] : llvm::enumerate(extents(x))) {
    if (!llvm::is_contained(axes, int64_t(axis))) {
      target.push_back(extent);
      continue;
    }
    if (getConstantIntValue(extent).value_or(1) != 1)
      return fail("axis " + Twine(axis) + " has an extent of " +
                  Twine(*getConstantIntValue(extent)) +
                  " and cannot be squeezed");
    check(math.equal(extent, math.constant(1)),
          "a squeezed axis has an extent other than 1");
  }
  return reshape(x, target);
}

Value Emit::flatten(Value x, int64_t axis) {
  if (!x)
    return {};
  Extents own = extents(x);
  ArrayRef<OpFoldResult> all(own);
  return reshape(x, {math.product(all.take_front(axis)),
                     math.product(all.drop_front(axis))});
}

Value Emit::concat(ArrayRef<Value> parts, int64_t axis) {
  if (llvm::is_contained(parts, Value()))
    return {};
  if (parts.size() == 1)
    return parts.front();
  Value result = make<qnn::ConcatOp>(ValueRange(parts), axis);
  if (!result)
    return {};
  Extents target = extents(parts.front());
  for (Value part : parts.drop_front())
    for (auto [i, merged] : llvm::enumerate(target)) {
      OpFoldResult own = extent(part, i);
      if (int64_t(i) == axis) {
        merged = math.add(merged, own);
        continue;
      }
      if (!math.isSame(merged, own))
        check(math.equal(merged, own),
              "tensors that are joined differ in another extent");
      if (getConstantIntValue(own))
        merged = own;
    }
  setExtents(result, target);
  return result;
}

Value Emit::slice(Value x, ArrayRef<OpFoldResult> offsets,
                  ArrayRef<OpFoldResult> sizes, Ints strides) {
  if (!x)
    return {};
  SmallVector<int64_t> ones(rank(x), 1);
  if (strides.empty())
    strides = ones;
  auto [dynamicOffsets, staticOffsets] = dispatch(offsets);
  auto [dynamicSizes, staticSizes] = dispatch(sizes);
  Value result = make<qnn::SliceOp>(x, dynamicOffsets, dynamicSizes,
                                    staticOffsets, staticSizes, strides);
  if (result)
    setExtents(result, Extents(sizes));
  return result;
}

Value Emit::slice(Value x, int64_t axis, OpFoldResult offset,
                  OpFoldResult size) {
  if (!x)
    return {};
  Extents offsets(rank(x), math.constant(0)), sizes = extents(x);
  offsets[axis] = offset;
  sizes[axis] = size;
  return slice(x, offsets, sizes);
}

Value Emit::pad(qnn::PadMode mode, Value x, ArrayRef<OpFoldResult> low,
                ArrayRef<OpFoldResult> high, Value value) {
  if (!x)
    return {};
  auto isZero = [&](OpFoldResult v) { return math.isConstant(v, 0); };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return x;
  auto [dynamicLow, staticLow] = dispatch(low);
  auto [dynamicHigh, staticHigh] = dispatch(high);
  Value result = make<qnn::PadOp>(mode, x, dynamicLow, dynamicHigh, value,
                                  staticLow, staticHigh);
  if (!result)
    return {};
  Extents target;
  for (auto [own, l, h] : llvm::zip_equal(extents(x), low, high))
    target.push_back(math.add(math.add(own, l), h));
  setExtents(result, target);
  return result;
}

Value Emit::gather(Value x, Value indices, int64_t axis) {
  if (!x || !indices)
    return {};
  Value result = make<qnn::GatherOp>(x, indices, axis);
  if (!result)
    return {};
  Extents target = extents(x), inner = extents(indices);
  target.erase(target.begin() + axis);
  target.insert(target.begin() + axis, inner.begin(), inner.end());
  setExtents(result, target);
  return result;
}

Value Emit::iota(ArrayRef<OpFoldResult> target, int64_t axis, Type element) {
  auto [sizes, staticSizes] = dispatch(target);
  Value result = make<qnn::IotaOp>(sizes, staticSizes, axis, element);
  if (result)
    setExtents(result, Extents(target));
  return result;
}

//===----------------------------------------------------------------------===//
// Reductions and contractions
//===----------------------------------------------------------------------===//

Value Emit::reduce(qnn::ReduceKind kind, Value x, Ints axes, bool keepDims) {
  if (!x)
    return {};
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  sorted.erase(llvm::unique(sorted), sorted.end());
  Value result = make<qnn::ReduceOp>(kind, x, sorted, keepDims);
  if (!result)
    return {};
  Extents target;
  for (auto [axis, extent] : llvm::enumerate(extents(x))) {
    if (!llvm::is_contained(sorted, int64_t(axis)))
      target.push_back(extent);
    else if (keepDims)
      target.push_back(math.constant(1));
  }
  setExtents(result, target);
  return result;
}

Value Emit::scan(qnn::ScanKind kind, Value x, int64_t axis, bool exclusive,
                 bool reverse) {
  if (!x)
    return {};
  Value result = make<qnn::ScanOp>(kind, x, axis, exclusive, reverse);
  if (result)
    setExtents(result, extents(x));
  return result;
}

Value Emit::matmul(Value x, Value y, bool transposeY, bool accumulators) {
  if (!x || !y)
    return {};
  auto getRank = [](Value v) {
    return mlir::cast<ShapedType>(v.getType()).getRank();
  };
  if (getRank(x) == 0 || getRank(y) == 0)
    return fail("a scalar is no operand of a matrix product");
  bool isVectorX = getRank(x) == 1, isVectorY = getRank(y) == 1;
  if (isVectorX)
    x = unsqueeze(x, {0});
  if (isVectorY)
    y = unsqueeze(y, {transposeY ? 0 : 1});
  if (!x || !y)
    return {};

  Extents xs = extents(x), ys = extents(y);
  // Batches are broadcast as elementwise operands are; only plain ones can need
  // an expand.
  Extents batch;
  int64_t batchRank = std::max(xs.size(), ys.size()) - 2;
  auto getBatch = [&](const Extents &all, int64_t axis) {
    int64_t at = axis - (batchRank - (int64_t(all.size()) - 2));
    return at < 0 ? OpFoldResult(math.constant(1)) : all[at];
  };
  for (int64_t axis : llvm::seq(batchRank)) {
    OpFoldResult p = getBatch(xs, axis), q = getBatch(ys, axis);
    if (math.isConstant(p, 1) ||
        (getConstantIntValue(q) && !math.isConstant(q, 1)))
      batch.push_back(q);
    else if (math.isConstant(q, 1) || math.isSame(p, q) ||
             getConstantIntValue(p))
      batch.push_back(p);
    else
      batch.push_back(math.select(math.equal(p, math.constant(1)), q, p));
  }
  auto conformBatch = [&](Value v, const Extents &own) -> Value {
    if (!isa<RankedTensorType>(v.getType()))
      return v;
    Extents target(batch);
    target.append(own.end() - 2, own.end());
    return conform(v, target);
  };
  x = conformBatch(x, xs);
  y = conformBatch(y, ys);
  if (!x || !y)
    return {};
  Value result =
      make<qnn::MatmulOp>(x, y, transposeY, accumulators, qnn::KernelAttr());
  if (!result)
    return {};
  OpFoldResult k = xs.back(), otherK = ys.end()[transposeY ? -1 : -2];
  if (!math.isSame(k, otherK))
    check(math.equal(k, otherK), "extents that are contracted differ");
  Extents target(batch);
  target.push_back(xs.end()[-2]);
  target.push_back(ys.end()[transposeY ? -2 : -1]);
  setExtents(result, target);
  SmallVector<int64_t> drop;
  if (isVectorX)
    drop.push_back(rank(result) - 2);
  if (isVectorY)
    drop.push_back(rank(result) - 1);
  return drop.empty() ? result : squeeze(result, drop);
}

Value Emit::softmax(Value x, Ints axes) {
  Value shifted = sub(x, reduce(qnn::ReduceKind::max, x, axes, true));
  Value powers = unary(qnn::UnaryKind::exp, shifted);
  return div(powers, reduce(qnn::ReduceKind::sum, powers, axes, true));
}

Value Emit::logSoftmax(Value x, Ints axes) {
  Value shifted = sub(x, reduce(qnn::ReduceKind::max, x, axes, true));
  Value powers = unary(qnn::UnaryKind::exp, shifted);
  Value sum = reduce(qnn::ReduceKind::sum, powers, axes, true);
  return sub(shifted, unary(qnn::UnaryKind::log, sum));
}
