// Between attributes and tensors.

#include "lib/Interpreter/Evaluation.h"
#include "qcc/Executor/Constants.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstring>

using namespace mlir;
using llvm::Expected;

namespace qcc::interpreter {

static Expected<Tensor> getDense(DenseElementsAttr dense) {
  ShapedType type = dense.getType();
  Type element = type.getElementType();
  if (element.isInteger(1)) { // its storage is an implementation detail
    std::vector<uint64_t> values;
    for (bool value : dense.getValues<bool>())
      values.push_back(value);
    return makeTensor<uint64_t>(element, type.getShape(), values);
  }
  const char *raw = dense.getRawData().data();
  if (!dense.isSplat())
    return Tensor::over(element, type.getShape(), raw);
  Expected<Tensor> result = Tensor::allocate(element, type.getShape());
  if (!result)
    return result;
  unsigned bytes = result->getElementBytes();
  char *data = result->getWritable();
  for (int64_t i = 0, e = result->getNumElements(); i < e; ++i)
    std::memcpy(data + i * bytes, raw, bytes);
  return result;
}

static Expected<Tensor> getResource(DenseResourceElementsAttr resource) {
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return fail("the data of constant '" + resource.getRawHandle().getKey() +
                "' are gone; they were released or never loaded");
  Tensor tensor =
      Tensor::over(resource.getType().getElementType(),
                   resource.getType().getShape(), blob->getData().data());
  if (blob->getData().size() < tensor.getBytes().size())
    return fail("the data of constant '" + resource.getRawHandle().getKey() +
                "' have " + llvm::Twine(blob->getData().size()) +
                " bytes, but its type needs " +
                llvm::Twine(tensor.getBytes().size()));
  return tensor;
}

Expected<Tensor> getTensor(Attribute attribute) {
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute))
    return getDense(dense);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute))
    return getResource(resource);
  if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
    APInt value = integer.getValue();
    return makeScalar(integer.getType(), value.getBitWidth() == 1
                                             ? value.getZExtValue()
                                             : value.getSExtValue());
  }
  if (auto number = dyn_cast<FloatAttr>(attribute)) {
    uint64_t bits = number.getValue().bitcastToAPInt().getZExtValue();
    Expected<Tensor> scalar = Tensor::allocate(number.getType(), {});
    if (scalar)
      std::memcpy(scalar->getWritable(), &bits, scalar->getElementBytes());
    return scalar;
  }
  return fail("a constant that is neither a number nor a tensor of numbers");
}

ElementsAttr getAttribute(const Tensor &tensor, StringRef name) {
  RankedTensorType type = tensor.getType();
  ArrayRef<char> bytes = tensor.getBytes();
  if (static_cast<int64_t>(bytes.size()) <= maxInlineBytes) {
    if (!type.getElementType().isInteger(1))
      return DenseElementsAttr::getFromRawBuffer(type, bytes);
    SmallVector<bool> values;
    for (char byte : bytes)
      values.push_back(byte != 0);
    return DenseElementsAttr::get(type, ArrayRef<bool>(values));
  }
  // Holds the tensor, and by that its bytes.
  auto keep = [tensor](void *, size_t, size_t) {};
  AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      bytes, /*align=*/1, std::move(keep));
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

} // namespace qcc::interpreter
