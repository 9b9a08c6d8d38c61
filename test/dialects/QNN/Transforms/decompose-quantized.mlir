// RUN: qcc-opt %s -qnn-decompose-quantized -canonicalize -cse -split-input-file | FileCheck %s

!x = !qnn.tensor<1x8x8x4xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<6x4x3x3xf32, int8, axis<0, f32>, dense>

// Codes less zero points are padded with zeros, which are those of the real numbers.
// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x4xi8>, %[[SX:.*]]: tensor<f32>, %[[ZX:.*]]: tensor<i8>, %[[W:.*]]: tensor<6x4x3x3xi8>, %[[SW:.*]]: tensor<6xf32>, %[[B:.*]]: tensor<6xf32>)
// CHECK: %[[XU:.*]] = qnn.bitcast %[[X]] : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xui8>
// CHECK: %[[XI:.*]] = qnn.cast %[[XU]] : (tensor<1x8x8x4xui8>) -> tensor<1x8x8x4xi32>
// CHECK: %[[ZU:.*]] = qnn.bitcast %[[ZX]]
// CHECK: %[[ZI:.*]] = qnn.cast %[[ZU]] : (tensor<ui8>) -> tensor<i32>
// CHECK: %[[XC:.*]] = qnn.binary sub %[[XI]], %[[ZI]]
// CHECK: %[[WI:.*]] = qnn.cast %[[W]] : (tensor<6x4x3x3xi8>) -> tensor<6x4x3x3xi32>
// CHECK: %[[ACC:.*]] = qnn.conv %[[XC]], %[[WI]] {channels_last, {{.*}}pads = array<i64: 1, 1, 1, 1>{{.*}}} : (tensor<1x8x8x4xi32>, tensor<6x4x3x3xi32>) -> tensor<1x8x8x6xi32>
// CHECK: %[[F:.*]] = qnn.cast %[[ACC]]
// CHECK: %[[S:.*]] = qnn.binary mul %[[SX]], %[[SW]]
// CHECK: %[[V:.*]] = qnn.binary mul %[[F]], %[[S]]
// CHECK: %[[R:.*]] = qnn.binary add %[[V]], %[[B]]
// CHECK: return %[[R]]
func.func @conv(%xc: tensor<1x8x8x4xi8>, %sx: tensor<f32>, %zx: tensor<i8>, %wc: tensor<6x4x3x3xi8>, %sw: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<1x8x8x6xf32> {
  %x = qnn.wrap %xc, %sx, %zx : (tensor<1x8x8x4xi8>, tensor<f32>, tensor<i8>) -> !x
  %w = qnn.wrap %wc, %sw : (tensor<6x4x3x3xi8>, tensor<6xf32>) -> !w
  %y = qnn.conv %x, %w, %b {channels_last, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
    : (!x, !w, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return %y : tensor<1x8x8x6xf32>
}

// -----

!x = !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>
!w = !qnn.tensor<64x8xf32, int4, axis<1, f32>, dense>

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[X:.*]]: tensor<?x64xi8>, %[[SX:.*]]: tensor<?xf32>, %[[W:.*]]: tensor<64x4xi8>, %[[SW:.*]]: tensor<8xf32>)
// CHECK-DAG: %[[U:.*]] = qnn.wrap %[[W]] : (tensor<64x4xi8>) -> !qnn.tensor<64x8xf32, int4, none, dense>
// CHECK-DAG: %[[D:.*]] = qnn.decode %[[U]]
// CHECK-DAG: %[[I:.*]] = qnn.cast %[[D]] : (tensor<64x8xf32>) -> tensor<64x8xi16>
// CHECK-DAG: %[[ACC:.*]] = qnn.matmul %{{.*}}, %[[I]] {accumulators} : (tensor<?x64xi16>, tensor<64x8xi16>) -> tensor<?x8xi32>
// CHECK-DAG: %[[C:.*]] = qnn.reshape %[[SX]] [%{{.*}}, 1]
// CHECK-DAG: %[[S:.*]] = qnn.binary mul %[[C]], %[[SW]] : (tensor<?x1xf32>, tensor<8xf32>) -> tensor<?x8xf32>
// CHECK: qnn.binary mul %{{.*}}, %[[S]]
func.func @matmul(%xc: tensor<?x64xi8>, %sx: tensor<?xf32>, %wc: tensor<64x4xi8>, %sw: tensor<8xf32>) -> tensor<?x8xf32> {
  %x = qnn.wrap %xc, %sx : (tensor<?x64xi8>, tensor<?xf32>) -> !x
  %w = qnn.wrap %wc, %sw : (tensor<64x4xi8>, tensor<8xf32>) -> !w
  %y = qnn.matmul %x, %w : (!x, !w) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

!x = !qnn.tensor<4x64xf32, int8, tensor<f32>, dense>
!n = !qnn.tensor<8x64xf32, nf4, block<1x32, f16>, dense>

// CHECK-LABEL: func.func @decoded(
// CHECK: %[[X:.*]] = qnn.decode %arg0
// CHECK: %[[W:.*]] = qnn.decode %arg1
// CHECK: qnn.matmul %[[X]], %[[W]] {transpose_b} : (tensor<4x64xf32>, tensor<8x64xf32>)
func.func @decoded(%x: !x, %w: !n) -> tensor<4x8xf32> {
  %y = qnn.matmul %x, %w {transpose_b} : (!x, !n) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @with_kernel(
// CHECK: qnn.matmul %arg0, %arg1 {kernel
func.func @with_kernel(%x: !x, %w: !n) -> tensor<4x8xf32> {
  %y = qnn.matmul %x, %w {transpose_b, kernel = #qnn.kernel<"toy", acc = f32>} : (!x, !n) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

!y = !qnn.tensor<1x6x8x8xf32, uint8, tensor<f32, zero>, dense>

// CHECK-LABEL: func.func @requantize(
// CHECK-SAME: %[[A:.*]]: tensor<1x6x8x8xi32>, %[[SX:.*]]: tensor<f32>, %[[SW:.*]]: tensor<6xf32>, %[[SY:.*]]: tensor<f32>, %[[ZY:.*]]: tensor<i8>)
// CHECK-DAG: %[[LO:.*]] = arith.constant dense<0.000000e+00> : tensor<f32>
// CHECK-DAG: %[[HI:.*]] = arith.constant dense<2.550000e+02> : tensor<f32>
// CHECK: %[[P:.*]] = qnn.binary mul %[[SX]], %[[SW]]
// CHECK: %[[Q:.*]] = qnn.binary div %[[P]], %[[SY]]
// CHECK: %[[M:.*]] = qnn.reshape %[[Q]] [6, 1, 1]
// CHECK: %[[F:.*]] = qnn.cast %[[A]]
// CHECK: %[[V:.*]] = qnn.binary mul %[[F]], %[[M]]
// CHECK: %[[R:.*]] = qnn.unary round %[[V]]
// CHECK: %[[Z:.*]] = qnn.binary add %[[R]], %{{.*}}
// CHECK: %[[N:.*]] = qnn.test is_nan %[[Z]]
// CHECK: %[[ZN:.*]] = qnn.select %[[N]], %[[LO]], %[[Z]]
// CHECK: %[[C0:.*]] = qnn.binary max %[[ZN]], %[[LO]]
// CHECK: %[[C1:.*]] = qnn.binary min %[[C0]], %[[HI]]
// CHECK: %[[U:.*]] = qnn.cast %[[C1]] : (tensor<1x6x8x8xf32>) -> tensor<1x6x8x8xui8>
// CHECK: %[[I:.*]] = qnn.bitcast %[[U]] : (tensor<1x6x8x8xui8>) -> tensor<1x6x8x8xi8>
// CHECK: qnn.wrap %[[I]], %[[SY]], %[[ZY]]
func.func @requantize(%a: tensor<1x6x8x8xi32>, %sx: tensor<f32>, %sw: tensor<6xf32>, %sy: tensor<f32>, %zy: tensor<i8>) -> !y {
  %y = qnn.requantize %a, %sx, %sw, %sy, %zy {axis = 1 : i64}
    : (tensor<1x6x8x8xi32>, tensor<f32>, tensor<6xf32>, tensor<f32>, tensor<i8>) -> !y
  return %y : !y
}

// -----

!y = !qnn.tensor<2x3xf32, int8, tensor<f32, zero = -5>, dense>

// CHECK-LABEL: func.func @zero_point_of_the_format(
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<-5.000000e+00> : tensor<f32>
// CHECK-DAG: %[[LO:.*]] = arith.constant dense<-1.280000e+02> : tensor<f32>
// CHECK: %[[R:.*]] = qnn.unary round
// CHECK: %[[Z:.*]] = qnn.binary add %[[R]], %[[ZERO]]
// CHECK: %[[N:.*]] = qnn.select %{{.*}}, %[[LO]], %[[Z]]
// CHECK: qnn.binary max %[[N]], %[[LO]]
func.func @zero_point_of_the_format(%a: tensor<2x3xi32>, %sx: tensor<f32>, %sw: tensor<f32>, %sy: tensor<f32>) -> !y {
  %y = qnn.requantize %a, %sx, %sw, %sy {axis = 1 : i64}
    : (tensor<2x3xi32>, tensor<f32>, tensor<f32>, tensor<f32>) -> !y
  return %y : !y
}

// -----

!x = !qnn.tensor<2x1024xf32, uint16, tensor<f32, zero>, dense>
!w = !qnn.tensor<1024x3xf32, int8, tensor<f32>, dense>

// 32 bits may not hold the sum.
// CHECK-LABEL: func.func @wide_sum(
// CHECK: %[[ACC:.*]] = qnn.matmul %{{.*}}, %{{.*}} : (tensor<2x1024xi64>, tensor<1024x3xi64>) -> tensor<2x3xi64>
// CHECK: qnn.cast %[[ACC]] : (tensor<2x3xi64>) -> tensor<2x3xf32>
func.func @wide_sum(%x: !x, %w: !w) -> tensor<2x3xf32> {
  %y = qnn.matmul %x, %w : (!x, !w) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

!x = !qnn.tensor<2x?xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<?x3xf32, int8, tensor<f32>, dense>
!x16 = !qnn.tensor<2x?xf32, uint16, tensor<f32, zero>, dense>

// 32 bits may not hold a sum of any number of products.
// CHECK-LABEL: func.func @unknown_length(
// CHECK: qnn.matmul %{{.*}}, %{{.*}} : (tensor<2x?xi64>, tensor<?x3xi64>) -> tensor<2x3xi64>
// CHECK: qnn.matmul %{{.*}}, %{{.*}} : (tensor<2x?xi64>, tensor<?x3xi64>) -> tensor<2x3xi64>
func.func @unknown_length(%x: !x, %w: !w, %v: !x16) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %y = qnn.matmul %x, %w : (!x, !w) -> tensor<2x3xf32>
  %z = qnn.matmul %v, %w : (!x16, !w) -> tensor<2x3xf32>
  return %y, %z : tensor<2x3xf32>, tensor<2x3xf32>
}

// -----

!x = !qnn.tensor<4x8xf32, int8, axis<1, f32>, dense>
!w = !qnn.tensor<8x3xf32, int8, tensor<f32>, dense>
!b = !qnn.tensor<2x4x8xf32, int8, axis<0, f32>, dense>

// A scale for each of what is summed, or for each matrix, is none of the rows'.
// CHECK-LABEL: func.func @other_axis(
// CHECK: %[[X:.*]] = qnn.decode %arg0
// CHECK: qnn.matmul %[[X]], %{{.*}} : (tensor<4x8xf32>, tensor<8x3xf32>)
// CHECK: %[[B:.*]] = qnn.decode %arg2
// CHECK: qnn.matmul %[[B]], %{{.*}} : (tensor<2x4x8xf32>, tensor<8x3xf32>)
func.func @other_axis(%x: !x, %w: !w, %b: !b) -> (tensor<4x3xf32>, tensor<2x4x3xf32>) {
  %y = qnn.matmul %x, %w : (!x, !w) -> tensor<4x3xf32>
  %z = qnn.matmul %b, %w : (!b, !w) -> tensor<2x4x3xf32>
  return %y, %z : tensor<4x3xf32>, tensor<2x4x3xf32>
}

// -----

!x = !qnn.tensor<4x64xf32, int8, tensor<f32>, dense>
!n = !qnn.tensor<8x64xf32, int8, block<1x32, f16>, dense>

// Sums of codes are i32, which decoded operands do not give.
// CHECK-LABEL: func.func @accumulators_of_blocks(
// CHECK: qnn.matmul %arg0, %arg1 {accumulators, transpose_b}
func.func @accumulators_of_blocks(%x: !x, %w: !n) -> tensor<4x8xi32> {
  %y = qnn.matmul %x, %w {accumulators, transpose_b} : (!x, !n) -> tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}

// -----

!x = !qnn.tensor<4x64xf32, int8, axis<0, f32>, dense>
!b = !qnn.tensor<8x64xf32, int8, block<1x64, f16>, dense>

// A block that covers the sum has its scale before it, as one of an axis.
// CHECK-LABEL: func.func @covering_blocks(
// CHECK-SAME: %[[X:.*]]: tensor<4x64xi8>, %[[SX:.*]]: tensor<4xf32>, %[[W:.*]]: tensor<8x64xi8>, %[[SW:.*]]: tensor<8x1xf16>)
// CHECK-DAG: %[[F:.*]] = qnn.cast %[[SW]] : (tensor<8x1xf16>) -> tensor<8x1xf32>
// CHECK-DAG: %[[V:.*]] = qnn.reshape %[[F]] [8] : (tensor<8x1xf32>) -> tensor<8xf32>
// CHECK-DAG: qnn.matmul %{{.*}}, %{{.*}} {accumulators, transpose_b} : (tensor<4x64xi16>, tensor<8x64xi16>) -> tensor<4x8xi32>
// CHECK-DAG: %[[R:.*]] = qnn.reshape %[[SX]] [4, 1]
// CHECK-DAG: %[[S:.*]] = qnn.binary mul %[[R]], %[[V]] : (tensor<4x1xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// CHECK: qnn.binary mul %{{.*}}, %[[S]]
func.func @covering_blocks(%xc: tensor<4x64xi8>, %sx: tensor<4xf32>, %wc: tensor<8x64xi8>, %sw: tensor<8x1xf16>) -> tensor<4x8xf32> {
  %x = qnn.wrap %xc, %sx : (tensor<4x64xi8>, tensor<4xf32>) -> !x
  %w = qnn.wrap %wc, %sw : (tensor<8x64xi8>, tensor<8x1xf16>) -> !b
  %y = qnn.matmul %x, %w {transpose_b} : (!x, !b) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

!x = !qnn.tensor<4x64xf32, int8, tensor<f32>, dense>
!b = !qnn.tensor<7x64xf32, uint8, block<4x64, f32, zero>, dense>

// Outputs that share a scale and a zero point: both are repeated for each.
// CHECK-LABEL: func.func @blocks_of_outputs(
// CHECK-SAME: %[[X:.*]]: tensor<4x64xi8>, %[[SX:.*]]: tensor<f32>, %[[W:.*]]: tensor<7x64xi8>, %[[SW:.*]]: tensor<2x1xf32>, %[[ZW:.*]]: tensor<2x1xi8>)
// CHECK-DAG: %[[SE:.*]] = qnn.expand %[[SW]] [2, 4]
// CHECK-DAG: %[[SR:.*]] = qnn.reshape %[[SE]] [8]
// CHECK-DAG: %[[S:.*]] = qnn.slice %[[SR]] [0] [7] [1]
// CHECK-DAG: %[[ZE:.*]] = qnn.expand %[[ZW]] [2, 4]
// CHECK-DAG: %[[ZR:.*]] = qnn.reshape %[[ZE]] [8]
// CHECK-DAG: %[[Z:.*]] = qnn.slice %[[ZR]] [0] [7] [1]
// CHECK-DAG: %[[ZU:.*]] = qnn.bitcast %[[Z]]
// CHECK-DAG: %[[ZI:.*]] = qnn.cast %[[ZU]] : (tensor<7xui8>) -> tensor<7xi16>
// CHECK-DAG: %[[ZV:.*]] = qnn.reshape %[[ZI]] [7, 1]
// CHECK-DAG: qnn.binary sub %{{.*}}, %[[ZV]] : (tensor<7x64xi16>, tensor<7x1xi16>) -> tensor<7x64xi16>
// CHECK-DAG: %[[P:.*]] = qnn.binary mul %[[SX]], %[[S]] : (tensor<f32>, tensor<7xf32>) -> tensor<7xf32>
// CHECK: qnn.binary mul %{{.*}}, %[[P]]
func.func @blocks_of_outputs(%xc: tensor<4x64xi8>, %sx: tensor<f32>, %wc: tensor<7x64xi8>, %sw: tensor<2x1xf32>, %zw: tensor<2x1xi8>) -> tensor<4x7xf32> {
  %x = qnn.wrap %xc, %sx : (tensor<4x64xi8>, tensor<f32>) -> !x
  %w = qnn.wrap %wc, %sw, %zw : (tensor<7x64xi8>, tensor<2x1xf32>, tensor<2x1xi8>) -> !b
  %y = qnn.matmul %x, %w {transpose_b} : (!x, !b) -> tensor<4x7xf32>
  return %y : tensor<4x7xf32>
}

// -----

!x = !qnn.tensor<4x?xf32, int8, tensor<f32>, dense>
!b = !qnn.tensor<8x?xf32, int8, block<1x64, f16>, dense>

// Only the run tells whether a block covers the sum, so it is taken not to.
// CHECK-LABEL: func.func @open_blocks(
// CHECK: %[[X:.*]] = qnn.decode %arg0
// CHECK: %[[W:.*]] = qnn.decode %arg1
// CHECK: qnn.matmul %[[X]], %[[W]]
func.func @open_blocks(%x: !x, %w: !b) -> tensor<4x8xf32> {
  %y = qnn.matmul %x, %w {transpose_b} : (!x, !b) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

!y = !qnn.tensor<2x3xf32, int8, tensor<f32>, dense>

// Scales that are known to be finite make no NaN; others may.
// CHECK-LABEL: func.func @finite_scales(
// CHECK-NOT: qnn.test
// CHECK-LABEL: func.func @infinite_scale(
// CHECK: %[[N:.*]] = qnn.test is_nan %[[V:.*]] :
// CHECK: %[[S:.*]] = qnn.select %[[N]], %{{.*}}, %[[V]]
// CHECK: qnn.binary max %[[S]]
func.func @finite_scales(%a: tensor<2x3xi32>) -> !y {
  %s = arith.constant dense<0.5> : tensor<f32>
  %sw = arith.constant dense<[0.5, 0.25, 0.125]> : tensor<3xf32>
  %y = qnn.requantize %a, %s, %sw, %s {axis = 1 : i64}
    : (tensor<2x3xi32>, tensor<f32>, tensor<3xf32>, tensor<f32>) -> !y
  return %y : !y
}
func.func @infinite_scale(%a: tensor<2x3xi32>) -> !y {
  %s = arith.constant dense<1.0e-30> : tensor<f32>
  %sw = arith.constant dense<[0.5, 0.25, 1.0e+38]> : tensor<3xf32>
  %sx = arith.constant dense<1.0e+38> : tensor<f32>
  %y = qnn.requantize %a, %sx, %sw, %s {axis = 1 : i64}
    : (tensor<2x3xi32>, tensor<f32>, tensor<3xf32>, tensor<f32>) -> !y
  return %y : !y
}

// -----

!x = !qnn.tensor<4x1xf32, uint8, axis<1, f32, zero>, dense>
!w = !qnn.tensor<3x1xf32, int8, tensor<f32>, dense>

// Parameters along an axis with one index are scalars.
// CHECK-LABEL: func.func @sum_of_one(
// CHECK-SAME: %{{.*}}: tensor<4x1xi8>, %[[SX:.*]]: tensor<1xf32>, %[[ZX:.*]]: tensor<1xi8>,
// CHECK-DAG: %[[S:.*]] = qnn.reshape %[[SX]] [] : (tensor<1xf32>) -> tensor<f32>
// CHECK-DAG: %[[Z:.*]] = qnn.reshape %[[ZX]] [] : (tensor<1xi8>) -> tensor<i8>
// CHECK: qnn.matmul %{{.*}} : (tensor<4x1xi16>, tensor<3x1xi16>) -> tensor<4x3xi32>
// CHECK: qnn.binary mul %[[S]], %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<f32>
func.func @sum_of_one(%c: tensor<4x1xi8>, %s: tensor<1xf32>, %z: tensor<1xi8>, %w: !w) -> tensor<4x3xf32> {
  %x = qnn.wrap %c, %s, %z : (tensor<4x1xi8>, tensor<1xf32>, tensor<1xi8>) -> !x
  %y = qnn.matmul %x, %w {transpose_b} : (!x, !w) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}
