// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK: #[[SAME:.*]] = affine_map<(d0) -> (d0)>

// CHECK-LABEL: func.func @floats(
func.func @floats(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[SAME]], #[[SAME]]], iterator_types = ["parallel"]}
  // CHECK: math.absf
  %0 = qnn.unary abs %x : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.negf
  %1 = qnn.unary neg %0 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.ceil
  %2 = qnn.unary ceil %1 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.floor
  %3 = qnn.unary floor %2 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.roundeven
  %4 = qnn.unary round %3 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.sqrt
  %5 = qnn.unary sqrt %4 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.exp
  %6 = qnn.unary exp %5 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.log %
  %7 = qnn.unary log %6 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.log1p
  %8 = qnn.unary log1p %7 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.erf
  %9 = qnn.unary erf %8 : (tensor<?xf32>) -> tensor<?xf32>
  return %9 : tensor<?xf32>
}

// CHECK-LABEL: func.func @trigonometry(
func.func @trigonometry(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: math.sin %
  %0 = qnn.unary sin %x : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.cos %
  %1 = qnn.unary cos %0 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.tan %
  %2 = qnn.unary tan %1 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.asin %
  %3 = qnn.unary asin %2 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.acos %
  %4 = qnn.unary acos %3 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.atan %
  %5 = qnn.unary atan %4 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.sinh
  %6 = qnn.unary sinh %5 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.cosh
  %7 = qnn.unary cosh %6 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.tanh
  %8 = qnn.unary tanh %7 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.asinh
  %9 = qnn.unary asinh %8 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.acosh
  %10 = qnn.unary acosh %9 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: math.atanh
  %11 = qnn.unary atanh %10 : (tensor<?xf32>) -> tensor<?xf32>
  return %11 : tensor<?xf32>
}

// NaN stays: nothing less than 0, and not unequal to 0 in order.
// CHECK-LABEL: func.func @composed(
func.func @composed(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.0
  // CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
  // CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[X]], %[[ZERO]] :
  // CHECK: arith.select %[[LESS]], %[[ZERO]], %[[X]] :
  %0 = qnn.unary relu %x : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
  // CHECK: %[[SIGNED:.*]] = math.copysign %[[ONE]], %[[X]] :
  // CHECK: %[[ORDERED:.*]] = arith.cmpf one, %[[X]], %[[ZERO]] :
  // CHECK: arith.select %[[ORDERED]], %[[SIGNED]], %[[X]] :
  %1 = qnn.unary sign %0 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: arith.divf %[[ONE]], %{{.*}}
  %2 = qnn.unary reciprocal %1 : (tensor<?xf32>) -> tensor<?xf32>
  // CHECK: %[[NEGATED:.*]] = arith.negf
  // CHECK: %[[POWER:.*]] = math.exp %[[NEGATED]] :
  // CHECK: %[[SUM:.*]] = arith.addf %[[POWER]], %[[ONE]] :
  // CHECK: arith.divf %[[ONE]], %[[SUM]] :
  %3 = qnn.unary sigmoid %2 : (tensor<?xf32>) -> tensor<?xf32>
  return %3 : tensor<?xf32>
}

