// RUN: qcc-opt %s -qnn-fold-scales -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @batch_norm(
// CHECK-SAME: %[[X:.*]]: tensor
// CHECK-DAG: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<2x3x1x1xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<2.000000e+00> : tensor<2xf32>
// CHECK-DAG: %[[A:.*]] = qnn.reshape %{{.*}} [2, 1, 1, 1]
// CHECK-DAG: %[[WA:.*]] = qnn.binary mul %[[W]], %[[A]]
// CHECK-DAG: %[[BA:.*]] = qnn.binary mul %[[B]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>)
// CHECK-DAG: %[[BB:.*]] = qnn.binary add %[[BA]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>)
// CHECK: %[[Y:.*]] = qnn.conv %[[X]], %[[WA]], %[[BB]]
// CHECK-NEXT: return %[[Y]]
func.func @batch_norm(%x: tensor<?x3x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %b = arith.constant dense<2.0> : tensor<2xf32>
  %scale = arith.constant dense<[[[3.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %shift = arith.constant dense<[[[5.0]], [[6.0]]]> : tensor<2x1x1xf32>
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>, tensor<2xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary mul %0, %scale : (tensor<?x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32>
  %2 = qnn.binary add %1, %shift : (tensor<?x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32>
  return %2 : tensor<?x2x8x8xf32>
}

// -----

// A number for all channels, on the left; no bias yet.
// CHECK-LABEL: func.func @scalar(
// CHECK: %[[E:.*]] = arith.constant dense<3.000000e+00> : tensor<2xf32>
// CHECK: qnn.conv %{{.*}}, %{{.*}}, %[[E]]
// CHECK-NOT: qnn.binary
func.func @scalar(%x: tensor<?x3x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary add %c, %0 : (tensor<f32>, tensor<?x2x8x8xf32>) -> tensor<?x2x8x8xf32>
  return %1 : tensor<?x2x8x8xf32>
}

// -----

// Not a factor for channels; a second reader; weights in a format.
// CHECK-LABEL: func.func @stay(
// CHECK-COUNT-3: qnn.binary mul
func.func @stay(%x: tensor<?x3x8x8xf32>, %q: !qnn.tensor<2x3x1x1xf32, int8, tensor<f32>, dense>)
    -> (tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %columns = arith.constant dense<3.0> : tensor<8xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary mul %0, %columns : (tensor<?x2x8x8xf32>, tensor<8xf32>) -> tensor<?x2x8x8xf32>
  %2 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %3 = qnn.binary mul %2, %c : (tensor<?x2x8x8xf32>, tensor<f32>) -> tensor<?x2x8x8xf32>
  %d = qnn.decode %q : (!qnn.tensor<2x3x1x1xf32, int8, tensor<f32>, dense>) -> tensor<2x3x1x1xf32>
  %4 = qnn.conv %x, %d {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %5 = qnn.binary mul %4, %c : (tensor<?x2x8x8xf32>, tensor<f32>) -> tensor<?x2x8x8xf32>
  return %1, %2, %3, %5 : tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>
}
