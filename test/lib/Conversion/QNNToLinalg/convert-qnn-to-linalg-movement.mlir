// RUN: qcc-opt %s --convert-qnn-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[REPEATED:.*]] = affine_map<(d0, d1, d2) -> (0, d2)>
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[PERMUTED:.*]] = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
// CHECK-DAG: #[[BEFORE:.*]] = affine_map<()[s0] -> (s0 + 3)>

// CHECK-LABEL: func.func @reshape_static(
func.func @reshape_static(%x: tensor<2x3x4xui8>) -> (tensor<6x4xui8>, tensor<2x3x2x2xui8>, tensor<4x6xui8>) {
  // CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]]
  %0 = qnn.reshape %x [6, 4] : (tensor<2x3x4xui8>) -> tensor<6x4xui8>
  // CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1], [2, 3]] output_shape [2, 3, 2, 2]
  %1 = qnn.reshape %x [2, 3, 2, 2] : (tensor<2x3x4xui8>) -> tensor<2x3x2x2xui8>
  // Axes that do not group: by way of one axis.
  // CHECK: %[[FLAT:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1, 2]] : {{.*}} into tensor<24xi8>
  // CHECK: tensor.expand_shape %[[FLAT]] {{\[\[}}0, 1]] output_shape [4, 6]
  %2 = qnn.reshape %x [4, 6] : (tensor<2x3x4xui8>) -> tensor<4x6xui8>
  return %0, %1, %2 : tensor<6x4xui8>, tensor<2x3x2x2xui8>, tensor<4x6xui8>
}

// CHECK-LABEL: func.func @reshape_dynamic(
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>, %[[N:.*]]: index
func.func @reshape_dynamic(%x: tensor<?x?xf32>, %n: index) -> (tensor<?x3x4xf32>, tensor<?xf32>, tensor<f32>) {
  // CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  // CHECK: tensor.expand_shape %[[FLAT]] {{\[\[}}0, 1, 2]] output_shape [%[[N]], 3, 4]
  %0 = qnn.reshape %x [%n, 3, 4] : (tensor<?x?xf32>) -> tensor<?x3x4xf32>
  %1 = qnn.reshape %x [%n] : (tensor<?x?xf32>) -> tensor<?xf32>
  // CHECK: %[[ONE:.*]] = tensor.cast %[[FLAT]] : tensor<?xf32> to tensor<1xf32>
  // CHECK: %[[SCALAR:.*]] = tensor.collapse_shape %[[ONE]] [] : tensor<1xf32> into tensor<f32>
  %2 = qnn.reshape %x [] : (tensor<?x?xf32>) -> tensor<f32>
  // CHECK: return %{{.*}}, %[[FLAT]], %[[SCALAR]]
  return %0, %1, %2 : tensor<?x3x4xf32>, tensor<?xf32>, tensor<f32>
}

