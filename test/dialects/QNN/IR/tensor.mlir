// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

// CHECK-LABEL: func.func @shapes(
func.func @shapes(%x: tensor<?x12xf32>, %v: tensor<f32>, %n: index) {
  // CHECK: qnn.reshape %{{.*}} [%{{.*}}, 3, 4] : (tensor<?x12xf32>) -> tensor<?x3x4xf32>
  %0 = qnn.reshape %x [%n, 3, 4] : (tensor<?x12xf32>) -> tensor<?x3x4xf32>
  // CHECK: qnn.expand %{{.*}} [2, %{{.*}}, 12] : (tensor<?x12xf32>) -> tensor<2x?x12xf32>
  %1 = qnn.expand %x [2, %n, 12] : (tensor<?x12xf32>) -> tensor<2x?x12xf32>
  // CHECK: qnn.transpose %{{.*}} {permutation = array<i64: 1, 0>} : (tensor<?x12xf32>) -> tensor<12x?xf32>
  %2 = qnn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<?x12xf32>) -> tensor<12x?xf32>
  // CHECK: qnn.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x12xf32>, tensor<?x12xf32>) -> tensor<?x24xf32>
  %3 = qnn.concat %x, %x {axis = 1 : i64} : (tensor<?x12xf32>, tensor<?x12xf32>) -> tensor<?x24xf32>
  // CHECK: qnn.slice %{{.*}} [%{{.*}}, 11] [1, %{{.*}}] [1, -2] : (tensor<?x12xf32>) -> tensor<1x?xf32>
  %4 = qnn.slice %x [%n, 11] [1, %n] [1, -2] : (tensor<?x12xf32>) -> tensor<1x?xf32>
  // CHECK: qnn.pad constant %{{.*}} low [0, %{{.*}}] high [1, 0] value %{{.*}} : (tensor<?x12xf32>, tensor<f32>) -> tensor<?x?xf32>
  %5 = qnn.pad constant %x low [0, %n] high [1, 0] value %v : (tensor<?x12xf32>, tensor<f32>) -> tensor<?x?xf32>
  // CHECK: qnn.pad reflect %{{.*}} low [0, 1] high [0, 2] : (tensor<?x12xf32>) -> tensor<?x15xf32>
  %6 = qnn.pad reflect %x low [0, 1] high [0, 2] : (tensor<?x12xf32>) -> tensor<?x15xf32>
  // CHECK: qnn.tile %{{.*}} [1, %{{.*}}] : (tensor<?x12xf32>) -> tensor<?x?xf32>
  %7 = qnn.tile %x [1, %n] : (tensor<?x12xf32>) -> tensor<?x?xf32>
  // CHECK: qnn.iota [%{{.*}}, 4] {axis = 0 : i64, element_type = i64} : tensor<?x4xi64>
  %8 = qnn.iota [%n, 4] {axis = 0 : i64, element_type = i64} : tensor<?x4xi64>
  // CHECK: qnn.non_zero %{{.*}} : (tensor<?x12xf32>) -> (tensor<2x?xi64>, index)
  %9:2 = qnn.non_zero %x : (tensor<?x12xf32>) -> (tensor<2x?xi64>, index)
  // CHECK: qnn.top_k %{{.*}} [%{{.*}}] {axis = 1 : i64, largest = true} : (tensor<?x12xf32>) -> (tensor<?x?xf32>, tensor<?x?xi64>)
  %10:2 = qnn.top_k %x [%n] {axis = 1 : i64, largest = true} : (tensor<?x12xf32>) -> (tensor<?x?xf32>, tensor<?x?xi64>)
  return
}

// CHECK-LABEL: func.func @indices(
func.func @indices(%x: tensor<?x3xf32>, %i: tensor<4xi64>, %j: tensor<2x3xi32>, %k: tensor<5x1xi64>, %u: tensor<2x3xf32>, %v: tensor<5x3xf32>) {
  // CHECK: qnn.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x3xf32>, tensor<4xi64>) -> tensor<?x4xf32>
  %0 = qnn.gather %x, %i {axis = 1 : i64} : (tensor<?x3xf32>, tensor<4xi64>) -> tensor<?x4xf32>
  // CHECK: qnn.gather_elements %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<?x3xf32>, tensor<2x3xi32>) -> tensor<2x3xf32>
  %1 = qnn.gather_elements %x, %j {axis = 0 : i64} : (tensor<?x3xf32>, tensor<2x3xi32>) -> tensor<2x3xf32>
  // CHECK: qnn.gather_nd %{{.*}}, %{{.*}} {batch_dims = 0 : i64} : (tensor<?x3xf32>, tensor<5x1xi64>) -> tensor<5x3xf32>
  %2 = qnn.gather_nd %x, %k {batch_dims = 0 : i64} : (tensor<?x3xf32>, tensor<5x1xi64>) -> tensor<5x3xf32>
  // CHECK: qnn.scatter_elements add %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64}
  %3 = qnn.scatter_elements add %x, %j, %u {axis = 0 : i64} : (tensor<?x3xf32>, tensor<2x3xi32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  // CHECK: qnn.scatter_nd set %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x3xf32>, tensor<5x1xi64>, tensor<5x3xf32>) -> tensor<?x3xf32>
  %4 = qnn.scatter_nd set %x, %k, %v : (tensor<?x3xf32>, tensor<5x1xi64>, tensor<5x3xf32>) -> tensor<?x3xf32>
  return
}
