// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-decide-kernels -qnn-verify-kernels -split-input-file | FileCheck %s
// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-decide-kernels -split-input-file 2>&1 >/dev/null | FileCheck %s --check-prefix=WARN

!x = !qnn.tensor<4x64xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-LABEL: func.func @kernels(
  func.func @kernels(%x: tensor<4x64xf32>, %q: !x) {
    %w = arith.constant dense<1.0> : tensor<8x64xf32>
    %v = arith.constant dense<1.0> : tensor<8x2048xf32>
    %wc = arith.constant dense<3> : tensor<8x64xi8>
    %ws = arith.constant dense<0.5> : tensor<8xf32>
    %wq = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<8xf32>) -> !w
    // CHECK: qnn.matmul %{{.*}}, %{{.*}} {kernel = #qnn.kernel<"toy_reals", acc = f32>, transpose_b}
    %0 = qnn.matmul %x, %w {qnn.why_not = "of an earlier run", transpose_b} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    // CHECK: qnn.matmul %{{.*}}, %{{.*}} {kernel = #qnn.kernel<"toy_codes", acc = i32>, transpose_b}
    %1 = qnn.matmul %q, %wq {transpose_b} : (!x, !w) -> tensor<4x8xf32>
    // CHECK: qnn.matmul %{{.*}}, %{{.*}} {qnn.why_not = "the weights are computed at run time", transpose_b}
    %2 = qnn.matmul %x, %x {transpose_b} : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x4xf32>
    // CHECK: qnn.why_not = "the window of one result does not fit into the scratchpad"
    %y = tensor.empty() : tensor<4x2048xf32>
    %3 = qnn.matmul %y, %v {transpose_b} : (tensor<4x2048xf32>, tensor<8x2048xf32>) -> tensor<4x8xf32>
    return
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy">} {
  // Long loops by weights are worth a warning.
  func.func @slow(%x: tensor<?x2048xf32>) -> tensor<?x2048xf32> {
    %v = arith.constant dense<1.0> : tensor<2048x2048xf32>
    // WARN: warning: is computed without a kernel, which may take many times longer: the window
    %0 = qnn.matmul %x, %v {transpose_b} : (tensor<?x2048xf32>, tensor<2048x2048xf32>) -> tensor<?x2048xf32>
    return %0 : tensor<?x2048xf32>
  }
}
