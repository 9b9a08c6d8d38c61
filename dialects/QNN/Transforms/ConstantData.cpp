#include "dialects/QNN/Transforms/ConstantData.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

ArrayRef<char> qcc::qnn::getConstantBytes(ElementsAttr elements,
                                          SmallVectorImpl<char> &storage) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return resource.getData();
  auto dense = cast<DenseElementsAttr>(elements);
  bool isBool = dense.getElementType().isInteger(1);
  if (!dense.isSplat() && !isBool)
    return dense.getRawData();
  storage.clear();
  if (isBool) {
    for (bool value : dense.getValues<bool>())
      storage.push_back(value);
  } else {
    for (int64_t i = 0; i < dense.getNumElements(); ++i)
      llvm::append_range(storage, dense.getRawData());
  }
  return storage;
}
