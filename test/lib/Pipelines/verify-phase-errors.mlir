// RUN: qcc-opt %s -verify-phase="phase=import" -split-input-file -verify-diagnostics

// expected-error @below {{has no function @main, which is the model}}
module {
}

// -----

func.func @main(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'linalg.exp' op belongs to a later phase, so the module cannot stand after phase 'import'}}
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @main(%x: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{'qnn.decode_stored' op belongs to phase storage and later, so the module cannot stand after phase 'import'}}
  %0 = qnn.decode_stored %x {format = #qnn.format<int8, none, dense>} : (tensor<4xi8>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
