// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @floats(
func.func @floats(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: arith.addf
  %0 = qnn.binary add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.subf
  %1 = qnn.binary sub %0, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.mulf
  %2 = qnn.binary mul %1, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.divf
  %3 = qnn.binary div %2, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.minimumf
  %4 = qnn.binary min %3, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.maximumf
  %5 = qnn.binary max %4, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.remf
  // CHECK-NOT: arith.addf
  %6 = qnn.binary fmod %5, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: ^bb0(%{{.*}}: f32, %[[Y:.*]]: f32, %{{.*}}: f32):
  // CHECK: %[[REST:.*]] = arith.remf
  // CHECK: %[[NOT_ZERO:.*]] = arith.cmpf one, %[[REST]],
  // CHECK-DAG: %[[LOW:.*]] = arith.cmpf olt, %[[REST]],
  // CHECK-DAG: %[[DIVISOR_LOW:.*]] = arith.cmpf olt, %[[Y]],
  // CHECK: %[[DIFFER:.*]] = arith.xori {{.*}} : i1
  // CHECK: %[[MOVES:.*]] = arith.andi %[[NOT_ZERO]], %[[DIFFER]] :
  // CHECK: %[[MOVED:.*]] = arith.addf %[[REST]], %[[Y]] :
  // CHECK: arith.select %[[MOVES]], %[[MOVED]], %[[REST]] :
  %7 = qnn.binary mod %6, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %7 : tensor<?xf32>
}

// CHECK-LABEL: func.func @integers(
func.func @integers(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  // CHECK: arith.addi
  %0 = qnn.binary add %x, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.subi
  %1 = qnn.binary sub %0, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.muli
  %2 = qnn.binary mul %1, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.minsi
  %3 = qnn.binary min %2, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.maxsi
  %4 = qnn.binary max %3, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.andi
  %5 = qnn.binary and_ %4, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.ori
  %6 = qnn.binary or_ %5, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.xori
  %7 = qnn.binary xor_ %6, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  return %7 : tensor<?xi32>
}

// By 0 as by 1; by -1, which overflows for the lowest number, the negated.
// CHECK-LABEL: func.func @signed_division(
func.func @signed_division(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : i32
  // CHECK-DAG: %[[MINUS:.*]] = arith.constant -1 : i32
  // CHECK: ^bb0(%[[X:.*]]: i32, %[[Y:.*]]: i32, %{{.*}}: i32):
  // CHECK-DAG: %[[IS_ZERO:.*]] = arith.cmpi eq, %[[Y]], %[[ZERO]] :
  // CHECK-DAG: %[[IS_MINUS:.*]] = arith.cmpi eq, %[[Y]], %[[MINUS]] :
  // CHECK: %[[UNSAFE:.*]] = arith.ori %[[IS_ZERO]], %[[IS_MINUS]] :
  // CHECK: %[[SAFE:.*]] = arith.select %[[UNSAFE]], %[[ONE]], %[[Y]] :
  // CHECK: %[[QUOTIENT:.*]] = arith.divsi %[[X]], %[[SAFE]] :
  // CHECK: %[[NEGATED:.*]] = arith.subi %[[ZERO]], %[[X]] :
  // CHECK: arith.select %[[IS_MINUS]], %[[NEGATED]], %[[QUOTIENT]] :
  %0 = qnn.binary div %x, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: %[[REST:.*]] = arith.remsi %{{.*}}, %[[SAFE:.*]] :
  // CHECK: %[[NOT_ZERO:.*]] = arith.cmpi ne, %[[REST]], %[[ZERO]] :
  // CHECK: %[[SIGNS:.*]] = arith.xori %[[REST]], %[[SAFE]] :
  // CHECK: %[[DIFFER:.*]] = arith.cmpi slt, %[[SIGNS]], %[[ZERO]] :
  // CHECK: %[[MOVES:.*]] = arith.andi %[[NOT_ZERO]], %[[DIFFER]] :
  // CHECK: %[[MOVED:.*]] = arith.addi %[[REST]], %[[SAFE]] :
  // CHECK: arith.select %[[MOVES]], %[[MOVED]], %[[REST]] :
  %1 = qnn.binary mod %0, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  // CHECK: %[[REST:.*]] = arith.remsi
  // CHECK-NEXT: linalg.yield %[[REST]] :
  %2 = qnn.binary fmod %1, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  return %2 : tensor<?xi32>
}

// CHECK-LABEL: func.func @unsigned(
func.func @unsigned(%x: tensor<?xui32>, %y: tensor<?xui32>) -> tensor<?xui32> {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : i32
  // CHECK: arith.minui
  %0 = qnn.binary min %x, %y : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  // CHECK: arith.maxui
  %1 = qnn.binary max %0, %y : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  // CHECK: ^bb0(%[[X:.*]]: i32, %[[Y:.*]]: i32, %{{.*}}: i32):
  // CHECK: %[[UNSAFE:.*]] = arith.cmpi eq, %[[Y]], %[[ZERO]] :
  // CHECK: %[[SAFE:.*]] = arith.select %[[UNSAFE]], %[[ONE]], %[[Y]] :
  // CHECK: arith.divui %[[X]], %[[SAFE]] :
  %2 = qnn.binary div %1, %y : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  // CHECK: %[[REST:.*]] = arith.remui
  // CHECK-NEXT: linalg.yield %[[REST]] :
  %3 = qnn.binary mod %2, %y : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  // CHECK: %[[REST:.*]] = arith.remui
  // CHECK-NEXT: linalg.yield %[[REST]] :
  %4 = qnn.binary fmod %3, %y : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  return %4 : tensor<?xui32>
}

