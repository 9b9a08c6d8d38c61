#include "lib/Conversion/QNNToLinalg/Emitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;
using namespace qcc::conversion;

Type qcc::conversion::getStorageElement(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    unsigned bits = integer.getWidth();
    return IntegerType::get(type.getContext(),
                            bits == 1 ? 1 : std::max(bits, 8u));
  }
  auto real = dyn_cast<FloatType>(type);
  if (real && real.getWidth() <= 8)
    return IntegerType::get(type.getContext(), 8);
  return type;
}

Type qcc::conversion::getStorageType(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.clone(getStorageElement(tensor.getElementType()));
  return type;
}

Value Emitter::storage(Value value) {
  Type type = getStorageType(value.getType());
  if (type == value.getType())
    return value;
  return UnrealizedConversionCastOp::create(*this, type, value).getResult(0);
}

//===----------------------------------------------------------------------===//
// Numbers and extents
//===----------------------------------------------------------------------===//

Value Emitter::index(int64_t number) {
  return arith::ConstantIndexOp::create(*this, number);
}

Value Emitter::integer(Type type, int64_t value) {
  if (type.isIndex())
    return index(value);
  unsigned bits = type.getIntOrFloatBitWidth();
  APInt number(64, value, /*isSigned=*/true);
  return arith::ConstantOp::create(
      *this, getIntegerAttr(type, number.sextOrTrunc(bits)));
}

Value Emitter::number(Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(*this, getFloatAttr(type, value));
  return integer(type, static_cast<int64_t>(value));
}

Value Emitter::toValue(OpFoldResult extent) {
  return getValueOrCreateConstantIndexOp(*this, getLoc(), extent);
}

OpFoldResult Emitter::compute(AffineExpr expr, ArrayRef<OpFoldResult> symbols) {
  AffineMap map = AffineMap::get(0, symbols.size(), expr);
  return affine::makeComposedFoldedAffineApply(*this, getLoc(), map, symbols);
}

Value Emitter::computeIndex(AffineExpr expr, ValueRange symbols) {
  Extents operands(symbols.begin(), symbols.end());
  return toValue(compute(expr, operands));
}

Value Emitter::add(Value lhs, Value rhs) {
  return createOrFold<arith::AddIOp>(lhs, rhs);
}
Value Emitter::sub(Value lhs, Value rhs) {
  return createOrFold<arith::SubIOp>(lhs, rhs);
}
Value Emitter::mul(Value lhs, Value rhs) {
  return createOrFold<arith::MulIOp>(lhs, rhs);
}
Value Emitter::less(Value lhs, Value rhs) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, lhs, rhs);
}
Value Emitter::clamp(Value value, Value low, Value high) {
  Value above = arith::MaxSIOp::create(*this, value, low);
  return arith::MinSIOp::create(*this, above, high);
}

OpFoldResult Emitter::extent(Value tensor, int64_t axis) {
  return tensor::getMixedSize(*this, getLoc(), tensor, axis);
}

Extents Emitter::extents(Value tensor) {
  return tensor::getMixedSizes(*this, getLoc(), tensor);
}

Extents Emitter::resultExtents(Operation *op, unsigned result) {
  auto type = cast<RankedTensorType>(op->getResult(result).getType());
  if (type.hasStaticShape())
    return getAsIndexOpFoldResult(getContext(), type.getShape());
  ReifiedRankedShapedTypeDims shapes;
  LogicalResult done = reifyResultShapes(*this, op, shapes);
  assert(succeeded(done) && "every op of this phase can tell its extents");
  (void)done;
  Extents extents = shapes[result];
  for (auto [extent, expected] : llvm::zip_equal(extents, type.getShape())) {
    if (!ShapedType::isDynamic(expected))
      extent = getIndexAttr(expected);
    else
      extent = toValue(extent);
  }
  return extents;
}

//===----------------------------------------------------------------------===//
// Structured loops
//===----------------------------------------------------------------------===//

Value Emitter::empty(ArrayRef<OpFoldResult> extents, Type element) {
  return tensor::EmptyOp::create(*this, extents, getStorageElement(element));
}

Value Emitter::filled(ArrayRef<OpFoldResult> extents, Value scalar) {
  Value init = empty(extents, scalar.getType());
  return linalg::FillOp::create(*this, scalar, init).getResult(0);
}

Value Emitter::generate(ArrayRef<OpFoldResult> extents, Type element,
                        ValueRange inputs, ArrayRef<AffineMap> maps,
                        Body body) {
  unsigned rank = extents.size();
  Value init = empty(extents, element);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return reduce(init, getMultiDimIdentityMap(rank), inputs, maps, iterators,
                [&](Emitter &inner, ValueRange arguments) {
                  return body(inner, arguments.drop_back());
                });
}

AffineMap Emitter::broadcastMap(ArrayRef<int64_t> shape,
                                ArrayRef<int64_t> result) {
  SmallVector<AffineExpr> exprs;
  size_t offset = result.size() - shape.size();
  for (auto [axis, extent] : llvm::enumerate(shape)) {
    bool isRepeated = extent == 1 && result[offset + axis] != 1;
    exprs.push_back(isRepeated ? getAffineConstantExpr(0)
                               : getAffineDimExpr(offset + axis));
  }
  return AffineMap::get(result.size(), 0, exprs, getContext());
}

