// Which elements are stored. See FormatInterfaces.td.

#include "dialects/QNN/IR/AxisGroups.h"
#include "dialects/QNN/IR/Format.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace qcc::qnn;

using EmitError = function_ref<InFlightDiagnostic()>;

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

SmallVector<int64_t>
DenseLayoutAttr::getStoredShape(ArrayRef<int64_t> shape) const {
  return SmallVector<int64_t>(shape);
}

unsigned DenseLayoutAttr::getIndexBits() const { return 0; }

SmallVector<Component> DenseLayoutAttr::getComponents(ArrayRef<int64_t>) const {
  return {};
}

std::vector<int64_t> DenseLayoutAttr::getPositions(ArrayRef<int64_t> shape,
                                                   ArrayRef<uint32_t>) const {
  std::vector<int64_t> positions(ShapedType::getNumElements(shape));
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

Layout DenseLayoutAttr::permute(ArrayRef<int64_t>) const { return *this; }

Layout DenseLayoutAttr::reshape(ArrayRef<int64_t>, ArrayRef<int64_t>) const {
  return *this;
}

LogicalResult DenseLayoutAttr::verifyShape(EmitError, ArrayRef<int64_t>) const {
  return success();
}

//===----------------------------------------------------------------------===//
// N of M
//===----------------------------------------------------------------------===//

LogicalResult NMLayoutAttr::verify(EmitError emitError, int64_t n, int64_t m,
                                   int64_t) {
  if (n < 1 || n >= m) // L1
    return emitError() << "n:m sparsity needs 0 < n < m, got " << n << ":" << m;
  return success();
}

SmallVector<int64_t>
NMLayoutAttr::getStoredShape(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> stored(shape);
  stored[getAxis()] = shape[getAxis()] / getM() * getN();
  return stored;
}

unsigned NMLayoutAttr::getIndexBits() const {
  return llvm::Log2_64_Ceil(getM());
}

SmallVector<Component>
NMLayoutAttr::getComponents(ArrayRef<int64_t> shape) const {
  return {{Component::Indices,
           getPackedType(getContext(), getStoredShape(shape), getIndexBits())}};
}

std::vector<int64_t>
NMLayoutAttr::getPositions(ArrayRef<int64_t> shape,
                           ArrayRef<uint32_t> indices) const {
  int64_t inner = ShapedType::getNumElements(shape.drop_front(getAxis() + 1));
  int64_t extent = shape[getAxis()], kept = getStoredShape(shape)[getAxis()];
  std::vector<int64_t> positions;
  positions.reserve(indices.size());
  for (auto [i, read] : llvm::enumerate(indices)) {
    int64_t line = static_cast<int64_t>(i) / inner;
    int64_t at = line % kept, outer = line / kept;
    // An index beyond M, of a damaged file, must stay in its group.
    int64_t index = std::min<int64_t>(read, getM() - 1);
    positions.push_back((outer * extent + at / getN() * getM() + index) *
                            inner +
                        static_cast<int64_t>(i) % inner);
  }
  return positions;
}

Layout NMLayoutAttr::permute(ArrayRef<int64_t> permutation) const {
  int64_t axis = llvm::find(permutation, getAxis()) - permutation.begin();
  return get(getContext(), getN(), getM(), axis);
}

/// The axis stays one, beside which extents of 1 may come and go.
Layout NMLayoutAttr::reshape(ArrayRef<int64_t> from,
                             ArrayRef<int64_t> to) const {
  auto groups = groupAxes(from, to);
  if (!groups)
    return {};
  for (AxisGroup &group : *groups) {
    if (!llvm::is_contained(group.from, getAxis()))
      continue;
    llvm::erase_if(group.from, [&](int64_t axis) { return from[axis] == 1; });
    llvm::erase_if(group.to, [&](int64_t axis) { return to[axis] == 1; });
    if (group.from.size() == 1 && group.to.size() == 1)
      return get(getContext(), getN(), getM(), group.to.front());
  }
  return {};
}

LogicalResult NMLayoutAttr::verifyShape(EmitError emitError,
                                        ArrayRef<int64_t> shape) const {
  if (failed(verifyAxis(emitError, getAxis(), shape))) // L2
    return failure();
  int64_t extent = shape[getAxis()];
  if (ShapedType::isDynamic(extent) || extent % getM() != 0) { // L3
    InFlightDiagnostic diag = emitError();
    diag << "the extent along axis " << getAxis()
         << " must be static and a multiple of " << getM();
    if (!ShapedType::isDynamic(extent))
      diag << ", got " << extent;
    return diag;
  }
  return success();
}