// By the width or more: 0.
// CHECK-LABEL: func.func @shifts(
func.func @shifts(%x: tensor<?xui16>, %y: tensor<?xui16>) -> tensor<?xui16> {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i16
  // CHECK-DAG: %[[WIDTH:.*]] = arith.constant 16 : i16
  // CHECK: ^bb0(%[[X:.*]]: i16, %[[Y:.*]]: i16, %{{.*}}: i16):
  // CHECK: %[[DEFINED:.*]] = arith.cmpi ult, %[[Y]], %[[WIDTH]] :
  // CHECK: %[[COUNT:.*]] = arith.select %[[DEFINED]], %[[Y]], %[[ZERO]] :
  // CHECK: %[[SHIFTED:.*]] = arith.shli %[[X]], %[[COUNT]] :
  // CHECK: arith.select %[[DEFINED]], %[[SHIFTED]], %[[ZERO]] :
  %0 = qnn.binary shl %x, %y : (tensor<?xui16>, tensor<?xui16>) -> tensor<?xui16>
  // CHECK: arith.shrui
  %1 = qnn.binary shr %0, %y : (tensor<?xui16>, tensor<?xui16>) -> tensor<?xui16>
  return %1 : tensor<?xui16>
}

// CHECK-LABEL: func.func @powers(
func.func @powers(%x: tensor<?xf32>, %i: tensor<?xi64>, %u: tensor<?xui32>) -> (tensor<?xf32>, tensor<?xui32>) {
  // A square is a product.
  // CHECK: arith.mulf %[[X:.*]], %[[X]] :
  %two = arith.constant dense<2.0> : tensor<f32>
  %0 = qnn.binary pow %x, %two : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  // CHECK: math.powf %{{.*}}, %{{.*}} : f32
  %1 = qnn.binary pow %0, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK: %[[EXPONENT:.*]] = arith.sitofp %{{.*}} : i64 to f32
  // CHECK: math.powf %{{.*}}, %[[EXPONENT]] : f32
  %2 = qnn.binary pow %1, %i : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  // Of integers in f64.
  // CHECK: %[[BASE:.*]] = arith.uitofp %{{.*}} : i32 to f64
  // CHECK: %[[EXPONENT:.*]] = arith.sitofp %{{.*}} : i64 to f64
  // CHECK: math.powf %[[BASE]], %[[EXPONENT]] : f64
  // CHECK: arith.fptosi %{{.*}} : f64 to i64
  // CHECK: arith.trunci %{{.*}} : i64 to i32
  %3 = qnn.binary pow %u, %i : (tensor<?xui32>, tensor<?xi64>) -> tensor<?xui32>
  return %2, %3 : tensor<?xf32>, tensor<?xui32>
}

// CHECK-LABEL: func.func @compare_floats(
func.func @compare_floats(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>) {
  // CHECK: arith.cmpf oeq
  %0 = qnn.compare eq %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf une
  %1 = qnn.compare ne %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf olt
  %2 = qnn.compare lt %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf ole
  %3 = qnn.compare le %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf ogt
  %4 = qnn.compare gt %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf oge
  %5 = qnn.compare ge %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xi1>
  return %0, %1, %2, %3, %4, %5 : tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>
}

// CHECK-LABEL: func.func @compare_integers(
func.func @compare_integers(%x: tensor<?xi8>, %u: tensor<?xui8>) -> (tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>) {
  // CHECK: arith.cmpi slt
  %0 = qnn.compare lt %x, %x : (tensor<?xi8>, tensor<?xi8>) -> tensor<?xi1>
  // CHECK: arith.cmpi sge
  %1 = qnn.compare ge %x, %x : (tensor<?xi8>, tensor<?xi8>) -> tensor<?xi1>
  // CHECK: arith.cmpi ult
  %2 = qnn.compare lt %u, %u : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xi1>
  // CHECK: arith.cmpi uge
  %3 = qnn.compare ge %u, %u : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xi1>
  return %0, %1, %2, %3 : tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>
}

// A division by 0 ends the run before it is computed; a constant that has no 0
// is not looked at.
// CHECK-LABEL: func.func @division_by_zero(
// CHECK-SAME: %[[X:.*]]: tensor<?xi64>, %[[Y:.*]]: tensor<?xi64>
func.func @division_by_zero(%x: tensor<?xi64>, %y: tensor<?xi64>) -> (tensor<?xi64>, tensor<?xi64>) {
  // CHECK: linalg.generic {{.*}}iterator_types = ["reduction"]} ins(%[[Y]]
  // CHECK: ^bb0(%[[DIVISOR:.*]]: i64, %[[ALL:.*]]: i1):
  // CHECK: %[[FINE:.*]] = arith.cmpi ne, %[[DIVISOR]], %c0_i64
  // CHECK: arith.andi %[[FINE]], %[[ALL]]
  // CHECK: cf.assert %{{.*}}, "an integer is divided by zero"
  // CHECK: arith.divsi
  %0 = qnn.binary div %x, %y : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  // CHECK-NOT: cf.assert
  // CHECK: arith.remsi
  %c = arith.constant dense<3> : tensor<1xi64>
  %1 = qnn.binary fmod %x, %c : (tensor<?xi64>, tensor<1xi64>) -> tensor<?xi64>
  // CHECK: return
  return %0, %1 : tensor<?xi64>, tensor<?xi64>
}
