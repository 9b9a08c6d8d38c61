// RUN: qcc-opt %s -split-input-file -verify-phase="phase=storage" -verify-diagnostics

!q = !qnn.tensor<4xf32, int8, none, dense>

func.func @main(%x: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{'qnn.wrap' op still has a !qnn.tensor, so the module cannot stand after phase 'storage'}}
  %q = qnn.wrap %x : (tensor<4xi8>) -> !q
  // expected-error @below {{'qnn.decode' op still has a !qnn.tensor, so the module cannot stand after phase 'storage'}}
  %0 = qnn.decode %q : (!q) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

!q = !qnn.tensor<4xf32, int8, none, dense>

// expected-error @below {{'func.func' op still has a !qnn.tensor, so the module cannot stand after phase 'storage'}}
func.func @main(%unused: !q, %x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
