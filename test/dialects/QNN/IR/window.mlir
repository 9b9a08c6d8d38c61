// RUN: qcc-opt %s | FileCheck %s
// RUN: qcc-opt %s -mlir-print-op-generic | qcc-opt | FileCheck %s

// CHECK-LABEL: func.func @windows(
func.func @windows(%x: tensor<?x4x7x7xf32>, %s: tensor<4xf32>, %r: tensor<8xf32>, %g: tensor<?x5x6x2xf32>, %n: index) {
  // CHECK: qnn.pool max %{{.*}} {ceil_mode, {{.*}}} : (tensor<?x4x7x7xf32>) -> tensor<?x4x4x4xf32>
  %0 = qnn.pool max %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
                        dilations = array<i64: 1, 1>, ceil_mode} : (tensor<?x4x7x7xf32>) -> tensor<?x4x4x4xf32>
  // Channels are the last axis, so the windows lie over the two before.
  // CHECK: qnn.pool average %{{.*}} {channels_last, count_padding, {{.*}}} : (tensor<?x4x7x7xf32>) -> tensor<?x4x7x7xf32>
  %1 = qnn.pool average %x {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
                            dilations = array<i64: 1, 1>, count_padding, channels_last}
    : (tensor<?x4x7x7xf32>) -> tensor<?x4x7x7xf32>
  // CHECK: qnn.resize cubic %{{.*}}, %{{.*}} [%{{.*}}, 4, 14, 14] half_pixel floor : (tensor<?x4x7x7xf32>, tensor<4xf32>) -> tensor<?x4x14x14xf32>
  %2 = qnn.resize cubic %x, %s [%n, 4, 14, 14] half_pixel floor : (tensor<?x4x7x7xf32>, tensor<4xf32>) -> tensor<?x4x14x14xf32>
  // CHECK: qnn.resize linear %{{.*}}, %{{.*}} roi %{{.*}} [%{{.*}}, 4, 3, 3] tf_crop_and_resize floor
  %3 = qnn.resize linear %x, %s roi %r [%n, 4, 3, 3] tf_crop_and_resize floor
    : (tensor<?x4x7x7xf32>, tensor<4xf32>, tensor<8xf32>) -> tensor<?x4x3x3xf32>
  // CHECK: qnn.grid_sample linear border %{{.*}}, %{{.*}} {align_corners} : (tensor<?x4x7x7xf32>, tensor<?x5x6x2xf32>) -> tensor<?x4x5x6xf32>
  %4 = qnn.grid_sample linear border %x, %g {align_corners} : (tensor<?x4x7x7xf32>, tensor<?x5x6x2xf32>) -> tensor<?x4x5x6xf32>
  return
}
