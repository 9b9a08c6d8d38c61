// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// In f32, as ONNX Runtime has it, where the last bit decides.
// CHECK-LABEL: func.func @half_pixel(
func.func @half_pixel(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK: %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
  // CHECK: %[[SCALE:.*]] = tensor.extract
  // CHECK: %[[X:.*]] = arith.sitofp %{{.*}} : i64 to f32
  // CHECK: %[[MIDDLE:.*]] = arith.addf %[[X]], %[[HALF]] :
  // CHECK: %[[RATIO:.*]] = arith.divf %[[MIDDLE]], %[[SCALE]] :
  // CHECK: arith.subf %[[RATIO]], %[[HALF]] :
  %0 = qnn.resize nearest %x, %s [8] half_pixel floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Moved by what the exact quotient of the extents differs from the scale.
// CHECK-LABEL: func.func @half_pixel_symmetric(
func.func @half_pixel_symmetric(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK-DAG: %[[CENTER:.*]] = arith.constant 2.000000e+00 : f32
  // CHECK-DAG: %[[OUTPUT:.*]] = arith.constant 8.000000e+00 : f32
  // CHECK-DAG: %[[INPUT:.*]] = arith.constant 4.000000e+00 : f32
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK: %[[SCALE:.*]] = arith.extf
  // CHECK: %[[WIDTH:.*]] = arith.mulf %{{.*}}, %[[INPUT]] :
  // CHECK: %[[ADJUSTMENT:.*]] = arith.divf %[[OUTPUT]], %[[WIDTH]] :
  // CHECK: %[[REST:.*]] = arith.subf %[[ONE]], %[[ADJUSTMENT]] :
  // CHECK: %[[MOVED:.*]] = arith.mulf %[[REST]], %[[CENTER]] :
  // CHECK: %[[OFFSET:.*]] = arith.extf %[[MOVED]] :
  // CHECK: %[[ALONG:.*]] = arith.divf %{{.*}}, %[[SCALE]] :
  // CHECK: arith.addf %[[OFFSET]], %[[ALONG]] :
  %0 = qnn.resize nearest %x, %s [8] half_pixel_symmetric floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// An output of one element takes the first: -0.5.
// CHECK-LABEL: func.func @pytorch_half_pixel(
func.func @pytorch_half_pixel(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK-DAG: %[[FIRST:.*]] = arith.constant -5.000000e-01 : f64
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
  // CHECK-DAG: %[[INPUT:.*]] = arith.constant 4.000000e+00 : f32
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %[[INPUT]] : f32
  // CHECK: %[[WIDTH:.*]] = arith.extf %[[PRODUCT]] :
  // CHECK: %[[SINGLE:.*]] = arith.cmpf oeq, %[[WIDTH]], %[[ONE]] :
  // CHECK: arith.select %[[SINGLE]], %[[FIRST]],
  %0 = qnn.resize nearest %x, %s [8] pytorch_half_pixel floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// x * (input - 1) / (width - 1)
// CHECK-LABEL: func.func @align_corners(
func.func @align_corners(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK-DAG: %[[LAST:.*]] = arith.constant 3.000000e+00 : f64
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
  // CHECK: %[[X:.*]] = arith.sitofp %{{.*}} : i64 to f64
  // CHECK: %[[WIDTH:.*]] = arith.extf
  // CHECK: %[[SINGLE:.*]] = arith.cmpf oeq, %[[WIDTH]], %[[ONE]] :
  // CHECK: %[[ALONG:.*]] = arith.mulf %[[X]], %[[LAST]] :
  // CHECK: %[[STEPS:.*]] = arith.subf %[[WIDTH]], %[[ONE]] :
  // CHECK: %[[AT:.*]] = arith.divf %[[ALONG]], %[[STEPS]] :
  // CHECK: arith.select %[[SINGLE]], %[[ZERO]], %[[AT]] :
  %0 = qnn.resize nearest %x, %s [8] align_corners floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func.func @asymmetric(
func.func @asymmetric(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK: %[[SCALE:.*]] = tensor.extract
  // CHECK: arith.divf %{{.*}}, %[[SCALE]] : f32
  // CHECK-NOT: arith.subf
  %0 = qnn.resize nearest %x, %s [8] asymmetric floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// What falls outside has a value of its own; NaN is outside.
// CHECK-LABEL: func.func @crop(
// CHECK-SAME: %{{.*}}: tensor<4xf32>, %[[ROI:.*]]: tensor<2xf16>
func.func @crop(%x: tensor<4xf32>, %r: tensor<2xf16>) -> tensor<8xf32> {
  // CHECK-DAG: %[[OUTSIDE:.*]] = arith.constant 9.000000e+00 : f32
  // CHECK-DAG: %[[LAST:.*]] = arith.constant 3.000000e+00 : f64
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK: tensor.extract %[[ROI]][%c0]
  // CHECK: %[[START:.*]] = arith.extf %{{.*}} : f32 to f64
  // CHECK: tensor.extract %[[ROI]][%c1]
  // CHECK: %[[END:.*]] = arith.extf %{{.*}} : f32 to f64
  // CHECK: %[[LENGTH:.*]] = arith.subf %[[END]], %[[START]] :
  // CHECK: %[[SPAN:.*]] = arith.mulf %[[LENGTH]], %[[LAST]] :
  // CHECK: arith.mulf %{{.*}}, %[[SPAN]] :
  // CHECK: %[[BEGIN:.*]] = arith.mulf %[[START]], %[[LAST]] :
  // CHECK: arith.addf %{{.*}}, %[[BEGIN]] :
  // CHECK: %[[TABLE:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8xi1>)
  // CHECK: %[[LOW:.*]] = arith.cmpf ult, %[[AT:.*]], %[[ZERO]] :
  // CHECK: %[[HIGH:.*]] = arith.cmpf ugt, %[[AT]], %[[LAST]] :
  // CHECK: arith.ori %[[LOW]], %[[HIGH]] :
  // CHECK: %[[IS_OUTSIDE:.*]] = tensor.extract %[[TABLE]]
  // CHECK: arith.select %[[IS_OUTSIDE]], %[[OUTSIDE]],
  %s = arith.constant dense<[2.0]> : tensor<1xf32>
  %0 = qnn.resize nearest %x, %s roi %r [8] tf_crop_and_resize floor {extrapolation_value = 9.0 : f32}
    : (tensor<4xf32>, tensor<1xf32>, tensor<2xf16>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Without a region: the whole input, of which a single output takes the middle.
// CHECK-LABEL: func.func @crop_nothing(
func.func @crop_nothing(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK-DAG: %[[MIDDLE:.*]] = arith.constant 1.500000e+00 : f64
  // CHECK-DAG: %[[LAST:.*]] = arith.constant 3.000000e+00 : f64
  // CHECK: %[[SINGLE:.*]] = arith.cmpf oeq
  // CHECK: arith.mulf %{{.*}}, %[[LAST]] :
  // CHECK: arith.select %[[SINGLE]], %[[MIDDLE]],
  %0 = qnn.resize nearest %x, %s [8] tf_crop_and_resize floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
