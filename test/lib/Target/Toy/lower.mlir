// RUN: qcc-opt %s --load-dialect-plugin=%toy_target --load-pass-plugin=%toy_target \
// RUN:   --pass-pipeline='builtin.module(toy-lower)' | FileCheck %s

// For each sample: its inputs go to the device, all ops run in their order, its
// outputs come back.

// CHECK: module attributes {qcc.devices = [{
// CHECK-SAME: driver = "toy", entries = ["binary", "unary"]
module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-NOT: @main(
  // CHECK: func.func @qccgen_main(%[[CALL:.*]]: !llvm.ptr) -> i32
  // CHECK: %[[SAMPLES:.*]] = llvm.call @qccrt_input_dim(%[[CALL]]
  // CHECK: %[[X:.*]] = llvm.call @qccrt_input(%[[CALL]]
  // CHECK: %[[Y:.*]] = llvm.call @qccrt_output(%[[CALL]]
  // CHECK: %[[N:.*]] = arith.index_cast %[[SAMPLES]] : i64 to index
  // CHECK: scf.for %{{.*}} = %{{.*}} to %[[N]]
  // CHECK: %[[PART:.*]] = llvm.getelementptr %[[X]]
  // CHECK: llvm.call @qccrt_device_copy_in(%[[CALL]], %{{.*}}, %{{.*}}, %[[PART]]
  // CHECK-COUNT-2: llvm.call @qccrt_device_launch(
  // CHECK: %[[PART:.*]] = llvm.getelementptr %[[Y]]
  // CHECK: llvm.call @qccrt_device_copy_out(%[[CALL]], %{{.*}}, %[[PART]]
  // CHECK: }
  // CHECK: llvm.call @qccrt_device_wait(
  func.func @main(%x: tensor<?x4xf32> {qcc.extents = ["n", 4], qcc.name = "x"})
      -> (tensor<?x4xf32> {qcc.extents = ["n", 4], qcc.name = "y"}) {
    %0 = qnn.binary add %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %1 = qnn.unary relu %0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
    return %1 : tensor<?x4xf32>
  }
}