// CHECK-LABEL: func.func @signed(
func.func @signed(%x: tensor<?xi32>) -> tensor<?xi32> {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
  // CHECK-DAG: %[[ONES:.*]] = arith.constant -1 : i32
  // CHECK: ^bb0(%[[X:.*]]: i32, %{{.*}}: i32):
  // CHECK: %[[NEGATED:.*]] = arith.subi %[[ZERO]], %[[X]] :
  // CHECK: arith.maxsi %[[X]], %[[NEGATED]] :
  %0 = qnn.unary abs %x : (tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.subi %[[ZERO]], %{{.*}}
  %1 = qnn.unary neg %0 : (tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.maxsi %{{.*}}, %[[ZERO]] :
  %2 = qnn.unary relu %1 : (tensor<?xi32>) -> tensor<?xi32>
  // CHECK: ^bb0(%[[X:.*]]: i32, %{{.*}}: i32):
  // CHECK: %[[SOMETHING:.*]] = arith.cmpi ne, %[[X]], %[[ZERO]] :
  // CHECK: %[[POSITIVE:.*]] = arith.extui %[[SOMETHING]] : i1 to i32
  // CHECK: %[[LESS:.*]] = arith.cmpi slt, %[[X]], %[[ZERO]] :
  // CHECK: arith.select %[[LESS]], %[[ONES]], %[[POSITIVE]] :
  %3 = qnn.unary sign %2 : (tensor<?xi32>) -> tensor<?xi32>
  // CHECK: arith.xori %{{.*}}, %[[ONES]] :
  %4 = qnn.unary bitwise_not %3 : (tensor<?xi32>) -> tensor<?xi32>
  return %4 : tensor<?xi32>
}

// An unsigned number is its own absolute value, and never negative.
// CHECK-LABEL: func.func @unsigned(
func.func @unsigned(%x: tensor<?xui32>) -> tensor<?xui32> {
  // CHECK-NOT: max
  %0 = qnn.unary abs %x : (tensor<?xui32>) -> tensor<?xui32>
  %1 = qnn.unary relu %0 : (tensor<?xui32>) -> tensor<?xui32>
  // CHECK: %[[SOMETHING:.*]] = arith.cmpi ne
  // CHECK-NEXT: %[[SIGN:.*]] = arith.extui %[[SOMETHING]] : i1 to i32
  // CHECK-NEXT: linalg.yield %[[SIGN]] :
  %2 = qnn.unary sign %1 : (tensor<?xui32>) -> tensor<?xui32>
  return %2 : tensor<?xui32>
}

// CHECK-LABEL: func.func @not(
func.func @not(%x: tensor<?xi1>) -> tensor<?xi1> {
  // CHECK: arith.xori %{{.*}}, %true :
  %0 = qnn.unary bitwise_not %x : (tensor<?xi1>) -> tensor<?xi1>
  return %0 : tensor<?xi1>
}

// CHECK-LABEL: func.func @tests(
func.func @tests(%x: tensor<?xf32>) -> (tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>) {
  // CHECK-DAG: %[[INF:.*]] = arith.constant 0x7F800000 : f32
  // CHECK-DAG: %[[MINUS:.*]] = arith.constant 0xFF800000 : f32
  // CHECK: arith.cmpf uno, %[[X:.*]], %[[X]] : f32
  %0 = qnn.test is_nan %x : (tensor<?xf32>) -> tensor<?xi1>
  // CHECK: %[[ABS:.*]] = math.absf
  // CHECK: arith.cmpf oeq, %[[ABS]], %[[INF]] :
  %1 = qnn.test is_inf %x : (tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf oeq, %{{.*}}, %[[INF]] :
  %2 = qnn.test is_pos_inf %x : (tensor<?xf32>) -> tensor<?xi1>
  // CHECK: arith.cmpf oeq, %{{.*}}, %[[MINUS]] :
  %3 = qnn.test is_neg_inf %x : (tensor<?xf32>) -> tensor<?xi1>
  return %0, %1, %2, %3 : tensor<?xi1>, tensor<?xi1>, tensor<?xi1>, tensor<?xi1>
}

// CHECK-LABEL: func.func @select(
func.func @select(%c: tensor<4x1xi1>, %x: tensor<4x3xf16>, %y: tensor<f16>) -> tensor<4x3xf16> {
  // CHECK: ^bb0(%[[C:.*]]: i1, %[[X:.*]]: f16, %[[Y:.*]]: f16, %{{.*}}: f16):
  // CHECK-NEXT: arith.select %[[C]], %[[X]], %[[Y]] : f16
  %0 = qnn.select %c, %x, %y : (tensor<4x1xi1>, tensor<4x3xf16>, tensor<f16>) -> tensor<4x3xf16>
  return %0 : tensor<4x3xf16>
}

// Between types that memory holds alike nothing is done.
// CHECK-LABEL: func.func @bitcast(
func.func @bitcast(%x: tensor<?xf32>) -> tensor<?xui32> {
  // CHECK: arith.bitcast %{{.*}} : f32 to i32
  // CHECK-NOT: bitcast
  %0 = qnn.bitcast %x : (tensor<?xf32>) -> tensor<?xi32>
  %1 = qnn.bitcast %0 : (tensor<?xi32>) -> tensor<?xui32>
  return %1 : tensor<?xui32>
}
