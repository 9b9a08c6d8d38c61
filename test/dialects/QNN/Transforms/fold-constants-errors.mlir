// RUN: qcc-opt %s -qnn-fold-constants -verify-diagnostics

func.func @gather() -> tensor<f32> {
  %t = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<7> : tensor<i64>
  // expected-remark@+1 {{is not computed at compile time: }}
  %y = qnn.gather %t, %i {axis = 0 : i64} : (tensor<2xf32>, tensor<i64>) -> tensor<f32>
  return %y : tensor<f32>
}
