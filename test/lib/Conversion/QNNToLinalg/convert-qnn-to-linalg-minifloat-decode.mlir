// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// The code without its sign, as the bits of an f32 whose exponent a product mends.
// 0x7F is NaN.
// CHECK-LABEL: func.func @decode_e4m3fn(
// CHECK-SAME: tensor<4xi8>) -> tensor<4xf32>
func.func @decode_e4m3fn(%x: tensor<4xf8E4M3FN>) -> tensor<4xf32> {
  // CHECK: %[[SCALE:.*]] = arith.constant 1.329228E+36 : f32
  // CHECK: %[[CODE:.*]] = arith.extui %{{.*}} : i8 to i32
  // CHECK: %[[MAG:.*]] = arith.andi %[[CODE]], %c127_i32 :
  // CHECK: %[[BITS:.*]] = arith.shli %[[MAG]], %c20_i32 :
  // CHECK: %[[F:.*]] = arith.bitcast %[[BITS]] : i32 to f32
  // CHECK: arith.mulf %[[F]], %[[SCALE]] :
  // CHECK: %[[NAN:.*]] = arith.cmpi eq, %[[MAG]], %c127_i32 :
  // CHECK: arith.select %[[NAN]], %c2143289344_i32,
  // CHECK: %[[SIGN:.*]] = arith.andi %[[CODE]], %c128_i32 :
  // CHECK: arith.shli %[[SIGN]], %c24_i32 :
  %0 = qnn.cast %x : (tensor<4xf8E4M3FN>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// 0x80, which would be -0, is NaN.
// CHECK-LABEL: func.func @decode_e4m3fnuz(
// CHECK-SAME: tensor<4xi8>) -> tensor<4xf32>
func.func @decode_e4m3fnuz(%x: tensor<4xf8E4M3FNUZ>) -> tensor<4xf32> {
  // CHECK: %[[SCALE:.*]] = arith.constant 6.64613997E+35 : f32
  // CHECK: %[[CODE:.*]] = arith.extui %{{.*}} : i8 to i32
  // CHECK: %[[MAG:.*]] = arith.andi %[[CODE]], %c127_i32 :
  // CHECK: %[[BITS:.*]] = arith.shli %[[MAG]], %c20_i32 :
  // CHECK: %[[F:.*]] = arith.bitcast %[[BITS]] : i32 to f32
  // CHECK: arith.mulf %[[F]], %[[SCALE]] :
  // CHECK: %[[SIGN:.*]] = arith.andi %[[CODE]], %c128_i32 :
  // CHECK: arith.shli %[[SIGN]], %c24_i32 :
  // CHECK: %[[NAN:.*]] = arith.cmpi eq, %[[CODE]], %c128_i32 :
  // CHECK: arith.select %[[NAN]], %c-4194304_i32,
  %0 = qnn.cast %x : (tensor<4xf8E4M3FNUZ>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @decode_e5m2fnuz(
// CHECK-SAME: tensor<4xi8>) -> tensor<4xf32>
func.func @decode_e5m2fnuz(%x: tensor<4xf8E5M2FNUZ>) -> tensor<4xf32> {
  // CHECK: %[[SCALE:.*]] = arith.constant 2.59614843E+33 : f32
  // CHECK: %[[CODE:.*]] = arith.extui %{{.*}} : i8 to i32
  // CHECK: %[[MAG:.*]] = arith.andi %[[CODE]], %c127_i32 :
  // CHECK: %[[BITS:.*]] = arith.shli %[[MAG]], %c21_i32 :
  // CHECK: %[[F:.*]] = arith.bitcast %[[BITS]] : i32 to f32
  // CHECK: arith.mulf %[[F]], %[[SCALE]] :
  // CHECK: %[[SIGN:.*]] = arith.andi %[[CODE]], %c128_i32 :
  // CHECK: arith.shli %[[SIGN]], %c24_i32 :
  // CHECK: %[[NAN:.*]] = arith.cmpi eq, %[[CODE]], %c128_i32 :
  // CHECK: arith.select %[[NAN]], %c-4194304_i32,
  %0 = qnn.cast %x : (tensor<4xf8E5M2FNUZ>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// 0x7C is infinity, and what is above it NaN.
// CHECK-LABEL: func.func @decode_e5m2(
func.func @decode_e5m2(%x: tensor<4xf8E5M2>) -> tensor<4xf32> {
  // CHECK: %[[SCALE:.*]] = arith.constant 5.19229686E+33 : f32
  // CHECK: %[[MAG:.*]] = arith.andi %{{.*}}, %c127_i32 :
  // CHECK: arith.shli %[[MAG]], %c21_i32 :
  // CHECK: arith.mulf %{{.*}}, %[[SCALE]] :
  // CHECK: %[[INF:.*]] = arith.cmpi eq, %[[MAG]], %c124_i32 :
  // CHECK: arith.select %[[INF]], %c2139095040_i32,
  // CHECK: %[[NAN:.*]] = arith.cmpi ugt, %[[MAG]], %c124_i32 :
  // CHECK: arith.select %[[NAN]], %c2143289344_i32,
  %0 = qnn.cast %x : (tensor<4xf8E5M2>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Neither NaN nor infinity.
// CHECK-LABEL: func.func @decode_e2m1(
func.func @decode_e2m1(%x: tensor<4xf4E2M1FN>) -> tensor<4xf32> {
  // CHECK: %[[SCALE:.*]] = arith.constant 8.50705917E+37 : f32
  // CHECK: %[[MAG:.*]] = arith.andi %{{.*}}, %c7_i32 :
  // CHECK: arith.shli %[[MAG]], %c22_i32 :
  // CHECK: arith.mulf %{{.*}}, %[[SCALE]] :
  // CHECK-NOT: select
  // CHECK: %[[SIGN:.*]] = arith.andi %{{.*}}, %c8_i32 :
  // CHECK: arith.shli %[[SIGN]], %c28_i32 :
  %0 = qnn.cast %x : (tensor<4xf4E2M1FN>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// An exponent alone: 0 is the subnormal 2^-127, 255 NaN.
// CHECK-LABEL: func.func @decode_e8m0(
func.func @decode_e8m0(%x: tensor<4xf8E8M0FNU>) -> tensor<4xf32> {
  // CHECK: %[[CODE:.*]] = arith.extui
  // CHECK: %[[IS_ZERO:.*]] = arith.cmpi eq, %[[CODE]], %c0_i32 :
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi eq, %[[CODE]], %c255_i32 :
  // CHECK: %[[POWER:.*]] = arith.shli %[[CODE]], %c23_i32 :
  // CHECK: %[[FINITE:.*]] = arith.select %[[IS_ZERO]], %c4194304_i32, %[[POWER]] :
  // CHECK: arith.select %[[IS_NAN]], %c2143289344_i32, %[[FINITE]] :
  %0 = qnn.cast %x : (tensor<4xf8E8M0FNU>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
