// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[INDICES:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[NONE:.*]] = affine_map<(d0, d1) -> ()>

// Indices are checked by a loop of their own; in the one that moves elements
// they are clamped.
// CHECK-LABEL: func.func @gather(
// CHECK-SAME: %[[X:.*]]: tensor<?x3xf32>, %[[I:.*]]: tensor<2x?xi64>
func.func @gather(%x: tensor<?x3xf32>, %i: tensor<2x?xi64>) -> tensor<2x?x3xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
  // CHECK: linalg.fill ins(%true : i1)
  // CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[NONE]]], iterator_types = ["reduction", "reduction"]} ins(%[[I]]
  // CHECK: ^bb0(%[[STORED:.*]]: i64, %[[ALL:.*]]: i1):
  // CHECK: %[[INDEX:.*]] = arith.index_cast %[[STORED]] : i64 to index
  // CHECK: %[[FROM_END:.*]] = arith.addi %[[INDEX]], %[[N]] :
  // CHECK: %[[NEGATIVE:.*]] = arith.cmpi slt, %[[INDEX]], %c0 :
  // CHECK: %[[WRAPPED:.*]] = arith.select %[[NEGATIVE]], %[[FROM_END]], %[[INDEX]] :
  // CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[WRAPPED]], %[[N]] :
  // CHECK: arith.andi %[[INSIDE]], %[[ALL]] :
  // CHECK: cf.assert %{{.*}}, "an index is out of range"
  // CHECK: linalg.generic {indexing_maps = [#[[INDICES]], #{{.*}}]
  // CHECK: ^bb0(%[[STORED:.*]]: i64, %{{.*}}: f32):
  // CHECK: %[[COLUMN:.*]] = linalg.index 2
  // CHECK: %[[END:.*]] = arith.subi %[[N]], %c1 :
  // CHECK: %[[LAST:.*]] = arith.maxsi %[[END]], %c0 :
  // CHECK: %[[NATURAL:.*]] = arith.maxsi %{{.*}}, %c0 :
  // CHECK: %[[ROW:.*]] = arith.minsi %[[NATURAL]], %[[LAST]] :
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[COLUMN]]]
  %0 = qnn.gather %x, %i {axis = 0 : i64} : (tensor<?x3xf32>, tensor<2x?xi64>) -> tensor<2x?x3xf32>
  return %0 : tensor<2x?x3xf32>
}

// Along an inner axis: those before and after it are read where they are.
// CHECK-LABEL: func.func @gather_inner(
func.func @gather_inner(%x: tensor<2x3x4xf32>, %i: tensor<i64>) -> tensor<2x4xf32> {
  // CHECK: "an index is out of range"
  // CHECK: %[[FIRST:.*]] = linalg.index 0
  // CHECK: %[[LAST:.*]] = linalg.index 1
  // CHECK: %[[AT:.*]] = arith.minsi %{{.*}}, %c2 :
  // CHECK: tensor.extract %{{.*}}[%[[FIRST]], %[[AT]], %[[LAST]]]
  %0 = qnn.gather %x, %i {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @gather_elements(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>, %[[I:.*]]: tensor<2x?xi32>
func.func @gather_elements(%x: tensor<?x?xf32>, %i: tensor<2x?xi32>) -> tensor<2x?xf32> {
  // CHECK-DAG: %[[READ:.*]] = tensor.dim %[[I]], %c1
  // CHECK-DAG: %[[HAS:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[REACHES:.*]] = arith.cmpi sle, %[[READ]], %[[HAS]] :
  // CHECK: cf.assert %[[REACHES]], "indices reach over more elements along axis 1 than the input has"
  // CHECK: cf.assert %{{.*}}, "an index is out of range"
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[ROW:.*]] = arith.minsi
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[COLUMN]]]
  %0 = qnn.gather_elements %x, %i {axis = 0 : i64} : (tensor<?x?xf32>, tensor<2x?xi32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// Each position of a tuple has the extent of its own axis.
// CHECK-LABEL: func.func @gather_nd(
// CHECK-SAME: %[[X:.*]]: tensor<?x4x5x6xf32>, %[[I:.*]]: tensor<?x7x2xi64>
func.func @gather_nd(%x: tensor<?x4x5x6xf32>, %i: tensor<?x7x2xi64>) -> tensor<?x7x6xf32> {
  // CHECK: cf.assert %{{.*}}, "input and indices differ in their batch axes"
  // CHECK: %[[PLACE:.*]] = linalg.index 2
  // CHECK: %[[SECOND:.*]] = arith.cmpi eq, %[[PLACE]], %c1 :
  // CHECK: %[[EXTENT:.*]] = arith.select %[[SECOND]], %c5, %c4 :
  // CHECK: arith.cmpi ult, %{{.*}}, %[[EXTENT]] :
  // CHECK: cf.assert %{{.*}}, "an index is out of range"
  // CHECK: %[[BATCH:.*]] = linalg.index 0
  // CHECK: %[[OUTER:.*]] = linalg.index 1
  // CHECK: %[[REST:.*]] = linalg.index 2
  // CHECK: tensor.extract %[[I]][%[[BATCH]], %[[OUTER]], %c0]
  // CHECK: %[[A:.*]] = arith.minsi %{{.*}}, %c3 :
  // CHECK: tensor.extract %[[I]][%[[BATCH]], %[[OUTER]], %c1]
  // CHECK: %[[B:.*]] = arith.minsi %{{.*}}, %c4 :
  // CHECK: tensor.extract %[[X]][%[[BATCH]], %[[A]], %[[B]], %[[REST]]]
  %0 = qnn.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<?x4x5x6xf32>, tensor<?x7x2xi64>) -> tensor<?x7x6xf32>
  return %0 : tensor<?x7x6xf32>
}

// Tuples of nothing address the whole input.
// CHECK-LABEL: func.func @gather_nd_of_nothing(
func.func @gather_nd_of_nothing(%x: tensor<4xf32>, %i: tensor<7x0xi64>) -> tensor<7x4xf32> {
  // CHECK-NOT: cf.assert
  // CHECK: %[[AT:.*]] = linalg.index 1
  // CHECK: tensor.extract %{{.*}}[%[[AT]]] : tensor<4xf32>
  %0 = qnn.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<4xf32>, tensor<7x0xi64>) -> tensor<7x4xf32>
  return %0 : tensor<7x4xf32>
}
