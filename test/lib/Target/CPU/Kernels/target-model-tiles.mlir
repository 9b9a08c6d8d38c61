// RUN: qcc-opt %s -qnn-decide-kernels | FileCheck %s

// 128 rows of bytes are one block of rows; with block sums, too, which need registers for two kinds of sums.

!rows = !qnn.tensor<128x64xf32, int8, axis<0, f32>, dense>
!bytes = !qnn.tensor<64x64xf32, int8, axis<0, f32>, dense>
!blocks = !qnn.tensor<64x64xf32, uint4, block<1x32, f16, zero = 8>, dense>

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "znver4">} {
  // CHECK-LABEL: func.func @tokens(
  func.func @tokens(%x: !rows) -> (tensor<128x64xf32>, tensor<128x64xf32>) {
    %codes = arith.constant dense<7> : tensor<64x64xi8>
    %scales = arith.constant dense<0.5> : tensor<64xf32>
    %w = qnn.wrap %codes, %scales : (tensor<64x64xi8>, tensor<64xf32>) -> !bytes
    // CHECK: qnn.matmul {{.*}}kernel = #qnn.kernel<"direct_i8_avx512vnni", acc = i32, tile = [6, 4, 16, 4, 132, 0]
    %0 = qnn.matmul %x, %w {transpose_b} : (!rows, !bytes) -> tensor<128x64xf32>
    %nibbles = arith.constant dense<7> : tensor<64x32xi8>
    %halves = arith.constant dense<0.5> : tensor<64x2xf16>
    %v = qnn.wrap %nibbles, %halves : (tensor<64x32xi8>, tensor<64x2xf16>) -> !blocks
    // CHECK: qnn.matmul {{.*}}kernel = #qnn.kernel<"blocked_i8blk_avx512vnni", acc = f32, tile = [3, 4, 16, 4, 132, 0]
    %1 = qnn.matmul %x, %v {transpose_b} : (!rows, !blocks) -> tensor<128x64xf32>
    return %0, %1 : tensor<128x64xf32>, tensor<128x64xf32>
  }
}
