// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in ReductionOps.td are in the name of the function.

func.func @reduce_c1_order(%x: tensor<2x3xf32>) {
  // expected-error @below {{axes must be distinct and ascending axes of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.reduce sum %x {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_c1_range(%x: tensor<2x3xf32>) {
  // expected-error @below {{axes must be distinct and ascending axes of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.reduce sum %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @reduce_c2(%x: tensor<2x3xi1>) {
  // expected-error @below {{sum is no reduction of i1}}
  %y = qnn.reduce sum %x {axes = array<i64: 1>} : (tensor<2x3xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @arg_reduce_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.arg_reduce max %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  return
}

// -----

func.func @arg_reduce_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{finds max or min, not sum}}
  %y = qnn.arg_reduce sum %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  return
}

// -----

func.func @cumulate_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis -1 is not an axis of a tensor of rank 2}}
  %y = qnn.cumulate sum %x {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
