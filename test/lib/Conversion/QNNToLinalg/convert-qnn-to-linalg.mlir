// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK: #[[ROW:.*]] = affine_map<(d0, d1) -> (0, d1)>

// Types become those of memory; the sign lives on in the operation.
// CHECK-LABEL: func.func @unsigned(
// CHECK-SAME: %[[X:.*]]: tensor<?x8xi8>) -> tensor<?x8xi8>
func.func @unsigned(%x: tensor<?x8xui8>) -> tensor<?x8xui8> {
  // CHECK: linalg.generic
  // CHECK: arith.maxui
  %0 = qnn.binary max %x, %x : (tensor<?x8xui8>, tensor<?x8xui8>) -> tensor<?x8xui8>
  return %0 : tensor<?x8xui8>
}

// An extent of 1 is read at 0 where the result has another.
// CHECK-LABEL: func.func @broadcast(
func.func @broadcast(%x: tensor<?x8xf16>, %b: tensor<1x8xf16>) -> tensor<?x8xf16> {
  // CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]], #{{.*}}]
  // CHECK: arith.extf
  // CHECK: %[[SUM:.*]] = arith.addf %{{.*}} : f32
  // CHECK: arith.truncf %[[SUM]] : f32 to f16
  %0 = qnn.binary add %x, %b : (tensor<?x8xf16>, tensor<1x8xf16>) -> tensor<?x8xf16>
  return %0 : tensor<?x8xf16>
}

// Division by zero and the shift by the width are defined.
// CHECK-LABEL: func.func @defined(
func.func @defined(%x: tensor<4xui32>, %y: tensor<4xui32>) -> (tensor<4xui32>, tensor<4xui32>) {
  // CHECK: %[[ZERO:.*]] = arith.cmpi eq, %[[D:.*]], %{{.*}} : i32
  // CHECK: %[[SAFE:.*]] = arith.select %[[ZERO]]
  // CHECK: arith.divui %{{.*}}, %[[SAFE]]
  %0 = qnn.binary div %x, %y : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xui32>
  // CHECK: arith.cmpi ult
  // CHECK: arith.shli
  %1 = qnn.binary shl %x, %y : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xui32>
  return %0, %1 : tensor<4xui32>, tensor<4xui32>
}
