// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @e4m3fn(
// CHECK-SAME: -> tensor<4xi8>
func.func @e4m3fn(%x: tensor<4xf32>) -> tensor<4xf8E4M3FN> {
  // CHECK-DAG: %[[SMALLEST:.*]] = arith.constant 1.562500e-02 : f32
  // CHECK-DAG: %[[ANCHOR:.*]] = arith.constant 1.638400e+04 : f32
  // CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : f32 to i32
  // CHECK: %[[MAG:.*]] = arith.andi %[[BITS]], %c2147483647_i32 :
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt, %[[MAG]], %c2139095040_i32 :
  // CHECK: %[[IS_INF:.*]] = arith.cmpi eq, %[[MAG]], %c2139095040_i32 :
  // Subnormal codes: the sum's last place is the smallest of them.
  // CHECK: %[[X:.*]] = arith.bitcast %[[MAG]] : i32 to f32
  // CHECK: arith.addf %[[X]], %[[ANCHOR]] :
  // CHECK: %[[SMALL:.*]] = arith.subi %{{.*}}, %c1182793728_i32 :
  // Normal codes: ties to even.
  // CHECK: %[[ODD:.*]] = arith.andi %{{.*}}, %c1_i32 :
  // CHECK: %[[SUM:.*]] = arith.addi %[[MAG]], %[[ODD]] :
  // CHECK: %[[ROUNDED:.*]] = arith.addi %[[SUM]], %c524287_i32 :
  // CHECK: %[[SHIFTED:.*]] = arith.shrui %[[ROUNDED]], %c20_i32 :
  // CHECK: %[[NORMAL:.*]] = arith.subi %[[SHIFTED]], %c960_i32 :
  // CHECK: %[[IS_SMALL:.*]] = arith.cmpf olt, %[[X]], %[[SMALLEST]] :
  // CHECK: %[[CODE:.*]] = arith.select %[[IS_SMALL]], %[[SMALL]], %[[NORMAL]] :
  // Beyond the largest, 0x7E: that.
  // CHECK: %[[ABOVE:.*]] = arith.cmpi sgt, %[[CODE]], %c126_i32 :
  // CHECK: %[[BEYOND:.*]] = arith.ori %[[ABOVE]], %[[IS_INF]] :
  // CHECK: %[[SATURATED:.*]] = arith.select %[[BEYOND]], %c126_i32, %[[CODE]] :
  // CHECK: arith.select %[[IS_NAN]], %c127_i32, %[[SATURATED]] :
  // CHECK: %[[SIGN:.*]] = arith.shrui %[[BITS]], %c24_i32 :
  // CHECK: arith.andi %[[SIGN]], %c128_i32 :
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xf8E4M3FN>
  return %0 : tensor<4xf8E4M3FN>
}

// CHECK-LABEL: func.func @e4m3fn_unsaturated(
func.func @e4m3fn_unsaturated(%x: tensor<4xf32>) -> tensor<4xf8E4M3FN> {
  // NaN, for there is no infinity.
  // CHECK: %[[BEYOND:.*]] = arith.ori
  // CHECK: arith.select %[[BEYOND]], %c127_i32,
  %0 = qnn.cast %x {saturate = false} : (tensor<4xf32>) -> tensor<4xf8E4M3FN>
  return %0 : tensor<4xf8E4M3FN>
}

// CHECK-LABEL: func.func @e5m2_unsaturated(
func.func @e5m2_unsaturated(%x: tensor<4xf32>) -> tensor<4xf8E5M2> {
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt
  // CHECK: arith.addi %{{.*}}, %c1048575_i32 :
  // CHECK: arith.shrui %{{.*}}, %c21_i32 :
  // CHECK: arith.subi %{{.*}}, %c448_i32 :
  // CHECK: arith.cmpi sgt, %{{.*}}, %c123_i32 :
  // CHECK: %[[BEYOND:.*]] = arith.ori
  // CHECK: arith.select %[[BEYOND]], %c124_i32,
  // CHECK: arith.select %[[IS_NAN]], %c126_i32,
  %0 = qnn.cast %x {saturate = false} : (tensor<4xf32>) -> tensor<4xf8E5M2>
  return %0 : tensor<4xf8E5M2>
}

// A zero has no sign: its bit alone would be NaN.
// CHECK-LABEL: func.func @e4m3fnuz(
func.func @e4m3fnuz(%x: tensor<4xf32>) -> tensor<4xf8E4M3FNUZ> {
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt
  // CHECK: arith.subi %{{.*}}, %c952_i32 :
  // CHECK: %[[CODE:.*]] = arith.select %[[IS_NAN]], %c128_i32,
  // CHECK: %[[SIGN:.*]] = arith.andi %{{.*}}, %c128_i32 :
  // CHECK: %[[IS_ZERO:.*]] = arith.cmpi eq, %[[CODE]], %c0_i32 :
  // CHECK: arith.select %[[IS_ZERO]], %c0_i32, %[[SIGN]] :
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xf8E4M3FNUZ>
  return %0 : tensor<4xf8E4M3FNUZ>
}

