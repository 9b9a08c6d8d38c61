#include "lib/Host/ModelInterface.h"

#include "lib/Host/Devices.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace llvm;

namespace qcc::host {

static Expected<TensorInterface> describe(mlir::DictionaryAttr port) {
  auto name = mlir::cast<mlir::StringAttr>(port.get("name"));
  auto type = mlir::dyn_cast<mlir::RankedTensorType>(
      mlir::cast<mlir::TypeAttr>(port.get("type")).getValue());
  std::optional<DLDataType> dtype;
  if (type)
    dtype = getDLDataType(type.getElementType());
  if (!dtype)
    return createStringError("'" + name.getValue() +
                             "' has a type that compiled models cannot take or "
                             "give; cast it inside the model");
  TensorInterface result;
  result.name = name.getValue().str();
  result.dtype = *dtype;
  auto getText = [&](StringRef field) {
    auto text = mlir::dyn_cast_if_present<mlir::StringAttr>(port.get(field));
    return text ? text.getValue().str() : std::string();
  };
  result.format = getText("format");
  result.component = getText("component");
  auto extents =
      mlir::dyn_cast_if_present<mlir::ArrayAttr>(port.get("extents"));
  for (auto [axis, extent] : enumerate(type.getShape())) {
    DimInterface dim;
    if (!mlir::ShapedType::isDynamic(extent))
      dim.extent = extent;
    else if (extents && axis < extents.size())
      if (auto symbol = mlir::dyn_cast<mlir::StringAttr>(extents[axis]))
        dim.symbol = symbol.getValue().str();
    result.dims.push_back(dim);
  }
  return result;
}

static Error describeAll(mlir::ModuleOp module, StringRef attribute,
                         std::vector<TensorInterface> &ports) {
  auto list = module->getAttrOfType<mlir::ArrayAttr>(attribute);
  if (!list)
    return createStringError("the module does not record its interface (" +
                             attribute + "): lower it by phase 'lower'");
  for (auto port : list.getAsRange<mlir::DictionaryAttr>()) {
    Expected<TensorInterface> described = describe(port);
    if (!described)
      return described.takeError();
    ports.push_back(std::move(*described));
  }
  return Error::success();
}

Expected<ModelInterface> getModelInterface(mlir::ModuleOp lowered,
                                           StringRef name) {
  ModelInterface interface;
  interface.name = name.str();
  if (auto layers = lowered->getAttrOfType<mlir::StringAttr>(layersAttribute))
    interface.layers = layers.str();
  if (Error error = describeAll(lowered, "qcc.inputs", interface.inputs))
    return error;
  if (Error error = describeAll(lowered, "qcc.outputs", interface.outputs))
    return error;
  Expected<std::vector<DeviceInterface>> devices = getDevices(lowered);
  if (!devices)
    return devices.takeError();
  interface.devices = std::move(*devices);
  return interface;
}

} // namespace qcc::host
