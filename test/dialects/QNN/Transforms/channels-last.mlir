// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-channels-last -canonicalize -cse -split-input-file | FileCheck %s

// A residual block: only the model's input and output are transposed.

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-LABEL: func.func @residual(
  // CHECK: %[[X:.*]] = qnn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
  // CHECK: %[[A:.*]] = qnn.conv %[[X]], %arg1 {channels_last, {{.*}}} : (tensor<?x?x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<?x?x8x4xf32>
  // CHECK: %[[S:.*]] = qnn.reshape %arg3 [1, 1, 1, 4]
  // CHECK: %[[B:.*]] = qnn.binary mul %[[A]], %[[S]]
  // CHECK: %[[R:.*]] = qnn.unary relu %[[B]]
  // CHECK: %[[C:.*]] = qnn.conv %[[R]], %arg2 {channels_last
  // CHECK: %[[D:.*]] = qnn.binary add %[[C]], %{{.*}}
  // CHECK: %[[P:.*]] = qnn.pool max %[[D]] {channels_last
  // CHECK: %[[Y:.*]] = qnn.transpose %[[P]] {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK: return %[[Y]]
  func.func @residual(%x: tensor<?x4x?x8xf32>, %v: tensor<4x4x3x3xf32>, %w: tensor<4x4x1x1xf32>, %s: tensor<4x1x1xf32>) -> tensor<?x4x?x4xf32> {
    %0 = qnn.conv %x, %v {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      : (tensor<?x4x?x8xf32>, tensor<4x4x3x3xf32>) -> tensor<?x4x?x8xf32>
    %1 = qnn.binary mul %0, %s : (tensor<?x4x?x8xf32>, tensor<4x1x1xf32>) -> tensor<?x4x?x8xf32>
    %2 = qnn.unary relu %1 : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
    %3 = qnn.conv %2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<?x4x?x8xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x?x8xf32>
    %x4 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<?x4x?x8xf32>, tensor<4x4x1x1xf32>) -> tensor<?x4x?x8xf32>
    %4 = qnn.binary add %3, %x4 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
    %5 = qnn.pool max %4 {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
                          dilations = array<i64: 1, 1>} : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x4xf32>
    return %5 : tensor<?x4x?x4xf32>
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy">} {
  // Global average pooling, 1x1 convolution, flatten: nothing is left of the transposes but reshapes.
  // CHECK-LABEL: func.func @head(
  // CHECK-COUNT-1: qnn.transpose
  // CHECK-NOT: qnn.transpose
  // CHECK: return
  func.func @head(%x: tensor<2x4x8x8xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<2x6xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<2x4x8x8xf32>, tensor<6x4x1x1xf32>) -> tensor<2x6x8x8xf32>
    %1 = qnn.reduce mean %0 {axes = array<i64: 2, 3>, keep_dims = true} : (tensor<2x6x8x8xf32>) -> tensor<2x6x1x1xf32>
    %2 = qnn.reshape %1 [2, 6] : (tensor<2x6x1x1xf32>) -> tensor<2x6xf32>
    return %2 : tensor<2x6xf32>
  }

  // ShuffleNet's channel shuffle: three transposes become the one that moves channels.
  // CHECK-LABEL: func.func @shuffle(
  // CHECK: qnn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
  // CHECK: qnn.conv
  // CHECK: qnn.reshape %{{.*}} [1, 8, 8, 3, 2]
  // CHECK: qnn.transpose %{{.*}} {permutation = array<i64: 0, 1, 2, 4, 3>}
  // CHECK: qnn.reshape %{{.*}} [1, 8, 8, 6]
  // CHECK: qnn.conv
  // CHECK: qnn.transpose %{{.*}} {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK-NOT: qnn.transpose
  // CHECK: return
  func.func @shuffle(%x: tensor<1x6x8x8xf32>, %w: tensor<6x2x1x1xf32>) -> tensor<1x6x8x8xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64}
      : (tensor<1x6x8x8xf32>, tensor<6x2x1x1xf32>) -> tensor<1x6x8x8xf32>
    %1 = qnn.reshape %0 [1, 3, 2, 8, 8] : (tensor<1x6x8x8xf32>) -> tensor<1x3x2x8x8xf32>
    %2 = qnn.transpose %1 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x3x2x8x8xf32>) -> tensor<1x2x3x8x8xf32>
    %3 = qnn.reshape %2 [1, 6, 8, 8] : (tensor<1x2x3x8x8xf32>) -> tensor<1x6x8x8xf32>
    %4 = qnn.conv %3, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64}
      : (tensor<1x6x8x8xf32>, tensor<6x2x1x1xf32>) -> tensor<1x6x8x8xf32>
    return %4 : tensor<1x6x8x8xf32>
  }

  // CHECK-LABEL: func.func @movement(
  // CHECK: qnn.conv
  // CHECK: qnn.concat %{{.*}}, %{{.*}} {axis = 3 : i64}
  // CHECK: qnn.pad constant %{{.*}} low [0, 0, 1, 2] high [0, 0, 0, 0]
  // CHECK: qnn.slice %{{.*}} [0, 1, 1, 0] [1, 4, 3, 2] [1, 1, 2, 1]
  // CHECK: qnn.expand %{{.*}} [2, 4, 3, 2]
  // CHECK: qnn.tile %{{.*}} [1, 2, 1, 1]
  // CHECK: %[[T:.*]] = qnn.transpose
  // CHECK: return %[[T]]
  func.func @movement(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<2x2x8x3xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x8x8xf32>
    %1 = qnn.concat %0, %0 {axis = 1 : i64} : (tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>) -> tensor<1x12x8x8xf32>
    %2 = qnn.pad constant %1 low [0, 2, 0, 1] high [0, 0, 0, 0] : (tensor<1x12x8x8xf32>) -> tensor<1x14x8x9xf32>
    %3 = qnn.slice %2 [0, 0, 1, 1] [1, 2, 4, 3] [1, 1, 1, 2] : (tensor<1x14x8x9xf32>) -> tensor<1x2x4x3xf32>
    %4 = qnn.expand %3 [2, 2, 4, 3] : (tensor<1x2x4x3xf32>) -> tensor<2x2x4x3xf32>
    %5 = qnn.tile %4 [1, 1, 2, 1] : (tensor<2x2x4x3xf32>) -> tensor<2x2x8x3xf32>
    return %5 : tensor<2x2x8x3xf32>
  }

  // The mean over channels is one over the last axis; an axis that vanishes takes the transpose along.
  // CHECK-LABEL: func.func @reductions(
  // CHECK: qnn.conv
  // CHECK: qnn.reduce mean %{{.*}} {axes = array<i64: 3>} : (tensor<1x7x8x6xf32>) -> tensor<1x7x8xf32>
  // CHECK: %[[I:.*]] = qnn.arg_reduce max %{{.*}} {axis = 1 : i64} : (tensor<1x7x8x6xf32>) -> tensor<1x8x6xi64>
  // CHECK: qnn.transpose %[[I]] {permutation = array<i64: 0, 2, 1>}
  func.func @reductions(%x: tensor<1x4x7x8xf32>, %w: tensor<6x4x1x1xf32>) -> (tensor<1x7x8xf32>, tensor<1x6x8xi64>) {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x4x7x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x7x8xf32>
    %1 = qnn.reduce mean %0 {axes = array<i64: 1>} : (tensor<1x6x7x8xf32>) -> tensor<1x7x8xf32>
    %2 = qnn.arg_reduce max %0 {axis = 2 : i64} : (tensor<1x6x7x8xf32>) -> tensor<1x6x8xi64>
    return %1, %2 : tensor<1x7x8xf32>, tensor<1x6x8xi64>
  }

  // CHECK-LABEL: func.func @resize(
  // CHECK: %[[S:.*]] = qnn.gather %arg2, %{{.*}} {axis = 0 : i64}
  // CHECK: qnn.resize linear %{{.*}}, %[[S]] [1, 16, 16, 6] half_pixel floor
  func.func @resize(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x1x1xf32>, %s: tensor<4xf32>) -> tensor<1x6x16x16xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x8x8xf32>
    %1 = qnn.resize linear %0, %s [1, 6, 16, 16] half_pixel floor : (tensor<1x6x8x8xf32>, tensor<4xf32>) -> tensor<1x6x16x16xf32>
    return %1 : tensor<1x6x16x16xf32>
  }
}

