// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// The grid names the innermost axis first. Outside the input: zero.
// CHECK-LABEL: func.func @nearest_zeros(
// CHECK-SAME: %[[X:.*]]: tensor<?x3x4x?xf32>, %[[G:.*]]: tensor<?x5x6x2xf32>
func.func @nearest_zeros(%x: tensor<?x3x4x?xf32>, %g: tensor<?x5x6x2xf32>) -> tensor<?x3x5x6xf32> {
  // CHECK-DAG: %[[FOUR:.*]] = arith.constant 4.000000e+00 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG: %[[FAR:.*]] = arith.constant -1.000000e+15 : f64
  // CHECK-DAG: %[[LIMIT:.*]] = arith.constant 1.000000e+15 : f64
  // CHECK-DAG: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK: cf.assert %{{.*}}, "input and grid differ in their first extent"
  // CHECK: %[[W:.*]] = tensor.dim %[[X]], %c3
  // CHECK: %[[SOMETHING:.*]] = arith.cmpi sgt, %[[W]], %c0 :
  // CHECK: cf.assert %[[SOMETHING]], "an axis has no elements to sample"
  // CHECK: %[[N:.*]] = linalg.index 0
  // CHECK: %[[C:.*]] = linalg.index 1
  // CHECK: %[[I:.*]] = linalg.index 2
  // CHECK: %[[J:.*]] = linalg.index 3
  // ((g + 1) * extent - 1) / 2
  // CHECK: %[[GRID:.*]] = tensor.extract %[[G]][%[[N]], %[[I]], %[[J]], %c1]
  // CHECK: %[[SHIFTED:.*]] = arith.addf %[[GRID]], %[[ONE]] :
  // CHECK: %[[SCALED:.*]] = arith.mulf %[[SHIFTED]], %[[FOUR]] :
  // CHECK: %[[LESS:.*]] = arith.subf %[[SCALED]], %[[ONE]] :
  // CHECK: arith.divf %[[LESS]], %[[TWO]] :
  // CHECK: %[[NEAREST:.*]] = math.roundeven
  // NaN, and what no integer holds, is far outside.
  // CHECK: %[[SIZE:.*]] = math.absf %[[NEAREST]] :
  // CHECK: %[[IS_NUMBER:.*]] = arith.cmpf olt, %[[SIZE]], %[[LIMIT]] :
  // CHECK: arith.select %[[IS_NUMBER]], %[[NEAREST]], %[[FAR]] :
  // CHECK: %[[INSIDE_ROW:.*]] = arith.cmpi ult, %{{.*}}, %c4 :
  // CHECK: %[[ROW:.*]] = arith.minsi %{{.*}}, %c3 :
  // CHECK: tensor.extract %[[G]][%[[N]], %[[I]], %[[J]], %c0]
  // CHECK: %[[INSIDE_COLUMN:.*]] = arith.cmpi ult, %{{.*}}, %[[W]] :
  // CHECK: %[[COLUMN:.*]] = arith.minsi
  // CHECK: %[[INSIDE:.*]] = arith.andi %[[INSIDE_ROW]], %[[INSIDE_COLUMN]] :
  // CHECK: %[[E:.*]] = tensor.extract %[[X]][%[[N]], %[[C]], %[[ROW]], %[[COLUMN]]]
  // CHECK: %[[WIDE:.*]] = arith.extf %[[E]] :
  // CHECK: arith.select %[[INSIDE]], %[[WIDE]], %[[ZERO]] :
  %0 = qnn.grid_sample nearest zeros %x, %g : (tensor<?x3x4x?xf32>, tensor<?x5x6x2xf32>) -> tensor<?x3x5x6xf32>
  return %0 : tensor<?x3x5x6xf32>
}

