// RUN: qcc-opt %s -qnn-apply-kernels -split-input-file -verify-diagnostics

#k = #qnn.kernel<"toy_reals", acc = f32>

func.func @activations(%x: tensor<4x64xf32>) -> tensor<4x4xf32> {
  // expected-error @below {{has a kernel that cannot be applied: the weights are computed at run time}}
  %y = qnn.matmul %x, %x {kernel = #k, transpose_b} : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
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
