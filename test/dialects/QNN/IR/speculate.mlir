// RUN: qcc-opt %s -loop-invariant-code-motion | FileCheck %s

// An index out of range is an error, so a loop that does not run must not read it.
// CHECK-LABEL: func.func @loop(
// CHECK-NOT: qnn.gather
// CHECK: scf.for
// CHECK: qnn.gather
func.func @loop(%x: tensor<4xf32>, %i: tensor<2xi64>, %n: index, %init: tensor<2xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%sum = %init) -> tensor<2xf32> {
    %g = qnn.gather %x, %i {axis = 0 : i64} : (tensor<4xf32>, tensor<2xi64>) -> tensor<2xf32>
    %next = qnn.binary add %sum, %g : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    scf.yield %next : tensor<2xf32>
  }
  return %r : tensor<2xf32>
}
