// RUN: qcc-opt %s --host-lower-constants | FileCheck %s

// CHECK: module attributes {qcc.constants = {{\[\[}}dense<0> : tensor<5000xi8>, 0, 5000], [dense<1> : tensor<5000xi8>, 5056, 5000]]}
// CHECK: memref.global "private" constant @small
// CHECK-NOT: memref.global
memref.global "private" constant @a : memref<5000xi8> = dense<0>
memref.global "private" constant @small : memref<4xi8> = dense<0>
memref.global "private" constant @b : memref<5000xi8> = dense<1>
// CHECK: func.func @qccgen_main(%[[ARG:.*]]: !llvm.ptr)
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  // CHECK: %[[BASE:.*]] = llvm.call @qccrt_constants(%[[ARG]])
  // CHECK: llvm.getelementptr %[[BASE]]
  %b = memref.get_global @b : memref<5000xi8>
  // CHECK: memref.get_global @small
  %small = memref.get_global @small : memref<4xi8>
  %zero = arith.constant 0 : i32
  memref.copy %small, %small : memref<4xi8> to memref<4xi8>
  memref.copy %b, %b : memref<5000xi8> to memref<5000xi8>
  return %zero : i32
}
