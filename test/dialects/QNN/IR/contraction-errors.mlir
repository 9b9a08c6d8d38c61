// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in ContractionOps.td are in the name of the function.

func.func @matmul_c1(%a: tensor<64xf32>, %b: tensor<64x8xf32>) {
  // expected-error @below {{multiplies matrices, got ranks 1 and 2}}
  %y = qnn.matmul %a, %b : (tensor<64xf32>, tensor<64x8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @matmul_c1_scalar(%a: tensor<f32>) {
  // expected-error @below {{multiplies matrices, got ranks 0 and 0}}
  %y = qnn.matmul %a, %a : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @matmul_c2(%a: tensor<?x64xf32>, %b: tensor<8x32xf32>) {
  // expected-error @below {{contracts an extent of 64 with one of 32}}
  %y = qnn.matmul %a, %b {transpose_b} : (tensor<?x64xf32>, tensor<8x32xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @matmul_c3(%a: tensor<?x64xf32>, %b: tensor<64x8xf16>) {
  // expected-error @below {{multiplies values of different types, 'f32' and 'f16'}}
  %y = qnn.matmul %a, %b : (tensor<?x64xf32>, tensor<64x8xf16>) -> tensor<?x8xf32>
  return
}

// -----

func.func @matmul_c4(%a: tensor<8x64xf32>, %b: !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{kernel 'gemm' accumulates in 'i32', so both operands need integer codes}}
  %y = qnn.matmul %a, %b {transpose_b, kernel = #qnn.kernel<"gemm", acc = i32>} : (tensor<8x64xf32>, !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) -> tensor<8x8xf32>
  return
}

// -----

func.func @matmul_c5(%a: tensor<?x64xf32>, %b: tensor<8x64xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<?x8xf32>' are incompatible with return type(s) of operation 'tensor<4x8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.matmul %a, %b {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @matmul_c5_accumulators(%a: !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{inferred type(s) 'tensor<8x8xi32>' are incompatible with return type(s) of operation 'tensor<8x8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.matmul %a, %a {transpose_b, accumulators} : (!qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>, !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) -> tensor<8x8xf32>
  return
}

// -----

func.func @matmul_c6(%a: tensor<2x8x64xf32>, %b: tensor<3x64x8xf32>) {
  // expected-error @below {{batch axes cannot be broadcast: 'tensor<2x8x64xf32>' and 'tensor<3x64x8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.matmul %a, %b : (tensor<2x8x64xf32>, tensor<3x64x8xf32>) -> tensor<2x8x8xf32>
  return
}

// -----

func.func @matmul_c7(%a: tensor<8x64xf32>, %b: !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{gives accumulators, so both operands need integer codes}}
  %y = qnn.matmul %a, %b {transpose_b, accumulators} : (tensor<8x64xf32>, !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>) -> tensor<8x8xi32>
  return
}

// -----

func.func @conv_c1_rank(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @below {{needs input and weights of one rank, 3 to 5, got 4 and 3}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c1_vector(%x: tensor<8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{needs input and weights of one rank, 3 to 5, got 1 and 1}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @conv_c2_count(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{needs a window, strides and dilations of 2 and pads of 4 elements}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c2_sign(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{window, strides and dilations must be positive, and pads not negative}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c3_channels(%x: tensor<1x4x8x8xf32>, %w: tensor<6x3x3x3xf32>) {
  // expected-error @below {{with 1 group(s) cannot take 4 input channels and weights of 6, 3, 3, 3}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x3x3x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c3_groups(%x: tensor<1x4x8x8xf32>, %w: tensor<6x1x3x3xf32>) {
  // expected-error @below {{with 4 group(s) cannot take 4 input channels and weights of 6, 1, 3, 3}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64}
    : (tensor<1x4x8x8xf32>, tensor<6x1x3x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c4_weights(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf16>) {
  // expected-error @below {{has values of different types: input 'f32', weights 'f16'}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf16>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c4_bias(%x: !qnn.tensor<1x4x8x8xf32, uint8, tensor<f32, zero>, dense>, %w: !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>, %b: tensor<6xf32>) {
  // expected-error @below {{adds a bias of 'f32' to results of 'i32'}}
  %y = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, accumulators}
    : (!qnn.tensor<1x4x8x8xf32, uint8, tensor<f32, zero>, dense>, !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>, tensor<6xf32>) -> tensor<1x6x6x6xi32>
  return
}

// -----

func.func @conv_c5(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{needs one bias for each of 6 channels, got 'tensor<5xf32>'}}
  %y = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>, tensor<5xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c6(%x: tensor<1x4x8x8xf32>, %w: !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{gives accumulators, so both operands need integer codes}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, accumulators}
    : (tensor<1x4x8x8xf32>, !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>) -> tensor<1x6x6x6xi32>
  return
}

// -----

func.func @conv_c7(%x: tensor<1x4x8x8xf32>, %w: !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>) {
  // expected-error @below {{kernel 'conv' accumulates in 'i32', so both operands need integer codes}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, kernel = #qnn.kernel<"conv", acc = i32>}
    : (tensor<1x4x8x8xf32>, !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>) -> tensor<1x6x6x6xf32>
  return
}

// -----

func.func @conv_c8(%x: tensor<1x4x2x8xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @below {{a window that reaches over 3 elements does not fit into 2 with pads of 0 and 0}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x2x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x0x6xf32>
  return
}

// -----

func.func @requantize_c1_shape(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %p0: tensor<f32>, %p1: tensor<i8>) {
  // expected-error @below {{gives integer codes of the shape of 'tensor<4x8xi32>', not '!qnn.tensor<4x4xf32, uint8, tensor<f32, zero>, dense>'}}
  %y = qnn.requantize %a, %sx, %sw, %p0, %p1 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>) -> !qnn.tensor<4x4xf32, uint8, tensor<f32, zero>, dense>
  return
}

// -----

func.func @requantize_c1_codes(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %p0: tensor<f32>) {
  // expected-error @below {{gives integer codes of the shape of 'tensor<4x8xi32>', not '!qnn.tensor<4x8xf32, e4m3fn, tensor<f32>, dense>'}}
  %y = qnn.requantize %a, %sx, %sw, %p0 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<f32>, tensor<f32>) -> !qnn.tensor<4x8xf32, e4m3fn, tensor<f32>, dense>
  return
}

// -----

func.func @requantize_c2_parameters(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %p0: tensor<f32>) {
  // expected-error @below {{expects 2 component(s), scales, zero points, got 1}}
  %y = qnn.requantize %a, %sx, %sw, %p0 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<f32>, tensor<f32>) -> !qnn.tensor<4x8xf32, uint8, tensor<f32, zero>, dense>
  return
}

// -----

func.func @requantize_c2_scales(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %p0: tensor<4xf32>) {
  // expected-error @below {{needs one scale for the whole result}}
  %y = qnn.requantize %a, %sx, %sw, %p0 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<f32>, tensor<4xf32>) -> !qnn.tensor<4x8xf32, int8, axis<0, f32>, dense>
  return
}

// -----

func.func @requantize_c3_rank(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<1x8xf32>, %p0: tensor<f32>, %p1: tensor<i8>) {
  // expected-error @below {{needs a scalar or one scale for each index along axis 1 of the weights, got 'tensor<1x8xf32>'}}
  %y = qnn.requantize %a, %sx, %sw, %p0, %p1 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<1x8xf32>, tensor<f32>, tensor<i8>) -> !qnn.tensor<4x8xf32, uint8, tensor<f32, zero>, dense>
  return
}

// -----

func.func @requantize_c3_count(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<4xf32>, %p0: tensor<f32>, %p1: tensor<i8>) {
  // expected-error @below {{needs one scale for each index along axis 1, got 'tensor<4xf32>'}}
  %y = qnn.requantize %a, %sx, %sw, %p0, %p1 {axis = 1 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<4xf32>, tensor<f32>, tensor<i8>) -> !qnn.tensor<4x8xf32, uint8, tensor<f32, zero>, dense>
  return
}

// -----

func.func @requantize_c3_axis(%a: tensor<4x8xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %p0: tensor<f32>, %p1: tensor<i8>) {
  // expected-error @below {{axis 1000000000 is not an axis of a tensor of rank 2}}
  %y = qnn.requantize %a, %sx, %sw, %p0, %p1 {axis = 1000000000 : i64}
    : (tensor<4x8xi32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>) -> !qnn.tensor<4x8xf32, uint8, tensor<f32, zero>, dense>
  return
}

// -----

func.func @conv_c2_large(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @below {{window, strides, pads and dilations must be at most 2^31}}
  // expected-error @below {{failed to infer returned types}}
  %y = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 4611686018427387904, 1>}
    : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x6xf32>
  return
}
