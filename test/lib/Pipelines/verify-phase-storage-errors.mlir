// RUN: qcc-opt %s -verify-phase="phase=storage" -verify-diagnostics

!q = !qnn.tensor<4xf32, int8, none, dense>

func.func @main(%x: !q) -> tensor<4xf32> {
  // expected-error @below {{'qnn.decode' op still has a !qnn.tensor, so the module cannot stand after phase 'storage'}}
  %0 = qnn.decode %x : (!q) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
