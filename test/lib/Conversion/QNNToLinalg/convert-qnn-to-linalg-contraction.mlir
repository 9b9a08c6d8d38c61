// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[FIVE:.*]] = affine_map<()[s0] -> (s0 * 5)>
// CHECK-DAG: #[[SWAPPED:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[LEFT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d2, d3)>
// CHECK-DAG: #[[RIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d3, d4)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[KN:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>

// All axes of the left operand but its last are rows of one matrix.
// CHECK-LABEL: func.func @flat(
// CHECK-SAME: %[[A:.*]]: tensor<?x5x8xf32>, %[[B:.*]]: tensor<8x3xf32>
func.func @flat(%a: tensor<?x5x8xf32>, %b: tensor<8x3xf32>) -> tensor<?x5x3xf32> {
  // CHECK: %[[ROWS:.*]] = affine.apply #[[FIVE]]()
  // CHECK: %[[MATRIX:.*]] = tensor.collapse_shape %[[A]] {{\[\[}}0, 1], [2]]
  // CHECK: %[[INIT:.*]] = tensor.empty(%[[ROWS]]) : tensor<?x3xf32>
  // CHECK: %[[ZEROS:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%[[INIT]]
  // CHECK: %[[SUMS:.*]] = linalg.matmul ins(%[[MATRIX]], %[[B]] : {{.*}}) outs(%[[ZEROS]]
  // CHECK: tensor.expand_shape %[[SUMS]] {{\[\[}}0, 1], [2]] output_shape [%{{.*}}, 5, 3]
  %0 = qnn.matmul %a, %b : (tensor<?x5x8xf32>, tensor<8x3xf32>) -> tensor<?x5x3xf32>
  return %0 : tensor<?x5x3xf32>
}

// CHECK-LABEL: func.func @transposed(
// CHECK-SAME: %[[A:.*]]: tensor<5x8xf32>, %[[B:.*]]: tensor<3x8xf32>
func.func @transposed(%a: tensor<5x8xf32>, %b: tensor<3x8xf32>) -> tensor<5x3xf32> {
  // CHECK: %[[TURNED:.*]] = linalg.generic {indexing_maps = [#[[SWAPPED]], #{{.*}}], iterator_types = ["parallel", "parallel"]} ins(%[[B]]
  // CHECK: linalg.matmul ins(%[[A]], %[[TURNED]] : tensor<5x8xf32>, tensor<8x3xf32>)
  %0 = qnn.matmul %a, %b {transpose_b} : (tensor<5x8xf32>, tensor<3x8xf32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}

// CHECK-LABEL: func.func @batches(
func.func @batches(%a: tensor<2x?x5x8xf32>, %b: tensor<2x?x8x3xf32>) -> tensor<2x?x5x3xf32> {
  // CHECK: %[[A:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : {{.*}} into tensor<?x5x8xf32>
  // CHECK: %[[B:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : {{.*}} into tensor<?x8x3xf32>
  // CHECK: %[[SUMS:.*]] = linalg.batch_matmul ins(%[[A]], %[[B]] :
  // CHECK: tensor.expand_shape %[[SUMS]] {{\[\[}}0, 1], [2], [3]] output_shape [2, %{{.*}}, 5, 3]
  %0 = qnn.matmul %a, %b : (tensor<2x?x5x8xf32>, tensor<2x?x8x3xf32>) -> tensor<2x?x5x3xf32>
  return %0 : tensor<2x?x5x3xf32>
}

// Batches that are repeated are loops, of which the innermost runs along memory.
// CHECK-LABEL: func.func @broadcast(
func.func @broadcast(%a: tensor<4x1x5x8xf32>, %b: tensor<2x8x3xf32>) -> tensor<4x2x5x3xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[LEFT]], #[[RIGHT]], #[[OUT]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
  // CHECK: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32, %[[SUM:.*]]: f32):
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X]], %[[Y]] :
  // CHECK: arith.addf %[[SUM]], %[[PRODUCT]] :
  %0 = qnn.matmul %a, %b : (tensor<4x1x5x8xf32>, tensor<2x8x3xf32>) -> tensor<4x2x5x3xf32>
  return %0 : tensor<4x2x5x3xf32>
}

// f16 is summed in f32 and rounded once.
// CHECK-LABEL: func.func @halves(
func.func @halves(%a: tensor<5x8xf16>, %b: tensor<3x8xf16>) -> tensor<5x3xf16> {
  // CHECK: linalg.generic {indexing_maps = [#[[MK]], #[[NK]], #[[MN]]], iterator_types = ["parallel", "reduction", "parallel"]} {{.*}} outs(%{{.*}} : tensor<5x3xf32>)
  // CHECK: arith.mulf {{.*}} : f32
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: linalg.generic
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %0 = qnn.matmul %a, %b {transpose_b} : (tensor<5x8xf16>, tensor<3x8xf16>) -> tensor<5x3xf16>
  return %0 : tensor<5x3xf16>
}

// Modulo 2^4 at the end.
// CHECK-LABEL: func.func @integers(
func.func @integers(%a: tensor<5x8xi4>, %b: tensor<8x3xi4>) -> tensor<5x3xi4> {
  // CHECK: linalg.generic {indexing_maps = [#[[MK]], #[[KN]], #[[MN]]]
  // CHECK: arith.muli {{.*}} : i8
  // CHECK: arith.addi {{.*}} : i8
  // CHECK: linalg.generic
  // CHECK: arith.trunci {{.*}} : i8 to i4
  // CHECK: arith.extsi {{.*}} : i4 to i8
  %0 = qnn.matmul %a, %b : (tensor<5x8xi4>, tensor<8x3xi4>) -> tensor<5x3xi4>
  return %0 : tensor<5x3xi4>
}

// CHECK-LABEL: func.func @accumulators(
// CHECK-SAME: %[[A:.*]]: tensor<5x8xi16>, %[[B:.*]]: tensor<8x3xi16>
func.func @accumulators(%a: tensor<5x8xi16>, %b: tensor<8x3xi16>) -> tensor<5x3xi32> {
  // CHECK: linalg.fill ins(%c0_i32 : i32)
  // CHECK: linalg.matmul ins(%[[A]], %[[B]] : tensor<5x8xi16>, tensor<8x3xi16>) outs(%{{.*}} : tensor<5x3xi32>)
  %0 = qnn.matmul %a, %b {accumulators} : (tensor<5x8xi16>, tensor<8x3xi16>) -> tensor<5x3xi32>
  return %0 : tensor<5x3xi32>
}

// CHECK-LABEL: func.func @accumulators_of_repeated_batches(
func.func @accumulators_of_repeated_batches(%a: tensor<4x5x8xi16>, %b: tensor<1x8x3xi16>) -> tensor<4x5x3xi32> {
  // CHECK: arith.extsi {{.*}} : i16 to i32
  // CHECK: arith.extsi {{.*}} : i16 to i32
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "parallel"]
  // CHECK: arith.muli {{.*}} : i32
  %0 = qnn.matmul %a, %b {accumulators} : (tensor<4x5x8xi16>, tensor<1x8x3xi16>) -> tensor<4x5x3xi32>
  return %0 : tensor<4x5x3xi32>
}
