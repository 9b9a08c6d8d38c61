#include "lib/Target/CPU/Kernels/Operands.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace qcc::cpu;

Type View::getElementType() const {
  return cast<MemRefType>(flat.getType()).getElementType();
}

void View::forEach(llvm::function_ref<void(Value &)> visit) {
  visit(flat);
  for (Value &stride : strides)
    visit(stride);
}

Value qcc::cpu::loadExtra(KernelBuilder &b, const View &extra, Value row,
                          Value channel, int64_t lanes, int64_t used) {
  if (extra.kind == View::Scalar || extra.isColumn)
    return b.broadcast(b.loadScalar(extra.flat, row ? row : b.index(0)), lanes);
  return b.load(extra.flat, row ? b.add(row, channel) : channel, lanes, used);
}

static MemRefType getFlatType(Type element) {
  MLIRContext *context = element.getContext();
  auto layout = StridedLayoutAttr::get(context, ShapedType::kDynamic, {1});
  return MemRefType::get({ShapedType::kDynamic}, element, layout);
}

bool qcc::cpu::isLastAxisDense(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         (strides.empty() || strides.back() == 1);
}

FailureOr<Value> qcc::cpu::flatten(KernelBuilder &b, Value memory,
                                   SmallVectorImpl<Value> &strides) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<int64_t> known;
  int64_t offset;
  if (!isLastAxisDense(type) || failed(type.getStridesAndOffset(known, offset)))
    return failure();
  auto metadata =
      memref::ExtractStridedMetadataOp::create(b, b.getLoc(), memory);
  // What lies between the first and the last element.
  Value extent = b.index(1);
  for (auto [size, stride, constantSize, constantStride] :
       llvm::zip_equal(metadata.getSizes(), metadata.getStrides(),
                       type.getShape(), known)) {
    Value sizeValue =
        ShapedType::isDynamic(constantSize) ? size : b.index(constantSize);
    Value strideValue = ShapedType::isDynamic(constantStride)
                            ? stride
                            : b.index(constantStride);
    strides.push_back(strideValue);
    extent = b.add(extent, b.mul(b.sub(sizeValue, b.index(1)), strideValue));
  }
  return memref::ReinterpretCastOp::create(
             b, b.getLoc(), getFlatType(type.getElementType()),
             metadata.getBaseBuffer(),
             /*offset=*/OpFoldResult(metadata.getOffset()),
             /*sizes=*/ArrayRef<OpFoldResult>{extent},
             /*strides=*/ArrayRef<OpFoldResult>{b.getIndexAttr(1)})
      .getResult();
}

FailureOr<Value> qcc::cpu::flattenStream(KernelBuilder &b, Value stream,
                                         Type type) {
  auto streamType = cast<MemRefType>(stream.getType());
  if (streamType.getRank() != 1)
    return failure();
  if (streamType.getElementType() != type) {
    if (!streamType.getElementType().isInteger(8) ||
        !streamType.getLayout().isIdentity() || !streamType.hasStaticShape())
      return failure();
    int64_t elements =
        streamType.getNumElements() / (type.getIntOrFloatBitWidth() / 8);
    stream =
        memref::ViewOp::create(b, b.getLoc(), MemRefType::get({elements}, type),
                               stream, b.index(0), ValueRange());
  }
  SmallVector<Value> strides;
  return flatten(b, stream, strides);
}

bool qcc::cpu::isCollapsible(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  if (type.getLayout().isIdentity())
    return true;
  for (int64_t axis = 0; axis + 2 < type.getRank(); ++axis) {
    if (axis == 0 && type.getDimSize(axis) == 1)
      continue; // its stride counts for nothing
    int64_t extent = type.getDimSize(axis + 1);
    if (ShapedType::isDynamic(strides[axis]) ||
        ShapedType::isDynamic(strides[axis + 1]) ||
        ShapedType::isDynamic(extent) ||
        strides[axis] != strides[axis + 1] * extent)
      return false;
  }
  return true;
}

void ContractArgs::forEach(llvm::function_ref<void(Value &)> visit) {
  input.forEach(visit);
  init.forEach(visit);
  visit(weights);
  for (Value *value : {&start, &rowScales})
    if (*value)
      visit(*value);
  if (rowSums.flat)
    rowSums.forEach(visit);
  for (View &extra : extras)
    extra.forEach(visit);
  for (Value &value : captured)
    visit(value);
  for (Value *value :
       {&begin, &end, &inputOffset, &weightsOffset, &channel, &outH, &outW,
        &windowH, &windowW, &channels, &tapH, &tapW, &zeroPoints, &codes})
    visit(*value);
}

SmallVector<Value> ContractArgs::getValues() {
  SmallVector<Value> values;
  forEach([&](Value &value) { values.push_back(value); });
  return values;
}

void ContractArgs::bindTo(ValueRange arguments) {
  auto next = arguments.begin();
  forEach([&](Value &value) { value = *next++; });
}
