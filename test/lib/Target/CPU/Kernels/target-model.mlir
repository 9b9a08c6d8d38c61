// RUN: qcc-opt %s -qnn-decide-kernels | FileCheck %s

// What is packed are codes of weights less their zero point, as signed bytes or,
// where they are none, in 16 bits.

!x = !qnn.tensor<4x64xf32, uint8, tensor<f32, zero = 3>, dense>
!fits = !qnn.tensor<8x64xf32, uint8, tensor<f32, zero = 128>, dense>
!lacks = !qnn.tensor<8x64xf32, uint8, tensor<f32, zero = 129>, dense>

module attributes {qnn.target = #qnn.target<"cpu">} {
  // CHECK-LABEL: func.func @zero_points(
  func.func @zero_points(%x: !x) {
    %codes = arith.constant dense<7> : tensor<8x64xi8>
    %scale = arith.constant dense<0.5> : tensor<f32>
    %fits = qnn.wrap %codes, %scale : (tensor<8x64xi8>, tensor<f32>) -> !fits
    %lacks = qnn.wrap %codes, %scale : (tensor<8x64xi8>, tensor<f32>) -> !lacks
    // CHECK: qnn.matmul {{.*}}kernel = #qnn.kernel<"{{.*}}i8{{.*}}", acc = i32
    %0 = qnn.matmul %x, %fits {transpose_b} : (!x, !fits) -> tensor<4x8xf32>
    // CHECK: qnn.matmul {{.*}}kernel = #qnn.kernel<"{{.*}}i8w{{.*}}", acc = i32
    %1 = qnn.matmul %x, %lacks {transpose_b} : (!x, !lacks) -> tensor<4x8xf32>
    return
  }

  // Kernels are made for the sum's extent, which here only the run tells.
  // CHECK-LABEL: func.func @open_sum(
  func.func @open_sum(%x: tensor<4x?xf32>) -> tensor<4x8xf32> {
    %w = arith.constant dense<1.0> : tensor<64x8xf32>
    // CHECK: qnn.matmul {{.*}}qnn.why_not = "the extent of the sum is known at run time only; --shape fixes it"
    %0 = qnn.matmul %x, %w : (tensor<4x?xf32>, tensor<64x8xf32>) -> tensor<4x8xf32>
    return %0 : tensor<4x8xf32>
  }
}
