// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

#u8 = #qnn.format<uint8, tensor<f32, zero>, dense>
#s8 = #qnn.format<int8, axis<0, f32>, dense>
#w4 = #qnn.format<uint4, block<1x32, f16, zero = 8>, dense>
#packing = #qnn.packing<[[0, 0], [3, 0], [0, 32], [3, 4]], interleave = 1>

// CHECK-LABEL: func.func @matrix(
func.func @matrix(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %b: tensor<8xf32>, %r: tensor<?x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[Y:.*]] = qnn.contract ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<8x64xf32>) extras(%{{.*}}, %{{.*}} : tensor<8xf32>, tensor<?x8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
  %y = qnn.contract ins(%x, %w : tensor<?x64xf32>, tensor<8x64xf32>) extras(%b, %r : tensor<8xf32>, tensor<?x8xf32>)
      outs(%init : tensor<?x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    // CHECK: ^bb0(%[[ACC:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32):
    ^bb0(%acc: f32, %b0: f32, %r0: f32):
      %0 = arith.addf %acc, %b0 : f32
      %1 = arith.addf %0, %r0 : f32
      // CHECK: qnn.yield %{{.*}} : f32
      qnn.yield %1 : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @codes(
func.func @codes(%x: tensor<?x10x10x4xi8>, %w: tensor<512xi8>, %start: tensor<8xi32>, %init: tensor<?x8x8x8xi8>) -> tensor<?x8x8x8xi8> {
  // CHECK: qnn.contract {{.*}} start(%{{.*}} : tensor<8xi32>) outs({{.*}}) attributes {{{.*}}input_format = #qnn.format<uint8, tensor<f32, zero>, dense>, kernel = #qnn.kernel<"conv_u8s8", acc = i32, tile = [4, 16], packing = <{{\[\[}}0, 0], [3, 0], [0, 32], [3, 4]], interleave = 1>>
  %y = qnn.contract ins(%x, %w : tensor<?x10x10x4xi8>, tensor<512xi8>) start(%start : tensor<8xi32>) outs(%init : tensor<?x8x8x8xi8>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, input_format = #u8,
                  weights_format = #w4, kernel = #qnn.kernel<"conv_u8s8", acc = i32, tile = [4, 16], packing = #packing>} {
    ^bb0(%acc: i32):
      %0 = arith.trunci %acc : i32 to i8
      qnn.yield %0 : i8
  } -> tensor<?x8x8x8xi8>
  return %y : tensor<?x8x8x8xi8>
}

// CHECK-LABEL: func.func @memory(
func.func @memory(%x: memref<4x64xi8>, %w: memref<256xi8>, %sx: memref<4xf32>, %init: memref<4x8xf32>) {
  // CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : memref<4x64xi8>, memref<256xi8>) scales(%{{.*}} : memref<4xf32>) outs(%{{.*}} : memref<4x8xf32>) attributes
  // CHECK-NOT: ->
  qnn.contract ins(%x, %w : memref<4x64xi8>, memref<256xi8>) scales(%sx : memref<4xf32>) outs(%init : memref<4x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, input_format = #s8,
                  weights_format = #w4} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// A batch of products of activations, two consecutive matrices by one, with a factor for each row.
// CHECK-LABEL: func.func @batch(
func.func @batch(%x: tensor<6x?x64xi16>, %w: tensor<3x64x8xi16>, %f: tensor<6x?x1xf32>, %init: tensor<6x?x8xf32>) -> tensor<6x?x8xf32> {
  // CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : tensor<6x?x64xi16>, tensor<3x64x8xi16>) extras(%{{.*}} : tensor<6x?x1xf32>) outs(%{{.*}} : tensor<6x?x8xf32>) attributes {{{.*}}transposed
  %y = qnn.contract ins(%x, %w : tensor<6x?x64xi16>, tensor<3x64x8xi16>) extras(%f : tensor<6x?x1xf32>) outs(%init : tensor<6x?x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed} {
    ^bb0(%acc: i64, %f0: f32):
      %0 = arith.sitofp %acc : i64 to f32
      %1 = arith.mulf %0, %f0 : f32
      qnn.yield %1 : f32
  } -> tensor<6x?x8xf32>
  return %y : tensor<6x?x8xf32>
}

// CHECK-LABEL: func.func @sums(
func.func @sums(%x: tensor<4x80xi8>, %w: tensor<512xi8>, %sx: tensor<4xf32>, %z: tensor<4x3xi32>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: qnn.contract ins({{.*}}) scales(%{{.*}} : tensor<4xf32>) sums(%{{.*}} : tensor<4x3xi32>) outs
  %y = qnn.contract ins(%x, %w : tensor<4x80xi8>, tensor<512xi8>) scales(%sx : tensor<4xf32>) sums(%z : tensor<4x3xi32>) outs(%init : tensor<4x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, input_format = #s8,
                  weights_format = #w4} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
