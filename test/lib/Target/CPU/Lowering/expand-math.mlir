// RUN: qcc-opt %s --cpu-expand-math -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @f32(
func.func @f32(%x: f32) -> (f32, f32) {
  // CHECK-NOT: math.exp
  // CHECK-NOT: math.tanh
  // CHECK: math.fma
  %0 = math.exp %x : f32
  %1 = math.tanh %x : f32
  return %0, %1 : f32, f32
}
// CHECK-LABEL: func.func @f64(
func.func @f64(%x: f64) -> f64 {
  // CHECK: math.exp
  %0 = math.exp %x : f64
  return %0 : f64
}

// Numbers below the least normal one are made larger first.
// CHECK-LABEL: func.func @log(
func.func @log(%x: f32) -> f32 {
  // CHECK: %[[IS:.*]] = arith.cmpf olt, %arg0, %{{.*}} : f32
  // CHECK: %[[X:.*]] = arith.select %[[IS]], %{{.*}}, %arg0
  // CHECK-NOT: math.log
  // CHECK: arith.subf
  %0 = math.log %x : f32
  return %0 : f32
}

// To the nearest, ties to even; a NaN stays one.
// CHECK-LABEL: func.func @bf16(
// CHECK-SAME: %[[X:.*]]: vector<8xf32>
func.func @bf16(%x: vector<8xf32>) -> vector<8xbf16> {
  // CHECK: %[[BITS:.*]] = arith.bitcast %[[X]] : vector<8xf32> to vector<8xi32>
  // CHECK: %[[LAST:.*]] = arith.shrui %[[BITS]],
  // CHECK: %[[ODD:.*]] = arith.andi %[[LAST]],
  // CHECK: %[[HALF:.*]] = arith.addi %[[ODD]],
  // CHECK: %[[ROUNDED:.*]] = arith.addi %[[BITS]], %[[HALF]]
  // CHECK: %[[QUIET:.*]] = arith.ori %[[BITS]],
  // CHECK: %[[IS_NAN:.*]] = arith.cmpf uno, %[[X]], %[[X]]
  // CHECK: %[[KEPT:.*]] = arith.select %[[IS_NAN]], %[[QUIET]], %[[ROUNDED]]
  // CHECK: %[[UPPER:.*]] = arith.shrui %[[KEPT]],
  // CHECK: %[[CODE:.*]] = arith.trunci %[[UPPER]] : vector<8xi32> to vector<8xi16>
  // CHECK: arith.bitcast %[[CODE]] : vector<8xi16> to vector<8xbf16>
  %0 = arith.truncf %x : vector<8xf32> to vector<8xbf16>
  return %0 : vector<8xbf16>
}

// CHECK-LABEL: func.func @from_bf16(
func.func @from_bf16(%x: bf16) -> f32 {
  // CHECK: %[[CODE:.*]] = arith.bitcast %arg0 : bf16 to i16
  // CHECK: %[[WIDE:.*]] = arith.extui %[[CODE]] : i16 to i32
  // CHECK: %[[BITS:.*]] = arith.shli %[[WIDE]], %c16_i32
  // CHECK: arith.bitcast %[[BITS]] : i32 to f32
  %0 = arith.extf %x : bf16 to f32
  return %0 : f32
}

// -----

// A processor without fused multiply-add would call libm for each.
module attributes {qnn.target = #qnn.target<"cpu", mcpu = "x86-64-v2">} {
  // CHECK-LABEL: func.func @unfused(
  func.func @unfused(%x: f32) -> f32 {
    // CHECK-NOT: math.fma
    // CHECK: arith.mulf
    %0 = math.exp %x : f32
    // CHECK: return
    return %0 : f32
  }
}
