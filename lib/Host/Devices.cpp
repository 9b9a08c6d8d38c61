#include "lib/Host/Devices.h"

#include "dialects/QNN/Transforms/ConstantData.h"
#include "lib/Host/Memory.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace qcc::host {

static constexpr llvm::StringLiteral devicesAttr = "qcc.devices";

/// As a resource: an attribute of many bytes would be text with each printing.
static Attribute makeCode(Builder &builder, StringRef code) {
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      ArrayRef<char>(code.data(), code.size()), /*align=*/64);
  auto type = RankedTensorType::get({static_cast<int64_t>(code.size())},
                                    builder.getI8Type());
  return DenseResourceElementsAttr::get(type, "code", std::move(blob));
}

int32_t recordDevice(ModuleOp module, const DeviceInterface &device) {
  Builder builder(module.getContext());
  SmallVector<Attribute> list;
  if (auto known = module->getAttrOfType<ArrayAttr>(devicesAttr))
    llvm::append_range(list, known);
  SmallVector<StringRef> entries(device.entries.begin(), device.entries.end());
  SmallVector<int64_t> required(device.requiredBytes.begin(),
                                device.requiredBytes.end());
  list.push_back(builder.getDictionaryAttr(
      {builder.getNamedAttr("name", builder.getStringAttr(device.name)),
       builder.getNamedAttr("driver", builder.getStringAttr(device.driver)),
       builder.getNamedAttr("symbol",
                            builder.getStringAttr(device.driverSymbol)),
       builder.getNamedAttr("machine", builder.getStringAttr(device.machine)),
       builder.getNamedAttr("code", makeCode(builder, device.code)),
       builder.getNamedAttr("entries", builder.getStrArrayAttr(entries)),
       builder.getNamedAttr("required", builder.getDenseI64ArrayAttr(required)),
       builder.getNamedAttr(
           "constants", builder.getDenseI64ArrayAttr(
                            {static_cast<int64_t>(device.constantsOffset),
                             static_cast<int64_t>(device.constantsBytes)}))}));
  module->setAttr(devicesAttr, builder.getArrayAttr(list));
  return static_cast<int32_t>(list.size()) - 1;
}

/// Nothing where a field is missing, as in a module that was written by hand.
static std::optional<DeviceInterface> readDevice(Attribute attribute) {
  auto fields = dyn_cast<DictionaryAttr>(attribute);
  if (!fields)
    return std::nullopt;
  DeviceInterface device;
  for (auto [field, text] :
       {std::pair("name", &device.name), std::pair("driver", &device.driver),
        std::pair("symbol", &device.driverSymbol),
        std::pair("machine", &device.machine)}) {
    auto value = fields.getAs<StringAttr>(field);
    if (!value)
      return std::nullopt;
    *text = value.str();
  }
  auto code = fields.getAs<ElementsAttr>("code");
  auto entries = fields.getAs<ArrayAttr>("entries");
  auto required = fields.getAs<DenseI64ArrayAttr>("required");
  auto constants = fields.getAs<DenseI64ArrayAttr>("constants");
  if (!code || !entries || !required || !constants || constants.size() != 2)
    return std::nullopt;
  SmallVector<char> storage;
  ArrayRef<char> bytes = qnn::getConstantBytes(code, storage);
  device.code.assign(bytes.begin(), bytes.end());
  for (auto entry : entries.getAsRange<StringAttr>())
    device.entries.push_back(entry.str());
  device.requiredBytes.assign(required.asArrayRef().begin(),
                              required.asArrayRef().end());
  device.constantsOffset = static_cast<uint64_t>(constants[0]);
  device.constantsBytes = static_cast<uint64_t>(constants[1]);
  return device;
}

llvm::Expected<std::vector<DeviceInterface>> getDevices(ModuleOp module) {
  std::vector<DeviceInterface> devices;
  auto list = module->getAttrOfType<ArrayAttr>(devicesAttr);
  for (Attribute attribute : list ? list.getValue() : ArrayRef<Attribute>()) {
    std::optional<DeviceInterface> device = readDevice(attribute);
    if (!device)
      return llvm::createStringError(
          "the module's attribute qcc.devices is malformed: lower the model "
          "again by phase 'lower'");
    devices.push_back(std::move(*device));
  }
  return devices;
}

Value DeviceCalls::call(StringRef name, Type result, ValueRange arguments) {
  SmallVector<Value> all{run, makeI32(builder, device)};
  llvm::append_range(all, arguments);
  return callRuntime(builder, name, result, all);
}

Value DeviceCalls::alloc(int32_t space, Value bytes) {
  return call("qccrt_device_alloc", builder.getI64Type(),
              {makeI32(builder, space), bytes});
}

Value DeviceCalls::getConstants() {
  return call("qccrt_device_constants", builder.getI64Type(), {});
}

void DeviceCalls::copyIn(Value to, Value from, Value bytes) {
  Value one = makeI64(builder, 1), none = makeI64(builder, 0);
  call("qccrt_device_copy_in", builder.getI32Type(),
       {to, from, bytes, one, none, none});
}

void DeviceCalls::copyOut(Value to, Value from, Value bytes) {
  Value one = makeI64(builder, 1), none = makeI64(builder, 0);
  call("qccrt_device_copy_out", builder.getI32Type(),
       {to, from, bytes, one, none, none});
}

void DeviceCalls::launch(int32_t entry, Value arguments, int32_t count) {
  call("qccrt_device_launch", builder.getI32Type(),
       {makeI32(builder, entry), arguments, makeI32(builder, count)});
}

void DeviceCalls::wait() {
  call("qccrt_device_wait", builder.getI32Type(), {});
}

} // namespace qcc::host
