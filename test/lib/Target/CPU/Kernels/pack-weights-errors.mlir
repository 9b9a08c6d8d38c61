// RUN: qcc-opt %s -split-input-file -cpu-pack-weights -verify-diagnostics

func.func @no_kernel(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2xf32>
  // expected-error @+1 {{has no kernel; a decision pass (qnn-decide-kernels) must run before kernels are made}}
  %0 = qnn.contract ins(%x, %w : tensor<?x2xf32>, tensor<3x2xf32>) outs(%y : tensor<?x3xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

func.func @not_constant(%x: tensor<?x2xf32>, %w: tensor<3x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @+1 {{has weights that are not constant, so they cannot be packed; fold constants before this pass}}
  %0 = qnn.contract ins(%x, %w : tensor<?x2xf32>, tensor<3x2xf32>) outs(%y : tensor<?x3xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

func.func @wrong_codes(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<1> : tensor<3x2xi8>
  // expected-error @+1 {{cannot be packed for its kernel: weights of 6 bytes where their shape needs 24}}
  %0 = qnn.contract ins(%x, %w : tensor<?x2xf32>, tensor<3x2xi8>) outs(%y : tensor<?x3xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 1, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
