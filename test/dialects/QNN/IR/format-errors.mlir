// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in FormatOps.td are in the name of the function.

func.func @wrap_c1_count(%c: tensor<8x32xi8>) {
  // expected-error @below {{expects 2 component(s), codes, scales, got 1}}
  %w = qnn.wrap %c : (tensor<8x32xi8>) -> !qnn.tensor<8x64xf32, int4, axis<0, f32>, dense>
  return
}

// -----

func.func @wrap_c1_type(%c: tensor<8x64xi4>, %s: tensor<8xf32>) {
  // expected-error @below {{expects codes of type 'tensor<8x32xi8>', got 'tensor<8x64xi4>'}}
  %w = qnn.wrap %c, %s : (tensor<8x64xi4>, tensor<8xf32>) -> !qnn.tensor<8x64xf32, int4, axis<0, f32>, dense>
  return
}

// -----

func.func @unwrap_c1(%x: !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{inferred type(s) 'tensor<8x64xi8>', 'tensor<8xf32>' are incompatible}}
  // expected-error @below {{failed to infer returned types}}
  %c:2 = qnn.unwrap %x : (!qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) -> (tensor<8x64xi8>, tensor<64xf32>)
  return
}

// -----

func.func @encode_c1(%x: tensor<8x32xf32>, %s: tensor<f32>) {
  // expected-error @below {{encodes 'tensor<8x32xf32>', but its result holds 'tensor<8x64xf32>'}}
  %q = qnn.encode %x, %s : (tensor<8x32xf32>, tensor<f32>) -> !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>
  return
}

// -----

func.func @encode_c2(%x: tensor<8x64xf32>, %s: tensor<f32>, %z: tensor<i8>) {
  // expected-error @below {{expects 1 component(s), scales, got 2}}
  %q = qnn.encode %x, %s, %z : (tensor<8x64xf32>, tensor<f32>, tensor<i8>) -> !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>
  return
}

// -----

func.func @encode_c3(%x: tensor<8x64xf32>, %s: tensor<f32>) {
  // expected-error @below {{needs a dense layout; prune first and wrap what is left}}
  %q = qnn.encode %x, %s : (tensor<8x64xf32>, tensor<f32>) -> !qnn.tensor<8x64xf32, int8, tensor<f32>, nm<2, 4, axis = 1>>
  return
}

// -----

func.func @encode_auto_c1(%x: tensor<8x64xf16>) {
  // expected-error @below {{encodes 'tensor<8x64xf16>', but its result holds 'tensor<8x64xf32>'}}
  %q = qnn.encode_auto %x : (tensor<8x64xf16>) -> !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>
  return
}

// -----

func.func @encode_auto_c2(%x: tensor<8x64xf32>) {
  // expected-error @below {{needs a format with scales}}
  %q = qnn.encode_auto %x : (tensor<8x64xf32>) -> !qnn.tensor<8x64xf32, e4m3fn, none, dense>
  return
}

// -----

func.func @encode_auto_c3(%x: tensor<8x64xf32>) {
  // expected-error @below {{needs a dense layout}}
  %q = qnn.encode_auto %x : (tensor<8x64xf32>) -> !qnn.tensor<8x64xf32, int8, axis<0, f32>, nm<2, 4, axis = 1>>
  return
}

// -----

func.func @decode_c1(%x: !qnn.tensor<8x64xf32, e4m3fn, none, dense>) {
  // expected-error @below {{inferred type(s) 'tensor<8x64xf32>' are incompatible}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.decode %x : (!qnn.tensor<8x64xf32, e4m3fn, none, dense>) -> tensor<8x64xf16>
  return
}

// -----

func.func @dim_c1(%x: !qnn.tensor<8x64xf32, e4m3fn, none, dense>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  %d = qnn.dim %x, 2 : !qnn.tensor<8x64xf32, e4m3fn, none, dense>
  return
}
