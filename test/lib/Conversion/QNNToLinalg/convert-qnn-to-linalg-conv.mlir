// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d3, d2 * 2 + d4, d5 + d6)>
// CHECK-DAG: #[[KERNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d1, d3, d4, d5)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d6)>
// CHECK-DAG: #[[GROUPED:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 + d2 * 2, (d4 floordiv 3) * 2 + d3)>
// CHECK-DAG: #[[LAST_KERNEL:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d4, d3, d2)>
// CHECK-DAG: #[[LAST_OUT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d4)>
// CHECK-DAG: #[[LAST_BIAS:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-DAG: #[[BIAS:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-DAG: #[[END:.*]] = affine_map<()[s0] -> (s0 + 3)>

// Zeros around the input, and the innermost loop along the last output axis.
// CHECK-LABEL: func.func @channels_first(
// CHECK-SAME: %[[X:.*]]: tensor<1x4x8x8xf32>, %[[W:.*]]: tensor<6x4x3x3xf32>
func.func @channels_first(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x4x8xf32> {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[AROUND:.*]] = linalg.fill ins(%[[ZERO]] : f32) {{.*}} -> tensor<1x4x10x10xf32>
  // CHECK: %[[PADDED:.*]] = tensor.insert_slice %[[X]] into %[[AROUND]][0, 0, 1, 1] [1, 4, 8, 8] [1, 1, 1, 1]
  // CHECK: %[[INIT:.*]] = linalg.fill ins(%[[ZERO]] : f32) {{.*}} -> tensor<1x6x4x8xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[KERNEL]], #[[OUT]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]} ins(%[[PADDED]], %[[W]] :
  // CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[B]] :
  // CHECK: arith.addf %[[SUM]], %[[PRODUCT]] :
  %0 = qnn.conv %x, %w {strides = array<i64: 2, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x4x8xf32>
  return %0 : tensor<1x6x4x8xf32>
}

// The group of an output channel, 3 of them each, chooses its 2 input channels.
// CHECK-LABEL: func.func @channels_last(
func.func @channels_last(%x: tensor<?x8x4xf16>, %w: tensor<6x2x3xf16>, %b: tensor<6xf16>) -> tensor<?x4x6xf16> {
  // CHECK-NOT: tensor.insert_slice
  // CHECK: %[[INIT:.*]] = linalg.generic {indexing_maps = [#[[LAST_BIAS]], #{{.*}}]
  // CHECK: arith.extf
  // CHECK: linalg.generic {indexing_maps = [#[[GROUPED]], #[[LAST_KERNEL]], #[[LAST_OUT]]], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} {{.*}} outs(%[[INIT]] : tensor<?x4x6xf32>)
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 2>,
                            groups = 2 : i64, channels_last}
    : (tensor<?x8x4xf16>, tensor<6x2x3xf16>, tensor<6xf16>) -> tensor<?x4x6xf16>
  return %0 : tensor<?x4x6xf16>
}

// CHECK-LABEL: func.func @bias(
// CHECK-SAME: %[[X:.*]]: tensor<1x4x?xf32>
func.func @bias(%x: tensor<1x4x?xf32>, %w: tensor<6x4x1xf32>, %b: tensor<6xf32>) -> tensor<1x6x?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c2
  // CHECK: %[[M:.*]] = affine.apply #[[END]]()[%[[N]]]
  // CHECK: tensor.empty(%[[M]]) : tensor<1x4x?xf32>
  // CHECK: tensor.insert_slice %[[X]] into %{{.*}}[0, 0, 1] [1, 4, %[[N]]] [1, 1, 1]
  // CHECK: linalg.generic {indexing_maps = [#[[BIAS]], #{{.*}}]
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1>, pads = array<i64: 1, 2>, dilations = array<i64: 1>}
    : (tensor<1x4x?xf32>, tensor<6x4x1xf32>, tensor<6xf32>) -> tensor<1x6x?xf32>
  return %0 : tensor<1x6x?xf32>
}
