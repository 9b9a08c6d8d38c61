// Contractions that are no kernel: products of activations, and what the target
// has no kernel for.

#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace qcc::conversion;
using namespace qcc::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// acc + x * y of elements of `type`, in the compute type.
static Value multiplyAdd(Emitter &emit, ValueRange arguments, Type type) {
  Value x = load(emit, arguments[0], type), y = load(emit, arguments[1], type);
  Value product = emitBinary(emit, BinaryKind::mul, x, y, type);
  return emitBinary(emit, BinaryKind::add, arguments[2], product, type);
}

/// Sums in the compute type, rounded to elements of `type`.
static Value storeSums(Emitter &emit, Value sums, Type type) {
  if (getComputeType(type) == getStorageElement(type) &&
      !(isa<IntegerType>(type) && type.getIntOrFloatBitWidth() < 8))
    return sums;
  return emit.broadcast(emit.extents(sums), type, sums,
                        [&](Emitter &emit, ValueRange arguments) {
                          return store(emit, arguments[0], type);
                        });
}

//===----------------------------------------------------------------------===//
// Products of matrices
//===----------------------------------------------------------------------===//

namespace {
class MatmulLowering {
public:
  MatmulLowering(MatmulOp op, Emitter &emit)
      : op(op), emit(emit), lhs(emit.storage(op.getLhs())),
        rhs(emit.storage(op.getRhs())),
        type(getTensor(op.getLhs()).getElementType()),
        result(emit.resultExtents(op)) {}

  Value lower() {
    // What a target has kernels for.
    if (type.isF32() || op.getAccumulators()) {
      if (getTensor(rhs).getRank() == 2)
        return lowerFlat();
      if (haveSameBatch())
        return lowerBatch();
    }
    if (op.getAccumulators())
      widen();
    return lowerGeneric();
  }

private:
  Value getZeros(ArrayRef<OpFoldResult> extents) {
    Type sums = op.getAccumulators() ? Type(emit.getI32Type()) : type;
    return emit.filled(extents, emit.number(getComputeType(sums), 0));
  }
  /// The operands in the type of the accumulators.
  void widen() {
    for (Value *operand : {&lhs, &rhs})
      *operand =
          emit.broadcast(emit.extents(*operand), emit.getI32Type(), *operand,
                         [&](Emitter &emit, ValueRange arguments) -> Value {
                           return arith::ExtSIOp::create(
                               emit, emit.getI32Type(), arguments[0]);
                         });
    type = emit.getI32Type();
  }
  OpFoldResult multiply(ArrayRef<OpFoldResult> extents) {
    OpFoldResult product = emit.getIndexAttr(1);
    for (OpFoldResult extent : extents)
      product = emit.compute(emit.getAffineSymbolExpr(0) *
                                 emit.getAffineSymbolExpr(1),
                             {product, extent});
    return product;
  }
  bool haveSameBatch();
  Value transposed(Value matrix);
  Value lowerFlat();
  Value lowerBatch();
  Value lowerGeneric();

  MatmulOp op;
  Emitter &emit;
  Value lhs, rhs;
  Type type;
  Extents result;
};
} // namespace

bool MatmulLowering::haveSameBatch() {
  auto left = getTensor(lhs).getShape().drop_back(2);
  auto right = getTensor(rhs).getShape().drop_back(2);
  // Dynamic extents that meet are equal; a static 1 is repeated.
  return left.size() == right.size() &&
         llvm::all_of(llvm::zip_equal(left, right), [](auto pair) {
           return (std::get<0>(pair) == 1) == (std::get<1>(pair) == 1);
         });
}

/// The right operand as [..., K, N].
Value MatmulLowering::transposed(Value matrix) {
  if (!op.getTransposeB())
    return matrix;
  Extents extents = emit.extents(matrix);
  size_t rank = extents.size();
  std::swap(extents[rank - 1], extents[rank - 2]);
  SmallVector<AffineExpr> exprs;
  for (size_t d = 0; d < rank; ++d)
    exprs.push_back(emit.getAffineDimExpr(d));
  std::swap(exprs[rank - 1], exprs[rank - 2]);
  AffineMap map = AffineMap::get(rank, 0, exprs, emit.getContext());
  return emit.generate(
      extents, type, matrix, map,
      [](Emitter &, ValueRange arguments) { return arguments[0]; });
}

