// RUN: qcc-opt %s -qnn-fold-constants -split-input-file | FileCheck %s

// Weights become codes and scales; their decode stays.
// CHECK-LABEL: func.func @weights(
// CHECK-DAG: %[[C:.*]] = arith.constant dense<{{\[\[}}127, -64], [127, 64]]> : tensor<2x2xi8>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: %[[W:.*]] = qnn.wrap %[[C]], %[[S]]
// CHECK: %[[D:.*]] = qnn.decode %[[W]]
// CHECK: qnn.matmul %{{.*}}, %[[D]] {transpose_b}
// CHECK-NOT: qnn.transpose
func.func @weights(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[127.0, 254.0], [-64.0, 128.0]]> : tensor<2x2xf32>
  %0 = qnn.transpose %w {permutation = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = qnn.encode_auto %0 : (tensor<2x2xf32>) -> !qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>
  %2 = qnn.decode %1 : (!qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>) -> tensor<2x2xf32>
  %y = qnn.matmul %x, %2 {transpose_b} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// So does that of weights in another shape.
// CHECK-LABEL: func.func @conv(
// CHECK: qnn.wrap
// CHECK: qnn.decode
// CHECK: qnn.reshape
// CHECK: qnn.transpose
// CHECK: qnn.conv
func.func @conv(%x: tensor<?x2x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %1 = qnn.encode_auto %w : (tensor<2x2xf32>) -> !qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>
  %2 = qnn.decode %1 : (!qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>) -> tensor<2x2xf32>
  %3 = qnn.reshape %2 [2, 1, 1, 2] : (tensor<2x2xf32>) -> tensor<2x1x1x2xf32>
  %4 = qnn.transpose %3 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x1x1x2xf32>) -> tensor<2x2x1x1xf32>
  %y = qnn.conv %x, %4 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<?x2x8x8xf32>
  return %y : tensor<?x2x8x8xf32>
}

// -----

