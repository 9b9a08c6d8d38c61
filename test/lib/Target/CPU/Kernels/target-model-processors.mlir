// RUN: qcc-opt %s -qnn-decide-kernels | FileCheck %s

// What LLVM lists of alderlake has avxvnni and not avx2, which that implies.

!rows = !qnn.tensor<4x64xf32, int8, axis<0, f32>, dense>
!bytes = !qnn.tensor<64x64xf32, int8, axis<0, f32>, dense>

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "alderlake">} {
  // CHECK-LABEL: func.func @tokens(
  func.func @tokens(%x: !rows) -> tensor<4x64xf32> {
    %codes = arith.constant dense<7> : tensor<64x64xi8>
    %scales = arith.constant dense<0.5> : tensor<64xf32>
    %w = qnn.wrap %codes, %scales : (tensor<64x64xi8>, tensor<64xf32>) -> !bytes
    // CHECK: qnn.matmul {{.*}}kernel = #qnn.kernel<"direct_i8_avxvnni",
    %0 = qnn.matmul %x, %w {transpose_b} : (!rows, !bytes) -> tensor<4x64xf32>
    return %0 : tensor<4x64xf32>
  }
}