// CHECK-LABEL: func.func @reshape_scalar(
func.func @reshape_scalar(%x: tensor<f32>) -> tensor<1x1xf32> {
  // CHECK: tensor.expand_shape %{{.*}} [] output_shape [1, 1]
  %0 = qnn.reshape %x [1, 1] : (tensor<f32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @expand_known(
func.func @expand_known(%x: tensor<1x3xf32>) -> tensor<2x5x3xf32> {
  // CHECK-NOT: cf.assert
  // CHECK: linalg.generic {indexing_maps = [#[[REPEATED]], #[[ALL]]]
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
  // CHECK-NEXT: linalg.yield %[[X]] :
  %0 = qnn.expand %x [2, 5, 3] : (tensor<1x3xf32>) -> tensor<2x5x3xf32>
  return %0 : tensor<2x5x3xf32>
}

// Whether an extent is 1 is seen at run time.
// CHECK-LABEL: func.func @expand_unknown(
// CHECK-SAME: %[[X:.*]]: tensor<?x3xf32>, %[[N:.*]]: index
func.func @expand_unknown(%x: tensor<?x3xf32>, %n: index) -> tensor<?x3xf32> {
  // CHECK: %[[NATURAL:.*]] = arith.cmpi sge, %[[N]], %c0 :
  // CHECK: cf.assert %[[NATURAL]], "a tensor is expanded to a negative extent"
  // CHECK: %[[OWN:.*]] = tensor.dim %[[X]], %c0
  // CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[OWN]], %[[N]] :
  // CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[OWN]], %c1 :
  // CHECK: %[[FITS:.*]] = arith.ori %[[SAME]], %[[ONE]] :
  // CHECK: cf.assert %[[FITS]], "a tensor cannot be broadcast: an extent is neither 1 nor that of the result"
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[READ:.*]] = arith.select %[[ONE]], %c0, %[[ROW]] :
  // CHECK: tensor.extract %[[X]][%[[READ]], %[[COLUMN]]]
  %0 = qnn.expand %x [%n, 3] : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func.func @transpose(
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[PERMUTED]], #[[ALL]]]
  %0 = qnn.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  return %0 : tensor<4x2x3xf32>
}

// A part without elements is left out.
// CHECK-LABEL: func.func @concat(
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %{{.*}}: tensor<2x0xf32>, %[[Y:.*]]: tensor<2x3xf32>
func.func @concat(%x: tensor<2x?xf32>, %e: tensor<2x0xf32>, %y: tensor<2x3xf32>) -> tensor<2x?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[X]], %c1
  // CHECK: %[[ALL:.*]] = affine.apply #[[BEFORE]]()[%[[N]]]
  // CHECK: %[[INIT:.*]] = tensor.empty(%[[ALL]])
  // CHECK: %[[FIRST:.*]] = tensor.insert_slice %[[X]] into %[[INIT]][0, 0] [2, %[[N]]] [1, 1]
  // CHECK-NEXT: tensor.insert_slice %[[Y]] into %[[FIRST]][0, %[[N]]] [2, 3] [1, 1]
  %0 = qnn.concat %x, %e, %y {axis = 1 : i64} : (tensor<2x?xf32>, tensor<2x0xf32>, tensor<2x3xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func.func @slice(
// CHECK-SAME: %[[X:.*]]: tensor<4x?xf32>, %[[O:.*]]: index, %[[N:.*]]: index
func.func @slice(%x: tensor<4x?xf32>, %o: index, %n: index) -> tensor<2x?xf32> {
  // CHECK: tensor.extract_slice %[[X]][0, %[[O]]] [2, %[[N]]] [2, 1]
  %0 = qnn.slice %x [0, %o] [2, %n] [2, 1] : (tensor<4x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func.func @slice_backward(
func.func @slice_backward(%x: tensor<8xf32>) -> tensor<4xf32> {
  // CHECK: %[[I:.*]] = linalg.index 0
  // CHECK: %[[BACK:.*]] = arith.muli %[[I]], %c-2 :
  // CHECK: %[[AT:.*]] = arith.addi %[[BACK]], %c7 :
  // CHECK: tensor.extract %{{.*}}[%[[AT]]]
  %0 = qnn.slice %x [7] [4] [-2] : (tensor<8xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @slice_of_nothing(
func.func @slice_of_nothing(%x: tensor<8xf32>) -> tensor<0xf32> {
  // CHECK: %[[NOTHING:.*]] = tensor.empty() : tensor<0xf32>
  // CHECK: return %[[NOTHING]]
  %0 = qnn.slice %x [7] [0] [1] : (tensor<8xf32>) -> tensor<0xf32>
  return %0 : tensor<0xf32>
}

// CHECK-LABEL: func.func @tile(
// CHECK-SAME: %[[X:.*]]: tensor<2x3xf32>, %[[N:.*]]: index
func.func @tile(%x: tensor<2x3xf32>, %n: index) -> tensor<2x?xf32> {
  // CHECK: %[[NATURAL:.*]] = arith.cmpi sge, %[[N]], %c0 :
  // CHECK: cf.assert %[[NATURAL]], "a tensor is repeated a negative number of times"
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[READ:.*]] = arith.remui %[[COLUMN]], %c3 :
  // CHECK: tensor.extract %[[X]][%[[ROW]], %[[READ]]]
  %0 = qnn.tile %x [1, %n] : (tensor<2x3xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func.func @iota(
func.func @iota(%n: index) -> (tensor<?x4xf32>, tensor<?x4xi64>) {
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[WIDE:.*]] = arith.index_cast %[[ROW]] : index to i64
  // CHECK: arith.sitofp %[[WIDE]] : i64 to f32
  %0 = qnn.iota [%n, 4] {axis = 0 : i64, element_type = f32} : tensor<?x4xf32>
  // CHECK: %[[COLUMN:.*]] = linalg.index 1
  // CHECK: %[[WIDE:.*]] = arith.index_cast %[[COLUMN]] : index to i64
  // CHECK: linalg.yield %[[WIDE]] : i64
  %1 = qnn.iota [%n, 4] {axis = 1 : i64, element_type = i64} : tensor<?x4xi64>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xi64>
}