// Corners at the outermost elements: (g + 1) / 2 * (extent - 1). Beyond them the
// coordinate is clamped.
// CHECK-LABEL: func.func @linear_border(
func.func @linear_border(%x: tensor<1x1x1x4xf32>, %g: tensor<1x1x6x2xf16>) -> tensor<1x1x1x6xf32> {
  // CHECK-DAG: %[[LAST:.*]] = arith.constant 3.000000e+00 : f64
  // CHECK-DAG: %[[LAST32:.*]] = arith.constant 3.000000e+00 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
  // CHECK-DAG: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
  // CHECK: tensor.extract %{{.*}}[%c0, %c0, %{{.*}}, %c0] : tensor<1x1x6x2xf16>
  // CHECK: %[[HALF:.*]] = arith.divf %{{.*}}, %[[TWO]] :
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[HALF]], %[[LAST32]] :
  // CHECK: %[[X:.*]] = arith.extf %[[PRODUCT]] :
  // CHECK: arith.cmpf oge, %[[X]], %[[ZERO]] :
  // CHECK: arith.cmpf ole, %[[X]], %[[LAST]] :
  // CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[RAISED:.*]], %[[LAST]] :
  // CHECK: arith.select %[[LESS]], %[[RAISED]], %[[LAST]] :
  // CHECK: %[[FLOOR:.*]] = math.floor
  // CHECK: %[[FRACTION:.*]] = arith.subf %{{.*}}, %[[FLOOR]] :
  // CHECK: %[[REST:.*]] = arith.subf %[[ONE]], %[[FRACTION]] :
  // What has no weight may be infinite.
  // CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[REST]], %[[ZERO]] :
  // CHECK: %[[TERM:.*]] = arith.mulf %[[REST]],
  // CHECK: arith.select %[[NONE]], %[[ZERO]], %[[TERM]] :
  // CHECK: arith.mulf %[[FRACTION]],
  %0 = qnn.grid_sample linear border %x, %g {align_corners} : (tensor<1x1x1x4xf32>, tensor<1x1x6x2xf16>) -> tensor<1x1x1x6xf32>
  return %0 : tensor<1x1x1x6xf32>
}

// Mirrored at the borders of the outermost elements, -0.5 and 3.5: as often as
// the range fits, each time the other way.
// CHECK-LABEL: func.func @cubic_reflection(
func.func @cubic_reflection(%x: tensor<1x1x4x4xf32>, %g: tensor<1x1x1x2xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK-DAG: %[[LOW:.*]] = arith.constant -5.000000e-01 : f64
  // CHECK-DAG: %[[HIGH:.*]] = arith.constant 3.500000e+00 : f64
  // CHECK-DAG: %[[RANGE:.*]] = arith.constant 4.000000e+00 : f64
  // CHECK-DAG: %[[HALF:.*]] = arith.constant 5.000000e-01 : f64
  // CHECK-DAG: %[[A2:.*]] = arith.constant 1.250000e+00 : f64
  // CHECK-DAG: %[[A3:.*]] = arith.constant 2.250000e+00 : f64
  // CHECK-DAG: %[[A:.*]] = arith.constant -7.500000e-01 : f64
  // CHECK: %[[IS_LOW:.*]] = arith.cmpf olt, %[[X:.*]], %[[LOW]] :
  // CHECK: %[[BELOW:.*]] = arith.subf %[[LOW]], %[[X]] :
  // CHECK: %[[ABOVE:.*]] = arith.subf %[[X]], %[[HIGH]] :
  // CHECK: %[[BEYOND:.*]] = arith.select %[[IS_LOW]], %[[BELOW]], %[[ABOVE]] :
  // CHECK: %[[TIMES:.*]] = arith.{{divf|mulf}} %[[BEYOND]],
  // CHECK: %[[COUNT:.*]] = math.trunc %[[TIMES]] :
  // CHECK: %[[WHOLE:.*]] = arith.mulf %[[COUNT]], %[[RANGE]] :
  // CHECK: %[[REST:.*]] = arith.subf %[[BEYOND]], %[[WHOLE]] :
  // CHECK: %[[HALVES:.*]] = arith.mulf %[[COUNT]], %[[HALF]] :
  // CHECK: %[[FLOOR:.*]] = math.floor %[[HALVES]] :
  // CHECK: %[[EVEN:.*]] = arith.cmpf oeq, %[[FLOOR]], %[[HALVES]] :
  // CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[EVEN]], %[[IS_LOW]] :
  // CHECK: %[[UP:.*]] = arith.addf %[[REST]], %[[LOW]] :
  // CHECK: %[[DOWN:.*]] = arith.subf %[[HIGH]], %[[REST]] :
  // CHECK: arith.select %[[SAME]], %[[UP]], %[[DOWN]] :
  // Keys' convolution.
  // CHECK: math.floor
  // CHECK: %[[D:.*]] = math.absf
  // CHECK: %[[CUBE:.*]] = arith.mulf %[[D]], %[[A2]] :
  // CHECK: arith.subf %[[CUBE]], %[[A3]] :
  // CHECK: arith.mulf %[[D]], %[[A]] :
  %0 = qnn.grid_sample cubic reflection %x, %g : (tensor<1x1x4x4xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}
