// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in TensorOps.td are in the name of the function.

func.func @reshape_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{has 6 elements, but its result holds 4}}
  %y = qnn.reshape %x [4] : (tensor<2x3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<2x3xf32>, %n: index) {
  // expected-error @below {{has 0 dynamic positions and operands for 1}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.reshape"(%x, %n) {static_sizes = array<i64: 2, 3>} : (tensor<2x3xf32>, index) -> tensor<2x3xf32>
  return
}

// -----

func.func @expand_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{expands rank 2 to the lower rank 1}}
  %y = qnn.expand %x [3] : (tensor<2x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @expand_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{expands an extent of 2 to 4}}
  %y = qnn.expand %x [4, 3] : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @expand_c3(%x: tensor<2x3xf32>) {
  // expected-error @below {{has 1 dynamic positions and operands for 0}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.expand"(%x) {static_sizes = array<i64: -9223372036854775808, 3>} : (tensor<2x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @transpose_c1_repeated(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs a permutation of 2 axes, got 1, 1}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.transpose %x {permutation = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @transpose_c1_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs a permutation of 2 axes, got 0}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.transpose %x {permutation = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @concat_c1() {
  // expected-error @below {{needs an operand}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.concat"() {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_c2_extent(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error @below {{joins different extents along axis 1, 3 and 4}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.concat %x, %y {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @concat_c2_type(%x: tensor<2x3xf32>, %y: tensor<2x3xi32>) {
  // expected-error @below {{joins different kinds of tensors, 'tensor<2x3xf32>' and 'tensor<2x3xi32>'}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.concat %x, %y {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xi32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @concat_c3(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %z = qnn.concat %x, %x {axis = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs offsets, sizes and strides for 2 axes}}
  %y = qnn.slice %x [0] [2, 3] [1, 1] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c1_operands(%x: tensor<2x3xf32>, %n: index) {
  // expected-error @below {{has 0 dynamic positions and operands for 1}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.slice"(%x, %n) {static_offsets = array<i64: 0, 0>, static_sizes = array<i64: 2, 3>, strides = array<i64: 1, 1>, operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<2x3xf32>, index) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{has a stride of 0 along axis 1}}
  %y = qnn.slice %x [0, 0] [2, 3] [1, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c3(%x: tensor<2x3xf32>) {
  // expected-error @below {{reaches from 1 to 3 along axis 1, whose extent is 3}}
  %y = qnn.slice %x [0, 1] [2, 3] [1, 1] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c3_backward(%x: tensor<2x3xf32>) {
  // expected-error @below {{reaches from 1 to -1 along axis 1, whose extent is 3}}
  %y = qnn.slice %x [0, 1] [2, 3] [1, -1] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c1_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs paddings of 0 or more for 2 axes}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pad edge %x low [0] high [0, 1] : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @pad_c1_sign(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs paddings of 0 or more for 2 axes}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pad edge %x low [0, 0] high [0, -1] : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @pad_c2_mode(%x: tensor<2x3xf32>, %v: tensor<f32>) {
  // expected-error @below {{pads 'f32' in mode edge with a 'tensor<f32>'}}
  %y = qnn.pad edge %x low [0, 0] high [0, 1] value %v : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @pad_c2_type(%x: tensor<2x3xf32>, %v: tensor<i32>) {
  // expected-error @below {{pads 'f32' in mode constant with a 'tensor<i32>'}}
  %y = qnn.pad constant %x low [0, 0] high [0, 1] value %v : (tensor<2x3xf32>, tensor<i32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @tile_c1_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs repeats of 0 or more for 2 axes}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.tile %x [2] : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @tile_c1_sign(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs repeats of 0 or more for 2 axes}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.tile %x [2, -1] : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @iota_c1() {
  // expected-error @below {{axis 1 is not an axis of a tensor of rank 1}}
  %y = qnn.iota [4] {axis = 1 : i64, element_type = i64} : tensor<4xi64>
  return
}

// -----

func.func @iota_c2(%n: index) {
  // expected-error @below {{has 0 dynamic positions and operands for 1}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.iota"(%n) {static_sizes = array<i64: 4>, axis = 0 : i64, element_type = i64} : (index) -> tensor<4xi64>
  return
}

// -----

func.func @non_zero_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2x6xi64>', 'index' are incompatible with return type(s) of operation 'tensor<6x2xi64>', 'index'}}
  // expected-error @below {{failed to infer returned types}}
  %y:2 = qnn.non_zero %x : (tensor<2x3xf32>) -> (tensor<6x2xi64>, index)
  return
}

// -----

func.func @top_k_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 2 is not an axis of a tensor of rank 2}}
  // expected-error @below {{failed to infer returned types}}
  %y:2 = qnn.top_k %x [1] {axis = 2 : i64, largest = true} : (tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
  return
}

// -----

func.func @top_k_c2_many(%x: tensor<2x3xf32>) {
  // expected-error @below {{finds 4 elements among 3}}
  // expected-error @below {{failed to infer returned types}}
  %y:2 = qnn.top_k %x [4] {axis = 1 : i64, largest = true} : (tensor<2x3xf32>) -> (tensor<2x4xf32>, tensor<2x4xi64>)
  return
}

// -----

func.func @top_k_c2_sign(%x: tensor<2x?xf32>) {
  // expected-error @below {{has the negative number -1}}
  // expected-error @below {{failed to infer returned types}}
  %y:2 = qnn.top_k %x [-1] {axis = 1 : i64, largest = true} : (tensor<2x?xf32>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
  return
}

// -----

func.func @top_k_c2_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{needs one k, got 0}}
  // expected-error @below {{failed to infer returned types}}
  %y:2 = "qnn.top_k"(%x) {static_k = array<i64>, axis = 1 : i64, largest = true} : (tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
  return
}

// -----

// What is inferred from sizes that no tensor has must not wrap.

func.func @reshape_c2_negative(%x: tensor<4xf32>) {
  // expected-error @below {{has the negative number -4}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.reshape"(%x) {static_sizes = array<i64: -4>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @tile_c1_large(%x: tensor<4xf32>) {
  // expected-error @below {{gives an extent of 4 * 4611686018427387904, which is beyond 64 bits}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.tile %x [4611686018427387904] : (tensor<4xf32>) -> tensor<0xf32>
  return
}

// -----

func.func @pad_c1_large(%x: tensor<4xf32>) {
  // expected-error @below {{gives an extent of 4 + 9223372036854775807, which is beyond 64 bits}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pad constant %x low [9223372036854775807] high [0] : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @concat_c2_large(%x: tensor<9223372036854775807xf32>) {
  // expected-error @below {{gives an extent of 9223372036854775807 + 9223372036854775807, which is beyond 64 bits}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.concat %x, %x {axis = 0 : i64} : (tensor<9223372036854775807xf32>, tensor<9223372036854775807xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @slice_c3_large(%x: tensor<8xf32>) {
  // expected-error @below {{reaches beyond 64 bits along axis 0}}
  %y = qnn.slice %x [0] [5] [4611686018427387904] : (tensor<8xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @non_zero_c1_large(%x: tensor<4294967296x4294967296xi1>) {
  // expected-error @below {{gives an extent of 4294967296 * 4294967296, which is beyond 64 bits}}
  // expected-error @below {{failed to infer returned types}}
  %p, %n = qnn.non_zero %x : (tensor<4294967296x4294967296xi1>) -> (tensor<2x0xi64>, index)
  return
}
