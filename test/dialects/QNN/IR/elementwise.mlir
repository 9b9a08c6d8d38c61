// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

// CHECK-LABEL: func.func @elementwise(
func.func @elementwise(%x: tensor<?x4xf32>, %y: tensor<4xf32>, %n: tensor<2x1xi64>) -> tensor<?x4xf16> {
  // CHECK: %[[E:.*]] = qnn.unary exp %{{.*}} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = qnn.unary exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: %[[T:.*]] = qnn.test is_nan %[[E]] : (tensor<?x4xf32>) -> tensor<?x4xi1>
  %t = qnn.test is_nan %e : (tensor<?x4xf32>) -> tensor<?x4xi1>
  // CHECK: %[[S:.*]] = qnn.binary sub %[[E]], %{{.*}} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %s = qnn.binary sub %e, %y : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  // CHECK: %[[P:.*]] = qnn.binary pow %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<2x1xi64>) -> tensor<2x4xf32>
  %p = qnn.binary pow %y, %n : (tensor<4xf32>, tensor<2x1xi64>) -> tensor<2x4xf32>
  // CHECK: %[[L:.*]] = qnn.compare le %[[S]], %{{.*}} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xi1>
  %l = qnn.compare le %s, %y : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xi1>
  // CHECK: qnn.binary and_ %[[L]], %[[T]]
  %a = qnn.binary and_ %l, %t : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  // CHECK: %[[Z:.*]] = qnn.select
  %z = qnn.select %a, %s, %y : (tensor<?x4xi1>, tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  // CHECK: qnn.bitcast %[[Z]] : (tensor<?x4xf32>) -> tensor<?x4xui32>
  %b = qnn.bitcast %z : (tensor<?x4xf32>) -> tensor<?x4xui32>
  // CHECK: qnn.cast %[[Z]] {saturate = false} : (tensor<?x4xf32>) -> tensor<?x4xf8E4M3FN>
  %f = qnn.cast %z {saturate = false} : (tensor<?x4xf32>) -> tensor<?x4xf8E4M3FN>
  // CHECK: qnn.cast %[[Z]] : (tensor<?x4xf32>) -> tensor<?x4xf16>
  %c = qnn.cast %z : (tensor<?x4xf32>) -> tensor<?x4xf16>
  return %c : tensor<?x4xf16>
}
