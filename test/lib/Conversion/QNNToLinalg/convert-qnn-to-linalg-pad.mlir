// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @constant(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %{{.*}}: index, %[[V:.*]]: tensor<f32>
func.func @constant(%x: tensor<2x?xf32>, %p: index, %v: tensor<f32>) -> tensor<2x?xf32> {
  // CHECK: %[[VALUE:.*]] = tensor.extract %[[V]][]
  // CHECK: %[[FILLED:.*]] = linalg.fill ins(%[[VALUE]] : f32)
  // CHECK: tensor.insert_slice %[[X]] into %[[FILLED]][0, 1] [2, %{{.*}}] [1, 1]
  %0 = qnn.pad constant %x low [0, 1] high [0, %p] value %v : (tensor<2x?xf32>, tensor<f32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// Without a value: zeros, here of f16.
// CHECK-LABEL: func.func @zeros(
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf16>
func.func @zeros(%x: tensor<2x4xf16>, %nothing: tensor<0x4xf16>) -> (tensor<3x4xf16>, tensor<1x4xf16>) {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f16
  // CHECK: %[[FILLED:.*]] = linalg.fill ins(%[[ZERO]] : f16)
  // CHECK: tensor.insert_slice %[[X]] into %[[FILLED]][1, 0] [2, 4] [1, 1]
  %0 = qnn.pad constant %x low [1, 0] high [0, 0] : (tensor<2x4xf16>) -> tensor<3x4xf16>
  // CHECK: linalg.fill
  // CHECK-NOT: insert_slice
  %1 = qnn.pad constant %nothing low [1, 0] high [0, 0] : (tensor<0x4xf16>) -> tensor<1x4xf16>
  return %0, %1 : tensor<3x4xf16>, tensor<1x4xf16>
}

// The nearest element; an axis that is not padded is read as it is.
// CHECK-LABEL: func.func @edge(
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>
func.func @edge(%x: tensor<2x4xf32>) -> tensor<2x7xf32> {
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[INNER:.*]] = arith.subi %[[COLUMN]], %c1 :
  // CHECK: %[[ABOVE:.*]] = arith.maxsi %[[INNER]], %c0 :
  // CHECK: %[[WITHIN:.*]] = arith.minsi %[[ABOVE]], %c3 :
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[WITHIN]]]
  %0 = qnn.pad edge %x low [0, 1] high [0, 2] : (tensor<2x4xf32>) -> tensor<2x7xf32>
  return %0 : tensor<2x7xf32>
}

// Mirrored with the period 2 (n - 1); the border is not repeated.
// CHECK-LABEL: func.func @reflect(
func.func @reflect(%x: tensor<4xf32>) -> tensor<7xf32> {
  // CHECK: %[[INNER:.*]] = arith.subi %{{.*}}, %c1 :
  // CHECK: %[[REST:.*]] = arith.remsi %[[INNER]], %c6 :
  // CHECK: %[[BELOW:.*]] = arith.cmpi slt, %[[REST]], %c0 :
  // CHECK: %[[RAISED:.*]] = arith.addi %[[REST]], %c6 :
  // CHECK: %[[MODULO:.*]] = arith.select %[[BELOW]], %[[RAISED]], %[[REST]] :
  // CHECK: %[[MIRRORED:.*]] = arith.subi %c6, %[[MODULO]] :
  // CHECK: %[[BEYOND:.*]] = arith.cmpi sgt, %[[MODULO]], %c3 :
  // CHECK: arith.select %[[BEYOND]], %[[MIRRORED]], %[[MODULO]] :
  %0 = qnn.pad reflect %x low [1] high [2] : (tensor<4xf32>) -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// CHECK-LABEL: func.func @wrap(
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>
func.func @wrap(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c0
  // CHECK: %[[NOTHING:.*]] = arith.cmpi eq, %{{.*}}, %c0 :
  // CHECK: %[[SOMETHING:.*]] = arith.cmpi sgt, %[[N]], %c0 :
  // CHECK: %[[DEFINED:.*]] = arith.ori %[[NOTHING]], %[[SOMETHING]] :
  // CHECK: cf.assert %[[DEFINED]], "an axis without elements is padded by elements of its own"
  // CHECK: %[[PERIOD:.*]] = arith.maxsi %[[N]], %c1 :
  // CHECK: %[[REST:.*]] = arith.remsi %{{.*}}, %[[PERIOD]] :
  // CHECK: %[[RAISED:.*]] = arith.addi %[[REST]], %[[PERIOD]] :
  // CHECK: %[[MODULO:.*]] = arith.select %{{.*}}, %[[RAISED]], %[[REST]] :
  // CHECK: tensor.extract %[[X]][%[[MODULO]]]
  %0 = qnn.pad wrap %x low [1] high [2] : (tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
