// RUN: qcc-opt %s -qnn-widen-contractions | FileCheck %s

// The weights are widened once.
// CHECK-LABEL: func.func @shared(
// CHECK: %[[W:.*]] = arith.constant
// CHECK: %[[WIDE:.*]] = qnn.cast %[[W]]
// CHECK: %[[X:.*]] = qnn.cast %{{.*}} : (tensor<?x2xf16>) -> tensor<?x2xf32>
// CHECK: %[[Y:.*]] = qnn.matmul %[[X]], %[[WIDE]] : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
// CHECK: qnn.cast %[[Y]] : (tensor<?x2xf32>) -> tensor<?x2xf16>
// CHECK: qnn.matmul %{{.*}}, %[[WIDE]]
func.func @shared(%x: tensor<?x2xf16>) -> tensor<?x2xf16> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>
  %0 = qnn.matmul %x, %w : (tensor<?x2xf16>, tensor<2x2xf16>) -> tensor<?x2xf16>
  %1 = qnn.matmul %0, %w : (tensor<?x2xf16>, tensor<2x2xf16>) -> tensor<?x2xf16>
  return %1 : tensor<?x2xf16>
}

// CHECK-LABEL: func.func @conv(
// CHECK: qnn.conv {{.*}} -> tensor<?x4x6x6xf32>
// CHECK: qnn.cast {{.*}} -> tensor<?x4x6x6xbf16>
func.func @conv(%x: tensor<?x3x8x8xbf16>, %w: tensor<4x3x3x3xbf16>, %b: tensor<4xbf16>) -> tensor<?x4x6x6xbf16> {
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
      : (tensor<?x3x8x8xbf16>, tensor<4x3x3x3xbf16>, tensor<4xbf16>) -> tensor<?x4x6x6xbf16>
  return %0 : tensor<?x4x6x6xbf16>
}

// f32 is left alone.
// CHECK-LABEL: func.func @f32(
// CHECK-NOT: qnn.cast
func.func @f32(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %0 = qnn.matmul %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}
