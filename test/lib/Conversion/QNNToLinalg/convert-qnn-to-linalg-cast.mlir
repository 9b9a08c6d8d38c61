// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// Beyond the range the nearest end; NaN, which is not at least the lowest, the
// lowest.
// CHECK-LABEL: func.func @to_i32(
func.func @to_i32(%x: tensor<4xf32>) -> tensor<4xi32> {
  // CHECK-DAG: %[[MOST:.*]] = arith.constant 2147483647 : i32
  // CHECK-DAG: %[[BELOW:.*]] = arith.constant 2.14748352E+9 : f32
  // CHECK-DAG: %[[HIGH:.*]] = arith.constant 2.14748365E+9 : f32
  // CHECK-DAG: %[[LOW:.*]] = arith.constant -2.14748365E+9 : f32
  // CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: i32):
  // CHECK: %[[NOT_LOW:.*]] = arith.cmpf oge, %[[X]], %[[LOW]] :
  // CHECK: %[[RAISED:.*]] = arith.select %[[NOT_LOW]], %[[X]], %[[LOW]] :
  // CHECK: %[[IS_HIGH:.*]] = arith.cmpf oge, %[[X]], %[[HIGH]] :
  // CHECK: %[[INSIDE:.*]] = arith.select %[[IS_HIGH]], %[[BELOW]], %[[RAISED]] :
  // CHECK: %[[I:.*]] = arith.fptosi %[[INSIDE]] : f32 to i32
  // CHECK: arith.select %[[IS_HIGH]], %[[MOST]], %[[I]] :
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// f64 holds the highest i32 itself.
// CHECK-LABEL: func.func @from_f64(
func.func @from_f64(%x: tensor<4xf64>) -> tensor<4xi32> {
  // CHECK: %[[HIGHEST:.*]] = arith.constant 0x41DFFFFFFFC00000 : f64
  // CHECK: arith.select %{{.*}}, %[[HIGHEST]], %{{.*}} : f64
  %0 = qnn.cast %x : (tensor<4xf64>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// Narrow ones by way of i32, modulo their width; 4 bits lie in a byte.
// CHECK-LABEL: func.func @to_narrow(
// CHECK-SAME: -> (tensor<4xi8>, tensor<4xi8>)
func.func @to_narrow(%x: tensor<4xf32>) -> (tensor<4xui8>, tensor<4xi4>) {
  // CHECK: arith.fptosi %{{.*}} : f32 to i32
  // CHECK: arith.trunci %{{.*}} : i32 to i8
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xui8>
  // CHECK: arith.fptosi %{{.*}} : f32 to i32
  // CHECK: %[[NARROW:.*]] = arith.trunci %{{.*}} : i32 to i4
  // CHECK: arith.extsi %[[NARROW]] : i4 to i8
  %1 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xi4>
  return %0, %1 : tensor<4xui8>, tensor<4xi4>
}

// CHECK-LABEL: func.func @to_wide_unsigned(
func.func @to_wide_unsigned(%x: tensor<4xf64>) -> (tensor<4xui32>, tensor<4xui64>) {
  // CHECK-DAG: %[[TOP:.*]] = arith.constant -9223372036854775808 : i64
  // CHECK-DAG: %[[BOUND:.*]] = arith.constant 9.2233720368547758E+18 : f64
  // CHECK: arith.fptosi %{{.*}} : f64 to i64
  // CHECK: arith.trunci %{{.*}} : i64 to i32
  %0 = qnn.cast %x : (tensor<4xf64>) -> tensor<4xui32>
  // From 2^63 on: that much less, and the top bit set.
  // CHECK: ^bb0(%[[X:.*]]: f64, %{{.*}}: i64):
  // CHECK: %[[IS_HIGH:.*]] = arith.cmpf oge, %[[X]], %[[BOUND]] :
  // CHECK: %[[LESS:.*]] = arith.subf %[[X]], %[[BOUND]] :
  // CHECK: %[[UPPER:.*]] = arith.xori %{{.*}}, %[[TOP]] :
  // CHECK: arith.select %[[IS_HIGH]], %[[UPPER]], %{{.*}} : i64
  %1 = qnn.cast %x : (tensor<4xf64>) -> tensor<4xui64>
  return %0, %1 : tensor<4xui32>, tensor<4xui64>
}

// CHECK-LABEL: func.func @integers(
func.func @integers(%x: tensor<4xi8>, %u: tensor<4xui8>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi8>, tensor<4xui4>) {
  // CHECK: arith.extsi %{{.*}} : i8 to i32
  %0 = qnn.cast %x : (tensor<4xi8>) -> tensor<4xi32>
  // CHECK: arith.extui %{{.*}} : i8 to i32
  %1 = qnn.cast %u : (tensor<4xui8>) -> tensor<4xi32>
  // CHECK: arith.trunci %{{.*}} : i32 to i8
  %2 = qnn.cast %0 : (tensor<4xi32>) -> tensor<4xi8>
  // CHECK: %[[NARROW:.*]] = arith.trunci %{{.*}} : i8 to i4
  // CHECK: arith.extui %[[NARROW]] : i4 to i8
  %3 = qnn.cast %x : (tensor<4xi8>) -> tensor<4xui4>
  return %0, %1, %2, %3 : tensor<4xi32>, tensor<4xi32>, tensor<4xi8>, tensor<4xui4>
}

// CHECK-LABEL: func.func @bools(
func.func @bools(%x: tensor<4xf32>, %i: tensor<4xi8>, %b: tensor<4xi1>) -> (tensor<4xi1>, tensor<4xi1>, tensor<4xf32>, tensor<4xi8>) {
  // CHECK: arith.cmpf une, %{{.*}}, %{{.*}} : f32
  %0 = qnn.cast %x : (tensor<4xf32>) -> tensor<4xi1>
  // CHECK: arith.cmpi ne, %{{.*}}, %{{.*}} : i8
  %1 = qnn.cast %i : (tensor<4xi8>) -> tensor<4xi1>
  // CHECK: arith.uitofp %{{.*}} : i1 to f32
  %2 = qnn.cast %b : (tensor<4xi1>) -> tensor<4xf32>
  // CHECK: arith.extui %{{.*}} : i1 to i8
  %3 = qnn.cast %b : (tensor<4xi1>) -> tensor<4xi8>
  return %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xf32>, tensor<4xi8>
}

// CHECK-LABEL: func.func @floats(
func.func @floats(%h: tensor<4xf16>, %i: tensor<4xi64>, %u: tensor<4xui64>, %d: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xbf16>, tensor<4xf16>, tensor<4xf32>, tensor<4xf32>) {
  // CHECK: arith.extf %{{.*}} : f16 to f32
  // CHECK: arith.extf %{{.*}} : f32 to f64
  %0 = qnn.cast %h : (tensor<4xf16>) -> tensor<4xf64>
  // CHECK: arith.extf %{{.*}} : f16 to f32
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  %1 = qnn.cast %h : (tensor<4xf16>) -> tensor<4xbf16>
  // An integer is rounded once.
  // CHECK: arith.sitofp %{{.*}} : i64 to f16
  %2 = qnn.cast %i : (tensor<4xi64>) -> tensor<4xf16>
  // CHECK: arith.uitofp %{{.*}} : i64 to f32
  %3 = qnn.cast %u : (tensor<4xui64>) -> tensor<4xf32>
  // CHECK: arith.truncf %{{.*}} : f64 to f32
  %4 = qnn.cast %d : (tensor<4xf64>) -> tensor<4xf32>
  return %0, %1, %2, %3, %4 : tensor<4xf64>, tensor<4xbf16>, tensor<4xf16>, tensor<4xf32>, tensor<4xf32>
}
