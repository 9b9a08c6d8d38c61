// RUN: qcc-opt %s -qnn-apply-kernels -canonicalize -cse -split-input-file | FileCheck %s

#k = #qnn.kernel<"toy_reals", acc = f32>

// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: tensor<?x8x8x4xf32>, %[[B:.*]]: tensor<6xf32>)
// CHECK: %[[W:.*]] = arith.constant dense_resource<__elided__> : tensor<6x4x3x3xf32>
// CHECK: %[[P:.*]] = qnn.pad constant %[[X]] low [0, 1, 2, 0] high [0, 1, 0, 0]
// CHECK: %[[V:.*]] = qnn.transpose %[[W]] {permutation = array<i64: 0, 2, 3, 1>} : (tensor<6x4x3x3xf32>) -> tensor<6x3x3x4xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x4x8x6xf32>
// CHECK: qnn.contract ins(%[[P]], %[[V]] : tensor<?x10x10x4xf32>, tensor<6x3x3x4xf32>) start(%[[B]] : tensor<6xf32>) outs(%[[E]] : tensor<?x4x8x6xf32>)
// CHECK-SAME: dilations = array<i64: 1, 1>, kernel = #qnn.kernel<"toy_reals", acc = f32>, strides = array<i64: 2, 1>, window = array<i64: 3, 3>
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK-NEXT: qnn.yield %[[ACC]] : f32
func.func @conv(%x: tensor<?x8x8x4xf32>, %b: tensor<6xf32>) -> tensor<?x4x8x6xf32> {
  %w = arith.constant dense_resource<__elided__> : tensor<6x4x3x3xf32>
  %y = qnn.conv %x, %w, %b {kernel = #k, channels_last, strides = array<i64: 2, 1>, pads = array<i64: 1, 2, 1, 0>, dilations = array<i64: 1, 1>}
    : (tensor<?x8x8x4xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<?x4x8x6xf32>
  return %y : tensor<?x4x8x6xf32>
}

// Leading axes become rows.
// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x64xf32>)
// CHECK: %[[M:.*]] = affine.apply #map()[%{{.*}}, %{{.*}}]
// CHECK: %[[R:.*]] = qnn.reshape %[[X]] [%[[M]], 64]
// CHECK: %[[W:.*]] = qnn.transpose %{{.*}} {permutation = array<i64: 1, 0>} : (tensor<64x8xf32>) -> tensor<8x64xf32>
// CHECK: %[[Y:.*]] = qnn.contract ins(%[[R]], %[[W]] : tensor<?x64xf32>, tensor<8x64xf32>) outs(
// CHECK: qnn.reshape %[[Y]] [%{{.*}}, %{{.*}}, 8] : (tensor<?x8xf32>) -> tensor<?x?x8xf32>
func.func @matmul(%x: tensor<?x?x64xf32>) -> tensor<?x?x8xf32> {
  %w = arith.constant dense_resource<__elided__> : tensor<64x8xf32>
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<?x?x64xf32>, tensor<64x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<1x8x8x4xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<6x4x1x1xf32, int8, axis<0, f32>, dense>

// What the zero point takes off joins the sum; scale and then bias follow it.
// CHECK-LABEL: func.func @quantized_conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x4xi8>, %[[SX:.*]]: tensor<f32>, %[[ZX:.*]]: tensor<i8>, %[[B:.*]]: tensor<6xf32>)
// CHECK-DAG: %[[P:.*]] = qnn.pad constant %[[X]] low [0, 1, 1, 0] high [0, 1, 1, 0] value %[[ZX]]
// CHECK-DAG: %[[W32:.*]] = qnn.cast %{{.*}} : (tensor<6x1x1x4xi8>) -> tensor<6x1x1x4xi32>
// CHECK-DAG: %[[SUM:.*]] = qnn.reduce sum %[[W32]] {axes = array<i64: 1, 2, 3>}
// CHECK-DAG: %[[UZ:.*]] = qnn.bitcast %[[ZX]] : (tensor<i8>) -> tensor<ui8>
// CHECK-DAG: %[[Z32:.*]] = qnn.cast %[[UZ]] : (tensor<ui8>) -> tensor<i32>
// CHECK-DAG: %[[C:.*]] = qnn.binary mul %[[SUM]], %[[Z32]]
// CHECK-DAG: %[[START:.*]] = qnn.unary neg %[[C]]
// CHECK-DAG: %[[S:.*]] = qnn.binary mul %[[SX]], %{{.*}} : (tensor<f32>, tensor<6xf32>) -> tensor<6xf32>
// CHECK: qnn.contract ins(%[[P]], %{{.*}} : tensor<1x10x10x4xi8>, tensor<6x1x1x4xi8>) start(%[[START]] : tensor<6xi32>) extras(%[[S]], %[[B]] : tensor<6xf32>, tensor<6xf32>)
// CHECK-SAME: input_format = #qnn.format<uint8, tensor<f32, zero>, dense>
// CHECK-SAME: weights_format = #qnn.format<int8, axis<0, f32>, dense>
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[S0:.*]]: f32, %[[B0:.*]]: f32):
// CHECK-NEXT: %[[F:.*]] = arith.sitofp %[[A]] : i32 to f32
// CHECK-NEXT: %[[V:.*]] = arith.mulf %[[F]], %[[S0]]
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[V]], %[[B0]]
// CHECK-NEXT: qnn.yield %[[R]] : f32
func.func @quantized_conv(%c: tensor<1x8x8x4xi8>, %sx: tensor<f32>, %zx: tensor<i8>, %b: tensor<6xf32>) -> tensor<1x10x10x6xf32> {
  %wc = arith.constant dense<3> : tensor<6x4x1x1xi8>
  %ws = arith.constant dense<0.5> : tensor<6xf32>
  %x = qnn.wrap %c, %sx, %zx : (tensor<1x8x8x4xi8>, tensor<f32>, tensor<i8>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<6x4x1x1xi8>, tensor<6xf32>) -> !w
  %y = qnn.conv %x, %w, %b {kernel = #k, channels_last, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
    : (!x, !w, tensor<6xf32>) -> tensor<1x10x10x6xf32>
  return %y : tensor<1x10x10x6xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<?x64xf32, int8, tensor<f32>, dense>
!w = !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>

// CHECK-LABEL: func.func @accumulators(
// CHECK-NOT: start
// CHECK-NOT: extras
// CHECK: ^bb0(%[[A:.*]]: i32):
// CHECK-NEXT: qnn.yield %[[A]] : i32
// CHECK-NEXT: -> tensor<?x8xi32>
func.func @accumulators(%c: tensor<?x64xi8>, %s: tensor<f32>) -> tensor<?x8xi32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<f32>
  %x = qnn.wrap %c, %s : (tensor<?x64xi8>, tensor<f32>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<f32>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b, accumulators} : (!x, !w) -> tensor<?x8xi32>
  return %y : tensor<?x8xi32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>
!w = !qnn.tensor<8x64xf32, int8, axis<0, f32>, dense>

// The scale of a row and that of a channel are multiplied first.
// CHECK-LABEL: func.func @rows(
// CHECK: %[[C:.*]] = qnn.reshape %arg1 [%{{.*}}, 1]
// CHECK: qnn.contract ins({{.*}}) extras(%[[C]], %{{.*}} : tensor<?x1xf32>, tensor<8xf32>) outs({{.*}})
// CHECK: ^bb0(%[[ACC:.*]]: i32, %[[SX:.*]]: f32, %[[SW:.*]]: f32):
// CHECK: %[[F:.*]] = arith.sitofp %[[ACC]]
// CHECK: %[[S:.*]] = arith.mulf %[[SX]], %[[SW]]
// CHECK: %[[Y:.*]] = arith.mulf %[[F]], %[[S]]
// CHECK: qnn.yield %[[Y]]
func.func @rows(%c: tensor<?x64xi8>, %s: tensor<?xf32>) -> tensor<?x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<8xf32>
  %x = qnn.wrap %c, %s : (tensor<?x64xi8>, tensor<?xf32>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<8x64xi8>, tensor<8xf32>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

#k = #qnn.kernel<"toy_blocks", acc = f32>
!x = !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>
!w = !qnn.tensor<8x64xf32, uint4, block<1x32, f16, zero = 8>, dense>

// Scales of blocks end inside the sum: the weights stay one op until they are packed.
// CHECK-LABEL: func.func @blocks(
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf32>)
// CHECK-DAG: %[[Q:.*]] = qnn.encode_auto %[[X]]
// CHECK-DAG: %[[C:.*]]:2 = qnn.unwrap %[[Q]]
// CHECK-DAG: %[[D:.*]] = qnn.decode
// CHECK: qnn.contract ins(%[[C]]#0, %[[D]] : tensor<?x64xi8>, tensor<8x64xf32>) scales(%[[C]]#1 : tensor<?xf32>)
// CHECK-SAME: input_format = #qnn.format<int8, axis<0, f32>, dense>
// CHECK-SAME: weights_format = #qnn.format<uint4, block<1x32, f16, zero = 8>, dense>
// CHECK-NEXT: ^bb0(%{{.*}}: f32):
func.func @blocks(%x: tensor<?x64xf32>) -> tensor<?x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x32xi8>
  %ws = arith.constant dense<0.5> : tensor<8x2xf16>
  %q = qnn.encode_auto %x : (tensor<?x64xf32>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<8x32xi8>, tensor<8x2xf16>) -> !w
  %y = qnn.matmul %q, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// An image's weights with blocks along the whole reduction.
// CHECK-LABEL: func.func @blocks_of_image(
// CHECK: %[[D:.*]] = qnn.decode %{{.*}} -> tensor<6x36xf32>
// CHECK: %[[W:.*]] = qnn.reshape %[[D]] [6, 3, 3, 4]
// CHECK: qnn.contract ins(%{{.*}}, %[[W]] : tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>)
// CHECK-SAME: weights_format = #qnn.format<nf4, block<1x32, f16>, dense>
func.func @blocks_of_image(%x: tensor<1x8x8x4xf32>) -> tensor<1x6x6x6xf32> {
  %wc = arith.constant dense<3> : tensor<6x18xi8>
  %ws = arith.constant dense<0.5> : tensor<6x2xf16>
  %w = qnn.wrap %wc, %ws : (tensor<6x18xi8>, tensor<6x2xf16>) -> !qnn.tensor<6x36xf32, nf4, block<1x32, f16>, dense>
  %d = qnn.decode %w : (!qnn.tensor<6x36xf32, nf4, block<1x32, f16>, dense>) -> tensor<6x36xf32>
  %r = qnn.reshape %d [6, 3, 3, 4] : (tensor<6x36xf32>) -> tensor<6x3x3x4xf32>
  %t = qnn.transpose %r {permutation = array<i64: 0, 3, 1, 2>} : (tensor<6x3x3x4xf32>) -> tensor<6x4x3x3xf32>
  %y = qnn.conv %x, %t {kernel = #k, channels_last, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x8x8x4xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  return %y : tensor<1x6x6x6xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<4x64xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<8x64xf32, int8, axis<0, f32, zero>, dense>

// Zero points that are all 0 are none.
// CHECK-LABEL: func.func @no_zero_points(
// CHECK: %[[W:.*]] = arith.constant dense<3> : tensor<8x64xi8>
// CHECK: %[[I:.*]] = qnn.cast %[[W]] : (tensor<8x64xi8>) -> tensor<8x64xi32>
// CHECK: qnn.reduce sum %[[I]]
// CHECK: qnn.contract
func.func @no_zero_points(%c: tensor<4x64xi8>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<4x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x64xi8>
  %ws = arith.constant dense<0.5> : tensor<8xf32>
  %wz = arith.constant dense<0> : tensor<8xi8>
  %x = qnn.wrap %c, %s, %z : (tensor<4x64xi8>, tensor<f32>, tensor<i8>) -> !x
  %w = qnn.wrap %wc, %ws, %wz : (tensor<8x64xi8>, tensor<8xf32>, tensor<8xi8>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#k = #qnn.kernel<"toy_reals", acc = f32>

// A product of activations: leading axes of both are one, and two heads share one right operand.
// CHECK-LABEL: func.func @product(
// CHECK: %[[X:.*]] = qnn.reshape %arg0 [6, 5, 64]
// CHECK: %[[W:.*]] = qnn.reshape %arg1 [3, 64, 8]
// CHECK: %[[Y:.*]] = qnn.contract ins(%[[X]], %[[W]] : tensor<6x5x64xf32>, tensor<3x64x8xf32>) outs({{.*}} : tensor<6x5x8xf32>)
// CHECK-SAME: transposed
// CHECK: qnn.reshape %[[Y]] [3, 2, 5, 8]
func.func @product(%x: tensor<3x2x5x64xf32>, %w: tensor<3x1x64x8xf32>) -> tensor<3x2x5x8xf32> {
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<3x2x5x64xf32>, tensor<3x1x64x8xf32>) -> tensor<3x2x5x8xf32>
  return %y : tensor<3x2x5x8xf32>
}

// A right operand without a batch multiplies the rows of all matrices.
// CHECK-LABEL: func.func @product_by_one(
// CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : tensor<30x64xf32>, tensor<64x8xf32>)
func.func @product_by_one(%x: tensor<3x2x5x64xf32>, %w: tensor<1x64x8xf32>) -> tensor<3x2x5x8xf32> {
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<3x2x5x64xf32>, tensor<1x64x8xf32>) -> tensor<3x2x5x8xf32>
  return %y : tensor<3x2x5x8xf32>
}

// Weights with a batch are brought into canonical order, matrix by matrix.
// CHECK-LABEL: func.func @batch(
// CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : tensor<3x?x64xf32>, tensor<3x8x64xf32>)
// CHECK-NOT: transposed
func.func @batch(%x: tensor<3x?x64xf32>) -> tensor<3x?x8xf32> {
  %w = arith.constant dense<1.0> : tensor<3x64x8xf32>
  %y = qnn.matmul %x, %w {kernel = #k} : (tensor<3x?x64xf32>, tensor<3x64x8xf32>) -> tensor<3x?x8xf32>
  return %y : tensor<3x?x8xf32>
}

// -----

#k = #qnn.kernel<"toy_words", acc = i64>
!x = !qnn.tensor<2x?xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<?x8xf32, int8, tensor<f32>, dense>

// Codes of a product are 16 bits, less zero points; scales follow the op.
// CHECK-LABEL: func.func @product_of_codes(
// CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : tensor<2x?xi16>, tensor<?x8xi16>)
// CHECK-SAME: transposed
// CHECK: ^bb0(%[[ACC:.*]]: i64):
// CHECK: arith.sitofp %[[ACC]] : i64 to f32
// CHECK: qnn.binary mul %{{.*}}, %{{.*}} : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
func.func @product_of_codes(%x: !x, %w: !w) -> tensor<2x8xf32> {
  %y = qnn.matmul %x, %w {kernel = #k} : (!x, !w) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<1x64xf32, uint8, axis<0, f32, zero>, dense>
!w = !qnn.tensor<1x64xf32, int8, axis<0, f32>, dense>

// Parameters along an axis with one index are scalars.
// CHECK-LABEL: func.func @one_row(
// CHECK-SAME: %[[X:.*]]: tensor<1x64xi8>, %[[SX:.*]]: tensor<1xf32>, %[[ZX:.*]]: tensor<1xi8>)
// CHECK-DAG: %[[S:.*]] = qnn.reshape %[[SX]] [] : (tensor<1xf32>) -> tensor<f32>
// CHECK-DAG: %[[Z:.*]] = qnn.reshape %[[ZX]] [] : (tensor<1xi8>) -> tensor<i8>
// CHECK-DAG: %[[P:.*]] = qnn.binary mul %[[S]], %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK: qnn.contract ins(%[[X]], %{{.*}} : tensor<1x64xi8>, tensor<1x64xi8>) start(%{{.*}} : tensor<1xi32>) extras(%[[P]] : tensor<f32>)
func.func @one_row(%c: tensor<1x64xi8>, %s: tensor<1xf32>, %z: tensor<1xi8>) -> tensor<1x1xf32> {
  %wc = arith.constant dense<3> : tensor<1x64xi8>
  %ws = arith.constant dense<0.5> : tensor<1xf32>
  %x = qnn.wrap %c, %s, %z : (tensor<1x64xi8>, tensor<1xf32>, tensor<1xi8>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<1x64xi8>, tensor<1xf32>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

#k = #qnn.kernel<"toy_codes", acc = i32>
!x = !qnn.tensor<5x1xf32, int8, axis<1, f32>, dense>
!w = !qnn.tensor<16x1xf32, int8, axis<1, f32>, dense>

// CHECK-LABEL: func.func @sum_of_one(
// CHECK: qnn.contract ins({{.*}} : tensor<5x1xi8>, tensor<16x1xi8>) extras(%{{.*}} : tensor<f32>)
func.func @sum_of_one(%c: tensor<5x1xi8>, %s: tensor<1xf32>) -> tensor<5x16xf32> {
  %wc = arith.constant dense<3> : tensor<16x1xi8>
  %ws = arith.constant dense<0.5> : tensor<1xf32>
  %x = qnn.wrap %c, %s : (tensor<5x1xi8>, tensor<1xf32>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<16x1xi8>, tensor<1xf32>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// -----

#k = #qnn.kernel<"toy_blocks", acc = f32>
!x = !qnn.tensor<1x64xf32, int8, axis<0, f32>, dense>
!w = !qnn.tensor<8x64xf32, int4, block<1x32, f32>, dense>

// But the scales of rows are a vector, also of a single one.
// CHECK-LABEL: func.func @blocks_of_one_row(
// CHECK-SAME: %[[X:.*]]: tensor<1x64xi8>, %[[S:.*]]: tensor<1xf32>)
// CHECK: qnn.contract ins(%[[X]], %{{.*}}) scales(%{{.*}} : tensor<1xf32>)
func.func @blocks_of_one_row(%c: tensor<1x64xi8>, %s: tensor<1xf32>) -> tensor<1x8xf32> {
  %wc = arith.constant dense<3> : tensor<8x32xi8>
  %ws = arith.constant dense<0.5> : tensor<8x2xf32>
  %x = qnn.wrap %c, %s : (tensor<1x64xi8>, tensor<1xf32>) -> !x
  %w = qnn.wrap %wc, %ws : (tensor<8x32xi8>, tensor<8x2xf32>) -> !w
  %y = qnn.matmul %x, %w {kernel = #k, transpose_b} : (!x, !w) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