// And that of the weights of an applied kernel.
// CHECK-LABEL: func.func @contract(
// CHECK: %[[D:.*]] = qnn.decode
// CHECK: qnn.contract ins(%{{.*}}, %[[D]] :
func.func @contract(%x: tensor<4x2xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %1 = qnn.encode_auto %w : (tensor<2x2xf32>) -> !qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>
  %2 = qnn.decode %1 : (!qnn.tensor<2x2xf32, int8, axis<0, f32>, dense>) -> tensor<2x2xf32>
  %y = qnn.contract ins(%x, %2 : tensor<4x2xf32>, tensor<2x2xf32>) outs(%init : tensor<4x2xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// -----

// The bias of a quantized model is decoded.
// CHECK-LABEL: func.func @bias(
// CHECK: %[[B:.*]] = arith.constant dense<[5.000000e-01, -1.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: qnn.binary add %{{.*}}, %[[B]]
func.func @bias(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c = arith.constant dense<[1, -2]> : tensor<2xi32>
  %s = arith.constant dense<0.5> : tensor<f32>
  %q = qnn.wrap %c, %s : (tensor<2xi32>, tensor<f32>) -> !qnn.tensor<2xf32, int32, tensor<f32>, dense>
  %b = qnn.decode %q : (!qnn.tensor<2xf32, int32, tensor<f32>, dense>) -> tensor<2xf32>
  %y = qnn.binary add %x, %b : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// No constant holds unsigned integers.
// CHECK-LABEL: func.func @unsigned(
// CHECK: %[[C:.*]] = arith.constant dense<[2, -2]> : tensor<2xi8>
// CHECK: %[[U:.*]] = qnn.bitcast %[[C]] : (tensor<2xi8>) -> tensor<2xui8>
// CHECK: return %[[U]]
func.func @unsigned() -> tensor<2xui8> {
  %c = arith.constant dense<[1, 127]> : tensor<2xi8>
  %u = qnn.bitcast %c : (tensor<2xi8>) -> tensor<2xui8>
  %y = qnn.binary add %u, %u : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  return %y : tensor<2xui8>
}

// -----

// A large result of small operands would only make the model larger.
// CHECK-LABEL: func.func @growth(
// CHECK: qnn.iota [1000000]
func.func @growth() -> tensor<1000000xi64> {
  %y = qnn.iota [1000000] {axis = 0 : i64, element_type = i64} : tensor<1000000xi64>
  return %y : tensor<1000000xi64>
}

// -----

// Nor would one number in many places.
// CHECK-LABEL: func.func @splat(
// CHECK: qnn.unary cos
func.func @splat() -> tensor<1073741824xf32> {
  %c = arith.constant dense<1.0> : tensor<1073741824xf32>
  %y = qnn.unary cos %c : (tensor<1073741824xf32>) -> tensor<1073741824xf32>
  return %y : tensor<1073741824xf32>
}

// -----

// Each doubling is small beside its operand, all of them are not.
// CHECK-LABEL: func.func @doublings(
// CHECK: qnn.concat {{.*}} -> tensor<16777216xf32>
func.func @doublings() -> tensor<16777216xf32> {
  %k0 = qnn.iota [16384] {axis = 0 : i64, element_type = f32} : tensor<16384xf32>
  %k1 = qnn.concat %k0, %k0 {axis = 0 : i64} : (tensor<16384xf32>, tensor<16384xf32>) -> tensor<32768xf32>
  %k2 = qnn.concat %k1, %k1 {axis = 0 : i64} : (tensor<32768xf32>, tensor<32768xf32>) -> tensor<65536xf32>
  %k3 = qnn.concat %k2, %k2 {axis = 0 : i64} : (tensor<65536xf32>, tensor<65536xf32>) -> tensor<131072xf32>
  %k4 = qnn.concat %k3, %k3 {axis = 0 : i64} : (tensor<131072xf32>, tensor<131072xf32>) -> tensor<262144xf32>
  %k5 = qnn.concat %k4, %k4 {axis = 0 : i64} : (tensor<262144xf32>, tensor<262144xf32>) -> tensor<524288xf32>
  %k6 = qnn.concat %k5, %k5 {axis = 0 : i64} : (tensor<524288xf32>, tensor<524288xf32>) -> tensor<1048576xf32>
  %k7 = qnn.concat %k6, %k6 {axis = 0 : i64} : (tensor<1048576xf32>, tensor<1048576xf32>) -> tensor<2097152xf32>
  %k8 = qnn.concat %k7, %k7 {axis = 0 : i64} : (tensor<2097152xf32>, tensor<2097152xf32>) -> tensor<4194304xf32>
  %k9 = qnn.concat %k8, %k8 {axis = 0 : i64} : (tensor<4194304xf32>, tensor<4194304xf32>) -> tensor<8388608xf32>
  %k10 = qnn.concat %k9, %k9 {axis = 0 : i64} : (tensor<8388608xf32>, tensor<8388608xf32>) -> tensor<16777216xf32>
  return %k10 : tensor<16777216xf32>
}

// -----

// What other constants are made of is a constant before them.
// CHECK-LABEL: func.func @read_twice(
// CHECK-NOT: qnn.unary
// CHECK: %[[A:.*]] = arith.constant dense<1.000000e+00> : tensor<2xf32>
// CHECK: %[[B:.*]] = arith.constant dense<-1.000000e+00> : tensor<2xf32>
// CHECK-NOT: qnn.unary
// CHECK: qnn.binary add %{{.*}}, %[[A]]
// CHECK: qnn.binary add %{{.*}}, %[[B]]
func.func @read_twice(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c = arith.constant dense<-1.0> : tensor<2xf32>
  %a = qnn.unary abs %c : (tensor<2xf32>) -> tensor<2xf32>
  %b = qnn.unary neg %a : (tensor<2xf32>) -> tensor<2xf32>
  %0 = qnn.binary add %x, %a : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %1 = qnn.binary add %0, %b : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