/// All axes of the left operand but its last are rows of one matrix.
Value MatmulLowering::lowerFlat() {
  Extents extents = emit.extents(lhs);
  OpFoldResult rows = multiply(ArrayRef(extents).drop_back());
  Value matrix = emit.reshape(lhs, {rows, extents.back()});
  Value sums =
      linalg::MatmulOp::create(emit, ValueRange{matrix, transposed(rhs)},
                               ValueRange{getZeros({rows, result.back()})})
          .getResult(0);
  return emit.reshape(sums, result);
}

Value MatmulLowering::lowerBatch() {
  auto flatten = [&](Value tensor) {
    Extents extents = emit.extents(tensor);
    ArrayRef<OpFoldResult> all = extents;
    return emit.reshape(
        tensor, {multiply(all.drop_back(2)), all[all.size() - 2], all.back()});
  };
  Value left = flatten(lhs), right = flatten(transposed(rhs));
  size_t rank = result.size();
  Value init = getZeros({multiply(ArrayRef(result).drop_back(2)),
                         result[rank - 2], result[rank - 1]});
  Value sums = linalg::BatchMatmulOp::create(emit, ValueRange{left, right},
                                             ValueRange{init})
                   .getResult(0);
  return emit.reshape(sums, result);
}

/// Loops batch, m, k, n: the innermost runs along memory.
Value MatmulLowering::lowerGeneric() {
  int64_t rank = result.size(), batch = rank - 2;
  auto shape = llvm::map_to_vector(result, [](OpFoldResult extent) {
    return getConstantIntValue(extent).value_or(ShapedType::kDynamic);
  });
  AffineExpr m = emit.getAffineDimExpr(batch),
             k = emit.getAffineDimExpr(batch + 1),
             n = emit.getAffineDimExpr(batch + 2);
  auto makeMap = [&](Value operand, AffineExpr row, AffineExpr column) {
    auto batchShape = getTensor(operand).getShape().drop_back(2);
    AffineMap outer =
        emit.broadcastMap(batchShape, ArrayRef(shape).drop_back(2));
    SmallVector<AffineExpr> exprs(outer.getResults());
    exprs.append({row, column});
    return AffineMap::get(rank + 1, 0, exprs, emit.getContext());
  };
  AffineMap right =
      op.getTransposeB() ? makeMap(rhs, n, k) : makeMap(rhs, k, n);
  SmallVector<AffineExpr> exprs;
  for (int64_t d = 0; d < batch; ++d)
    exprs.push_back(emit.getAffineDimExpr(d));
  exprs.append({m, n});
  AffineMap out = AffineMap::get(rank + 1, 0, exprs, emit.getContext());
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators[batch + 1] = utils::IteratorType::reduction;
  Value sums = emit.reduce(getZeros(result), out, {lhs, rhs},
                           {makeMap(lhs, m, k), right}, iterators,
                           [&](Emitter &emit, ValueRange arguments) {
                             return multiplyAdd(emit, arguments, type);
                           });
  return storeSums(emit, sums, type);
}

