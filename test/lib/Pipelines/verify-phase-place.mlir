// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -verify-phase="phase=fuse" | FileCheck %s

// Behind another phase nobody asks the target: what follows may change the op.

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-LABEL: func.func @main(
  // CHECK: qnn.unary exp
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}
