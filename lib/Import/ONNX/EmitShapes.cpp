// The part of Emit that gives tensors other shapes, reduces and multiplies
// them.

#include "lib/Import/ONNX/Emit.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;

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
  int64_t newRank = own.size() + axes.size();
  for (int64_t axis : axes)
    if (axis < 0 || axis >= newRank)
      return fail("axis " + Twine(axis) + " is not one of " + Twine(newRank) +
                  ", so it cannot be added");
  for (int64_t axis : llvm::seq(newRank))
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

Value Emit::asScalar(Value x) {
  return !x || rank(x) == 0 ? x : reshape(x, {});
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
  // Behind the checks: parts of other extents would not fit into its result.
  Operation *join = result.getDefiningOp();
  join->moveBefore(b.getInsertionBlock(), b.getInsertionPoint());
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
  Extents target;
  for (auto [own, l, h] : llvm::zip_equal(extents(x), low, high))
    target.push_back(math.add(math.add(own, l), h));
  checkNotNegative(target, "more is cropped than there is");
  auto [dynamicLow, staticLow] = dispatch(low);
  auto [dynamicHigh, staticHigh] = dispatch(high);
  Value result = make<qnn::PadOp>(mode, x, dynamicLow, dynamicHigh, value,
                                  staticLow, staticHigh);
  if (!result)
    return {};
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
  checkNotNegative(target, "a tensor would have a negative extent");
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

Value Emit::cumulate(qnn::CumulateKind kind, Value x, int64_t axis,
                     bool exclusive, bool reverse) {
  if (!x)
    return {};
  Value result = make<qnn::CumulateOp>(kind, x, axis, exclusive, reverse);
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
