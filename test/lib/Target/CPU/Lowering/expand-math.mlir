// RUN: qcc-opt %s --cpu-expand-math | FileCheck %s

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
