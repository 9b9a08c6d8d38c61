// RUN: qcc-opt %s -qnn-fold-scales -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @batch_norm(
// CHECK-SAME: %[[X:.*]]: tensor
// CHECK-DAG: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<2x3x1x1xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<2.000000e+00> : tensor<2xf32>
// CHECK-DAG: %[[A:.*]] = qnn.reshape %{{.*}} [2, 1, 1, 1]
// CHECK-DAG: %[[WA:.*]] = qnn.binary mul %[[W]], %[[A]]
// CHECK-DAG: %[[BA:.*]] = qnn.binary mul %[[B]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>)
// CHECK-DAG: %[[BB:.*]] = qnn.binary add %[[BA]], %{{.*}} : (tensor<2xf32>, tensor<2xf32>)
// CHECK: %[[Y:.*]] = qnn.conv %[[X]], %[[WA]], %[[BB]]
// CHECK-NEXT: return %[[Y]]
func.func @batch_norm(%x: tensor<?x3x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %b = arith.constant dense<2.0> : tensor<2xf32>
  %scale = arith.constant dense<[[[3.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %shift = arith.constant dense<[[[5.0]], [[6.0]]]> : tensor<2x1x1xf32>
  %0 = qnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>, tensor<2xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary mul %0, %scale : (tensor<?x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32>
  %2 = qnn.binary add %1, %shift : (tensor<?x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32>
  return %2 : tensor<?x2x8x8xf32>
}

// -----

// A number for all channels, on the left; no bias yet.
// CHECK-LABEL: func.func @scalar(
// CHECK: %[[E:.*]] = arith.constant dense<3.000000e+00> : tensor<2xf32>
// CHECK: qnn.conv %{{.*}}, %{{.*}}, %[[E]]
// CHECK-NOT: qnn.binary
func.func @scalar(%x: tensor<?x3x8x8xf32>) -> tensor<?x2x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary add %c, %0 : (tensor<f32>, tensor<?x2x8x8xf32>) -> tensor<?x2x8x8xf32>
  return %1 : tensor<?x2x8x8xf32>
}

// -----

// Not a factor for channels; a second reader; weights in a format.
// CHECK-LABEL: func.func @stay(
// CHECK-COUNT-3: qnn.binary mul
func.func @stay(%x: tensor<?x3x8x8xf32>, %q: !qnn.tensor<2x3x1x1xf32, int8, tensor<f32>, dense>)
    -> (tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x3x1x1xf32>
  %columns = arith.constant dense<3.0> : tensor<8xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %1 = qnn.binary mul %0, %columns : (tensor<?x2x8x8xf32>, tensor<8xf32>) -> tensor<?x2x8x8xf32>
  %2 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %3 = qnn.binary mul %2, %c : (tensor<?x2x8x8xf32>, tensor<f32>) -> tensor<?x2x8x8xf32>
  %d = qnn.decode %q : (!qnn.tensor<2x3x1x1xf32, int8, tensor<f32>, dense>) -> tensor<2x3x1x1xf32>
  %4 = qnn.conv %x, %d {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<?x2x8x8xf32>
  %5 = qnn.binary mul %4, %c : (tensor<?x2x8x8xf32>, tensor<f32>) -> tensor<?x2x8x8xf32>
  return %1, %2, %3, %5 : tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>, tensor<?x2x8x8xf32>
}

// -----

// A sum of a value with itself doubles the ways to it, 64 times.
// CHECK-LABEL: func.func @doublings(
// CHECK: qnn.conv
// CHECK-NEXT: return
func.func @doublings(%x: tensor<?x3x8x8xf32>) -> tensor<?x4x8x8xf32> {
  %k0 = arith.constant dense<1.0> : tensor<4xf32>
  %k1 = qnn.binary add %k0, %k0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k2 = qnn.binary add %k1, %k1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k3 = qnn.binary add %k2, %k2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k4 = qnn.binary add %k3, %k3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k5 = qnn.binary add %k4, %k4 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k6 = qnn.binary add %k5, %k5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k7 = qnn.binary add %k6, %k6 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k8 = qnn.binary add %k7, %k7 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k9 = qnn.binary add %k8, %k8 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k10 = qnn.binary add %k9, %k9 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k11 = qnn.binary add %k10, %k10 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k12 = qnn.binary add %k11, %k11 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k13 = qnn.binary add %k12, %k12 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k14 = qnn.binary add %k13, %k13 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k15 = qnn.binary add %k14, %k14 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k16 = qnn.binary add %k15, %k15 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k17 = qnn.binary add %k16, %k16 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k18 = qnn.binary add %k17, %k17 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k19 = qnn.binary add %k18, %k18 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k20 = qnn.binary add %k19, %k19 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k21 = qnn.binary add %k20, %k20 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k22 = qnn.binary add %k21, %k21 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k23 = qnn.binary add %k22, %k22 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k24 = qnn.binary add %k23, %k23 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k25 = qnn.binary add %k24, %k24 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k26 = qnn.binary add %k25, %k25 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k27 = qnn.binary add %k26, %k26 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k28 = qnn.binary add %k27, %k27 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k29 = qnn.binary add %k28, %k28 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k30 = qnn.binary add %k29, %k29 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k31 = qnn.binary add %k30, %k30 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k32 = qnn.binary add %k31, %k31 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k33 = qnn.binary add %k32, %k32 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k34 = qnn.binary add %k33, %k33 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k35 = qnn.binary add %k34, %k34 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k36 = qnn.binary add %k35, %k35 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k37 = qnn.binary add %k36, %k36 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k38 = qnn.binary add %k37, %k37 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k39 = qnn.binary add %k38, %k38 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k40 = qnn.binary add %k39, %k39 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k41 = qnn.binary add %k40, %k40 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k42 = qnn.binary add %k41, %k41 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k43 = qnn.binary add %k42, %k42 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k44 = qnn.binary add %k43, %k43 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k45 = qnn.binary add %k44, %k44 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k46 = qnn.binary add %k45, %k45 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k47 = qnn.binary add %k46, %k46 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k48 = qnn.binary add %k47, %k47 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k49 = qnn.binary add %k48, %k48 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k50 = qnn.binary add %k49, %k49 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k51 = qnn.binary add %k50, %k50 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k52 = qnn.binary add %k51, %k51 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k53 = qnn.binary add %k52, %k52 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k54 = qnn.binary add %k53, %k53 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k55 = qnn.binary add %k54, %k54 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k56 = qnn.binary add %k55, %k55 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k57 = qnn.binary add %k56, %k56 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k58 = qnn.binary add %k57, %k57 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k59 = qnn.binary add %k58, %k58 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k60 = qnn.binary add %k59, %k59 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k61 = qnn.binary add %k60, %k60 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k62 = qnn.binary add %k61, %k61 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k63 = qnn.binary add %k62, %k62 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %k64 = qnn.binary add %k63, %k63 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %w = arith.constant dense<1.0> : tensor<4x3x1x1xf32>
  %s = qnn.reshape %k64 [4, 1, 1] : (tensor<4xf32>) -> tensor<4x1x1xf32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<?x4x8x8xf32>
  %1 = qnn.binary mul %0, %s : (tensor<?x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<?x4x8x8xf32>
  return %1 : tensor<?x4x8x8xf32>
}

// -----

// A number for more channels than are folded at once.
// CHECK-LABEL: func.func @many_channels(
// CHECK: qnn.conv
// CHECK-NEXT: return
func.func @many_channels(%x: tensor<?x3x8x8xf32>) -> tensor<?x256x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<256x3x1x1xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64}
    : (tensor<?x3x8x8xf32>, tensor<256x3x1x1xf32>) -> tensor<?x256x8x8xf32>
  %1 = qnn.binary add %c, %0 : (tensor<f32>, tensor<?x256x8x8xf32>) -> tensor<?x256x8x8xf32>
  %2 = qnn.binary mul %c, %1 : (tensor<f32>, tensor<?x256x8x8xf32>) -> tensor<?x256x8x8xf32>
  return %2 : tensor<?x256x8x8xf32>
}
