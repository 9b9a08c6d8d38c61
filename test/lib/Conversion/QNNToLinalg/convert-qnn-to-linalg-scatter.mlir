// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// Updates happen in row-major order, one after the other.
// CHECK-LABEL: func.func @elements(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>, %[[I:.*]]: tensor<2x3xi32>, %[[U:.*]]: tensor<?x3xf32>
func.func @elements(%x: tensor<?x?xf32>, %i: tensor<2x3xi32>, %u: tensor<?x3xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
  // CHECK: %[[HAS:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[REACHES:.*]] = arith.cmpi sge, %[[HAS]], %c3 :
  // CHECK: cf.assert %[[REACHES]], "indices reach over more elements along axis 1 than the input has"
  // CHECK: %[[ONE_EACH:.*]] = arith.cmpi eq, %{{.*}}, %c2 :
  // CHECK: cf.assert %[[ONE_EACH]], "there is not one update for each index"
  // CHECK: arith.cmpi ult, %{{.*}}, %[[N]] :
  // CHECK: cf.assert %{{.*}}, "an index is out of range"
  // CHECK: scf.for %[[A:.*]] = %c0 to %c2 step %c1 iter_args(%[[OUTER:.*]] = %[[X]])
  // CHECK: scf.for %[[B:.*]] = %c0 to %c3 step %c1 iter_args(%[[T:.*]] = %[[OUTER]])
  // CHECK: tensor.extract %[[I]][%[[A]], %[[B]]]
  // CHECK: %[[AT:.*]] = arith.minsi
  // CHECK: %[[NEW:.*]] = tensor.extract %[[U]][%[[A]], %[[B]]]
  // CHECK: tensor.insert %[[NEW]] into %[[T]][%[[AT]], %[[B]]]
  %0 = qnn.scatter_elements set %x, %i, %u {axis = 0 : i64} : (tensor<?x?xf32>, tensor<2x3xi32>, tensor<?x3xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @kinds(
func.func @kinds(%x: tensor<3xui8>, %i: tensor<2xi32>, %u: tensor<2xui8>) -> tensor<3xui8> {
  // CHECK: %[[NEW:.*]] = tensor.extract %{{.*}} : tensor<2xi8>
  // CHECK: %[[OLD:.*]] = tensor.extract %[[T:.*]][%[[AT:.*]]] : tensor<3xi8>
  // CHECK: %[[SUM:.*]] = arith.addi %[[OLD]], %[[NEW]] : i8
  // CHECK: tensor.insert %[[SUM]] into %[[T]][%[[AT]]]
  %0 = qnn.scatter_elements add %x, %i, %u {axis = 0 : i64} : (tensor<3xui8>, tensor<2xi32>, tensor<2xui8>) -> tensor<3xui8>
  // CHECK: arith.muli {{.*}} : i8
  %1 = qnn.scatter_elements mul %0, %i, %u {axis = 0 : i64} : (tensor<3xui8>, tensor<2xi32>, tensor<2xui8>) -> tensor<3xui8>
  // CHECK: arith.minui
  %2 = qnn.scatter_elements min %1, %i, %u {axis = 0 : i64} : (tensor<3xui8>, tensor<2xi32>, tensor<2xui8>) -> tensor<3xui8>
  // CHECK: arith.maxui
  %3 = qnn.scatter_elements max %2, %i, %u {axis = 0 : i64} : (tensor<3xui8>, tensor<2xi32>, tensor<2xui8>) -> tensor<3xui8>
  return %3 : tensor<3xui8>
}

// As in NumPy: sum and maximum of truth are or, product and minimum and.
// CHECK-LABEL: func.func @bools(
func.func @bools(%x: tensor<3xi1>, %i: tensor<2xi32>, %u: tensor<2xi1>) -> tensor<3xi1> {
  // CHECK: scf.for
  // CHECK: arith.ori {{.*}} : i1
  %0 = qnn.scatter_elements add %x, %i, %u {axis = 0 : i64} : (tensor<3xi1>, tensor<2xi32>, tensor<2xi1>) -> tensor<3xi1>
  // CHECK: scf.for
  // CHECK: arith.andi {{.*}} : i1
  %1 = qnn.scatter_elements mul %0, %i, %u {axis = 0 : i64} : (tensor<3xi1>, tensor<2xi32>, tensor<2xi1>) -> tensor<3xi1>
  // CHECK: scf.for
  // CHECK: arith.andi {{.*}} : i1
  %2 = qnn.scatter_elements min %1, %i, %u {axis = 0 : i64} : (tensor<3xi1>, tensor<2xi32>, tensor<2xi1>) -> tensor<3xi1>
  // CHECK: scf.for
  // CHECK: arith.ori {{.*}} : i1
  %3 = qnn.scatter_elements max %2, %i, %u {axis = 0 : i64} : (tensor<3xi1>, tensor<2xi32>, tensor<2xi1>) -> tensor<3xi1>
  return %3 : tensor<3xi1>
}

// CHECK-LABEL: func.func @nd(
// CHECK-SAME: %[[X:.*]]: tensor<4x?xf16>, %[[I:.*]]: tensor<5x1xi64>, %[[U:.*]]: tensor<5x?xf16>
func.func @nd(%x: tensor<4x?xf16>, %i: tensor<5x1xi64>, %u: tensor<5x?xf16>) -> tensor<4x?xf16> {
  // CHECK: cf.assert %{{.*}}, "there is not one update for each element that the indices address"
  // CHECK: cf.assert %{{.*}}, "an index is out of range"
  // CHECK: scf.for %[[A:.*]] = %c0 to %c5
  // CHECK: scf.for %[[B:.*]] = %c0 to
  // CHECK: tensor.extract %[[I]][%[[A]], %c0]
  // CHECK: %[[AT:.*]] = arith.minsi %{{.*}}, %c3 :
  // CHECK: tensor.extract %[[U]][%[[A]], %[[B]]]
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: %[[NEW:.*]] = arith.truncf {{.*}} : f32 to f16
  // CHECK: tensor.insert %[[NEW]] into %{{.*}}[%[[AT]], %[[B]]]
  %0 = qnn.scatter_nd add %x, %i, %u : (tensor<4x?xf16>, tensor<5x1xi64>, tensor<5x?xf16>) -> tensor<4x?xf16>
  return %0 : tensor<4x?xf16>
}

// CHECK-LABEL: func.func @nd_kinds(
func.func @nd_kinds(%x: tensor<4xi32>, %i: tensor<5x1xi64>, %u: tensor<5xi32>) -> tensor<4xi32> {
  // CHECK: %[[NEW:.*]] = tensor.extract %{{.*}} : tensor<5xi32>
  // CHECK-NEXT: tensor.insert %[[NEW]]
  %0 = qnn.scatter_nd set %x, %i, %u : (tensor<4xi32>, tensor<5x1xi64>, tensor<5xi32>) -> tensor<4xi32>
  // CHECK: arith.muli
  %1 = qnn.scatter_nd mul %0, %i, %u : (tensor<4xi32>, tensor<5x1xi64>, tensor<5xi32>) -> tensor<4xi32>
  // CHECK: %[[OLD:.*]] = tensor.extract %{{.*}} : tensor<4xi32>
  // CHECK: arith.minsi %[[OLD]],
  %2 = qnn.scatter_nd min %1, %i, %u : (tensor<4xi32>, tensor<5x1xi64>, tensor<5xi32>) -> tensor<4xi32>
  // CHECK: %[[OLD:.*]] = tensor.extract %{{.*}} : tensor<4xi32>
  // CHECK: arith.maxsi %[[OLD]],
  %3 = qnn.scatter_nd max %2, %i, %u : (tensor<4xi32>, tensor<5x1xi64>, tensor<5xi32>) -> tensor<4xi32>
  return %3 : tensor<4xi32>
}
