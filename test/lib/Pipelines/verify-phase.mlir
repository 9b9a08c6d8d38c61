// RUN: qcc-opt %s -verify-phase="phase=import" | FileCheck %s
// RUN: not qcc-opt %s -verify-phase="phase=imported" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown phase 'imported'

// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = qnn.unary exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
