// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

// CHECK-LABEL: func.func @reductions(
func.func @reductions(%x: tensor<?x3x4xf32>) {
  // CHECK: qnn.reduce mean %{{.*}} {axes = array<i64: 0, 2>} : (tensor<?x3x4xf32>) -> tensor<3xf32>
  %0 = qnn.reduce mean %x {axes = array<i64: 0, 2>} : (tensor<?x3x4xf32>) -> tensor<3xf32>
  // CHECK: qnn.reduce max %{{.*}} {axes = array<i64: 1>, keep_dims = true} : (tensor<?x3x4xf32>) -> tensor<?x1x4xf32>
  %1 = qnn.reduce max %x {axes = array<i64: 1>, keep_dims = true} : (tensor<?x3x4xf32>) -> tensor<?x1x4xf32>
  // CHECK: qnn.arg_reduce max %{{.*}} {axis = 2 : i64, select_last = true} : (tensor<?x3x4xf32>) -> tensor<?x3xi64>
  %2 = qnn.arg_reduce max %x {axis = 2 : i64, select_last = true} : (tensor<?x3x4xf32>) -> tensor<?x3xi64>
  // CHECK: qnn.cumulate sum %{{.*}} {axis = 0 : i64, exclusive = true} : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %3 = qnn.cumulate sum %x {axis = 0 : i64, exclusive = true} : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}
