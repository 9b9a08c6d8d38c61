// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-verify-kernels | FileCheck %s

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK: kernel = #qnn.kernel<"toy_reals", acc = f32>
  func.func @by_hand(%x: tensor<4x64xf32>) -> tensor<4x8xf32> {
    %w = arith.constant dense<1.0> : tensor<8x64xf32>
    %0 = qnn.matmul %x, %w {transpose_b, kernel = #qnn.kernel<"toy_reals", acc = f32>} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    return %0 : tensor<4x8xf32>
  }
}
