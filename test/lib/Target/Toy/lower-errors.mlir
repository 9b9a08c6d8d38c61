// RUN: qcc-opt %s --load-dialect-plugin=%toy_target --load-pass-plugin=%toy_target \
// RUN:   --pass-pipeline='builtin.module(toy-lower)' -split-input-file -verify-diagnostics

// What was written by hand may ask for what phase place would have refused.

// expected-error @below {{has no function @main, which is the model}}
module {
}

// -----

// expected-error @below {{the toy needs the axis of samples in all inputs and outputs or in none}}
func.func @main(%x: tensor<?x4xf32>, %z: tensor<1x4xf32>) -> tensor<?x4xf32> {
  %0 = qnn.binary add %x, %z : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{the toy cannot do qnn.unary exp: compile the model for another target}}
  %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
