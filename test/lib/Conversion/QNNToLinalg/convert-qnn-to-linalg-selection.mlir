// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @largest(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %[[K:.*]]: index
func.func @largest(%x: tensor<2x?xf32>, %k: index) -> (tensor<2x?xf32>, tensor<2x?xi64>) {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[POSSIBLE:.*]] = arith.cmpi ule, %[[K]], %[[N]] :
  // CHECK: cf.assert %[[POSSIBLE]], "k is negative or more than there are elements"
  // CHECK: scf.for %[[ROW:.*]] = %c0 to %c2
  // CHECK: scf.for %[[I:.*]] = %c0 to %[[N]] step %c1 iter_args(%[[VALUES:.*]] = %{{.*}}, %[[PLACES:.*]] = %{{.*}})
  // CHECK: %[[E:.*]] = tensor.extract %[[X]][%[[ROW]], %[[I]]]
  // CHECK: %[[FILLED:.*]] = arith.minsi %[[I]], %[[K]] :
  // How many so far are not worse: NaN is the largest, of equal ones the first wins.
  // CHECK: %[[RANK:.*]] = scf.for %[[J:.*]] = %c0 to %[[FILLED]] step %c1 iter_args(%[[COUNT:.*]] = %c0)
  // CHECK: %[[OTHER:.*]] = tensor.extract %[[VALUES]][%[[ROW]], %[[J]]]
  // CHECK: %[[MORE:.*]] = arith.cmpf ogt, %[[E]], %[[OTHER]] :
  // CHECK: %[[NAN:.*]] = arith.cmpf une, %[[E]], %[[E]] :
  // CHECK: %[[OTHER_NAN:.*]] = arith.cmpf une, %[[OTHER]], %[[OTHER]] :
  // CHECK: %[[DIFFER:.*]] = arith.xori %[[NAN]], %[[OTHER_NAN]] :
  // CHECK: %[[ONLY:.*]] = arith.andi %[[NAN]], %[[DIFFER]] :
  // CHECK: %[[WINS:.*]] = arith.ori %[[MORE]], %[[ONLY]] :
  // CHECK: %[[NEXT:.*]] = arith.addi %[[COUNT]], %c1 :
  // CHECK: arith.select %[[WINS]], %[[COUNT]], %[[NEXT]] :
  // Those behind move by one, the last first.
  // CHECK: %[[END:.*]] = arith.subi %[[K]], %c1 :
  // CHECK: %[[LAST:.*]] = arith.minsi %[[FILLED]], %[[END]] :
  // CHECK: scf.for %[[J:.*]] = %[[RANK]] to %[[LAST]]
  // CHECK: %[[SUM:.*]] = arith.addi %[[LAST]], %[[RANK]] :
  // CHECK: %[[TO:.*]] = arith.subi %[[SUM]], %[[J]] :
  // CHECK: %[[FROM:.*]] = arith.subi %[[TO]], %c1 :
  // CHECK: %[[MOVED:.*]] = tensor.extract %{{.*}}[%[[ROW]], %[[FROM]]] : tensor<2x?xf32>
  // CHECK: tensor.insert %[[MOVED]] into %{{.*}}[%[[ROW]], %[[TO]]]
  // The element takes its place if that is one of the first k.
  // CHECK: %[[BEHIND:.*]] = arith.addi %[[RANK]], %c1 :
  // CHECK: %[[STOP:.*]] = arith.minsi %[[BEHIND]], %[[K]] :
  // CHECK: scf.for %[[J:.*]] = %[[RANK]] to %[[STOP]]
  // CHECK: %[[PLACE:.*]] = arith.index_cast %[[I]] : index to i64
  // CHECK: tensor.insert %[[E]] into %{{.*}}[%[[ROW]], %[[J]]]
  // CHECK: tensor.insert %[[PLACE]] into %{{.*}}[%[[ROW]], %[[J]]]
  %0:2 = qnn.top_k %x [%k] {axis = 1 : i64, largest = true} : (tensor<2x?xf32>) -> (tensor<2x?xf32>, tensor<2x?xi64>)
  return %0#0, %0#1 : tensor<2x?xf32>, tensor<2x?xi64>
}

// CHECK-LABEL: func.func @smallest(
func.func @smallest(%x: tensor<5xf32>) -> (tensor<3xf32>, tensor<3xi64>) {
  // CHECK-NOT: cf.assert
  // CHECK: arith.cmpf olt, %[[E:.*]], %[[OTHER:.*]] :
  // CHECK: arith.cmpf une, %[[E]], %[[E]] :
  // CHECK: %[[OTHER_NAN:.*]] = arith.cmpf une, %[[OTHER]], %[[OTHER]] :
  // CHECK: arith.andi %[[OTHER_NAN]],
  %0:2 = qnn.top_k %x [3] {axis = 0 : i64, largest = false} : (tensor<5xf32>) -> (tensor<3xf32>, tensor<3xi64>)
  return %0#0, %0#1 : tensor<3xf32>, tensor<3xi64>
}

// CHECK-LABEL: func.func @smallest_of_integers(
func.func @smallest_of_integers(%x: tensor<5xui8>) -> (tensor<3xui8>, tensor<3xi64>) {
  // CHECK: %[[WINS:.*]] = arith.cmpi ult
  // CHECK: arith.select %[[WINS]],
  %0:2 = qnn.top_k %x [3] {axis = 0 : i64, largest = false} : (tensor<5xui8>) -> (tensor<3xui8>, tensor<3xi64>)
  return %0#0, %0#1 : tensor<3xui8>, tensor<3xi64>
}

// A column for each element; it is kept where the element is not zero.
// CHECK-LABEL: func.func @non_zero(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>
func.func @non_zero(%x: tensor<2x?xf32>) -> (tensor<2x?xi64>, index) {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[ALL:.*]] = arith.muli %[[N]], %c2 :
  // CHECK: tensor.empty(%[[ALL]]) : tensor<2x?xi64>
  // CHECK: scf.for %[[ROW:.*]] = %c0 to %c2
  // CHECK: scf.for %[[COLUMN:.*]] = %c0 to %[[N]] step %c1 iter_args(%[[T:.*]] = %{{.*}}, %[[COUNT:.*]] = %{{.*}})
  // CHECK: %[[A:.*]] = arith.index_cast %[[ROW]] :
  // CHECK: %[[ONE:.*]] = tensor.insert %[[A]] into %[[T]][%c0, %[[COUNT]]]
  // CHECK: %[[B:.*]] = arith.index_cast %[[COLUMN]] :
  // CHECK: tensor.insert %[[B]] into %[[ONE]][%c1, %[[COUNT]]]
  // CHECK: %[[E:.*]] = tensor.extract %[[X]][%[[ROW]], %[[COLUMN]]]
  // CHECK: %[[SET:.*]] = arith.cmpf une, %[[E]],
  // CHECK: %[[NEXT:.*]] = arith.addi %[[COUNT]], %c1 :
  // CHECK: arith.select %[[SET]], %[[NEXT]], %[[COUNT]] :
  %0:2 = qnn.non_zero %x : (tensor<2x?xf32>) -> (tensor<2x?xi64>, index)
  return %0#0, %0#1 : tensor<2x?xi64>, index
}
