// The host's side of devices: what a target whose device is not the host's
// processor leaves in a module, and how the host's code calls the device.
//
// Such a target lowers the model to a program of its device and to
// `qccgen_main(run) -> i32`, in which DeviceCalls copies, launches and waits.
// recordDevice() keeps program and name as an attribute of the module, out of
// which emission makes the table of devices (qccrt_device_desc).

#ifndef LIB_HOST_DEVICES_H
#define LIB_HOST_DEVICES_H

#include "lib/Host/Descriptor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::host {

/// Adds a device to those of the module and returns its number.
int32_t recordDevice(mlir::ModuleOp module, const DeviceInterface &device);

/// The devices that were recorded, in order.
llvm::Expected<std::vector<DeviceInterface>> getDevices(mlir::ModuleOp module);

/// Calls of the runtime for one device, in a function whose argument is the
/// run. Addresses and sizes are i64. host-lower-to-llvm makes the function
/// return where a call fails.
class DeviceCalls {
public:
  DeviceCalls(mlir::ImplicitLocOpBuilder &builder, mlir::Value run,
              int32_t device)
      : builder(builder), run(run), device(device) {}

  mlir::Value alloc(int32_t space, mlir::Value bytes);
  /// Where the device has the constants that were recorded for it.
  mlir::Value getConstants();
  /// Of dense memory.
  void copyIn(mlir::Value to, mlir::Value from, mlir::Value bytes);
  void copyOut(mlir::Value to, mlir::Value from, mlir::Value bytes);
  /// `arguments` is memory that holds so many of 64 bits.
  void launch(int32_t entry, mlir::Value arguments, int32_t count);
  void wait();

private:
  mlir::Value call(llvm::StringRef name, mlir::Type result,
                   mlir::ValueRange arguments);

  mlir::ImplicitLocOpBuilder &builder;
  mlir::Value run;
  int32_t device;
};

} // namespace qcc::host

#endif // LIB_HOST_DEVICES_H
