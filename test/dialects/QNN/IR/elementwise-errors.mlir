// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in ElementwiseOps.td are in the name of the function.

func.func @unary_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<?x64xf32>' are incompatible with return type(s) of operation 'tensor<?x32xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.unary relu %x : (tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @unary_c2_integer(%x: tensor<4xi32>) {
  // expected-error @below {{exp is no function of 'i32'}}
  %y = qnn.unary exp %x : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @unary_c2_float(%x: tensor<4xf32>) {
  // expected-error @below {{bitwise_not is no function of 'f32'}}
  %y = qnn.unary bitwise_not %x : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unary_c2_bool(%x: tensor<4xi1>) {
  // expected-error @below {{neg is no function of 'i1'}}
  %y = qnn.unary neg %x : (tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @test_c1(%x: tensor<4xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<4xi1>' are incompatible with return type(s) of operation 'tensor<2xi1>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.test is_nan %x : (tensor<4xf32>) -> tensor<2xi1>
  return
}

// -----

func.func @binary_c1(%x: tensor<4xf32>, %y: tensor<4xf16>) {
  // expected-error @below {{has operands of different element types, 'f32' and 'f16'}}
  %z = qnn.binary add %x, %y : (tensor<4xf32>, tensor<4xf16>) -> tensor<4xf32>
  return
}

// -----

func.func @binary_c1_result(%x: tensor<4xf32>, %y: tensor<4xi32>) {
  // expected-error @below {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<4xi32>'}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.binary pow %x, %y : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @binary_c2(%x: tensor<2x4xf32>, %y: tensor<3x4xf32>) {
  // expected-error @below {{shapes cannot be broadcast: 'tensor<2x4xf32>' and 'tensor<3x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.binary add %x, %y : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @binary_c3_bits(%x: tensor<4xf32>) {
  // expected-error @below {{and_ is no function of 'f32'}}
  %z = qnn.binary and_ %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @binary_c3_shift(%x: tensor<4xi32>) {
  // expected-error @below {{shl is no function of 'i32'}}
  %z = qnn.binary shl %x, %x : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @binary_c3_bool(%x: tensor<4xi1>) {
  // expected-error @below {{add is no function of 'i1'}}
  %z = qnn.binary add %x, %x : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @compare_c1(%x: tensor<4xf32>, %y: tensor<4xi32>) {
  // expected-error @below {{has operands of different element types, 'f32' and 'i32'}}
  %z = qnn.compare lt %x, %y : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xi1>
  return
}

// -----

func.func @compare_c2(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error @below {{shapes cannot be broadcast: 'tensor<4xf32>' and 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.compare lt %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xi1>
  return
}

// -----

func.func @select_c1(%c: tensor<4xi1>, %x: tensor<4xf32>, %y: tensor<4xf16>) {
  // expected-error @below {{selects between different element types, 'f32' and 'f16'}}
  %z = qnn.select %c, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<4xf16>) -> tensor<4xf32>
  return
}

// -----

func.func @select_c2(%c: tensor<3xi1>, %x: tensor<4xf32>, %y: tensor<4xf32>) {
  // expected-error @below {{shapes cannot be broadcast: 'tensor<3xi1>' and 'tensor<4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.select %c, %x, %y : (tensor<3xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @cast_c1(%x: tensor<4xf32>) {
  // expected-error @below {{changes the shape of 'tensor<4xf32>' to that of 'tensor<2xi32>'}}
  %z = qnn.cast %x : (tensor<4xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @bitcast_c1(%x: tensor<4xf32>) {
  // expected-error @below {{changes the shape of 'tensor<4xf32>' to that of 'tensor<2xi32>'}}
  %z = qnn.bitcast %x : (tensor<4xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @bitcast_c2(%x: tensor<4xf32>) {
  // expected-error @below {{reads the bits of 'f32' as 'i16', which has another width}}
  %z = qnn.bitcast %x : (tensor<4xf32>) -> tensor<4xi16>
  return
}
