// RUN: qcc-opt %s -qnn-fold-constants=after-kernels | FileCheck %s

!w = !qnn.tensor<2x2x2xf32, int8, tensor<f32>, dense>

// Without a kernel, what a loop would decode is a constant.
// CHECK-LABEL: func.func @loops(
// CHECK: %[[W:.*]] = arith.constant dense<{{.*}}2.000000e+00, 4.000000e+00
// CHECK-NOT: qnn.decode
// CHECK: qnn.matmul %{{.*}}, %[[W]]
func.func @loops(%x: tensor<2x3x2xf32>) -> tensor<2x3x2xf32> {
  %codes = arith.constant dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi8>
  %scale = arith.constant dense<2.0> : tensor<f32>
  %w = qnn.wrap %codes, %scale : (tensor<2x2x2xi8>, tensor<f32>) -> !w
  %0 = qnn.decode %w : (!w) -> tensor<2x2x2xf32>
  %1 = qnn.matmul %x, %0 : (tensor<2x3x2xf32>, tensor<2x2x2xf32>) -> tensor<2x3x2xf32>
  return %1 : tensor<2x3x2xf32>
}

!v = !qnn.tensor<128x64xf32, int8, tensor<f32>, dense>

// An elementwise op decodes what it reads.
// CHECK-LABEL: func.func @elementwise(
// CHECK: qnn.decode
func.func @elementwise(%x: tensor<128x64xf32>, %scale: tensor<f32>) -> tensor<128x64xf32> {
  %codes = arith.constant dense_resource<codes> : tensor<128x64xi8>
  %one = arith.constant dense<1.0> : tensor<f32>
  %w = qnn.wrap %codes, %one : (tensor<128x64xi8>, tensor<f32>) -> !v
  %0 = qnn.decode %w : (!v) -> tensor<128x64xf32>
  %1 = qnn.binary mul %x, %0 : (tensor<128x64xf32>, tensor<128x64xf32>) -> tensor<128x64xf32>
  return %1 : tensor<128x64xf32>
}
