// REQUIRES: mlir-opt-plugins
// RUN: mlir-opt %s --load-dialect-plugin=%qcc_plugin --load-pass-plugin=%qcc_plugin \
// RUN:   --pass-pipeline='builtin.module(qnn-fold-constants,convert-qnn-to-linalg,canonicalize,linalg-fuse-elementwise-ops,one-shot-bufferize{bufferize-function-boundaries})' \
// RUN:   | FileCheck %s

// qnn in somebody's own pipeline: our passes and upstream's stand side by side,
// and the Executor, which folding asks, is bound.

// CHECK: memref.global "private" constant @{{.*}} : memref<2xf32> = dense<[3.000000e+00, 5.000000e+00]>
// CHECK-LABEL: func.func @main(
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: arith.addf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @main(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %c = qnn.binary add %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %e = qnn.unary exp %x : (tensor<4x2xf32>) -> tensor<4x2xf32>
  %y = qnn.binary add %e, %c : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}
