// RUN: qcc-opt %s --host-lower-entry | FileCheck %s

// Extents of one name are asked for once; the result is computed in place; an input that is returned is copied.
// CHECK: func.func @qccgen_main(%[[ARG:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.call @qccrt_input(%[[ARG]]
// CHECK: llvm.call @qccrt_input_dim(%[[ARG]]
// CHECK: %[[X:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xf32>
// CHECK-NOT: qccrt_input_dim
// CHECK: %[[P:.*]] = llvm.call @qccrt_output(%[[ARG]]
// CHECK: %[[Y:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xf32>
// CHECK: linalg.copy ins(%[[X]] {{.*}} outs(%[[Y]]
// CHECK: llvm.call @qccrt_output(%[[ARG]]
// CHECK: linalg.copy
// CHECK: return %{{.*}} : i32
func.func @main(%x: memref<?xf32> {qcc.extents = ["n"]}, %z: memref<?xf32> {qcc.extents = ["n"]})
    -> (memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  linalg.copy ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  return %y, %z : memref<?xf32>, memref<?xf32>
}
