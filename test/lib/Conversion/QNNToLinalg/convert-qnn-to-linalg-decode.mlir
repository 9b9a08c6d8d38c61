// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// A code is extended from its low bits, less its zero point, times its scale.
// CHECK-LABEL: func.func @signed(
// CHECK-SAME: %[[C:.*]]: tensor<2x3xi8>, %[[S:.*]]: tensor<f32>
func.func @signed(%c: tensor<2x3xi8>, %s: tensor<f32>) -> tensor<2x3xf32> {
  // CHECK: %[[STORED:.*]] = tensor.extract %[[C]]
  // CHECK: %[[CODE:.*]] = arith.extui %[[STORED]] : i8 to i32
  // CHECK: %[[SCALE:.*]] = tensor.extract %[[S]][]
  // CHECK: %[[HIGH:.*]] = arith.shli %[[CODE]], %c24_i32 :
  // CHECK: %[[EXTENDED:.*]] = arith.shrsi %[[HIGH]], %c24_i32 :
  // CHECK: %[[NUMBER:.*]] = arith.sitofp %[[EXTENDED]] : i32 to f32
  // CHECK: arith.mulf %[[NUMBER]], %[[SCALE]] :
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<int8, tensor<f32>, dense>} : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @zero_points(
// CHECK-SAME: %{{.*}}: tensor<2x?xi8>, %[[S:.*]]: tensor<2xf16>, %[[Z:.*]]: tensor<2xi8>
func.func @zero_points(%c: tensor<2x?xi8>, %s: tensor<2xf16>, %z: tensor<2xi8>) -> tensor<2x?xf32> {
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: tensor.extract %[[S]][%[[ROW]]]
  // CHECK: %[[SCALE:.*]] = arith.extf {{.*}} : f16 to f32
  // CHECK: tensor.extract %[[Z]][%[[ROW]]]
  // CHECK: %[[ZERO:.*]] = arith.sitofp
  // CHECK: %[[NUMBER:.*]] = arith.sitofp
  // CHECK: %[[CENTERED:.*]] = arith.subf %[[NUMBER]], %[[ZERO]] :
  // CHECK: arith.mulf %[[CENTERED]], %[[SCALE]] :
  %0 = qnn.decode_stored %c, %s, %z {format = #qnn.format<uint8, axis<0, f16, zero>, dense>}
    : (tensor<2x?xi8>, tensor<2xf16>, tensor<2xi8>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func.func @signed_zero_point(
func.func @signed_zero_point(%c: tensor<4xi8>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<4xf32> {
  // CHECK: %[[HIGH:.*]] = arith.shli %{{.*}}, %c24_i32 :
  // CHECK: %[[ZERO:.*]] = arith.shrsi %[[HIGH]], %c24_i32 :
  // CHECK: %[[REAL:.*]] = arith.sitofp %[[ZERO]] :
  // CHECK: arith.subf %{{.*}}, %[[REAL]] :
  %0 = qnn.decode_stored %c, %s, %z {format = #qnn.format<int8, tensor<f32, zero>, dense>}
    : (tensor<4xi8>, tensor<f32>, tensor<i8>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Two codes in a byte, the first in its low bits; a scale for each 32.
// CHECK-LABEL: func.func @packed(
// CHECK-SAME: %[[C:.*]]: tensor<2x32xi8>, %[[S:.*]]: tensor<2x2xf16>
func.func @packed(%c: tensor<2x32xi8>, %s: tensor<2x2xf16>) -> tensor<2x64xf16> {
  // CHECK: %[[ZERO:.*]] = arith.constant 8.000000e+00 : f32
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[BIT:.*]] = arith.muli %[[COLUMN]], %c4 :
  // CHECK: %[[BYTE:.*]] = arith.divui %[[BIT]], %c8 :
  // CHECK: tensor.extract %[[C]][%[[ROW]], %[[BYTE]]]
  // CHECK: %[[IN_BYTE:.*]] = arith.remui %[[BIT]], %c8 :
  // CHECK: %[[SHIFT:.*]] = arith.index_cast %[[IN_BYTE]] : index to i32
  // CHECK: %[[SHIFTED:.*]] = arith.shrui %{{.*}}, %[[SHIFT]] :
  // CHECK: arith.andi %[[SHIFTED]], %c15_i32 :
  // CHECK: %[[BLOCK:.*]] = arith.divui %[[COLUMN]], %c32 :
  // CHECK: tensor.extract %[[S]][%[[ROW]], %[[BLOCK]]]
  // CHECK: %[[CENTERED:.*]] = arith.subf %{{.*}}, %[[ZERO]] :
  // CHECK: %[[REAL:.*]] = arith.mulf %[[CENTERED]],
  // CHECK: arith.truncf %[[REAL]] : f32 to f16
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<uint4, block<1x32, f16, zero = 8>, dense>}
    : (tensor<2x32xi8>, tensor<2x2xf16>) -> tensor<2x64xf16>
  return %0 : tensor<2x64xf16>
}

// A code of 3 bits may reach into the next byte, but not beyond the row.
// CHECK-LABEL: func.func @straddling(
// CHECK-SAME: %[[C:.*]]: tensor<2x3xi8>
func.func @straddling(%c: tensor<2x3xi8>, %s: tensor<f32>) -> tensor<2x8xf32> {
  // CHECK: %[[BIT:.*]] = arith.muli %{{.*}}, %c3 :
  // CHECK: %[[BYTE:.*]] = arith.divui %[[BIT]], %c8 :
  // CHECK: %[[LOW:.*]] = arith.extui %{{.*}} : i8 to i32
  // CHECK: %[[NEXT:.*]] = arith.addi %[[BYTE]], %c1 :
  // CHECK: %[[WITHIN:.*]] = arith.minui %[[NEXT]], %c2 :
  // CHECK: tensor.extract %[[C]][%{{.*}}, %[[WITHIN]]]
  // CHECK: %[[HIGH:.*]] = arith.shli %{{.*}}, %c8_i32 :
  // CHECK: %[[BOTH:.*]] = arith.ori %[[LOW]], %[[HIGH]] :
  // CHECK: %[[SHIFTED:.*]] = arith.shrui %[[BOTH]],
  // CHECK: arith.andi %[[SHIFTED]], %c7_i32 :
  // CHECK: arith.shli %{{.*}}, %c29_i32 :
  // CHECK: arith.shrsi %{{.*}}, %c29_i32 :
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<int3, tensor<f32>, dense>} : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// Codes of other than integers are read in a table.
// CHECK-LABEL: func.func @nf4(
func.func @nf4(%c: tensor<2x4xi8>, %s: tensor<2x1xf32>) -> tensor<2x8xf32> {
  // CHECK: %[[TABLE:.*]] = arith.constant dense<[-1.000000e+00, -0.6961928, -0.525073051, -0.394917488, {{.*}}, 0.722956836, 1.000000e+00]> : tensor<16xf32>
  // CHECK: %[[CODE:.*]] = arith.andi %{{.*}}, %c15_i32 :
  // CHECK: %[[INDEX:.*]] = arith.index_castui %[[CODE]] :
  // CHECK: %[[NUMBER:.*]] = tensor.extract %[[TABLE]][%[[INDEX]]]
  // CHECK: arith.mulf %[[NUMBER]],
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<nf4, block<1x64, f32>, dense>} : (tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// CHECK-LABEL: func.func @e4m3fn(
func.func @e4m3fn(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
  // Exponent and fraction go where f32 has them, and 2^(127 - 7) mends the
  // exponent's bias, of subnormal numbers, too.
  // CHECK-DAG: %[[BIASES:.*]] = arith.constant 1.329228E+36 : f32
  // CHECK: %[[MAGNITUDE:.*]] = arith.andi %{{.*}}, %c127_i32 :
  // CHECK: %[[IS_NUMBER:.*]] = arith.cmpi sle, %[[MAGNITUDE]], %c126_i32 :
  // CHECK: %[[PLACED:.*]] = arith.shli %[[MAGNITUDE]], %c20_i32 :
  // CHECK: %[[REAL:.*]] = arith.bitcast %[[PLACED]] : i32 to f32
  // CHECK: %[[NUMBER:.*]] = arith.mulf %[[REAL]], %[[BIASES]] :
  // CHECK: %[[BITS:.*]] = arith.bitcast %[[NUMBER]] :
  // CHECK: arith.select %[[IS_NUMBER]], %[[BITS]], %c2143289344_i32 :
  %0 = qnn.decode_stored %c {format = #qnn.format<e4m3fn, none, dense>} : (tensor<2x4xi8>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// 32 bits need no extension; f64 is computed in f64.
// CHECK-LABEL: func.func @wide(
func.func @wide(%c: tensor<4xi32>, %s: tensor<f64>) -> (tensor<4xf64>, tensor<4xf64>) {
  // CHECK-NOT: arith.sh
  // CHECK: %[[NUMBER:.*]] = arith.sitofp %{{.*}} : i32 to f64
  // CHECK: arith.mulf %[[NUMBER]], %{{.*}} : f64
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<int32, tensor<f64>, dense>} : (tensor<4xi32>, tensor<f64>) -> tensor<4xf64>
  // CHECK: arith.uitofp %{{.*}} : i32 to f64
  %1 = qnn.decode_stored %c, %s {format = #qnn.format<uint32, tensor<f64>, dense>} : (tensor<4xi32>, tensor<f64>) -> tensor<4xf64>
  return %0, %1 : tensor<4xf64>, tensor<4xf64>
}

// A scalar's code has a byte of its own.
// CHECK-LABEL: func.func @scalar(
func.func @scalar(%c: tensor<i8>, %s: tensor<f32>) -> tensor<f32> {
  // CHECK: tensor.extract %{{.*}}[] : tensor<i8>
  // CHECK: arith.shli %{{.*}}, %c28_i32 :
  // CHECK: arith.shrsi %{{.*}}, %c28_i32 :
  %0 = qnn.decode_stored %c, %s {format = #qnn.format<int4, tensor<f32>, dense>} : (tensor<i8>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
