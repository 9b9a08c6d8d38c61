// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @first_maximum(
// CHECK-SAME: %[[X:.*]]: tensor<2x?x4xf32>
func.func @first_maximum(%x: tensor<2x?x4xf32>) -> tensor<2x4xi64> {
  // CHECK: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[A:.*]] = linalg.index 0
  // CHECK: %[[B:.*]] = linalg.index 1
  // CHECK: scf.for %[[I:.*]] = %c0 to %[[N]] step %c1 iter_args(%[[WHERE:.*]] = %c0, %[[BEST:.*]] = %[[LOWEST]])
  // CHECK: %[[E:.*]] = tensor.extract %[[X]][%[[A]], %[[I]], %[[B]]]
  // CHECK: %[[MORE:.*]] = arith.cmpf ogt, %[[E]], %[[BEST]] :
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[I]], %c0 :
  // CHECK: %[[WINS:.*]] = arith.ori %[[MORE]], %[[FIRST]] :
  // The first NaN wins.
  // CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[E]], %[[E]] :
  // CHECK: %[[HAD:.*]] = arith.cmpf uno, %[[BEST]], %[[BEST]] :
  // CHECK: %[[NEW:.*]] = arith.xori %[[HAD]], %true :
  // CHECK: %[[FIRST_NAN:.*]] = arith.andi %[[NAN]], %[[NEW]] :
  // CHECK: %[[TAKEN:.*]] = arith.ori %[[WINS]], %[[FIRST_NAN]] :
  // CHECK: arith.select %[[TAKEN]], %[[I]], %[[WHERE]] : index
  // CHECK: arith.select %[[TAKEN]], %[[E]], %[[BEST]] : f32
  // CHECK: arith.index_cast %{{.*}} : index to i64
  %0 = qnn.arg_reduce max %x {axis = 1 : i64} : (tensor<2x?x4xf32>) -> tensor<2x4xi64>
  return %0 : tensor<2x4xi64>
}

// CHECK-LABEL: func.func @first_minimum(
func.func @first_minimum(%x: tensor<3xi32>) -> tensor<i64> {
  // CHECK: arith.cmpi slt
  // CHECK-NOT: uno
  %0 = qnn.arg_reduce min %x {axis = 0 : i64} : (tensor<3xi32>) -> tensor<i64>
  return %0 : tensor<i64>
}

// The last of equal ones is at least as good; an axis that is kept has the index 0.
// CHECK-LABEL: func.func @last(
func.func @last(%x: tensor<2x3xui8>) -> (tensor<2x1xi64>, tensor<2x1xi64>) {
  // CHECK: scf.for {{.*}} = %c-1_i8)
  // CHECK: tensor.extract %{{.*}}[%{{.*}}, %{{.*}}] : tensor<2x3xi8>
  // CHECK: arith.cmpi ule
  %0 = qnn.arg_reduce min %x {axis = 1 : i64, keep_dims = true, select_last = true} : (tensor<2x3xui8>) -> tensor<2x1xi64>
  // CHECK: scf.for {{.*}} = %c0_i8)
  // CHECK: arith.cmpi uge
  %1 = qnn.arg_reduce max %x {axis = 1 : i64, keep_dims = true, select_last = true} : (tensor<2x3xui8>) -> tensor<2x1xi64>
  return %0, %1 : tensor<2x1xi64>, tensor<2x1xi64>
}
