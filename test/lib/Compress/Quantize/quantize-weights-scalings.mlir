// RUN: qcc-opt %s -qnn-quantize-weights=format=fp8_e4m3 | FileCheck %s --check-prefix=AXIS
// RUN: qcc-opt %s -qnn-quantize-weights=format=int8:tensor | FileCheck %s --check-prefix=TENSOR
// RUN: qcc-opt %s -qnn-quantize-weights=format=uint4:axis | FileCheck %s --check-prefix=ZERO
// RUN: qcc-opt %s -qnn-quantize-weights=format=nf4 | FileCheck %s --check-prefix=NF4

// AXIS: !qnn.tensor<100x64xf32, e4m3fn, axis<0, f32>, dense>
// AXIS: %[[S:.*]] = qnn.reshape %{{.*}}#1 [100, 1] : (tensor<100xf32>) -> tensor<100x1xf32>
// AXIS: qnn.gather %[[S]], %{{.*}} -> tensor<2x?x1xf32>
// AXIS: qnn.wrap %{{.*}} -> !qnn.tensor<2x?x64xf32, e4m3fn, block<1x1x64, f32>, dense>

// TENSOR: %[[C:.*]]:2 = qnn.unwrap %{{.*}} : (!qnn.tensor<100x64xf32, int8, tensor<f32>, dense>)
// TENSOR: %[[R:.*]] = qnn.gather %[[C]]#0
// TENSOR: qnn.wrap %[[R]], %[[C]]#1 : (tensor<2x?x64xi8>, tensor<f32>) -> !qnn.tensor<2x?x64xf32, int8, tensor<f32>, dense>

// ZERO: %[[C:.*]]:3 = qnn.unwrap %{{.*}} : (!qnn.tensor<100x64xf32, uint4, axis<0, f32, zero>, dense>)
// ZERO: qnn.wrap %{{.*}} : (tensor<2x?x32xi8>, tensor<2x?x1xf32>, tensor<2x?x1xi8>) -> !qnn.tensor<2x?x64xf32, uint4, block<1x1x64, f32, zero>, dense>

// NF4: !qnn.tensor<100x64xf32, nf4, block<1x64, f16>, dense>
func.func @rows(%i: tensor<2x?xi64>) -> tensor<2x?x64xf32> {
  %w = arith.constant dense<1.0> : tensor<100x64xf32>
  %x = qnn.gather %w, %i {axis = 0 : i64} : (tensor<100x64xf32>, tensor<2x?xi64>) -> tensor<2x?x64xf32>
  return %x : tensor<2x?x64xf32>
}
