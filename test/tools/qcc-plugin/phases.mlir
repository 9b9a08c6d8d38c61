// REQUIRES: mlir-opt-plugins
// RUN: mlir-opt %s --load-dialect-plugin=%qcc_plugin --load-pass-plugin=%qcc_plugin \
// RUN:   --pass-pipeline='builtin.module(qcc-pipeline{from=import to=storage weights=int8},cpu-lower)' > %t.plugin
// RUN: qcc-opt %s --pass-pipeline='builtin.module(qcc-pipeline{from=import to=storage weights=int8},cpu-lower)' > %t.own
// RUN: diff %t.plugin %t.own
// RUN: FileCheck %s < %t.plugin

// Told twice of one plug-in, as by two scripts, a tool has it once.
// RUN: mlir-opt %s --load-dialect-plugin=%qcc_plugin --load-dialect-plugin=%qcc_plugin \
// RUN:   --load-pass-plugin=%qcc_plugin --load-pass-plugin=%qcc_plugin \
// RUN:   --pass-pipeline='builtin.module(qcc-pipeline{from=import to=storage weights=int8},cpu-lower)' | FileCheck %s

// All phases with their target run in a stock mlir-opt as in qcc-opt.

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "haswell">} {
  // CHECK: llvm.func @qccgen_main(
  func.func @main(%x: tensor<?x2xf32> {qcc.name = "x"}) -> (tensor<?x2xf32> {qcc.name = "y"}) {
    %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %y = qnn.matmul %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  }
}
