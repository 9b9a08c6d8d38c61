// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in WindowOps.td are in the name of the function.

func.func @pool_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{needs an input of 3 to 5 axes, got 2}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<4x8xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @pool_c2_count(%x: tensor<1x4x8x8xf32>) {
  // expected-error @below {{needs a window, strides and dilations of 2 and pads of 4 elements}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  return
}

// -----

func.func @pool_c2_sign(%x: tensor<1x4x8x8xf32>) {
  // expected-error @below {{window, strides and dilations must be positive, and pads not negative}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, -1, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  return
}

// -----

func.func @pool_c3(%x: tensor<1x4x8x8xf32>) {
  // expected-error @below {{a window that reaches over 9 elements does not fit into 8 with pads of 0 and 0}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 9, 9>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  return
}

// -----

func.func @resize_c1_count(%x: tensor<1x4xf32>, %s: tensor<2xf32>) {
  // expected-error @below {{needs sizes for 2 axes, got 1 with 0 operands}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.resize linear %x, %s [8] half_pixel floor : (tensor<1x4xf32>, tensor<2xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resize_c1_operands(%x: tensor<1x4xf32>, %s: tensor<2xf32>, %n: index) {
  // expected-error @below {{needs sizes for 2 axes, got 2 with 1 operands}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.resize"(%x, %s, %n) {mode = 1 : i32, static_sizes = array<i64: 1, 8>, coordinates = 0 : i32, rounding = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 1>} : (tensor<1x4xf32>, tensor<2xf32>, index) -> tensor<1x8xf32>
  return
}

// -----

func.func @resize_c2_scales(%x: tensor<1x4xf32>, %s: tensor<1xf32>) {
  // expected-error @below {{needs 2 scales, and of a roi twice as many elements}}
  %y = qnn.resize linear %x, %s [1, 8] half_pixel floor : (tensor<1x4xf32>, tensor<1xf32>) -> tensor<1x8xf32>
  return
}

// -----

func.func @resize_c2_roi(%x: tensor<1x4xf32>, %s: tensor<2xf32>, %r: tensor<2xf32>) {
  // expected-error @below {{needs 2 scales, and of a roi twice as many elements}}
  %y = qnn.resize linear %x, %s roi %r [1, 8] tf_crop_and_resize floor : (tensor<1x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x8xf32>
  return
}

// -----

func.func @grid_sample_c1_extent(%x: tensor<1x4x8x8xf32>, %g: tensor<1x5x5x3xf32>) {
  // expected-error @below {{needs input and grid of one rank, 4 or 5, and coordinates for each spatial axis, got 'tensor<1x4x8x8xf32>' and 'tensor<1x5x5x3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.grid_sample linear zeros %x, %g : (tensor<1x4x8x8xf32>, tensor<1x5x5x3xf32>) -> tensor<1x4x5x5xf32>
  return
}

// -----

func.func @grid_sample_c1_rank(%x: tensor<1x4x8xf32>, %g: tensor<1x5x1xf32>) {
  // expected-error @below {{needs input and grid of one rank, 4 or 5, and coordinates for each spatial axis, got 'tensor<1x4x8xf32>' and 'tensor<1x5x1xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.grid_sample linear zeros %x, %g : (tensor<1x4x8xf32>, tensor<1x5x1xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

func.func @grid_sample_c2(%x: tensor<2x4x8x8xf32>, %g: tensor<3x5x5x2xf32>) {
  // expected-error @below {{samples a batch of 2 by a grid for 3}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.grid_sample linear zeros %x, %g : (tensor<2x4x8x8xf32>, tensor<3x5x5x2xf32>) -> tensor<2x4x5x5xf32>
  return
}

// -----

func.func @pool_c4_before(%x: tensor<1x4x8xf32>) {
  // expected-error @below {{pads 3 and 0 elements, but a window reaches over 3: one could hold pads alone}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 3, 0>, dilations = array<i64: 2>} : (tensor<1x4x8xf32>) -> tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_c4_after(%x: tensor<1x4x8xf32>) {
  // expected-error @below {{pads 0 and 9 elements, but a window reaches over 3: one could hold pads alone}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 9>, dilations = array<i64: 1>, ceil_mode} : (tensor<1x4x8xf32>) -> tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_c2_large(%x: tensor<1x4x8xf32>) {
  // expected-error @below {{window, strides, pads and dilations must be at most 2^31}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.pool max %x {window = array<i64: 5>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 4611686018427387904>} : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  return
}

// -----

func.func @resize_c1_negative(%x: tensor<1x4xf32>, %s: tensor<2xf32>) {
  // expected-error @below {{needs sizes of 0 or more, got 1, -8}}
  // expected-error @below {{failed to infer returned types}}
  %y = "qnn.resize"(%x, %s) {mode = 1 : i32, static_sizes = array<i64: 1, -8>, coordinates = 0 : i32, rounding = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4xf32>, tensor<2xf32>) -> tensor<1x8xf32>
  return
}
