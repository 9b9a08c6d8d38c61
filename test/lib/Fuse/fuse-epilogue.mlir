// RUN: qcc-opt %s -fuse-epilogue -split-input-file | FileCheck %s

#id = affine_map<(m, k) -> (m, k)>
#row = affine_map<(m, k) -> (k)>
#one = affine_map<(m, k) -> (0, k)>

// A residual of the same extents, a bias that has lost its rank, and a constant.
// CHECK-LABEL: func @residual
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<16x8xf32>, %[[R:.*]]: tensor<?x16xf32>, %[[B:.*]]: tensor<1x16xf32>
// CHECK: %[[B1:.*]] = tensor.collapse_shape %[[B]]
// CHECK: %[[Y:.*]] = qnn.contract ins(%[[X]], %[[W]] : {{.*}}) extras(%[[R]], %[[B1]] :
// CHECK: ^bb0(%[[ACC:.*]]: f32, %[[R0:.*]]: f32, %[[B0:.*]]: f32):
// CHECK: %[[S:.*]] = arith.addf %[[ACC]], %[[R0]]
// CHECK: %[[T:.*]] = arith.addf %[[S]], %[[B0]]
// CHECK: qnn.yield %[[T]]
// CHECK-NOT: linalg.generic
func.func @residual(%x: tensor<?x8xf32>, %w: tensor<16x8xf32>, %r: tensor<?x16xf32>, %b: tensor<1x16xf32>,
    %i: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<16x8xf32>) outs(%i : tensor<?x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> tensor<?x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #one, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0, %r, %b : tensor<?x16xf32>, tensor<?x16xf32>, tensor<1x16xf32>) outs(%i : tensor<?x16xf32>) {
  ^bb0(%a: f32, %c: f32, %d: f32, %o: f32):
    %2 = arith.addf %a, %c : f32
    %3 = arith.addf %2, %d : f32
    linalg.yield %3 : f32
  } -> tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

#id = affine_map<(b, s, k) -> (b, s, k)>

// The reshape moves behind the loop.
// CHECK-LABEL: func @reshaped
// CHECK: %[[Y:.*]] = qnn.contract
// CHECK: math.exp
// CHECK: qnn.yield
// CHECK: tensor.expand_shape %[[Y]]
// CHECK-NOT: linalg.generic
func.func @reshaped(%x: tensor<?x8xf32>, %w: tensor<16x8xf32>, %i: tensor<?x16xf32>, %b: index, %s: index)
    -> tensor<?x?x16xf32> {
  %0 = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<16x8xf32>) outs(%i : tensor<?x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> tensor<?x16xf32>
  %e = tensor.expand_shape %0 [[0, 1], [2]] output_shape [%b, %s, 16] : tensor<?x16xf32> into tensor<?x?x16xf32>
  %j = tensor.empty(%b, %s) : tensor<?x?x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%e : tensor<?x?x16xf32>) outs(%j : tensor<?x?x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = math.exp %a : f32
    linalg.yield %2 : f32
  } -> tensor<?x?x16xf32>
  return %1 : tensor<?x?x16xf32>
}

// -----

#id = affine_map<(m, k) -> (m, k)>
#col = affine_map<(m, k) -> (m)>
#col1 = affine_map<(m, k) -> (m, 0)>

// One element for each row, whether or not its tensor has a last axis of one.
// CHECK-LABEL: func @rows
// CHECK-SAME: %{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<16x8xf32>, %[[R:.*]]: tensor<?xf32>, %[[S:.*]]: tensor<?x1xf32>
// CHECK: %[[R1:.*]] = tensor.expand_shape %[[R]] {{\[\[}}0, 1]] output_shape [%{{.*}}, 1] : tensor<?xf32> into tensor<?x1xf32>
// CHECK: qnn.contract {{.*}} extras(%[[R1]], %[[S]] : tensor<?x1xf32>, tensor<?x1xf32>)
// CHECK: ^bb0(%[[ACC:.*]]: f32, %[[R0:.*]]: f32, %[[S0:.*]]: f32):
// CHECK: %[[T:.*]] = arith.mulf %[[ACC]], %[[R0]]
// CHECK: arith.addf %[[T]], %[[S0]]
// CHECK-NOT: linalg.generic
func.func @rows(%x: tensor<?x8xf32>, %w: tensor<16x8xf32>, %r: tensor<?xf32>, %s: tensor<?x1xf32>, %i: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  %0 = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<16x8xf32>) outs(%i : tensor<?x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> tensor<?x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, #col, #col1, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0, %r, %s : tensor<?x16xf32>, tensor<?xf32>, tensor<?x1xf32>) outs(%i : tensor<?x16xf32>) {
  ^bb0(%a: f32, %c: f32, %d: f32, %o: f32):
    %2 = arith.mulf %a, %c : f32
    %3 = arith.addf %2, %d : f32
    linalg.yield %3 : f32
  } -> tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

#id = affine_map<(m, k) -> (m, k)>

// A second reader needs the sum itself.
// CHECK-LABEL: func @kept
// CHECK: linalg.generic
func.func @kept(%x: tensor<?x8xf32>, %w: tensor<16x8xf32>, %i: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  %0 = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<16x8xf32>) outs(%i : tensor<?x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> tensor<?x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0 : tensor<?x16xf32>) outs(%i : tensor<?x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = math.exp %a : f32
    linalg.yield %2 : f32
  } -> tensor<?x16xf32>
  return %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
}

// Where one input is no extra, nothing is made of the others.
// CHECK-LABEL: func @mixed
// CHECK-NOT: tensor.collapse_shape
// CHECK: linalg.generic
func.func @mixed(%x: tensor<?x8xf32>, %w: tensor<16x8xf32>, %b: tensor<1x16xf32>, %r: tensor<16x?xf32>, %i: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<16x8xf32>) outs(%i : tensor<?x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> tensor<?x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (0, d1)>, affine_map<(d0, d1) -> (d1, d0)>, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0, %b, %r : tensor<?x16xf32>, tensor<1x16xf32>, tensor<16x?xf32>) outs(%i : tensor<?x16xf32>) {
  ^bb0(%a: f32, %c: f32, %d: f32, %o: f32):
    %2 = arith.addf %a, %c : f32
    %3 = arith.mulf %2, %d : f32
    linalg.yield %3 : f32
  } -> tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}
