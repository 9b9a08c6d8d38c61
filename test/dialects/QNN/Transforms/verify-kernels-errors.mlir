// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-verify-kernels -verify-diagnostics

module attributes {qnn.target = #qnn.target<"toy">} {
  func.func @by_hand(%x: tensor<4x64xf32>) -> (tensor<4x8xf32>, tensor<4x4xf32>) {
    %w = arith.constant dense<1.0> : tensor<8x64xf32>
    // expected-error @below {{cannot be computed by kernel 'direct': it is no kernel for this work; the best is 'toy_reals'; remove the attribute and let the target choose}}
    %0 = qnn.matmul %x, %w {transpose_b, kernel = #qnn.kernel<"direct", acc = f32>} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    // expected-error @below {{cannot be computed by kernel 'toy_reals': the weights are computed at run time}}
    %1 = qnn.matmul %x, %x {transpose_b, kernel = #qnn.kernel<"toy_reals", acc = f32>} : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x4xf32>
    return %0, %1 : tensor<4x8xf32>, tensor<4x4xf32>
  }
}
