// RUN: qcc-opt %s --cpu-copy-operands | FileCheck %s

// Kernels read channels side by side.
// CHECK-LABEL: func.func @channels(
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<?x64xf32, strided<[128, 2]>>
func.func @channels(%x: memref<?x64xf32, strided<[128, 2]>>, %w: memref<8192xi8>, %y: memref<?x32xf32>) {
  // CHECK: %[[N:.*]] = memref.dim %[[X]], %c0
  // CHECK: %[[COPY:.*]] = memref.alloc(%[[N]]) {alignment = 64 : i64} : memref<?x64xf32>
  // CHECK: memref.copy %[[X]], %[[COPY]]
  // CHECK: qnn.contract ins(%[[COPY]], %{{.*}} : memref<?x64xf32>,
  qnn.contract ins(%x, %w : memref<?x64xf32, strided<[128, 2]>>, memref<8192xi8>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// Gaps between rows are no matter to them, and what is written is not copied.
// CHECK-LABEL: func.func @rows(
// CHECK-NOT: memref.copy
// CHECK: return
func.func @rows(%x: memref<4x64xf32, strided<[128, 1]>>, %w: memref<8192xi8>, %y: memref<4x32xf32, strided<[64, 2]>>) {
  qnn.contract ins(%x, %w : memref<4x64xf32, strided<[128, 1]>>, memref<8192xi8>)
      outs(%y : memref<4x32xf32, strided<[64, 2]>>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// So it is with what the epilogue reads.
// CHECK-LABEL: func.func @extras(
// CHECK-SAME: %[[E:[a-z0-9]*]]: memref<4x32xf32, strided<[64, 2]>>
func.func @extras(%x: memref<4x64xf32>, %w: memref<8192xi8>, %e: memref<4x32xf32, strided<[64, 2]>>, %y: memref<4x32xf32>) {
  // CHECK: memref.copy %[[E]], %[[COPY:.*]] :
  // CHECK: qnn.contract {{.*}} extras(%[[COPY]]
  qnn.contract ins(%x, %w : memref<4x64xf32>, memref<8192xi8>) extras(%e : memref<4x32xf32, strided<[64, 2]>>)
      outs(%y : memref<4x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32, %b: f32):
      %0 = arith.addf %acc, %b : f32
      qnn.yield %0 : f32
  }
  return
}

!odd = memref<1x5x5x5xi8, strided<[250, 50, 10, 1]>>
!even = memref<1x5x5x4xi8, strided<[250, 50, 10, 1]>>

// Gaps between pixels matter only where taps of a line are packed as one run.
// CHECK-LABEL: func.func @gaps(
// CHECK-SAME: %[[ODD:[a-z0-9]*]]: memref<1x5x5x5xi8{{.*}}, %[[EVEN:[a-z0-9]*]]: memref<1x5x5x4xi8
func.func @gaps(%odd: !odd, %even: !even, %w: memref<512xi8>, %y: memref<1x3x3x8xi32>, %z: memref<1x3x3x8xi32>) {
  // CHECK: memref.copy %[[ODD]], %[[COPY:.*]] :
  // CHECK: qnn.contract ins(%[[COPY]],
  qnn.contract ins(%odd, %w : !odd, memref<512xi8>) outs(%y : memref<1x3x3x8xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 1 : i64,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  }
  // CHECK-NOT: memref.copy
  // CHECK: qnn.contract ins(%[[EVEN]],
  qnn.contract ins(%even, %w : !even, memref<512xi8>) outs(%z : memref<1x3x3x8xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 1 : i64,
        input_format = #qnn.format<uint8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avxvnni", acc = i32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  }
  return
}
