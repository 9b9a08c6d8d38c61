// RUN: qcc-opt %s -qnn-quantize-weights=format=int4:g32 -split-input-file | FileCheck %s

// Columns are the reduction's, so they become rows: groups lie along them.
// CHECK-LABEL: func.func @matmul(
// CHECK: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<80x64xf32>
// CHECK: %[[M:.*]] = qnn.transpose %[[W]] {permutation = array<i64: 1, 0>}
// CHECK: %[[E:.*]] = qnn.encode_auto %[[M]] : (tensor<64x80xf32>) -> !qnn.tensor<64x80xf32, uint4, block<1x32, f16, zero = 8>, dense>
// CHECK: %[[D:.*]] = qnn.decode %[[E]]
// CHECK: qnn.matmul %{{.*}}, %[[D]] {transpose_b} : (tensor<?x80xf32>, tensor<64x80xf32>) -> tensor<?x64xf32>
func.func @matmul(%x: tensor<?x80xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense<1.0> : tensor<80x64xf32>
  %y = qnn.matmul %x, %w : (tensor<?x80xf32>, tensor<80x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// CHECK-LABEL: func.func @conv(
// CHECK: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<64x64x3x3xf32>
// CHECK: %[[T:.*]] = qnn.transpose %[[W]] {permutation = array<i64: 0, 2, 3, 1>}
// CHECK: %[[M:.*]] = qnn.reshape %[[T]] [64, 576] : (tensor<64x3x3x64xf32>) -> tensor<64x576xf32>
// CHECK: %[[E:.*]] = qnn.encode_auto %[[M]] {{.*}} !qnn.tensor<64x576xf32, uint4, block<1x32, f16, zero = 8>, dense>
// CHECK: %[[D:.*]] = qnn.decode %[[E]]
// CHECK: %[[R:.*]] = qnn.reshape %[[D]] [64, 3, 3, 64]
// CHECK: %[[B:.*]] = qnn.transpose %[[R]] {permutation = array<i64: 0, 3, 1, 2>} : (tensor<64x3x3x64xf32>) -> tensor<64x64x3x3xf32>
// CHECK: qnn.conv %{{.*}}, %[[B]] {
func.func @conv(%x: tensor<?x64x?x?xf32>) -> tensor<?x64x?x?xf32> {
  %w = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x64x?x?xf32>, tensor<64x64x3x3xf32>) -> tensor<?x64x?x?xf32>
  return %y : tensor<?x64x?x?xf32>
}

// -----

// A tied embedding: one encoding for the rows that are looked up and for the
// product.
// CHECK-LABEL: func.func @tied(
// CHECK: %[[E:.*]] = qnn.encode_auto %{{.*}} : (tensor<100x70xf32>)
// CHECK-NOT: qnn.encode_auto
// CHECK: %[[C:.*]]:2 = qnn.unwrap %[[E]]
// CHECK: %[[CODES:.*]] = qnn.gather %[[C]]#0, %[[I:.*]] {axis = 0 : i64} : (tensor<100x35xi8>, tensor<1x?xi64>) -> tensor<1x?x35xi8>
// CHECK: %[[SCALES:.*]] = qnn.gather %[[C]]#1, %[[I]] {axis = 0 : i64} : (tensor<100x3xf16>, tensor<1x?xi64>) -> tensor<1x?x3xf16>
// CHECK: %[[ROWS:.*]] = qnn.wrap %[[CODES]], %[[SCALES]] {{.*}} -> !qnn.tensor<1x?x70xf32, uint4, block<1x1x32, f16, zero = 8>, dense>
// CHECK: %[[X:.*]] = qnn.decode %[[ROWS]]
// CHECK: %[[D:.*]] = qnn.decode %[[E]]
// CHECK: qnn.matmul %[[X]], %[[D]] {transpose_b}
func.func @tied(%i: tensor<1x?xi64>) -> tensor<1x?x100xf32> {
  %w = arith.constant dense<1.0> : tensor<100x70xf32>
  %x = qnn.gather %w, %i {axis = 0 : i64} : (tensor<100x70xf32>, tensor<1x?xi64>) -> tensor<1x?x70xf32>
  %y = qnn.matmul %x, %w {transpose_b} : (tensor<1x?x70xf32>, tensor<100x70xf32>) -> tensor<1x?x100xf32>
  return %y : tensor<1x?x100xf32>
}

// -----

// Small weights, batches of weights, other element types, gathers along another
// axis and values that are not constant stay.
// CHECK-LABEL: func.func @stay(
// CHECK-COUNT-1: qnn.encode_auto
// CHECK-NOT: qnn.encode_auto
func.func @stay(%x: tensor<2x4x64xf32>, %v: tensor<64x64xf32>, %i: tensor<3xi64>)
    -> (tensor<2x4x63xf32>, tensor<2x4x64xf32>, tensor<2x4x64xf32>, tensor<64x3xf32>, tensor<2x4x64xf32>) {
  %small = arith.constant dense<1.0> : tensor<64x63xf32>
  %batch = arith.constant dense<1.0> : tensor<2x64x64xf32>
  %table = arith.constant dense<1.0> : tensor<64x65xf32>
  %weights = arith.constant dense<2.0> : tensor<64x64xf32>
  %0 = qnn.matmul %x, %small : (tensor<2x4x64xf32>, tensor<64x63xf32>) -> tensor<2x4x63xf32>
  %1 = qnn.matmul %x, %batch : (tensor<2x4x64xf32>, tensor<2x64x64xf32>) -> tensor<2x4x64xf32>
  %2 = qnn.matmul %x, %v : (tensor<2x4x64xf32>, tensor<64x64xf32>) -> tensor<2x4x64xf32>
  %3 = qnn.gather %table, %i {axis = 1 : i64} : (tensor<64x65xf32>, tensor<3xi64>) -> tensor<64x3xf32>
  %4 = qnn.matmul %x, %weights : (tensor<2x4x64xf32>, tensor<64x64xf32>) -> tensor<2x4x64xf32>
  return %0, %1, %2, %3, %4 : tensor<2x4x63xf32>, tensor<2x4x64xf32>, tensor<2x4x64xf32>, tensor<64x3xf32>, tensor<2x4x64xf32>
}