Values qcc::conversion::lower(MatmulOp op, Emitter &emit) {
  if (!isa<RankedTensorType>(op.getLhs().getType()) ||
      !isa<RankedTensorType>(op.getRhs().getType()))
    return {};
  return {MatmulLowering(op, emit).lower()};
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

namespace {
/// Loops over n, k, output axes but the last, c, window, last output axis; or,
/// channels last, over n, output axes, window, c, k.
class ConvLowering {
public:
  ConvLowering(ConvOp op, Emitter &emit)
      : op(op), emit(emit), input(emit.storage(op.getInput())),
        weights(emit.storage(op.getWeights())),
        type(getTensor(op.getInput()).getElementType()),
        axes(op.getStrides().size()), isLast(op.getChannelsLast()) {}

  Value lower();

private:
  enum class Role { Batch, Output, Spatial, Channel, Window };
  AffineExpr addLoop(utils::IteratorType kind) {
    iterators.push_back(kind);
    return emit.getAffineDimExpr(iterators.size() - 1);
  }
  void makeLoops();
  Value pad();
  Value makeInit(ArrayRef<OpFoldResult> result);
  AffineMap makeMap(ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(iterators.size(), 0, exprs, emit.getContext());
  }

  ConvOp op;
  Emitter &emit;
  Value input, weights;
  Type type;
  int64_t axes;
  bool isLast;
  SmallVector<utils::IteratorType> iterators;
  AffineExpr n, k, c;
  SmallVector<AffineExpr> outputs, windows;
};
} // namespace

void ConvLowering::makeLoops() {
  auto parallel = utils::IteratorType::parallel;
  auto reduction = utils::IteratorType::reduction;
  outputs.resize(axes);
  windows.resize(axes);
  n = addLoop(parallel);
  if (isLast) {
    for (AffineExpr &output : outputs)
      output = addLoop(parallel);
    for (AffineExpr &window : windows)
      window = addLoop(reduction);
    c = addLoop(reduction);
    k = addLoop(parallel);
    return;
  }
  k = addLoop(parallel);
  for (AffineExpr &output : MutableArrayRef(outputs).drop_back())
    output = addLoop(parallel);
  c = addLoop(reduction);
  for (AffineExpr &window : windows)
    window = addLoop(reduction);
  outputs.back() = addLoop(parallel);
}

Value ConvLowering::pad() {
  ArrayRef<int64_t> pads = op.getPads();
  if (llvm::all_of(pads, [](int64_t count) { return count == 0; }))
    return input;
  Extents extents = emit.extents(input), padded = extents;
  Extents offsets(extents.size(), emit.getIndexAttr(0));
  Extents strides(extents.size(), emit.getIndexAttr(1));
  int64_t first = isLast ? 1 : 2;
  for (int64_t d = 0; d < axes; ++d) {
    offsets[first + d] = emit.getIndexAttr(pads[d]);
    padded[first + d] =
        emit.compute(emit.getAffineSymbolExpr(0) + pads[d] + pads[axes + d],
                     {extents[first + d]});
  }
  Type stored = getTensor(input).getElementType();
  Value zeros = emit.filled(padded, emit.number(stored, 0));
  return tensor::InsertSliceOp::create(emit, input, zeros, offsets, extents,
                                       strides);
}

/// The bias of each channel, or zeros.
Value ConvLowering::makeInit(ArrayRef<OpFoldResult> result) {
  Type compute = getComputeType(type);
  if (!op.getBias())
    return emit.filled(result, emit.number(compute, 0));
  int64_t channel = isLast ? result.size() - 1 : 1;
  AffineMap map = AffineMap::get(
      result.size(), 0, emit.getAffineDimExpr(channel), emit.getContext());
  Value bias = emit.storage(op.getBias());
  return emit.generate(result, compute, bias, map,
                       [&](Emitter &emit, ValueRange arguments) {
                         return load(emit, arguments[0], type);
                       });
}

Value ConvLowering::lower() {
  makeLoops();
  // The group of an output channel chooses its input channels.
  AffineExpr inputChannel = c;
  int64_t groups = op.getGroups();
  RankedTensorType weightsType = getTensor(weights);
  if (groups > 1) {
    int64_t perGroup = weightsType.getDimSize(0) / groups;
    inputChannel = k.floorDiv(perGroup) * weightsType.getDimSize(1) + c;
  }
  SmallVector<AffineExpr> in{n}, out{n}, kernel{k, c};
  if (!isLast) {
    in.push_back(inputChannel);
    out.push_back(k);
  }
  for (int64_t d = 0; d < axes; ++d) {
    in.push_back(outputs[d] * op.getStrides()[d] +
                 windows[d] * op.getDilations()[d]);
    out.push_back(outputs[d]);
    kernel.push_back(windows[d]);
  }
  if (isLast) {
    in.push_back(inputChannel);
    out.push_back(k);
  }
  Value padded = pad();
  Value init = makeInit(emit.resultExtents(op));
  Value sums = emit.reduce(init, makeMap(out), {padded, weights},
                           {makeMap(in), makeMap(kernel)}, iterators,
                           [&](Emitter &emit, ValueRange arguments) {
                             return multiplyAdd(emit, arguments, type);
                           });
  return storeSums(emit, sums, type);
}

Values qcc::conversion::lower(ConvOp op, Emitter &emit) {
  auto weights = dyn_cast<RankedTensorType>(op.getWeights().getType());
  if (!weights || !isa<RankedTensorType>(op.getInput().getType()))
    return {};
  bool isGrouped = op.getGroups() > 1;
  if (isGrouped && (weights.isDynamicDim(0) || weights.isDynamicDim(1)))
    return {};
  return {ConvLowering(op, emit).lower()};
}
