// Which elements share a scale. See FormatInterfaces.td.

#include "dialects/QNN/IR/AxisGroups.h"
#include "dialects/QNN/IR/Format.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace qcc::qnn;

using EmitError = function_ref<InFlightDiagnostic()>;

//===----------------------------------------------------------------------===//
// What holds of all
//===----------------------------------------------------------------------===//

/// Without a function that makes diagnostics, verifyShape only answers.
bool Scaling::canScale(ArrayRef<int64_t> shape) const {
  return succeeded(verifyShape(EmitError(), shape));
}

bool Scaling::isConstantAlong(int64_t axis, ArrayRef<int64_t> shape) const {
  return getBlock(shape)[axis] == shape[axis];
}

bool Scaling::hasZeroPoints() const {
  return isa_and_present<UnitAttr>(getZeroPoint());
}

std::optional<int64_t> Scaling::getConstantZeroPoint() const {
  auto constant = dyn_cast_if_present<IntegerAttr>(getZeroPoint());
  return constant ? std::optional<int64_t>(constant.getInt()) : std::nullopt;
}

SmallVector<Component> qcc::qnn::makeParameters(Scaling scaling,
                                                ArrayRef<int64_t> shape,
                                                unsigned codeBits) {
  SmallVector<Component> components;
  SmallVector<int64_t> scaleShape = scaling.getScaleShape(shape);
  if (Type scaleType = scaling.getScaleType())
    components.push_back(
        {Component::Scales, RankedTensorType::get(scaleShape, scaleType)});
  if (scaling.hasZeroPoints()) {
    // Not packed: zero points are few, and kernels broadcast them one by one.
    auto zeroType =
        IntegerType::get(scaling.getContext(), std::max(codeBits, 8u));
    components.push_back(
        {Component::ZeroPoints, RankedTensorType::get(scaleShape, zeroType)});
  }
  return components;
}

static LogicalResult verifyScaleType(EmitError emitError, Type scaleType) {
  if (!isa<FloatType>(scaleType)) // S1
    return emitError() << "a scale is a floating-point number, got "
                       << scaleType;
  if (scaleType.getIntOrFloatBitWidth() > 8 && !scaleType.isBF16() &&
      !scaleType.isF16() && !scaleType.isF32() && !scaleType.isF64()) // S1
    return emitError() << "a scale is stored as f64, f32, f16, bf16 or a float "
                       << "of at most 8 bits, got " << scaleType;
  return success();
}

//===----------------------------------------------------------------------===//
// None
//===----------------------------------------------------------------------===//

SmallVector<int64_t> NoScalingAttr::getScaleShape(ArrayRef<int64_t>) const {
  return {};
}

LogicalResult NoScalingAttr::verifyShape(EmitError, ArrayRef<int64_t>) const {
  return success();
}

SmallVector<int64_t> NoScalingAttr::getBlock(ArrayRef<int64_t> shape) const {
  return SmallVector<int64_t>(shape);
}

SmallVector<int64_t> NoScalingAttr::getScaleAxes(int64_t) const { return {}; }

Scaling NoScalingAttr::permute(ArrayRef<int64_t>) const { return *this; }

Scaling NoScalingAttr::reshape(ArrayRef<int64_t>, ArrayRef<int64_t>) const {
  return *this;
}

//===----------------------------------------------------------------------===//
// Tensor
//===----------------------------------------------------------------------===//

LogicalResult TensorScalingAttr::verify(EmitError emitError, Type scaleType,
                                        Attribute) {
  return verifyScaleType(emitError, scaleType);
}

SmallVector<int64_t> TensorScalingAttr::getScaleShape(ArrayRef<int64_t>) const {
  return {};
}

LogicalResult TensorScalingAttr::verifyShape(EmitError,
                                             ArrayRef<int64_t>) const {
  return success();
}

SmallVector<int64_t>
TensorScalingAttr::getBlock(ArrayRef<int64_t> shape) const {
  return SmallVector<int64_t>(shape);
}

SmallVector<int64_t> TensorScalingAttr::getScaleAxes(int64_t) const {
  return {};
}

Scaling TensorScalingAttr::permute(ArrayRef<int64_t>) const { return *this; }

Scaling TensorScalingAttr::reshape(ArrayRef<int64_t>, ArrayRef<int64_t>) const {
  return *this;
}

//===----------------------------------------------------------------------===//
// Axis
//===----------------------------------------------------------------------===//

