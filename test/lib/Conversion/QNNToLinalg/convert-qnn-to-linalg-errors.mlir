// RUN: qcc-opt %s --convert-qnn-to-linalg --verify-diagnostics

func.func @main(%x: tensor<4xf32>, %s: tensor<f32>) -> !qnn.tensor<4xf32, int8, tensor<f32>, dense> {
  // expected-error @+1 {{has no lowering below phase storage; it must be rewritten by a pass before}}
  %0 = qnn.encode %x, %s : (tensor<4xf32>, tensor<f32>) -> !qnn.tensor<4xf32, int8, tensor<f32>, dense>
  return %0 : !qnn.tensor<4xf32, int8, tensor<f32>, dense>
}
