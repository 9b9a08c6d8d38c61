// RUN: qcc-opt %s -qnn-transpose-weights -split-input-file | FileCheck %s

// The columns 1, 2, 3 and 4, 5, 6 of codes become rows, and each row begins a
// byte of its own.
// CHECK-LABEL: func.func @blocks(
// CHECK-DAG: %[[C:.*]] = arith.constant dense<{{\[\[}}33, 3], [84, 6]]> : tensor<2x2xi8>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [2.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK: %[[W:.*]] = qnn.wrap %[[C]], %[[S]] : {{.*}} -> !qnn.tensor<2x3xf32, uint4, block<1x2, f32>, dense>
// CHECK: %[[D:.*]] = qnn.decode %[[W]]
// CHECK: qnn.matmul %{{.*}}, %[[D]] {transpose_b}
func.func @blocks(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %c = arith.constant dense<[[65], [82], [99]]> : tensor<3x1xi8>
  %s = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = qnn.wrap %c, %s : (tensor<3x1xi8>, tensor<2x2xf32>) -> !qnn.tensor<3x2xf32, uint4, block<2x1, f32>, dense>
  %1 = qnn.decode %0 : (!qnn.tensor<3x2xf32, uint4, block<2x1, f32>, dense>) -> tensor<3x2xf32>
  %y = qnn.matmul %x, %1 : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// A splat of bytes is none of codes; scales of an axis keep their order.
// CHECK-LABEL: func.func @axis(
// CHECK-DAG: %[[C:.*]] = arith.constant dense<{{\[\[}}17], [34]]> : tensor<2x1xi8>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: qnn.wrap %[[C]], %[[S]] : {{.*}} -> !qnn.tensor<2x2xf32, int4, axis<0, f32>, dense>
func.func @axis(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c = arith.constant dense<33> : tensor<2x1xi8>
  %s = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = qnn.wrap %c, %s : (tensor<2x1xi8>, tensor<2xf32>) -> !qnn.tensor<2x2xf32, int4, axis<1, f32>, dense>
  %1 = qnn.decode %0 : (!qnn.tensor<2x2xf32, int4, axis<1, f32>, dense>) -> tensor<2x2xf32>
  %y = qnn.matmul %x, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Stored once for all products; another reader keeps the old order.
// CHECK-LABEL: func.func @shared(
// CHECK: qnn.wrap {{.*}} -> !qnn.tensor<2x2xf32, int8, block<1x2, f32>, dense>
// CHECK: %[[OLD:.*]] = qnn.wrap {{.*}} -> !qnn.tensor<2x2xf32, int8, block<2x1, f32>, dense>
// CHECK-NOT: qnn.wrap
// CHECK: qnn.decode %[[OLD]]
// CHECK-COUNT-2: qnn.matmul {{.*}} {transpose_b}
func.func @shared(%x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x2xf32>) {
  %c = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %s = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %0 = qnn.wrap %c, %s : (tensor<2x2xi8>, tensor<1x2xf32>) -> !qnn.tensor<2x2xf32, int8, block<2x1, f32>, dense>
  %1 = qnn.decode %0 : (!qnn.tensor<2x2xf32, int8, block<2x1, f32>, dense>) -> tensor<2x2xf32>
  %y = qnn.matmul %x, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %z = qnn.matmul %y, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y, %z, %1 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x2xf32>
}

// -----

// Whole bytes with one scale are transposed when a kernel is applied.
// CHECK-LABEL: func.func @bytes(
// CHECK: qnn.matmul %{{.*}}, %{{.*}} : (tensor<?x2xf32>
func.func @bytes(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %s = arith.constant dense<1.0> : tensor<f32>
  %0 = qnn.wrap %c, %s : (tensor<2x2xi8>, tensor<f32>) -> !qnn.tensor<2x2xf32, int8, tensor<f32>, dense>
  %1 = qnn.decode %0 : (!qnn.tensor<2x2xf32, int8, tensor<f32>, dense>) -> tensor<2x2xf32>
  %y = qnn.matmul %x, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
