// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// A clamped position repeats an element of the window, which a maximum does not
// mind. NaN is looked for in two elements by one comparison.
// CHECK-LABEL: func.func @max_clamped(
func.func @max_clamped(%x: tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32> {
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK-DAG: %[[NAN:.*]] = arith.constant 0x7FC00000 : f32
  // CHECK: %[[COLUMN:.*]] = linalg.index 3
  // CHECK: %[[START:.*]] = arith.muli %[[COLUMN]], %c2 :
  // CHECK: %[[BEFORE:.*]] = arith.subi %[[START]], %c1 :
  // CHECK-NOT: arith.cmpi
  // CHECK: %[[NATURAL:.*]] = arith.maxsi %[[BEFORE]], %c0 :
  // CHECK: arith.minsi %[[NATURAL]], %c7 :
  // CHECK: %[[A:.*]] = tensor.extract
  // CHECK: %[[B:.*]] = tensor.extract
  // CHECK: %[[C:.*]] = tensor.extract
  // CHECK: arith.cmpf ogt, %[[A]], %[[LOWEST]] :
  // CHECK: arith.cmpf ogt, %[[B]],
  // CHECK: %[[PAIR:.*]] = arith.cmpf uno, %[[B]], %[[A]] :
  // CHECK: arith.cmpf ogt, %[[C]],
  // CHECK: %[[MOST:.*]] = arith.select
  // CHECK: %[[SINGLE:.*]] = arith.cmpf uno, %[[C]], %[[C]] :
  // CHECK: %[[HAS_NAN:.*]] = arith.ori %[[PAIR]], %[[SINGLE]] :
  // CHECK: arith.select %[[HAS_NAN]], %[[NAN]], %[[MOST]] :
  %0 = qnn.pool max %x {window = array<i64: 1, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 1, 0, 1>,
                        dilations = array<i64: 1, 1>} : (tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32>
  return %0 : tensor<2x3x4x4xf32>
}

// Without padding every position is one of the input's.
// CHECK-LABEL: func.func @max_inside(
func.func @max_inside(%x: tensor<2x8x3xui8>) -> tensor<2x4x3xui8> {
  // CHECK: %[[N:.*]] = linalg.index 0
  // CHECK: %[[W:.*]] = linalg.index 1
  // CHECK: %[[CHANNEL:.*]] = linalg.index 2
  // CHECK: %[[START:.*]] = arith.muli %[[W]], %c2 :
  // CHECK: %[[NEXT:.*]] = arith.addi %[[START]], %c1 :
  // CHECK: %[[A:.*]] = tensor.extract %{{.*}}[%[[N]], %[[START]], %[[CHANNEL]]]
  // CHECK: %[[B:.*]] = tensor.extract %{{.*}}[%[[N]], %[[NEXT]], %[[CHANNEL]]]
  // CHECK: arith.maxui %[[A]], %[[B]] :
  %0 = qnn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>,
                        dilations = array<i64: 1>, channels_last} : (tensor<2x8x3xui8>) -> tensor<2x4x3xui8>
  return %0 : tensor<2x4x3xui8>
}

// A clamped position may be none of a dilated window: it counts as the lowest.
// CHECK-LABEL: func.func @max_tested(
// CHECK-SAME: %[[X:.*]]: tensor<2x3x?xi8>
func.func @max_tested(%x: tensor<2x3x?xi8>) -> tensor<2x3x?xi8> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c2
  // CHECK: %[[START:.*]] = arith.subi %{{.*}}, %c2 :
  // CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[START]], %[[N]] :
  // CHECK: %[[SECOND:.*]] = arith.addi %{{.*}}, %c1 :
  // CHECK: %[[SECOND_INSIDE:.*]] = arith.cmpi ult, %[[SECOND]], %[[N]] :
  // CHECK: %[[A:.*]] = arith.select %[[INSIDE]], %{{.*}}, %c-128_i8 :
  // CHECK: %[[B:.*]] = arith.select %[[SECOND_INSIDE]], %{{.*}}, %c-128_i8 :
  // CHECK: arith.maxsi %[[A]], %[[B]] :
  %0 = qnn.pool max %x {window = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 2, 0>,
                        dilations = array<i64: 3>} : (tensor<2x3x?xi8>) -> tensor<2x3x?xi8>
  return %0 : tensor<2x3x?xi8>
}

