// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[FIRST:.*]] = affine_map<(d0, d1, d2) -> (d0)>
// CHECK-DAG: #[[OUTER:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[SWAPPED:.*]] = affine_map<(d0, d1, d2) -> (d1, d0, d2)>

// CHECK-LABEL: func.func @innermost(
func.func @innermost(%x: tensor<2x3x?xf32>) -> tensor<2xf32> {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: linalg.fill ins(%[[ZERO]] : f32)
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[FIRST]]], iterator_types = ["parallel", "reduction", "reduction"]}
  // CHECK: ^bb0(%[[X:.*]]: f32, %[[SUM:.*]]: f32):
  // CHECK: arith.addf %[[SUM]], %[[X]] :
  %0 = qnn.reduce sum %x {axes = array<i64: 1, 2>} : (tensor<2x3x?xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// The innermost axis, which is kept, stays the innermost loop.
// CHECK-LABEL: func.func @outer(
func.func @outer(%x: tensor<2x3x4xf32>) -> (tensor<1x3x4xf32>, tensor<2x1x4xf32>) {
  // CHECK: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK: linalg.fill ins(%[[ONE]] : f32)
  // CHECK: linalg.generic {indexing_maps = [#[[SWAPPED]], #[[OUTER]]], iterator_types = ["parallel", "reduction", "parallel"]}
  // CHECK: arith.mulf
  // CHECK: tensor.expand_shape %{{.*}} output_shape [1, 3, 4]
  %0 = qnn.reduce prod %x {axes = array<i64: 0>, keep_dims = true} : (tensor<2x3x4xf32>) -> tensor<1x3x4xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[OUTER]]], iterator_types = ["parallel", "reduction", "parallel"]}
  // CHECK: tensor.expand_shape %{{.*}} output_shape [2, 1, 4]
  %1 = qnn.reduce prod %x {axes = array<i64: 1>, keep_dims = true} : (tensor<2x3x4xf32>) -> tensor<2x1x4xf32>
  return %0, %1 : tensor<1x3x4xf32>, tensor<2x1x4xf32>
}

// Of nothing: the lowest for a maximum, the highest for a minimum.
// CHECK-LABEL: func.func @extremes(
func.func @extremes(%x: tensor<4xf32>, %i: tensor<4xi8>, %u: tensor<4xui8>, %b: tensor<4xi1>)
    -> (tensor<f32>, tensor<f32>, tensor<i8>, tensor<i8>, tensor<ui8>, tensor<ui8>, tensor<i1>, tensor<i1>) {
  // CHECK-DAG: %[[HIGHEST:.*]] = arith.constant 0x7F800000 : f32
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK: linalg.fill ins(%[[LOWEST]] : f32)
  // CHECK: arith.maximumf
  %0 = qnn.reduce max %x {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
  // CHECK: linalg.fill ins(%[[HIGHEST]] : f32)
  // CHECK: arith.minimumf
  %1 = qnn.reduce min %x {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
  // CHECK: linalg.fill ins(%c-128_i8 : i8)
  // CHECK: arith.maxsi
  %2 = qnn.reduce max %i {axes = array<i64: 0>} : (tensor<4xi8>) -> tensor<i8>
  // CHECK: linalg.fill ins(%c127_i8 : i8)
  // CHECK: arith.minsi
  %3 = qnn.reduce min %i {axes = array<i64: 0>} : (tensor<4xi8>) -> tensor<i8>
  // CHECK: linalg.fill ins(%c0_i8 : i8)
  // CHECK: arith.maxui
  %4 = qnn.reduce max %u {axes = array<i64: 0>} : (tensor<4xui8>) -> tensor<ui8>
  // CHECK: linalg.fill ins(%c-1_i8 : i8)
  // CHECK: arith.minui
  %5 = qnn.reduce min %u {axes = array<i64: 0>} : (tensor<4xui8>) -> tensor<ui8>
  // CHECK: linalg.fill ins(%false : i1)
  // CHECK: arith.ori
  %6 = qnn.reduce max %b {axes = array<i64: 0>} : (tensor<4xi1>) -> tensor<i1>
  // CHECK: linalg.fill ins(%true : i1)
  // CHECK: arith.andi
  %7 = qnn.reduce min %b {axes = array<i64: 0>} : (tensor<4xi1>) -> tensor<i1>
  return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<f32>, tensor<f32>, tensor<i8>, tensor<i8>, tensor<ui8>, tensor<ui8>, tensor<i1>, tensor<i1>
}

// Sums of f16 are f32 until the end.
// CHECK-LABEL: func.func @mean(
func.func @mean(%x: tensor<2x?xf16>) -> tensor<2xf16> {
  // CHECK: linalg.generic {{.*}} ins(%[[X:.*]] : tensor<2x?xf16>) outs(%{{.*}} : tensor<2xf32>)
  // CHECK: arith.extf
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[WIDE:.*]] = arith.index_cast %[[N]] : index to i64
  // CHECK: %[[COUNT:.*]] = arith.sitofp %[[WIDE]] : i64 to f32
  // CHECK: %[[MEAN:.*]] = arith.divf %{{.*}}, %[[COUNT]] : f32
  // CHECK: arith.truncf %[[MEAN]] : f32 to f16
  %0 = qnn.reduce mean %x {axes = array<i64: 1>} : (tensor<2x?xf16>) -> tensor<2xf16>
  return %0 : tensor<2xf16>
}

// Of integers divided in f64, toward zero.
// CHECK-LABEL: func.func @mean_of_integers(
func.func @mean_of_integers(%x: tensor<2x5xui32>) -> tensor<2xui32> {
  // CHECK: %[[COUNT:.*]] = arith.constant 5.000000e+00 : f64
  // CHECK: arith.addi {{.*}} : i32
  // CHECK: %[[SUM:.*]] = arith.uitofp %{{.*}} : i32 to f64
  // CHECK: arith.divf %[[SUM]], %[[COUNT]] : f64
  // CHECK: arith.fptosi
  %0 = qnn.reduce mean %x {axes = array<i64: 1>} : (tensor<2x5xui32>) -> tensor<2xui32>
  return %0 : tensor<2xui32>
}
