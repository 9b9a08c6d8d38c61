// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// clamp(rne(x / s) + z), and NaN, which is not greater, becomes the lowest.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %[[S:.*]]: tensor<f32>, %[[Z:.*]]: tensor<i8>
func.func @integers(%x: tensor<2x?xf32>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<2x?xi8> {
  // CHECK-DAG: %[[HIGHEST:.*]] = arith.constant 2.550000e+02 : f32
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: ^bb0(%[[E:.*]]: f32, %{{.*}}: i8):
  // CHECK: %[[SCALE:.*]] = tensor.extract %[[S]][]
  // CHECK: tensor.extract %[[Z]][]
  // CHECK: %[[ZERO:.*]] = arith.sitofp
  // CHECK: %[[SCALED:.*]] = arith.divf %[[E]], %[[SCALE]] :
  // CHECK: %[[ROUNDED:.*]] = math.roundeven %[[SCALED]] :
  // CHECK: %[[MOVED:.*]] = arith.addf %[[ROUNDED]], %[[ZERO]] :
  // CHECK: %[[MORE:.*]] = arith.cmpf olt, %[[LOWEST]], %[[MOVED]] :
  // CHECK: %[[RAISED:.*]] = arith.select %[[MORE]], %[[MOVED]], %[[LOWEST]] :
  // CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[RAISED]], %[[HIGHEST]] :
  // CHECK: %[[CLAMPED:.*]] = arith.select %[[LESS]], %[[RAISED]], %[[HIGHEST]] :
  // CHECK: %[[CODE:.*]] = arith.fptosi %[[CLAMPED]] : f32 to i32
  // CHECK: arith.trunci %[[CODE]] : i32 to i8
  %0 = qnn.encode_stored %x, %s, %z {format = #qnn.format<uint8, tensor<f32, zero>, dense>}
    : (tensor<2x?xf32>, tensor<f32>, tensor<i8>) -> tensor<2x?xi8>
  return %0 : tensor<2x?xi8>
}

// A byte takes its part of each code that reaches into it.
// CHECK-LABEL: func.func @packed(
// CHECK-SAME: %[[X:.*]]: tensor<?x5xf32>
func.func @packed(%x: tensor<?x5xf32>, %s: tensor<f32>) -> tensor<?x2xi8> {
  // CHECK-DAG: %[[HIGHEST:.*]] = arith.constant 3.000000e+00 : f32
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant -4.000000e+00 : f32
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[BYTE:.*]] = linalg.index 1
  // CHECK: %[[BIT:.*]] = arith.muli %[[BYTE]], %c8 :
  // CHECK: %[[FIRST:.*]] = arith.divui %[[BIT]], %c3 :
  // CHECK: %[[NEXT_BIT:.*]] = arith.addi %[[BIT]], %c8 :
  // CHECK: %[[BEHIND:.*]] = arith.ceildivui %[[NEXT_BIT]], %c3 :
  // CHECK: %[[END:.*]] = arith.minui %[[BEHIND]], %c5 :
  // CHECK: scf.for %[[I:.*]] = %[[FIRST]] to %[[END]] step %c1 iter_args(%[[ALL:.*]] = %c0_i32)
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[I]]]
  // CHECK: arith.cmpf olt, %[[LOWEST]], %{{.*}} :
  // CHECK: arith.cmpf olt, %{{.*}}, %[[HIGHEST]] :
  // CHECK: %[[CODE:.*]] = arith.andi %{{.*}}, %c7_i32 :
  // CHECK: %[[AT:.*]] = arith.muli %[[I]], %c3 :
  // CHECK: %[[DISTANCE:.*]] = arith.subi %[[AT]], %[[BIT]] :
  // CHECK: %[[NATURAL:.*]] = arith.addi %[[DISTANCE]], %c8 :
  // CHECK: %[[SHIFT:.*]] = arith.index_cast %[[NATURAL]] : index to i32
  // CHECK: %[[RAISED:.*]] = arith.shli %[[CODE]], %[[SHIFT]] :
  // CHECK: %[[PART:.*]] = arith.shrui %[[RAISED]], %c8_i32 :
  // CHECK: arith.ori %[[ALL]], %[[PART]] :
  // CHECK: arith.trunci {{.*}} : i32 to i8
  %0 = qnn.encode_stored %x, %s {format = #qnn.format<int3, tensor<f32>, dense>} : (tensor<?x5xf32>, tensor<f32>) -> tensor<?x2xi8>
  return %0 : tensor<?x2xi8>
}