// A large window is a loop over the part of it that lies inside.
// CHECK-LABEL: func.func @max_large(
func.func @max_large(%x: tensor<1x1x64xf32>) -> tensor<1x1x38xf32> {
  // CHECK: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK: %[[START:.*]] = linalg.index 2
  // CHECK: %[[LEFT:.*]] = arith.subi %c64, %[[START]] :
  // CHECK: %[[NATURAL:.*]] = arith.maxsi %[[LEFT]], %c0 :
  // CHECK: %[[END:.*]] = arith.minsi %[[NATURAL]], %c27 :
  // CHECK: scf.for %[[T:.*]] = %{{.*}} to %[[END]] step %c1 iter_args(%[[MOST:.*]] = %[[LOWEST]])
  // CHECK: %[[AT:.*]] = arith.addi %[[START]], %[[T]] :
  // CHECK: %[[E:.*]] = tensor.extract %{{.*}}[%c0, %c0, %[[AT]]]
  // CHECK: arith.cmpf ogt, %[[E]], %[[MOST]] :
  // CHECK: %[[NAN:.*]] = arith.cmpf une, %[[E]], %[[E]] :
  // CHECK: arith.select %[[NAN]], %[[E]],
  %0 = qnn.pool max %x {window = array<i64: 27>, strides = array<i64: 1>, pads = array<i64: 0, 0>,
                        dilations = array<i64: 1>} : (tensor<1x1x64xf32>) -> tensor<1x1x38xf32>
  return %0 : tensor<1x1x38xf32>
}

// By the number of elements that lie inside; summed in f32.
// CHECK-LABEL: func.func @average(
func.func @average(%x: tensor<1x1x8xf16>) -> tensor<1x1x8xf16> {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[I:.*]] = linalg.index 2
  // CHECK: %[[START:.*]] = arith.subi %[[I]], %c1 :
  // CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[START]], %c8 :
  // CHECK: %[[E:.*]] = arith.extf
  // CHECK: arith.select %[[INSIDE]], %[[E]], %[[ZERO]] :
  // CHECK: %[[SUM:.*]] = arith.addf {{.*}} : f32
  // CHECK-DAG: %[[LOW:.*]] = arith.subi %c1, %[[I]] :
  // CHECK-DAG: %[[HIGH:.*]] = arith.subi %c9, %[[I]] :
  // CHECK-DAG: arith.maxsi %[[HIGH]], %c0 :
  // CHECK-DAG: arith.maxsi %[[LOW]], %c0 :
  // CHECK: %[[TAPS:.*]] = arith.subi
  // CHECK: %[[WIDE:.*]] = arith.index_cast %[[TAPS]] : index to i32
  // CHECK: %[[COUNT:.*]] = arith.sitofp %[[WIDE]] : i32 to f32
  // CHECK: %[[MEAN:.*]] = arith.divf %{{.*}}, %[[COUNT]] : f32
  // CHECK: arith.truncf %[[MEAN]] : f32 to f16
  %0 = qnn.pool average %x {window = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>,
                            dilations = array<i64: 1>} : (tensor<1x1x8xf16>) -> tensor<1x1x8xf16>
  return %0 : tensor<1x1x8xf16>
}

// Padding counts, but nothing beyond it: from -1 to 7 + 1. Of integers in f64.
// CHECK-LABEL: func.func @average_with_padding(
func.func @average_with_padding(%x: tensor<1x1x7xi32>) -> tensor<1x1x4xi32> {
  // CHECK: %[[I:.*]] = linalg.index 2
  // CHECK: %[[TWICE:.*]] = arith.muli %[[I]], %c2 :
  // CHECK: %[[SUM:.*]] = arith.addi {{.*}} : i32
  // CHECK-DAG: arith.subi %c0, %[[TWICE]] :
  // CHECK-DAG: arith.subi %c9, %[[TWICE]] :
  // CHECK: %[[COUNT:.*]] = arith.sitofp %{{.*}} : i32 to f64
  // CHECK: %[[REAL:.*]] = arith.sitofp %{{.*}} : i32 to f64
  // CHECK: arith.divf %[[REAL]], %[[COUNT]] : f64
  // CHECK: arith.fptosi
  %0 = qnn.pool average %x {window = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>,
                            dilations = array<i64: 1>, ceil_mode, count_padding} : (tensor<1x1x7xi32>) -> tensor<1x1x4xi32>
  return %0 : tensor<1x1x4xi32>
}
