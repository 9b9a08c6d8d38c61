// RUN: qcc-opt %s -qnn-quantize-activations=format=int8:dynamic:token | FileCheck %s

!w = !qnn.tensor<96x64xf32, uint4, block<1x32, f16, zero = 8>, dense>

// CHECK-LABEL: func.func @tokens(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x64xf32>
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[X]], %c0
// CHECK-DAG: %[[L:.*]] = tensor.dim %[[X]], %c1
// CHECK: %[[M:.*]] = affine.apply #{{.*}}()[%[[N]], %[[L]]]
// CHECK: %[[R:.*]] = qnn.reshape %[[X]] [%[[M]], 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
// CHECK: %[[E:.*]] = qnn.encode_auto %[[R]] : (tensor<?x64xf32>) -> !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>
// CHECK: %[[D:.*]] = qnn.decode %[[E]]
// CHECK: %[[P:.*]] = qnn.matmul %[[D]], %{{.*}} {transpose_b} : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x96xf32>
// CHECK: %[[Y:.*]] = qnn.reshape %[[P]] [%[[N]], %[[L]], 96] : (tensor<?x96xf32>) -> tensor<?x?x96xf32>
// CHECK: return %[[Y]]
func.func @tokens(%x: tensor<?x?x64xf32>, %w: !w) -> tensor<?x?x96xf32> {
  %d = qnn.decode %w : (!w) -> tensor<96x64xf32>
  %y = qnn.matmul %x, %d {transpose_b} : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// CHECK-LABEL: func.func @rows(
// CHECK-NOT: qnn.reshape
// CHECK: qnn.encode_auto
// CHECK-NOT: qnn.reshape
// CHECK: return
func.func @rows(%x: tensor<?x64xf32>, %w: !w) -> tensor<?x96xf32> {
  %d = qnn.decode %w : (!w) -> tensor<96x64xf32>
  %y = qnn.matmul %x, %d {transpose_b} : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x96xf32>
  return %y : tensor<?x96xf32>
}

// Two activations, and activations that have a format already.
// CHECK-LABEL: func.func @stay(
// CHECK-NOT: qnn.encode_auto
// CHECK: return
func.func @stay(%x: tensor<4x64xf32>, %v: tensor<96x64xf32>, %w: !w, %q: !qnn.tensor<4x64xf32, int8, tensor<f32>, dense>) -> (tensor<4x96xf32>, tensor<4x96xf32>) {
  %0 = qnn.matmul %x, %v {transpose_b} : (tensor<4x64xf32>, tensor<96x64xf32>) -> tensor<4x96xf32>
  %d = qnn.decode %w : (!w) -> tensor<96x64xf32>
  %a = qnn.decode %q : (!qnn.tensor<4x64xf32, int8, tensor<f32>, dense>) -> tensor<4x64xf32>
  %1 = qnn.matmul %a, %d {transpose_b} : (tensor<4x64xf32>, tensor<96x64xf32>) -> tensor<4x96xf32>
  return %0, %1 : tensor<4x96xf32>, tensor<4x96xf32>
}
