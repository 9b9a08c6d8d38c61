// RUN: qcc-opt %s --convert-qnn-to-linalg --split-input-file --verify-diagnostics

// Ops on formatted values.
func.func @encode(%x: tensor<4xf32>, %s: tensor<f32>) -> !qnn.tensor<4xf32, int8, tensor<f32>, dense> {
  // expected-error @+1 {{has no lowering below phase storage; it must be rewritten by a pass before}}
  %0 = qnn.encode %x, %s : (tensor<4xf32>, tensor<f32>) -> !qnn.tensor<4xf32, int8, tensor<f32>, dense>
  return %0 : !qnn.tensor<4xf32, int8, tensor<f32>, dense>
}

// -----

func.func @matmul_formatted_rhs(%x: tensor<2x4xf32>, %w: !qnn.tensor<4x3xf32, int8, tensor<f32>, dense>) -> tensor<2x3xf32> {
  // expected-error @+1 {{'qnn.matmul' op has no lowering below phase storage}}
  %0 = qnn.matmul %x, %w : (tensor<2x4xf32>, !qnn.tensor<4x3xf32, int8, tensor<f32>, dense>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @matmul_formatted_lhs(%x: !qnn.tensor<2x4xf32, int8, tensor<f32>, dense>, %w: tensor<4x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{'qnn.matmul' op has no lowering below phase storage}}
  %0 = qnn.matmul %x, %w : (!qnn.tensor<2x4xf32, int8, tensor<f32>, dense>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @conv_formatted_weights(%x: tensor<1x4x8xf32>, %w: !qnn.tensor<6x4x1xf32, int8, tensor<f32>, dense>) -> tensor<1x6x8xf32> {
  // expected-error @+1 {{'qnn.conv' op has no lowering below phase storage}}
  %0 = qnn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>}
    : (tensor<1x4x8xf32>, !qnn.tensor<6x4x1xf32, int8, tensor<f32>, dense>) -> tensor<1x6x8xf32>
  return %0 : tensor<1x6x8xf32>
}

// -----

func.func @conv_formatted_input(%x: !qnn.tensor<1x4x8xf32, int8, tensor<f32>, dense>, %w: tensor<6x4x1xf32>) -> tensor<1x6x8xf32> {
  // expected-error @+1 {{'qnn.conv' op has no lowering below phase storage}}
  %0 = qnn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>}
    : (!qnn.tensor<1x4x8xf32, int8, tensor<f32>, dense>, tensor<6x4x1xf32>) -> tensor<1x6x8xf32>
  return %0 : tensor<1x6x8xf32>
}

// -----

// A group's channels follow from the extents of the weights.
func.func @conv_of_unknown_groups(%x: tensor<1x4x8xf32>, %w: tensor<?x2x1xf32>) -> tensor<1x?x8xf32> {
  // expected-error @+1 {{'qnn.conv' op has no lowering below phase storage}}
  %0 = qnn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 2 : i64}
    : (tensor<1x4x8xf32>, tensor<?x2x1xf32>) -> tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}

// -----

func.func @decode_sparse(%c: tensor<2x4xi8>, %s: tensor<f32>, %i: tensor<2x1xi8>) -> tensor<2x8xf32> {
  // expected-error @+1 {{'qnn.decode_stored' op has no lowering below phase storage}}
  %0 = qnn.decode_stored %c, %i, %s {format = #qnn.format<int8, tensor<f32>, nm<2, 4, axis = 1>>}
    : (tensor<2x4xi8>, tensor<2x1xi8>, tensor<f32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}