// Whole numbers beyond 24 bits need f64; unsigned ones beyond 31 a conversion of
// their own.
// CHECK-LABEL: func.func @wide(
func.func @wide(%x: tensor<4xf32>, %s: tensor<f32>) -> (tensor<4xi32>, tensor<4xi32>) {
  // CHECK-DAG: %[[HIGHEST:.*]] = arith.constant 0x41EFFFFFFFE00000 : f64
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0xC1E0000000000000 : f64
  // CHECK: %[[ROUNDED:.*]] = math.roundeven
  // CHECK: arith.extf %[[ROUNDED]] : f32 to f64
  // CHECK: arith.cmpf olt, %{{.*}}, %[[HIGHEST]] :
  // CHECK: arith.fptoui %{{.*}} : f64 to i32
  %0 = qnn.encode_stored %x, %s {format = #qnn.format<uint32, tensor<f32>, dense>} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi32>
  // CHECK: arith.cmpf olt, %[[LOWEST]], %{{.*}} :
  // CHECK: arith.fptosi %{{.*}} : f64 to i32
  %1 = qnn.encode_stored %x, %s {format = #qnn.format<int32, tensor<f32>, dense>} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi32>
  return %0, %1 : tensor<4xi32>, tensor<4xi32>
}

// By the bits of f32: what is above the largest, infinity too, becomes that.
// CHECK-LABEL: func.func @e4m3fn(
func.func @e4m3fn(%x: tensor<4xf16>) -> tensor<4xi8> {
  // CHECK: %[[SINGLE:.*]] = arith.extf %{{.*}} : f16 to f32
  // CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[SINGLE]], %[[SINGLE]] :
  // CHECK: arith.bitcast %[[SINGLE]] : f32 to i32
  // CHECK: %[[IS_NUMBER:.*]] = arith.cmpi sle, %[[CODE:.*]], %c126_i32 :
  // CHECK: arith.select %[[IS_NUMBER]], %[[CODE]], %c126_i32 :
  // CHECK: arith.select %[[NAN]],
  %0 = qnn.encode_stored %x {format = #qnn.format<e4m3fn, none, dense>} : (tensor<4xf16>) -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// As many steps up from the lowest as there are thresholds at or below x: each
// the least f32 that has the upper code. The middle before it lies between two
// f32 (the first), or is one and goes to the even code. NaN is the lowest.
// CHECK-LABEL: func.func @nf4(
func.func @nf4(%x: tensor<4xf32>) -> tensor<2xi8> {
  // CHECK-DAG: %[[FIRST:.*]] = arith.constant -0.84809637 : f32
  // CHECK-DAG: %[[SECOND:.*]] = arith.constant -0.610632896 : f32
  // CHECK-DAG: %[[LAST:.*]] = arith.constant 0.861478447 : f32
  // CHECK: %[[X:.*]] = tensor.extract
  // CHECK-DAG: %[[NAN:.*]] = arith.cmpf uno, %[[X]], %[[X]] :
  // CHECK-DAG: %[[ABOVE15:.*]] = arith.cmpf ole, %[[LAST]], %[[X]] :
  // CHECK-DAG: %[[ABOVE2:.*]] = arith.cmpf ole, %[[SECOND]], %[[X]] :
  // CHECK-DAG: %[[ABOVE1:.*]] = arith.cmpf ole, %[[FIRST]], %[[X]] :
  // CHECK: %[[CODE1:.*]] = arith.extui %[[ABOVE1]] : i1 to i32
  // CHECK: arith.select %[[ABOVE2]], %c2_i32, %[[CODE1]] :
  // CHECK: %[[CODE15:.*]] = arith.select %[[ABOVE15]], %c15_i32,
  // CHECK: arith.select %[[NAN]], %c0_i32, %[[CODE15]] :
  %0 = qnn.encode_stored %x {format = #qnn.format<nf4, none, dense>} : (tensor<4xf32>) -> tensor<2xi8>
  return %0 : tensor<2xi8>
}

// A scalar's code has a byte of its own, its high bits zero.
// CHECK-LABEL: func.func @scalar(
func.func @scalar(%x: tensor<f32>, %s: tensor<f32>) -> tensor<i8> {
  // CHECK: %[[CODE:.*]] = arith.fptosi {{.*}} : f32 to i32
  // CHECK: %[[LOW:.*]] = arith.andi %[[CODE]], %c15_i32 :
  // CHECK: arith.trunci %[[LOW]] : i32 to i8
  %0 = qnn.encode_stored %x, %s {format = #qnn.format<int4, tensor<f32>, dense>} : (tensor<f32>, tensor<f32>) -> tensor<i8>
  return %0 : tensor<i8>
}
