// RUN: qcc-opt %s -qnn-absorb-decode -canonicalize -split-input-file | FileCheck %s

!x = !qnn.tensor<1x4x8x8xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<6x4x1x1xf32, int8, axis<0, f32>, dense>
!v = !qnn.tensor<6x4x1x1xf32, int8, axis<1, f32>, dense>

// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: !qnn.tensor{{.*}}, %[[W:.*]]: !qnn.tensor{{.*}}, %[[V:.*]]: !qnn.tensor{{.*}}, %[[B:.*]]: tensor<6xf32>)
func.func @conv(%xq: !x, %wq: !w, %vq: !v, %b: tensor<6xf32>) -> (tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>) {
  // CHECK-DAG: %[[XF:.*]] = qnn.decode %[[X]]
  // CHECK-DAG: %[[VF:.*]] = qnn.decode %[[V]]
  %x = qnn.decode %xq : (!x) -> tensor<1x4x8x8xf32>
  %w = qnn.decode %wq : (!w) -> tensor<6x4x1x1xf32>
  %v = qnn.decode %vq : (!v) -> tensor<6x4x1x1xf32>
  // CHECK: qnn.conv %[[X]], %[[W]], %[[B]]
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>, tensor<6xf32>) -> tensor<1x6x8x8xf32>
  // The scales of %v end inside the sum.
  // CHECK: qnn.conv %[[XF]], %[[VF]], %[[B]]
  %1 = qnn.conv %x, %v, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>, tensor<6xf32>) -> tensor<1x6x8x8xf32>
  return %0, %1 : tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>
}

// -----

!t = !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>
!z = !qnn.tensor<?x64xf32, uint8, axis<0, f32, zero>, dense>
!c = !qnn.tensor<?x64xf32, int8, axis<1, f32>, dense>
!w4 = !qnn.tensor<8x64xf32, uint4, block<1x32, f16, zero = 8>, dense>
!nf = !qnn.tensor<8x64xf32, nf4, block<1x32, f16>, dense>

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME: %[[T:[^:]*]]: !qnn.tensor{{[^:]*}}, %[[Z:[^:]*]]: !qnn.tensor{{[^:]*}}, %[[C:[^:]*]]: !qnn.tensor{{[^:]*}}, %[[W:[^:]*]]: !qnn.tensor{{[^:]*}}, %[[N:[^:]*]]: !qnn.tensor
func.func @matmul(%tq: !t, %zq: !z, %cq: !c, %wq: !w4, %nq: !nf) {
  // CHECK-DAG: %[[TF:.*]] = qnn.decode %[[T]]
  // CHECK-DAG: %[[ZF:.*]] = qnn.decode %[[Z]]
  // CHECK-DAG: %[[CF:.*]] = qnn.decode %[[C]]
  // CHECK-DAG: %[[WF:.*]] = qnn.decode %[[W]]
  // CHECK-DAG: %[[NF:.*]] = qnn.decode %[[N]]
  %t = qnn.decode %tq : (!t) -> tensor<?x64xf32>
  %z = qnn.decode %zq : (!z) -> tensor<?x64xf32>
  %c = qnn.decode %cq : (!c) -> tensor<?x64xf32>
  %w = qnn.decode %wq : (!w4) -> tensor<8x64xf32>
  %n = qnn.decode %nq : (!nf) -> tensor<8x64xf32>
  // A scale for each row, blocks of weights.
  // CHECK: qnn.matmul %[[T]], %[[W]]
  %0 = qnn.matmul %t, %w {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  // A zero point would have to be taken off in each block.
  // CHECK: qnn.matmul %[[ZF]], %[[WF]]
  %1 = qnn.matmul %z, %w {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  // A scale for each column of the input.
  // CHECK: qnn.matmul %[[CF]], %[[WF]]
  %2 = qnn.matmul %c, %w {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  // Codes that are no integers.
  // CHECK: qnn.matmul %[[TF]], %[[NF]]
  %3 = qnn.matmul %t, %n {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  // Both operands are activations.
  // CHECK: qnn.matmul %[[T]], %[[Z]]
  %4 = qnn.matmul %t, %z {transpose_b} : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x?xf32>
  func.call @use(%0, %1, %2, %3, %4) : (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x?xf32>) -> ()
  return
}
func.func private @use(tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x?xf32>)

// -----

!i = !qnn.tensor<4x64xf32, int32, tensor<f32>, dense>

// 64 bits may not hold the sum.
// CHECK-LABEL: func.func @wide(
// CHECK: %[[X:.*]] = qnn.decode
// CHECK: qnn.matmul %[[X]], %[[X]]
func.func @wide(%xq: !i) -> tensor<4x4xf32> {
  %x = qnn.decode %xq : (!i) -> tensor<4x64xf32>
  %y = qnn.matmul %x, %x {transpose_b} : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
