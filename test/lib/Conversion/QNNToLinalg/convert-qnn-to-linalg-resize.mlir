// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// A table of the element that each output position takes, and a loop that reads it.
// CHECK-LABEL: func.func @nearest(
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>, %[[S:.*]]: tensor<1xf32>
func.func @nearest(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<8xf32> {
  // CHECK: %[[SCALE:.*]] = tensor.extract %[[S]][%c0]
  // CHECK: %[[POSITIVE:.*]] = arith.cmpf ogt, %[[SCALE]],
  // CHECK: cf.assert %[[POSITIVE]], "a scale is not positive"
  // CHECK: %[[TABLE:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8xindex>)
  // CHECK: math.floor
  // CHECK: linalg.generic
  // CHECK: %[[I:.*]] = linalg.index 0
  // CHECK: %[[FIRST:.*]] = tensor.extract %[[TABLE]][%[[I]]]
  // CHECK: %[[NATURAL:.*]] = arith.maxsi %[[FIRST]], %c0 :
  // CHECK: %[[AT:.*]] = arith.minsi %[[NATURAL]], %c3 :
  // CHECK: tensor.extract %[[X]][%[[AT]]]
  %0 = qnn.resize nearest %x, %s [8] asymmetric floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func.func @rounding(
func.func @rounding(%x: tensor<4xf32>, %s: tensor<1xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  // CHECK: %[[HALF:.*]] = arith.constant 5.000000e-01 : f64
  // CHECK: %[[LESS:.*]] = arith.subf %{{.*}}, %[[HALF]] :
  // CHECK: math.ceil %[[LESS]] :
  %0 = qnn.resize nearest %x, %s [8] asymmetric round_prefer_floor : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  // CHECK: %[[MORE:.*]] = arith.addf %{{.*}}, %[[HALF]] :
  // CHECK: math.floor %[[MORE]] :
  %1 = qnn.resize nearest %x, %s [8] asymmetric round_prefer_ceil : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  // CHECK: %[[WIDE:.*]] = arith.extf
  // CHECK: math.ceil %[[WIDE]] :
  %2 = qnn.resize nearest %x, %s [8] asymmetric ceil : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0, %1, %2 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

// An axis whose scale is 1 and whose extent stays is read as it is.
// CHECK-LABEL: func.func @copied(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %[[N:.*]]: index
func.func @copied(%x: tensor<2x?xf32>, %n: index) -> tensor<2x?xf32> {
  // CHECK-DAG: %[[NOTHING:.*]] = arith.cmpi eq, %[[N]], %c0 :
  // CHECK-DAG: %[[HAS:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[SOMETHING:.*]] = arith.cmpi sgt, %[[HAS]], %c0 :
  // CHECK: %[[DEFINED:.*]] = arith.ori %[[NOTHING]], %[[SOMETHING]] :
  // CHECK: cf.assert %[[DEFINED]], "an axis without elements cannot be scaled"
  // CHECK: tensor.empty(%[[N]]) : tensor<?xindex>
  // CHECK-NOT: tensor.empty{{.*}}index
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[LAST:.*]] = arith.subi %[[HAS]], %c1 :
  // CHECK: %[[AT:.*]] = arith.minsi %{{.*}}, %[[LAST]] :
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[AT]]]
  %s = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = qnn.resize nearest %x, %s [2, %n] asymmetric floor : (tensor<2x?xf32>, tensor<2xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// A second table: of the weights of two elements, 1 - |distance|.
// CHECK-LABEL: func.func @linear(
// CHECK-SAME: %[[X:.*]]: tensor<4xi8>
func.func @linear(%x: tensor<4xui8>) -> tensor<8xui8> {
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK: %[[FIRSTS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8xindex>)
  // CHECK: %[[WEIGHTS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8x2xf64>)
  // CHECK: %[[DISTANCE:.*]] = math.absf
  // CHECK: %[[HEIGHT:.*]] = arith.subf %[[ONE]], %[[DISTANCE]] :
  // CHECK: arith.maximumf %[[HEIGHT]], %[[ZERO]] :
  // CHECK: %[[I:.*]] = linalg.index 0
  // CHECK: scf.for %[[TAP:.*]] = %c0 to %c2 step %c1 iter_args(%[[SUM:.*]] = %[[ZERO]])
  // CHECK: %[[FIRST:.*]] = tensor.extract %[[FIRSTS]][%[[I]]]
  // CHECK: %[[AT:.*]] = arith.addi %[[FIRST]], %[[TAP]] :
  // CHECK: %[[WEIGHT:.*]] = tensor.extract %[[WEIGHTS]][%[[I]], %[[TAP]]]
  // CHECK: %[[E:.*]] = arith.uitofp %{{.*}} : i8 to f64
  // What has no weight may be infinite.
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[WEIGHT]], %[[E]] :
  // CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[WEIGHT]], %[[ZERO]] :
  // CHECK: %[[TERM:.*]] = arith.select %[[NONE]], %[[ZERO]], %[[PRODUCT]] :
  // CHECK: arith.addf %[[SUM]], %[[TERM]] :
  // CHECK: arith.fptosi %{{.*}} : f64 to i32
  %s = arith.constant dense<[2.0]> : tensor<1xf32>
  %0 = qnn.resize linear %x, %s [8] half_pixel floor : (tensor<4xui8>, tensor<1xf32>) -> tensor<8xui8>
  return %0 : tensor<8xui8>
}

// Four elements from the one before; those outside have no weight, and the others
// are divided by their sum. Near: (a + 2)x^3 - (a + 3)x^2 + 1, here a = -0.5.
// CHECK-LABEL: func.func @cubic(
func.func @cubic(%x: tensor<4xf32>) -> tensor<8xf32> {
  // CHECK-DAG: %[[A:.*]] = arith.constant -5.000000e-01 : f64
  // CHECK-DAG: %[[A2:.*]] = arith.constant 1.500000e+00 : f64
  // CHECK-DAG: %[[A3:.*]] = arith.constant 2.500000e+00 : f64
  // CHECK-DAG: %[[A4:.*]] = arith.constant -2.000000e+00 : f64
  // CHECK-DAG: %[[A5:.*]] = arith.constant -2.500000e+00 : f64
  // CHECK-DAG: %[[A8:.*]] = arith.constant -4.000000e+00 : f64
  // CHECK-DAG: %[[TWO:.*]] = arith.constant 2.000000e+00 : f64
  // CHECK: arith.addi %{{.*}}, %c-1 :
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<8x4xf64>)
  // CHECK: %[[D:.*]] = math.absf
  // CHECK: %[[CUBE:.*]] = arith.mulf %[[D]], %[[A2]] :
  // CHECK: arith.subf %[[CUBE]], %[[A3]] :
  // CHECK: %[[FAR:.*]] = arith.mulf %[[D]], %[[A]] :
  // CHECK: %[[FAR5:.*]] = arith.subf %[[FAR]], %[[A5]] :
  // CHECK: %[[FARX:.*]] = arith.mulf %[[FAR5]], %[[D]] :
  // CHECK: %[[FAR8:.*]] = arith.addf %[[FARX]], %[[A8]] :
  // CHECK: %[[FARXX:.*]] = arith.mulf %[[FAR8]], %[[D]] :
  // CHECK: arith.subf %[[FARXX]], %[[A4]] :
  // CHECK: arith.cmpf olt, %[[D]], %[[TWO]] :
  // CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %{{.*}}, %c4 :
  // CHECK: %[[WEIGHT:.*]] = arith.select %[[INSIDE]],
  // CHECK: %[[SUM:.*]] = scf.for %{{.*}} = %c0 to %c4
  // CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[SUM]],
  // CHECK: %[[DIVISOR:.*]] = arith.select %[[NONE]], %{{.*}}, %[[SUM]] :
  // CHECK: arith.divf %[[WEIGHT]], %[[DIVISOR]] :
  %s = arith.constant dense<[2.0]> : tensor<1xf32>
  %0 = qnn.resize cubic %x, %s [8] align_corners floor {exclude_outside, cubic_coefficient = -5.000000e-01 : f32}
    : (tensor<4xf32>, tensor<1xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Smaller: the window is stretched by the scale, so that more elements count.
// CHECK-LABEL: func.func @antialias(
func.func @antialias(%x: tensor<4xf32>, %s: tensor<1xf32>) -> tensor<2xf32> {
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
  // CHECK-DAG: %[[MINUS:.*]] = arith.constant -1.000000e+00 : f64
  // CHECK-DAG: %[[LEAST:.*]] = arith.constant 9.99{{.*}}E-7 : f64
  // CHECK: %[[SCALE:.*]] = arith.extf
  // CHECK: %[[SMALLER:.*]] = arith.cmpf olt, %[[SCALE]], %[[ONE]] :
  // CHECK: %[[SHRUNK:.*]] = arith.select %[[SMALLER]], %[[SCALE]], %[[ONE]] :
  // CHECK: %[[ENOUGH:.*]] = arith.cmpf ogt, %[[SHRUNK]], %[[LEAST]] :
  // CHECK: %[[STRETCH:.*]] = arith.select %[[ENOUGH]], %[[SHRUNK]], %[[LEAST]] :
  // CHECK: %[[REACH:.*]] = arith.divf %[[MINUS]], %[[STRETCH]] :
  // CHECK: math.floor %[[REACH]] :
  // CHECK: %[[FIRST:.*]] = arith.addi %{{.*}}, %c1 :
  // CHECK: %[[TWICE:.*]] = arith.addi %[[FIRST]], %[[FIRST]] :
  // CHECK: %[[TAPS:.*]] = arith.subi %c2, %[[TWICE]] :
  // CHECK: tensor.empty(%[[TAPS]]) : tensor<2x?xf64>
  // CHECK: arith.mulf %[[STRETCH]],
  // CHECK: scf.for %{{.*}} = %c0 to %[[TAPS]]
  // CHECK: arith.divf
  %0 = qnn.resize linear %x, %s [2] asymmetric floor {antialias} : (tensor<4xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
