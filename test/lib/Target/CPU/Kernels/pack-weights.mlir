// RUN: qcc-opt %s -cpu-pack-weights -canonicalize -mlir-print-elementsattrs-with-hex-if-larger=-1 | FileCheck %s

#packing = #qnn.packing<[[0, 0], [1, 0], [2, 0], [3, 0], [0, 8]]>

// Panels of 8 channels, of which 3 are there: [c][lane], zeros in the others.
// CHECK-LABEL: @f32
// CHECK: %[[W:.*]] = arith.constant dense_resource<packed{{.*}}> : tensor<64xi8>
// CHECK: qnn.contract ins(%{{.*}}, %[[W]] : tensor<?x2xf32>, tensor<64xi8>)
func.func @f32(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %0 = qnn.contract ins(%x, %w : tensor<?x2xf32>, tensor<3x2xf32>) outs(%y : tensor<?x3xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 1, 8, 4, 96, 0], packing = #packing>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// A bias of 4 bytes for each lane, then 4 channels a lane, one of them padding.
// CHECK-LABEL: @vnni
// CHECK: arith.constant dense_resource<packed{{.*}}> : tensor<64xi8>
func.func @vnni(%x: tensor<?x3xi8>, %y: tensor<?x1xi32>) -> tensor<?x1xi32> {
  %w = arith.constant dense<[[1, -2, 3]]> : tensor<1x3xi8>
  %0 = qnn.contract ins(%x, %w : tensor<?x3xi8>, tensor<1x3xi8>) outs(%y : tensor<?x1xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<?x1xi32>
  return %0 : tensor<?x1xi32>
}

// The same weights in another geometry are other streams; in the same, one.
// CHECK-LABEL: @shared
// CHECK-DAG: %[[FIRST:.*]] = arith.constant dense_resource<packed{{.*}}> : tensor<64xi8>
// CHECK-DAG: %[[SECOND:.*]] = arith.constant dense_resource<packed{{.*}}> : tensor<128xi8>
// CHECK: qnn.contract ins(%{{.*}}, %[[FIRST]] : tensor<1x1x3x1xi8>
// CHECK: qnn.contract ins(%{{.*}}, %[[SECOND]] : tensor<1x1x5x1xi8>
// CHECK: qnn.contract ins(%{{.*}}, %[[FIRST]] : tensor<1x1x3x1xi8>
func.func @shared(%x: tensor<1x1x3x1xi8>, %v: tensor<1x1x5x1xi8>, %y: tensor<1x1x1x1xi32>) -> (tensor<1x1x1x1xi32>, tensor<1x1x1x1xi32>, tensor<1x1x1x1xi32>) {
  %w = arith.constant dense<[[[[1], [2], [3]]]]> : tensor<1x1x3x1xi8>
  %0 = qnn.contract ins(%x, %w : tensor<1x1x3x1xi8>, tensor<1x1x3x1xi8>) outs(%y : tensor<1x1x1x1xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 3>,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<1x1x1x1xi32>
  %1 = qnn.contract ins(%v, %w : tensor<1x1x5x1xi8>, tensor<1x1x3x1xi8>) outs(%y : tensor<1x1x1x1xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 2>, window = array<i64: 1, 3>,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<1x1x1x1xi32>
  %2 = qnn.contract ins(%x, %w : tensor<1x1x3x1xi8>, tensor<1x1x3x1xi8>) outs(%y : tensor<1x1x1x1xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 3>,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<1x1x1x1xi32>
  return %0, %1, %2 : tensor<1x1x1x1xi32>, tensor<1x1x1x1xi32>, tensor<1x1x1x1xi32>
}

// Of blocks of 8 elements: a step of codes, 4 bytes a lane with two elements each, then the block's scales, then the next
// block. Zero points of 8 stay in the codes.
// CHECK-LABEL: @blocks
// CHECK: arith.constant dense_resource<packed{{.*}}> : tensor<96xi8>
func.func @blocks(%x: tensor<?x16xi8>, %s: tensor<?xf32>, %y: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %codes = arith.constant dense<[[0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE]]> : tensor<1x8xi8>
  %scales = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf16>
  %w = qnn.decode_stored %codes, %scales {format = #qnn.format<uint4, block<1x8, f16, zero = 8>, dense>}
      : (tensor<1x8xi8>, tensor<1x2xf16>) -> tensor<1x16xf32>
  %0 = qnn.contract ins(%x, %w : tensor<?x16xi8>, tensor<1x16xf32>) scales(%s : tensor<?xf32>) outs(%y : tensor<?x1xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        input_format = #qnn.format<int8, axis<0, f32>, dense>,
        weights_format = #qnn.format<uint4, block<1x8, f16, zero = 8>, dense>,
        kernel = #qnn.kernel<"blocked_i8blk_avxvnni", acc = f32, tile = [3, 1, 8, 4, 132, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// CHECK-DAG: packed{{.*}}: "0x400000004051627300000000000000000000000000000000000000000000000000000000003C0000000000000000000000000000C8D9EAFB0000000000000000000000000000000000000000000000000000000000400000000000000000000000000000"
// CHECK-DAG: packed{{.*}}: "0x400000000000803F00004040{{[^"]*}}0000004000008040
// CHECK-DAG: packed{{.*}}: "0x4000000000010000{{0+}}01FE0300{{0+}}"