// -----

!x = !qnn.tensor<1x4x8x8xf32, uint8, tensor<f32, zero>, dense>
!w = !qnn.tensor<4x4x1x1xf32, int8, axis<0, f32>, dense>

module attributes {qnn.target = #qnn.target<"toy">} {
  // Codes are transposed where a formatted value would have to be.
  // CHECK-LABEL: func.func @quantized(
  // CHECK: %[[X:.*]] = qnn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xi8>) -> tensor<1x8x8x4xi8>
  // CHECK: %[[A:.*]] = qnn.wrap %[[X]], %arg2, %arg3 : {{.*}} -> !qnn.tensor<1x8x8x4xf32, uint8, tensor<f32, zero>, dense>
  // CHECK: %[[B:.*]] = qnn.conv %[[A]], %arg1 {accumulators, channels_last
  // CHECK: %[[C:.*]] = qnn.requantize %[[B]], {{.*}} {axis = 3 : i64}
  // CHECK: %[[D:.*]] = qnn.decode %{{.*}} -> tensor<1x8x8x4xf32>
  // CHECK: %[[E:.*]] = qnn.encode %[[D]]
  // CHECK: %[[F:.*]]:3 = qnn.unwrap %[[E]]
  // CHECK: %[[G:.*]] = qnn.transpose %[[F]]#0 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x4xi8>) -> tensor<1x4x8x8xi8>
  // CHECK: return %[[G]]
  func.func @quantized(%x: tensor<1x4x8x8xi8>, %w: !w, %s: tensor<f32>, %z: tensor<i8>) -> tensor<1x4x8x8xi8> {
    %0 = qnn.wrap %x, %s, %z : (tensor<1x4x8x8xi8>, tensor<f32>, tensor<i8>) -> !x
    %1 = qnn.conv %0, %w {accumulators, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (!x, !w) -> tensor<1x4x8x8xi32>
    %2 = qnn.requantize %1, %s, %s, %s, %z {axis = 1 : i64} : (tensor<1x4x8x8xi32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>) -> !x
    %3:3 = qnn.unwrap %2 : (!x) -> (tensor<1x4x8x8xi8>, tensor<f32>, tensor<i8>)
    %4 = qnn.wrap %3#0, %s, %z : (tensor<1x4x8x8xi8>, tensor<f32>, tensor<i8>) -> !x
    %5 = qnn.decode %4 : (!x) -> tensor<1x4x8x8xf32>
    %6 = qnn.encode %5, %s, %z : (tensor<1x4x8x8xf32>, tensor<f32>, tensor<i8>) -> !x
    %7:3 = qnn.unwrap %6 : (!x) -> (tensor<1x4x8x8xi8>, tensor<f32>, tensor<i8>)
    return %7#0 : tensor<1x4x8x8xi8>
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy", machine = "planes">} {
  // CHECK-LABEL: func.func @planes(
  // CHECK-NOT: qnn.transpose
  // CHECK-NOT: channels_last
  func.func @planes(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<1x6x8x8xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x8x8xf32>
    return %0 : tensor<1x6x8x8xf32>
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy">} {
  // Windows over channels, as of a local response normalization.
  // CHECK-LABEL: func.func @windows_over_channels(
  // CHECK: %[[Y:.*]] = qnn.conv
  // CHECK: %[[M:.*]] = qnn.reshape %[[Y]] [1, 56, 6, 1]
  // CHECK: %[[P:.*]] = qnn.pool average %[[M]] {channels_last, count_padding, dilations = array<i64: 1, 1>, pads = array<i64: 0, 2, 0, 1>, strides = array<i64: 1, 1>, window = array<i64: 1, 4>}
  // CHECK: %[[I:.*]] = qnn.reshape %[[P]] [1, 7, 8, 6]
  // CHECK: %[[D:.*]] = qnn.binary div %[[Y]], %[[I]]
  // CHECK: qnn.transpose %[[D]] {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK-NOT: qnn.transpose
  // CHECK: return
  func.func @windows_over_channels(%x: tensor<1x4x7x8xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<1x6x7x8xf32> {
    %0 = qnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x4x7x8xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x7x8xf32>
    %1 = qnn.reshape %0 [1, 1, 6, 56] : (tensor<1x6x7x8xf32>) -> tensor<1x1x6x56xf32>
    %2 = qnn.pool average %1 {count_padding, window = array<i64: 4, 1>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 1, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x1x6x56xf32>) -> tensor<1x1x6x56xf32>
    %3 = qnn.reshape %2 [1, 6, 7, 8] : (tensor<1x1x6x56xf32>) -> tensor<1x6x7x8xf32>
    %4 = qnn.binary div %0, %3 : (tensor<1x6x7x8xf32>, tensor<1x6x7x8xf32>) -> tensor<1x6x7x8xf32>
    return %4 : tensor<1x6x7x8xf32>
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy">} {
  // A convolution over one axis is one over an image of one line, also of codes.
  // CHECK-LABEL: func.func @lines(
  // CHECK: %[[C:.*]] = arith.constant dense<{{.*}}> : tensor<2x4x1x3xi8>
  // CHECK: %[[W:.*]] = qnn.wrap %[[C]], %{{.*}} -> !qnn.tensor<2x4x1x3xf32, int8, axis<0, f32>, dense>
  // CHECK: qnn.conv %{{.*}}, %[[W]] {channels_last, dilations = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 3>}
  // CHECK: return %{{.*}} : tensor<?x2x?xf32>
  func.func @lines(%x: !qnn.tensor<?x4x?xf32, uint8, tensor<f32>, dense>) -> tensor<?x2x?xf32> {
    %c = arith.constant dense<3> : tensor<2x4x3xi8>
    %s = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
    %w = qnn.wrap %c, %s : (tensor<2x4x3xi8>, tensor<2xf32>) -> !qnn.tensor<2x4x3xf32, int8, axis<0, f32>, dense>
    %y = qnn.conv %x, %w {strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 2>}
      : (!qnn.tensor<?x4x?xf32, uint8, tensor<f32>, dense>, !qnn.tensor<2x4x3xf32, int8, axis<0, f32>, dense>) -> tensor<?x2x?xf32>
    return %y : tensor<?x2x?xf32>
  }
}

// -----

module attributes {qnn.target = #qnn.target<"toy">} {
  // Scales of blocks have the weights' axes, and become those of an image with them.
  // CHECK-LABEL: func.func @lines_in_blocks(
  // CHECK-DAG: %[[C:.*]] = arith.constant dense<{{.*}}> : tensor<2x4x1x4xi8>
  // CHECK-DAG: %[[S:.*]] = arith.constant dense<{{.*}}> : tensor<2x2x1x1xf32>
  // CHECK: %[[W:.*]] = qnn.wrap %[[C]], %[[S]] : (tensor<2x4x1x4xi8>, tensor<2x2x1x1xf32>) -> !qnn.tensor<2x4x1x4xf32, int8, block<1x2x1x4, f32>, dense>
  // CHECK: %[[D:.*]] = qnn.decode %[[W]]
  // CHECK: qnn.conv %{{.*}}, %[[D]] {channels_last
  func.func @lines_in_blocks(%x: tensor<?x4x?xf32>) -> tensor<?x2x?xf32> {
    %c = arith.constant dense<3> : tensor<2x4x4xi8>
    %s = arith.constant dense<[[[0.5], [1.0]], [[2.0], [3.0]]]> : tensor<2x2x1xf32>
    %w = qnn.wrap %c, %s : (tensor<2x4x4xi8>, tensor<2x2x1xf32>) -> !qnn.tensor<2x4x4xf32, int8, block<1x2x4, f32>, dense>
    %d = qnn.decode %w : (!qnn.tensor<2x4x4xf32, int8, block<1x2x4, f32>, dense>) -> tensor<2x4x4xf32>
    %y = qnn.conv %x, %d {strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 2>}
      : (tensor<?x4x?xf32>, tensor<2x4x4xf32>) -> tensor<?x2x?xf32>
    return %y : tensor<?x2x?xf32>
  }
}
