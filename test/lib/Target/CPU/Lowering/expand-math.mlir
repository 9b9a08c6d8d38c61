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