Value Emitter::broadcast(ArrayRef<OpFoldResult> extents, Type element,
                         ValueRange inputs, Body body) {
  SmallVector<int64_t> shape;
  for (OpFoldResult extent : extents)
    shape.push_back(getConstantIntValue(extent).value_or(ShapedType::kDynamic));
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(broadcastMap(
        cast<RankedTensorType>(input.getType()).getShape(), shape));
  return generate(extents, element, inputs, maps, body);
}

Value Emitter::reduce(Value init, AffineMap initMap, ValueRange inputs,
                      ArrayRef<AffineMap> maps,
                      ArrayRef<utils::IteratorType> iterators, Body body) {
  SmallVector<AffineMap> all(maps);
  all.push_back(initMap);
  auto op = linalg::GenericOp::create(
      *this, init.getType(), inputs, init, all, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange arguments) {
        Emitter inner(builder, loc);
        // At the start, since a loop in the body cannot hold linalg.index.
        for (unsigned dim = 0; dim < iterators.size(); ++dim)
          inner.loops.push_back(linalg::IndexOp::create(builder, loc, dim));
        Value result = body(inner, arguments);
        for (Value index : inner.loops)
          if (index.use_empty())
            index.getDefiningOp()->erase();
        linalg::YieldOp::create(builder, loc, result);
      });
  return op.getResult(0);
}

Value Emitter::loopIndex(int64_t dim) { return loops[dim]; }

Values Emitter::loopIndices(int64_t rank) {
  Values indices;
  for (int64_t dim = 0; dim < rank; ++dim)
    indices.push_back(loopIndex(dim));
  return indices;
}

Value Emitter::extract(Value tensor, ValueRange indices) {
  return tensor::ExtractOp::create(*this, tensor, indices);
}

Values Emitter::forLoop(
    Value count, ValueRange inits,
    llvm::function_ref<Values(Emitter &, Value, ValueRange)> body) {
  return forLoop(index(0), count, inits, body);
}

Values Emitter::forLoop(
    Value begin, Value end, ValueRange inits,
    llvm::function_ref<Values(Emitter &, Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(
      *this, begin, end, index(1), inits,
      [&](OpBuilder &builder, Location loc, Value i, ValueRange carried) {
        Emitter inner(builder, loc);
        inner.loops = loops;
        scf::YieldOp::create(builder, loc, body(inner, i, carried));
      });
  return Values(loop.getResults());
}

void Emitter::check(Value condition, StringRef message) {
  cf::AssertOp::create(*this, condition, message);
}

void Emitter::checkNotNegative(ArrayRef<OpFoldResult> extents,
                               StringRef message) {
  for (OpFoldResult extent : extents) {
    auto value = dyn_cast<Value>(extent);
    if (!value || value.getDefiningOp<tensor::DimOp>())
      continue;
    check(arith::CmpIOp::create(*this, arith::CmpIPredicate::sge, value,
                                index(0)),
          message);
  }
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// All axes as one.
static Value flatten(Emitter &emit, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() == 1)
    return tensor;
  if (type.getRank() == 0)
    return tensor::ExpandShapeOp::create(emit, type.clone(ArrayRef<int64_t>{1}),
                                         tensor,
                                         ArrayRef<ReassociationIndices>());
  ReassociationIndices all(llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
  return tensor::CollapseShapeOp::create(emit, tensor, all);
}

Value Emitter::reshape(Value tensor, ArrayRef<OpFoldResult> extents) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape;
  for (OpFoldResult extent : extents)
    shape.push_back(getConstantIntValue(extent).value_or(ShapedType::kDynamic));
  RankedTensorType result = type.clone(shape);

  // Static groups keep what is known of each axis.
  if (type.hasStaticShape() && result.hasStaticShape()) {
    if (auto groups = getReassociationIndicesForReshape(type, result)) {
      if (type.getRank() > result.getRank())
        return tensor::CollapseShapeOp::create(*this, result, tensor, *groups);
      if (type.getRank() < result.getRank())
        return tensor::ExpandShapeOp::create(*this, result, tensor, *groups);
      return tensor;
    }
  }
  Value flat = flatten(*this, tensor);
  if (result.getRank() == 1) {
    if (flat.getType() == result)
      return flat;
    return tensor::CastOp::create(*this, result, flat);
  }
  if (result.getRank() == 0) {
    Type one = type.clone(ArrayRef<int64_t>{1});
    if (flat.getType() != one)
      flat = tensor::CastOp::create(*this, one, flat);
    return tensor::CollapseShapeOp::create(*this, result, flat,
                                           ArrayRef<ReassociationIndices>());
  }
  // A static count cannot be expanded to unknown extents, nor the other way.
  int64_t count =
      result.hasStaticShape() ? result.getNumElements() : ShapedType::kDynamic;
  Type counted = type.clone(ArrayRef<int64_t>{count});
  if (flat.getType() != counted)
    flat = tensor::CastOp::create(*this, counted, flat);
  ReassociationIndices all(
      llvm::to_vector(llvm::seq<int64_t>(result.getRank())));
  return tensor::ExpandShapeOp::create(
      *this, result, flat, ArrayRef<ReassociationIndices>{all}, extents);
}
