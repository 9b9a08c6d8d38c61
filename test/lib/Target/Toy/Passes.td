#ifndef TEST_LIB_TARGET_TOY_PASSES_TD
#define TEST_LIB_TARGET_TOY_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToToy : Pass<"toy-lower", "::mlir::ModuleOp"> {
  let summary = "Make the model a program of the toy, and the host's code that runs it";
  let description = [{
    `main` behind phase storage becomes a device of the module (lib/Host/Devices.h), whose
    code are instructions of the toy, one entry point for each op, and `qccgen_main`:
    that copies inputs to the device, launches all entry points, and copies outputs back,
    one sample after the other.

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.unary relu %x : (tensor<4xf32>) -> tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    module attributes {qcc.devices = [{driver = "toy", entries = ["unary"],
      func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
        %x = llvm.call @qccrt_input(%run, %c0) : (!llvm.ptr, i32) -> !llvm.ptr
        ...
        %2 = llvm.call @qccrt_device_launch(%run, %device, %entry, %arguments, %count)
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect"
  ];
}

#endif // TEST_LIB_TARGET_TOY_PASSES_TD
