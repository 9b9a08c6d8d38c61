// RUN: qcc-opt %s -qnn-apply-kernels -split-input-file -verify-diagnostics

#k = #qnn.kernel<"toy_reals", acc = f32>

func.func @repeated_left(%x: tensor<1x4x64xf32>, %w: tensor<3x64x4xf32>) -> tensor<3x4x4xf32> {
  // expected-error @below {{has a kernel that cannot be applied: the left operand's batch is repeated for the right one's}}
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<1x4x64xf32>, tensor<3x64x4xf32>) -> tensor<3x4x4xf32>
  return %y : tensor<3x4x4xf32>
}

// -----

#k = #qnn.kernel<"toy_reals", acc = f32>

func.func @weights_at_run_time(%x: tensor<1x8x8x4xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32> {
  // expected-error @below {{has a kernel that cannot be applied: the weights are computed at run time}}
  %y = qnn.conv %x, %w {kernel = #k, channels_last, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x8x8x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32>
  return %y : tensor<1x8x8x6xf32>
}

// -----

#k = #qnn.kernel<"toy_words", acc = i32>
!x = !qnn.tensor<2x?xf32, uint8, tensor<f32>, dense>
!w = !qnn.tensor<?x8xf32, int8, tensor<f32>, dense>

func.func @product_of_any_length(%x: !x, %w: !w) -> tensor<2x8xf32> {
  // expected-error @below {{32 bits hold sums of 65793 products of such codes, and here are more or any number; an accumulator of i64 holds all}}
  %y = qnn.matmul %x, %w {kernel = #k} : (!x, !w) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

#k = #qnn.kernel<"toy_words", acc = i32>
!x = !qnn.tensor<2x4xf32, uint8, axis<1, f32>, dense>
!w = !qnn.tensor<4x8xf32, int8, tensor<f32>, dense>

func.func @product_with_scales_along_the_sum(%x: !x, %w: !w) -> tensor<2x8xf32> {
  // expected-error @below {{sums of codes are of two operands with integers of at most 8 bits and scales that are constant along the sum}}
  %y = qnn.matmul %x, %w {kernel = #k} : (!x, !w) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<3x2x4xf32, uint8, tensor<f32>, dense>
!w = !qnn.tensor<3x4x8xf32, int8, tensor<f32>, dense>

func.func @batch_of_codes(%x: !x) -> tensor<3x2x8xf32> {
  %wc = arith.constant dense<3> : tensor<3x4x8xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %w = qnn.wrap %wc, %ws : (tensor<3x4x8xi8>, tensor<f32>) -> !w
  // expected-error @below {{a batch of weights is multiplied by plain activations}}
  %y = qnn.matmul %x, %w {kernel = #k} : (!x, !w) -> tensor<3x2x8xf32>
  return %y : tensor<3x2x8xf32>
}

// -----

#k = #qnn.kernel<"toy_reals", acc = f32>

func.func @channels_first(%x: tensor<1x4x8x8xf32>) -> tensor<1x6x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<6x4x1x1xf32>
  // expected-error @below {{has a kernel that cannot be applied: the image is not channels-last}}
  %y = qnn.conv %x, %w {kernel = #k, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x8x8xf32>
  return %y : tensor<1x6x8x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<4x64xf32, int8, tensor<f32>, dense>
!w = !qnn.tensor<8x64xf32, uint8, tensor<f32, zero>, dense>

func.func @zero_points(%x: !x) -> tensor<4x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %wz = arith.constant dense<5> : tensor<i8>
  %w = qnn.wrap %wc, %ws, %wz : (tensor<8x64xi8>, tensor<f32>, tensor<i8>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: the weights have zero points other than 0}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_blocks", acc = f32>
!w = !qnn.tensor<64x8xf32, uint4, block<32x1, f16, zero = 8>, dense>

func.func @packed_across(%x: tensor<4x64xf32>) -> tensor<4x8xf32> {
  %wc = arith.constant dense<3> : tensor<64x4xi8>
  %ws = arith.constant dense<0.5> : tensor<2x8xf16>
  %w = qnn.wrap %wc, %ws : (tensor<64x4xi8>, tensor<2x8xf16>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: the weights are packed along another axis than that of the sum}}
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<4x64xf32>, !w) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<1x70000xf32, uint8, tensor<f32>, dense>
!w = !qnn.tensor<3x70000xf32, int8, tensor<f32>, dense>

func.func @long_sum(%x: !x, %y: !x) -> (tensor<1x3xf32>, tensor<1x3xi32>) {
  %wc = arith.constant dense<3> : tensor<3x70000xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %w = qnn.wrap %wc, %ws : (tensor<3x70000xi8>, tensor<f32>) -> !w
  // Accumulators are modulo 2^32.
  %0 = qnn.matmul %y, %w {kernel = #k, transpose_b, accumulators} : (!x, !w) -> tensor<1x3xi32>
  // expected-error @below {{has a kernel that cannot be applied: 32 bits hold sums of 65793 products of such codes, and here are 70000}}
  %1 = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<1x3xf32>
  return %1, %0 : tensor<1x3xf32>, tensor<1x3xi32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<4x64xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<8x64xf32, int4, axis<0, f32>, dense>

func.func @packed(%x: !x) -> tensor<4x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x32xi8>
  %ws = arith.constant dense<0.5> : tensor<8xf32>
  %w = qnn.wrap %wc, %ws : (tensor<8x32xi8>, tensor<8xf32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: codes that share a byte cannot be summed as they are stored}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<4x64xf32, int8, none, dense>
!w = !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>

func.func @unscaled(%x: !x) -> tensor<4x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<8xf32>
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<8xf32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: codes without a scale are not multiplied by kernels}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<2x4x64xf32, int8, axis<1, f32>, dense>
!w = !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>

func.func @rows_of_batches(%x: !x) -> tensor<2x4x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<8xf32>
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<8xf32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: the input has scales along an axis, but not one for each row of a matrix}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<8x64xf32, uint8, axis<0, f32, zero>, dense>
!one = !qnn.tensor<1x64xf32, uint8, axis<0, f32, zero>, dense>
!w = !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>

func.func @zero_points_of_rows(%x: !x, %y: !one) -> (tensor<8x8xf32>, tensor<1x8xf32>) {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<f32>) -> !w
  %0 = qnn.matmul %y, %w {kernel = #k, transpose_b} : (!one, !w) -> tensor<1x8xf32>
  // expected-error @below {{has a kernel that cannot be applied: the input has a zero point for each row, which starts of outputs cannot hold}}
  %1 = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<8x8xf32>
  return %1, %0 : tensor<8x8xf32>, tensor<1x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>
!w = !qnn.tensor<8x64xf32, int8, block<1x8, f32>, dense>

func.func @blocks_along_the_sum(%x: !x) -> tensor<8x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<8x8xf32>
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<8x8xf32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: sums of codes are of two operands with integers of at most 8 bits and scales that are constant along the sum}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<8x64xf32, int16, tensor<f32>, dense>
!w = !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>

func.func @wide_codes(%x: !x) -> tensor<8x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<f32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: sums of codes are of two operands with integers of at most 8 bits}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// -----

#k = #qnn.kernel<"toy_blocks", acc = f32>
!x = !qnn.tensor<?x64xf32, int8, tensor<f32>, dense>
!w = !qnn.tensor<8x64xf32, int4, block<1x32, f32>, dense>

func.func @blocks_by_one_scale(%x: !x) -> tensor<?x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x32xi8>
  %ws = arith.constant dense<0.5> : tensor<8x2xf32>
  %w = qnn.wrap %wc, %ws : (tensor<8x32xi8>, tensor<8x2xf32>) -> !w
  // expected-error @below {{has a kernel that cannot be applied: sums of reals are of codes with a scale for each row and without zero points, or of plain values}}
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
