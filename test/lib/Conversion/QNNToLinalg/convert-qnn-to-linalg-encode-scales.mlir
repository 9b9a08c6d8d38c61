// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>

// s = absmax / 127; NaN is passed over, and a scale of 0 becomes 1. The largest
// of absolute values is that of their bits, read as integers.
// CHECK-LABEL: func.func @symmetric(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>
func.func @symmetric(%x: tensor<2x?xf32>) -> (tensor<2x?xi8>, tensor<2xf32>) {
  // CHECK-DAG: %[[LIMIT:.*]] = arith.constant 3.40282347E+38 : f32
  // CHECK-DAG: %[[LARGEST:.*]] = arith.constant 1.270000e+02 : f32
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK-DAG: %[[INFINITY:.*]] = arith.constant 2139095040 : i32
  // CHECK-DAG: %[[NO_SIGN:.*]] = arith.constant 2147483647 : i32
  // CHECK: linalg.fill ins(%c0_i32 : i32)
  // CHECK: %[[MOST:.*]] = linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]]], iterator_types = ["parallel", "reduction"]} ins(%[[X]]
  // CHECK: ^bb0(%[[E:.*]]: f32, %[[SO_FAR:.*]]: i32):
  // CHECK: %[[BITS:.*]] = arith.bitcast %[[E]] : f32 to i32
  // CHECK: %[[SIZE:.*]] = arith.andi %[[BITS]], %[[NO_SIGN]] :
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi sgt, %[[SIZE]], %[[INFINITY]] :
  // CHECK: %[[COUNTED:.*]] = arith.select %[[IS_NAN]], %c0_i32, %[[SIZE]] :
  // CHECK: arith.maxsi %[[SO_FAR]], %[[COUNTED]] :
  // CHECK: %[[SCALES:.*]] = linalg.generic {{.*}} ins(%[[MOST]] :
  // CHECK: ^bb0(%[[LARGEST_BITS:.*]]: i32, %{{.*}}: f32):
  // CHECK: %[[ABSMAX:.*]] = arith.bitcast %[[LARGEST_BITS]] : i32 to f32
  // CHECK: %[[SCALE:.*]] = arith.divf %[[ABSMAX]], %[[LARGEST]] :
  // CHECK: %[[INFINITE:.*]] = arith.cmpf ogt, %[[SCALE]], %[[LIMIT]] :
  // CHECK: %[[FINITE:.*]] = arith.select %[[INFINITE]], %[[LIMIT]], %[[SCALE]] :
  // CHECK: %[[NOTHING:.*]] = arith.cmpf oeq, %[[FINITE]], %[[ZERO]] :
  // CHECK: arith.select %[[NOTHING]], %[[ONE]], %[[FINITE]] :
  // CHECK: %[[ROW_INDEX:.*]] = linalg.index 0
  // CHECK: tensor.extract %[[SCALES]][%[[ROW_INDEX]]]
  %0:2 = qnn.encode_stored %x {format = #qnn.format<int8, axis<0, f32>, dense>} : (tensor<2x?xf32>) -> (tensor<2x?xi8>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2x?xi8>, tensor<2xf32>
}

// s = (max - min) / 255, z = clamp(rne(0 - min / s)), as DynamicQuantizeLinear.
// CHECK-LABEL: func.func @asymmetric(
func.func @asymmetric(%x: tensor<4xf32>) -> (tensor<4xi8>, tensor<f32>, tensor<i8>) {
  // CHECK-DAG: %[[STEPS:.*]] = arith.constant 2.550000e+02 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[LOW:.*]] = linalg.generic {{.*}} iterator_types = ["reduction"]}
  // CHECK: %[[HIGH:.*]] = linalg.generic {{.*}} iterator_types = ["reduction"]}
  // CHECK: %[[SCALE:.*]] = linalg.generic {{.*}} ins(%[[LOW]], %[[HIGH]] :
  // CHECK: ^bb0(%[[LEAST:.*]]: f32, %[[MOST:.*]]: f32, %{{.*}}: f32):
  // CHECK: %[[SPAN:.*]] = arith.subf %[[MOST]], %[[LEAST]] :
  // CHECK: arith.divf %[[SPAN]], %[[STEPS]] :
  // CHECK: linalg.generic {{.*}} ins(%[[LOW]], %[[SCALE]] :
  // CHECK: %[[STEP_COUNT:.*]] = arith.divf
  // CHECK: %[[AT:.*]] = arith.subf %[[ZERO]], %[[STEP_COUNT]] :
  // CHECK: %[[ROUNDED:.*]] = math.roundeven %[[AT]] :
  // CHECK: arith.cmpf ogt, %[[ROUNDED]], %[[ZERO]] :
  // CHECK: arith.cmpf olt, %{{.*}}, %[[STEPS]] :
  // CHECK: arith.trunci {{.*}} : i32 to i8
  %0:3 = qnn.encode_stored %x {format = #qnn.format<uint8, tensor<f32, zero>, dense>} : (tensor<4xf32>) -> (tensor<4xi8>, tensor<f32>, tensor<i8>)
  return %0#0, %0#1, %0#2 : tensor<4xi8>, tensor<f32>, tensor<i8>
}

// A block's numbers, the last block's fewer; q = 7 for uint4 around 8. The scale
// that is stored, at most f16's largest, is that which encodes.
// CHECK-LABEL: func.func @blocks(
// CHECK-SAME: %[[X:.*]]: tensor<?x40xf16>
func.func @blocks(%x: tensor<?x40xf16>) -> (tensor<?x20xi8>, tensor<?x2xf16>) {
  // CHECK-DAG: %[[LARGEST:.*]] = arith.constant 6.550400e+04 : f32
  // CHECK-DAG: %[[Q:.*]] = arith.constant 7.000000e+00 : f32
  // CHECK: %[[BLOCK:.*]] = linalg.index 1
  // CHECK: %[[BEGIN:.*]] = arith.muli %[[BLOCK]], %c32 :
  // CHECK: %[[NEXT:.*]] = arith.addi %[[BEGIN]], %c32 :
  // CHECK: %[[END:.*]] = arith.minui %[[NEXT]], %c40 :
  // CHECK: scf.for %[[I:.*]] = %[[BEGIN]] to %[[END]]
  // CHECK: tensor.extract %[[X]][%{{.*}}, %[[I]]]
  // CHECK: arith.extf {{.*}} : f16 to f32
  // CHECK: %[[SCALES:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?x2xf16>)
  // CHECK: %[[SCALE:.*]] = arith.divf %{{.*}}, %[[Q]] :
  // CHECK: %[[ABOVE:.*]] = arith.cmpf ogt, %[[SCALE]], %[[LARGEST]] :
  // CHECK: %[[FINITE:.*]] = arith.select %[[ABOVE]], %[[LARGEST]], %[[SCALE]] :
  // CHECK: %[[STORED:.*]] = arith.truncf %[[FINITE]] : f32 to f16
  // CHECK: arith.extf %[[STORED]] : f16 to f32
  // CHECK: %[[OF:.*]] = arith.divui %{{.*}}, %c32 :
  // CHECK: tensor.extract %{{.*}}[%{{.*}}, %[[OF]]] : tensor<?x2xf16>
  %0:2 = qnn.encode_stored %x {format = #qnn.format<uint4, block<1x32, f16, zero = 8>, dense>} : (tensor<?x40xf16>) -> (tensor<?x20xi8>, tensor<?x2xf16>)
  return %0#0, %0#1 : tensor<?x20xi8>, tensor<?x2xf16>
}

// 2^(floor(log2 absmax) - floor(log2 448)), stored with the bias 127; of nothing 1.
// Infinity counts as the largest number; subnormal numbers have their own log2.
// CHECK-LABEL: func.func @power_of_two(
func.func @power_of_two(%x: tensor<2x32xf32>) -> (tensor<2x32xi8>, tensor<2x1xf8E8M0FNU>) {
  // CHECK: scf.for
  // CHECK: ^bb0(%[[BITS:.*]]: i32, %{{.*}}: i8):
  // CHECK: %[[ABSMAX:.*]] = arith.bitcast %[[BITS]] : i32 to f32
  // CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[ABSMAX]], %[[LIMIT:.*]] :
  // CHECK: %[[FINITE:.*]] = arith.select %[[LESS]], %[[ABSMAX]], %[[LIMIT]] :
  // CHECK: %[[ALL:.*]] = arith.bitcast %[[FINITE]] : f32 to i32
  // CHECK: %[[BIASED:.*]] = arith.shrui %[[ALL]], %c23_i32 :
  // CHECK: %[[SUBNORMAL:.*]] = arith.cmpi eq, %[[BIASED]], %c0_i32 :
  // CHECK: %[[ZEROS:.*]] = math.ctlz %[[ALL]] :
  // CHECK: %[[SMALL:.*]] = arith.subi %c-118_i32, %[[ZEROS]] :
  // CHECK: %[[NORMAL:.*]] = arith.subi %[[BIASED]], %c127_i32 :
  // CHECK: %[[LOG:.*]] = arith.select %[[SUBNORMAL]], %[[SMALL]], %[[NORMAL]] :
  // CHECK: %[[EXPONENT:.*]] = arith.subi %[[LOG]], %c8_i32 :
  // CHECK: %[[RAISED:.*]] = arith.maxsi %[[EXPONENT]], %c-127_i32 :
  // CHECK: %[[CLAMPED:.*]] = arith.minsi %[[RAISED]], %c127_i32 :
  // CHECK: %[[CODE:.*]] = arith.addi %[[CLAMPED]], %c127_i32 :
  // CHECK: %[[NOTHING:.*]] = arith.cmpf oeq
  // CHECK: arith.select %[[NOTHING]], %c127_i32, %[[CODE]] :
  %0:2 = qnn.encode_stored %x {format = #qnn.format<e4m3fn, block<1x32, f8E8M0FNU>, dense>} : (tensor<2x32xf32>) -> (tensor<2x32xi8>, tensor<2x1xf8E8M0FNU>)
  return %0#0, %0#1 : tensor<2x32xi8>, tensor<2x1xf8E8M0FNU>
}