LogicalResult AxisScalingAttr::verify(EmitError emitError, int64_t,
                                      Type scaleType, Attribute) {
  return verifyScaleType(emitError, scaleType);
}

SmallVector<int64_t>
AxisScalingAttr::getScaleShape(ArrayRef<int64_t> shape) const {
  return {shape[getAxis()]};
}

LogicalResult AxisScalingAttr::verifyShape(EmitError emitError,
                                           ArrayRef<int64_t> shape) const {
  return verifyAxis(emitError, getAxis(), shape); // S2
}

/// At most the extents that are known.
static SmallVector<int64_t> clip(ArrayRef<int64_t> block,
                                 ArrayRef<int64_t> shape) {
  return llvm::map_to_vector(llvm::zip_equal(block, shape), [](auto extents) {
    auto [length, extent] = extents;
    return ShapedType::isDynamic(extent) ? length : std::min(length, extent);
  });
}

SmallVector<int64_t> AxisScalingAttr::getBlock(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> block(shape);
  block[getAxis()] = 1;
  return clip(block, shape);
}

SmallVector<int64_t> AxisScalingAttr::getScaleAxes(int64_t) const {
  return {getAxis()};
}

Scaling AxisScalingAttr::permute(ArrayRef<int64_t> permutation) const {
  int64_t axis = llvm::find(permutation, getAxis()) - permutation.begin();
  return get(getContext(), axis, getScaleType(), getZeroPoint());
}

/// Scales of rows that become several axes are those of blocks.
Scaling AxisScalingAttr::reshape(ArrayRef<int64_t> from,
                                 ArrayRef<int64_t> to) const {
  auto block = reshapeBlock(getBlock(from), from, to);
  if (!block)
    return {};
  SmallVector<int64_t> axes;
  for (auto [axis, extents] : llvm::enumerate(llvm::zip_equal(*block, to)))
    if (std::get<0>(extents) != std::get<1>(extents))
      axes.push_back(axis);
  if (axes.empty()) { // One scale, of any axis with one index.
    const int64_t *one = llvm::find(to, 1);
    if (one != to.end())
      axes.push_back(one - to.begin());
  }
  if (axes.size() == 1 && (*block)[axes.front()] == 1)
    return get(getContext(), axes.front(), getScaleType(), getZeroPoint());
  if (to.empty() || ShapedType::isDynamicShape(*block))
    return {};
  return BlockScalingAttr::get(getContext(), *block, getScaleType(),
                               getZeroPoint());
}

//===----------------------------------------------------------------------===//
// Block
//===----------------------------------------------------------------------===//

LogicalResult BlockScalingAttr::verify(EmitError emitError,
                                       ArrayRef<int64_t> block, Type scaleType,
                                       Attribute) {
  if (llvm::any_of(block, [](int64_t extent) { return extent < 1; })) // S3
    return emitError() << "extents of a block are positive, got " << block;
  return verifyScaleType(emitError, scaleType);
}

SmallVector<int64_t>
BlockScalingAttr::getScaleShape(ArrayRef<int64_t> shape) const {
  return llvm::map_to_vector(llvm::zip_equal(shape, getBlock()),
                             [](auto extents) {
                               auto [extent, block] = extents;
                               if (ShapedType::isDynamic(extent) || block == 1)
                                 return extent;
                               return llvm::divideCeilSigned(extent, block);
                             });
}

LogicalResult BlockScalingAttr::verifyShape(EmitError emitError,
                                            ArrayRef<int64_t> shape) const {
  if (getBlock().size() == shape.size())
    return success();
  if (!emitError)
    return failure();
  return emitError() << "a block of rank " << getBlock().size() // S4
                     << " cannot divide a tensor of rank " << shape.size();
}

SmallVector<int64_t> BlockScalingAttr::getBlock(ArrayRef<int64_t> shape) const {
  return clip(getBlock(), shape);
}

SmallVector<int64_t> BlockScalingAttr::getScaleAxes(int64_t rank) const {
  return llvm::to_vector(llvm::seq<int64_t>(0, rank));
}

Scaling BlockScalingAttr::permute(ArrayRef<int64_t> permutation) const {
  return get(getContext(), applyPermutation(getBlock(), permutation),
             getScaleType(), getZeroPoint());
}

Scaling BlockScalingAttr::reshape(ArrayRef<int64_t> from,
                                  ArrayRef<int64_t> to) const {
  auto block = reshapeBlock(getBlock(from), from, to);
  if (!block || llvm::is_contained(*block, 0))
    return {};
  return get(getContext(), *block, getScaleType(), getZeroPoint());
}