// CHECK-LABEL: func.func @e5m2fnuz(
func.func @e5m2fnuz(%x: tensor<4xf32>) -> tensor<4xf8E5M2FNUZ> {
  // CHECK: arith.subi %{{.*}}, %c444_i32 :
  // CHECK: arith.select %{{.*}}, %c128_i32,
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xf8E5M2FNUZ>
  return %0 : tensor<4xf8E5M2FNUZ>
}

// There is no NaN: +6; and always the largest number beyond it.
// CHECK-LABEL: func.func @e2m1(
func.func @e2m1(%x: tensor<4xf32>) -> tensor<4xf4E2M1FN> {
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt
  // CHECK: arith.subi %{{.*}}, %c252_i32 :
  // CHECK: %[[BEYOND:.*]] = arith.ori
  // CHECK: arith.select %[[BEYOND]], %c7_i32,
  // CHECK: arith.select %[[IS_NAN]], %c7_i32,
  // CHECK: %[[SHIFTED:.*]] = arith.shrui %{{.*}}, %c28_i32 :
  // CHECK: %[[SIGN:.*]] = arith.andi %[[SHIFTED]], %c8_i32 :
  // CHECK: arith.select %[[IS_NAN]], %c0_i32, %[[SIGN]] :
  %0 = qnn.cast %x {saturate = false} : (tensor<4xf32>) -> tensor<4xf4E2M1FN>
  return %0 : tensor<4xf4E2M1FN>
}

// CHECK-LABEL: func.func @e2m3(
func.func @e2m3(%x: tensor<4xf32>) -> tensor<4xf6E2M3FN> {
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt
  // CHECK: arith.subi %{{.*}}, %c1008_i32 :
  // CHECK: arith.select %{{.*}}, %c31_i32,
  // CHECK: arith.select %[[IS_NAN]], %c31_i32,
  // CHECK: arith.andi %{{.*}}, %c32_i32 :
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xf6E2M3FN>
  return %0 : tensor<4xf6E2M3FN>
}

// CHECK-LABEL: func.func @e8m0_up(
func.func @e8m0_up(%x: tensor<4xf32>) -> tensor<4xf8E8M0FNU> {
  // CHECK: %[[IS_NAN:.*]] = arith.cmpi ugt, %[[MAG:.*]], %c2139095040_i32 :
  // CHECK: %[[SUBNORMAL:.*]] = arith.cmpi ult, %[[MAG]], %c8388608_i32 :
  // CHECK: %[[ADDED:.*]] = arith.select %[[SUBNORMAL]], %c4194303_i32, %c8388607_i32 :
  // CHECK: %[[ROUNDED:.*]] = arith.addi %[[MAG]], %[[ADDED]] :
  // CHECK: %[[CODE:.*]] = arith.shrui %[[ROUNDED]], %c23_i32 :
  // CHECK: %[[ABOVE:.*]] = arith.cmpi ugt, %[[CODE]], %c254_i32 :
  // CHECK: arith.select %[[ABOVE]], %c254_i32, %[[CODE]] :
  // CHECK: arith.select %[[IS_NAN]], %c255_i32,
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  return %0 : tensor<4xf8E8M0FNU>
}

// CHECK-LABEL: func.func @e8m0_other_modes(
func.func @e8m0_other_modes(%x: tensor<4xf32>) -> (tensor<4xf8E8M0FNU>, tensor<4xf8E8M0FNU>) {
  // CHECK-NOT: arith.addi
  // CHECK: %[[BELOW:.*]] = arith.cmpi ult, %{{.*}}, %c4194304_i32 :
  // CHECK: %[[CODE:.*]] = arith.select %[[BELOW]], %c255_i32,
  // CHECK: %[[ABOVE:.*]] = arith.cmpi ugt, %[[CODE]], %c254_i32 :
  // CHECK: arith.select %[[ABOVE]], %c255_i32, %[[CODE]] :
  %0 = qnn.cast %x {round_mode = "down", saturate = false} : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  // CHECK: %[[ADDED:.*]] = arith.select %{{.*}}, %c2097152_i32, %c4194304_i32 :
  // CHECK: arith.addi %{{.*}}, %[[ADDED]] :
  %1 = qnn.cast %x {round_mode = "nearest"} : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  return %0, %1 : tensor<4xf8E8M0FNU>, tensor<4xf8E8M0FNU>
}

// Arithmetic is done in f32.
// CHECK-LABEL: func.func @arithmetic(
func.func @arithmetic(%x: tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN> {
  // CHECK: arith.mulf
  // CHECK: arith.mulf
  // CHECK: arith.maximumf {{.*}} : f32
  // CHECK: arith.trunci {{.*}} : i32 to i8
  %0 = qnn.binary max %x, %x : (tensor<4xf8E4M3FN>, tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN>
  return %0 : tensor<4xf8E4M3FN>
}
