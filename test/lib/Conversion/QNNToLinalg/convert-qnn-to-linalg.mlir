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

// Constants have the elements that memory holds: integers below 8 bits a byte
// each, small floats their codes.
// CHECK-LABEL: func.func @constants(
func.func @constants() -> (tensor<3xi4>, tensor<2xui4>, tensor<4xui2>, tensor<2xf8E4M3FN>, tensor<2xui16>, tensor<2xi1>, tensor<2xbf16>) {
  // CHECK-DAG: arith.constant dense<[-8, -1, 7]> : tensor<3xi8>
  %0 = arith.constant dense<[-8, -1, 7]> : tensor<3xi4>
  // CHECK-DAG: arith.constant dense<[15, 1]> : tensor<2xi8>
  %1 = arith.constant dense<[15, 1]> : tensor<2xui4>
  // CHECK-DAG: arith.constant dense<3> : tensor<4xi8>
  %2 = arith.constant dense<3> : tensor<4xui2>
  // CHECK-DAG: arith.constant dense<[56, -64]> : tensor<2xi8>
  %3 = arith.constant dense<[1.0, -2.0]> : tensor<2xf8E4M3FN>
  // CHECK-DAG: arith.constant dense<[-1, 1]> : tensor<2xi16>
  %4 = arith.constant dense<[65535, 1]> : tensor<2xui16>
  // CHECK-DAG: arith.constant dense<[true, false]> : tensor<2xi1>
  %5 = arith.constant dense<[true, false]> : tensor<2xi1>
  // CHECK-DAG: arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xbf16>
  %6 = arith.constant dense<[1.0, 2.0]> : tensor<2xbf16>
  return %0, %1, %2, %3, %4, %5, %6
    : tensor<3xi4>, tensor<2xui4>, tensor<4xui2>, tensor<2xf8E4M3FN>, tensor<2xui16>, tensor<2xi1>, tensor<2xbf16>
}

// The data of a large constant stay where they are.
// CHECK-LABEL: func.func @resource(
func.func @resource() -> tensor<4xui8> {
  // CHECK: arith.constant dense_resource<data> : tensor<4xi8>
  %0 = arith.constant dense_resource<data> : tensor<4xui8>
  return %0 : tensor<4xui8>
}

// Values of other dialects' ops, and of their regions, too.
// CHECK-LABEL: func.func @regions(
// CHECK-SAME: %[[X:.*]]: tensor<4xi8>, %{{.*}}: index) -> tensor<4xi8>
func.func @regions(%x: tensor<4xui8>, %n: index) -> tensor<4xui8> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[X]]) -> (tensor<4xi8>)
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<4xui8> {
    // CHECK: arith.addi {{.*}} : i8
    %1 = qnn.binary add %t, %x : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
    scf.yield %1 : tensor<4xui8>
  }
  return %0 : tensor<4xui8>
}

// A kernel is left to its own lowering.
// CHECK-LABEL: func.func @kernel(
func.func @kernel(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: qnn.contract ins(
  // CHECK: qnn.yield
  %0 = qnn.contract ins(%x, %w : tensor<?x64xf32>, tensor<8x64xf32>) outs(%init : tensor<?x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

{-#
  dialect_resources: {
    builtin: {
      data: "0x0400000001FF02FE"
    }
  }
#-}
