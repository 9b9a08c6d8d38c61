// RUN: qcc-opt %s --cpu-lower-loops --verify-diagnostics

func.func @softmax(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  // expected-error @+1 {{has no form as linalg.generic and therefore cannot become loops}}
  linalg.softmax dimension(1) ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
  return
}
