// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in TensorOps.td are in the name of the function.

func.func @gather_c1(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.gather %x, %i {axis = 2 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @gather_elements_c1(%x: tensor<2x3xf32>, %i: tensor<2x4xi64>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  %y = qnn.gather_elements %x, %i {axis = 2 : i64} : (tensor<2x3xf32>, tensor<2x4xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @gather_elements_c2(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error @below {{needs indices of rank 2, got 'tensor<4xi64>'}}
  %y = qnn.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @gather_nd_c1(%x: tensor<2x3xf32>, %i: tensor<4x?xi64>) {
  // expected-error @below {{needs indices whose innermost extent is static, got 'tensor<4x?xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<4x?xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @gather_nd_c2(%x: tensor<2x3xf32>, %i: tensor<2x2xi64>) {
  // expected-error @below {{reads at 2 positions after 1 batch axes, but the input has rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @scatter_elements_c1(%x: tensor<2x3xf32>, %i: tensor<2x1xi64>, %u: tensor<2x1xf32>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 2 : i64} : (tensor<2x3xf32>, tensor<2x1xi64>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_c2_indices(%x: tensor<2x3xf32>, %i: tensor<2xi64>, %u: tensor<2x1xf32>) {
  // expected-error @below {{needs indices of rank 2, got 'tensor<2xi64>'}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2xi64>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_c2_updates(%x: tensor<2x3xf32>, %i: tensor<2x1xi64>, %u: tensor<2xf32>) {
  // expected-error @below {{needs updates of rank 2, got 'tensor<2xf32>'}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_c3(%x: tensor<2x3xf32>, %i: tensor<2x1xi64>, %u: tensor<2x1xf16>) {
  // expected-error @below {{updates 'tensor<2x3xf32>' with 'tensor<2x1xf16>'}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xi64>, tensor<2x1xf16>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_nd_c1_dynamic(%x: tensor<2x3xf32>, %i: tensor<4x?xi64>, %u: tensor<4x3xf32>) {
  // expected-error @below {{needs indices whose innermost extent is static and at most 2, got 'tensor<4x?xi64>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x3xf32>, tensor<4x?xi64>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_nd_c1_depth(%x: tensor<2x3xf32>, %i: tensor<4x3xi64>, %u: tensor<4xf32>) {
  // expected-error @below {{needs indices whose innermost extent is static and at most 2, got 'tensor<4x3xi64>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x3xf32>, tensor<4x3xi64>, tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_nd_c2(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4xf32>) {
  // expected-error @below {{needs updates of rank 2, got 'tensor<4xf32>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_nd_c3(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x3xi32>) {
  // expected-error @below {{updates 'tensor<2x3xf32>' with 'tensor<4x3xi32>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x3xi32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gather_elements_c3(%x: tensor<2x3xf32>, %i: tensor<500000x3xi64>) {
  // expected-error @below {{has indices that reach over 500000 elements along axis 0, which has 2}}
  %y = qnn.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<500000x3xi64>) -> tensor<500000x3xf32>
  return
}

// -----

func.func @gather_nd_c3(%x: tensor<2x3xf32>, %i: tensor<5000000x1xi64>) {
  // expected-error @below {{needs the same 1 batch axes of input and indices, got 'tensor<2x3xf32>' and 'tensor<5000000x1xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<5000000x1xi64>) -> tensor<5000000xf32>
  return
}

// -----

func.func @scatter_elements_c4(%x: tensor<2x3xf32>, %i: tensor<5x3xi64>, %u: tensor<5x3xf32>) {
  // expected-error @below {{has indices that reach over 5 elements along axis 0, which has 2}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<5x3xi64>, tensor<5x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_c5(%x: tensor<2x3xf32>, %i: tensor<2x500000xi64>, %u: tensor<2x2xf32>) {
  // expected-error @below {{needs an update for each index, got 'tensor<2x2xf32>' for 'tensor<2x500000xi64>'}}
  %y = qnn.scatter_elements set %x, %i, %u {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x500000xi64>, tensor<2x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_nd_c4_indices(%x: tensor<2x1xf32>, %i: tensor<5000000x1xi64>, %u: tensor<1x1xf32>) {
  // expected-error @below {{needs updates 'tensor<5000000x1xf32>', got 'tensor<1x1xf32>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x1xf32>, tensor<5000000x1xi64>, tensor<1x1xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @scatter_nd_c4_input(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x2xf32>) {
  // expected-error @below {{needs updates 'tensor<4x3xf32>', got 'tensor<4x2xf32>'}}
  %y = qnn.scatter_nd set %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x2xf32>) -> tensor<2x3xf32>
  return
}
