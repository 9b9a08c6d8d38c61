// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// The running sum is f32, its values f16.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME: %[[X:.*]]: tensor<?x3xf16>
func.func @sum(%x: tensor<?x3xf16>) -> tensor<?x3xf16> {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
  // CHECK: scf.for %[[COLUMN:.*]] = %c0 to %c3
  // CHECK: scf.for %[[ROW:.*]] = %c0 to %[[N]] step %c1 iter_args(%[[SUM:.*]] = %[[ZERO]], %[[T:.*]] = %{{.*}})
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[COLUMN]]]
  // CHECK: %[[NEXT:.*]] = arith.addf %[[SUM]], %{{.*}} : f32
  // CHECK: %[[STORED:.*]] = arith.truncf %[[NEXT]] : f32 to f16
  // CHECK: %[[NEW:.*]] = tensor.insert %[[STORED]] into %[[T]][%[[ROW]], %[[COLUMN]]]
  // CHECK: scf.yield %[[NEXT]], %[[NEW]]
  %0 = qnn.cumulate sum %x {axis = 0 : i64} : (tensor<?x3xf16>) -> tensor<?x3xf16>
  return %0 : tensor<?x3xf16>
}

// From the end, without the element itself.
// CHECK-LABEL: func.func @exclusive_backward(
func.func @exclusive_backward(%x: tensor<5xi32>) -> tensor<5xi32> {
  // CHECK: scf.for %[[I:.*]] = %c0 to %c5 step %c1 iter_args(%[[PRODUCT:.*]] = %c1_i32, %[[T:.*]] = %{{.*}})
  // CHECK: %[[AT:.*]] = arith.subi %c4, %[[I]] :
  // CHECK: %[[E:.*]] = tensor.extract %{{.*}}[%[[AT]]]
  // CHECK: %[[NEXT:.*]] = arith.muli %[[PRODUCT]], %[[E]] :
  // CHECK: %[[NEW:.*]] = tensor.insert %[[PRODUCT]] into %[[T]][%[[AT]]]
  // CHECK: scf.yield %[[NEXT]], %[[NEW]]
  %0 = qnn.cumulate prod %x {axis = 0 : i64, exclusive = true, reverse = true} : (tensor<5xi32>) -> tensor<5xi32>
  return %0 : tensor<5xi32>
}
