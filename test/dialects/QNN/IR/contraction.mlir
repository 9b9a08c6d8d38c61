// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

!a8 = !qnn.tensor<?x4x8x8xf32, uint8, tensor<f32, zero>, dense>
!w8 = !qnn.tensor<6x2x3x3xf32, int8, axis<0, f32>, dense>
!y8 = !qnn.tensor<?x6x8x8xf32, uint8, tensor<f32, zero>, dense>

// CHECK-LABEL: func.func @matmul_of_batches(
func.func @matmul_of_batches(%a: tensor<?x1x5x7xf32>, %b: tensor<3x7x2xf32>) -> tensor<?x3x5x2xf32> {
  // CHECK: qnn.matmul %{{.*}}, %{{.*}} : (tensor<?x1x5x7xf32>, tensor<3x7x2xf32>) -> tensor<?x3x5x2xf32>
  %y = qnn.matmul %a, %b : (tensor<?x1x5x7xf32>, tensor<3x7x2xf32>) -> tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

// CHECK-LABEL: func.func @conv(
func.func @conv(%x: tensor<?x8x?x4xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>) -> tensor<?x4x?x6xf32> {
  // CHECK: qnn.conv %{{.*}}, %{{.*}}, %{{.*}} {channels_last, dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 1>}
  %y = qnn.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>,
                            groups = 2 : i64, channels_last}
    : (tensor<?x8x?x4xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<?x4x?x6xf32>
  return %y : tensor<?x4x?x6xf32>
}

// CHECK-LABEL: func.func @quantized(
func.func @quantized(%x: !a8, %w: !w8, %b: tensor<6xi32>, %sx: tensor<f32>, %sw: tensor<6xf32>, %sy: tensor<f32>,
                     %zy: tensor<i8>) -> !y8 {
  // CHECK: %[[ACC:.*]] = qnn.conv {{.*}}accumulators{{.*}} -> tensor<?x6x8x8xi32>
  %acc = qnn.conv %x, %w, %b {accumulators, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
                              dilations = array<i64: 1, 1>, groups = 2 : i64}
    : (!a8, !w8, tensor<6xi32>) -> tensor<?x6x8x8xi32>
  // CHECK: qnn.requantize %[[ACC]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64}
  %y = qnn.requantize %acc, %sx, %sw, %sy, %zy {axis = 1 : i64}
    : (tensor<?x6x8x8xi32>, tensor<f32>, tensor<6xf32>, tensor<f32>, tensor<i8>) -> !y8
  return %y : !y8
}
