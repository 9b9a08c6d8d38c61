#include "lib/Driver/Signature.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/TensorFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace llvm;

namespace qcc::driver {

SmallVector<int64_t> Port::getShape() const {
  return map_to_vector(extents, [](const Extent &e) { return e.size; });
}

std::string Port::getTypeName() const {
  std::string text = driver::getTypeName(elementType) + "[";
  for (auto [axis, extent] : enumerate(extents)) {
    text += axis ? "," : "";
    if (extent.size >= 0)
      text += std::to_string(extent.size);
    else
      text += extent.symbol.empty() ? "?" : extent.symbol;
  }
  return text + "]";
}

static Expected<Port> makePort(mlir::Type type, mlir::DictionaryAttr attributes,
                               std::string name) {
  auto tensor = dyn_cast<mlir::RankedTensorType>(type);
  if (!tensor)
    return makeUsageError("main: '" + name + "' is no tensor of known rank");
  if (attributes)
    if (auto given = attributes.getAs<mlir::StringAttr>("qcc.name"))
      name = given.str();
  Port port{std::move(name), tensor.getElementType(), {}};
  for (int64_t size : tensor.getShape())
    port.extents.push_back({mlir::ShapedType::isDynamic(size) ? -1 : size, {}});
  auto symbols =
      attributes ? attributes.getAs<mlir::ArrayAttr>("qcc.extents") : nullptr;
  if (symbols && symbols.size() == port.extents.size())
    for (auto [extent, symbol] : zip(port.extents, symbols))
      if (auto text = dyn_cast<mlir::StringAttr>(symbol);
          text && extent.size < 0)
        extent.symbol = text.str();
  return port;
}

Expected<Signature> getSignature(mlir::ModuleOp module) {
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return makeUsageError("the module has no function 'main'");
  Signature signature;
  mlir::FunctionType type = main.getFunctionType();
  for (auto [i, input] : enumerate(type.getInputs())) {
    Expected<Port> port =
        makePort(input, main.getArgAttrDict(i), "input" + std::to_string(i));
    if (!port)
      return port.takeError();
    signature.inputs.push_back(std::move(*port));
  }
  for (auto [i, output] : enumerate(type.getResults())) {
    Expected<Port> port = makePort(output, main.getResultAttrDict(i),
                                   "output" + std::to_string(i));
    if (!port)
      return port.takeError();
    signature.outputs.push_back(std::move(*port));
  }
  return signature;
}

} // namespace qcc::driver
