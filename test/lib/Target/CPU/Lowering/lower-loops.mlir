// RUN: qcc-opt %s --cpu-lower-loops --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
// Both axes are one.
// CHECK-LABEL: func.func @flat(
func.func @flat(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  // CHECK: scf.parallel (%[[I:.*]]) =
  // CHECK: memref.load %{{.*}}[%[[I]]] : memref<?xf32>
  // CHECK: qcc.work = 3 : i64
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.negf %a : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
// A sum runs in a register, reassociated; the rest of the body does not.
// CHECK-LABEL: func.func @rows(
func.func @rows(%x: memref<?x64xf32>, %y: memref<?xf32>) {
  // CHECK: scf.parallel
  // CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(
  // CHECK: arith.addf %{{.*}}, %{{.*}} : f32
  // CHECK: arith.addf %{{.*}}, %{{.*}} fastmath<reassoc> : f32
  // CHECK: memref.store %[[SUM]]
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x64xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %a : f32
    %1 = arith.addf %0, %b : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
// What a row has once is read before the loop along the row.
// CHECK-LABEL: func.func @scale_rows(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[SCALE:.*]]: memref<?xf32>
func.func @scale_rows(%x: memref<?x64xf32>, %scale: memref<?xf32>, %y: memref<?x64xf32>) {
  // CHECK: scf.parallel (%[[ROW:.*]]) =
  // CHECK: %[[ONCE:.*]] = memref.load %[[SCALE]][%[[ROW]]]
  // CHECK: scf.for %[[I:.*]] =
  // CHECK-NOT: %[[SCALE]]
  // CHECK: %[[ELEMENT:.*]] = memref.load %[[X]][%[[ROW]], %[[I]]]
  // CHECK: arith.divf %[[ELEMENT]], %[[ONCE]]
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %scale : memref<?x64xf32>, memref<?xf32>) outs(%y : memref<?x64xf32>) {
  ^bb0(%a: f32, %s: f32, %b: f32):
    %0 = arith.divf %a, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#nhwc = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#nchw = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// Rows become columns in tiles of 8 by 8, three times interleaved; what is left over goes by elements.
// CHECK-LABEL: func.func @transpose(
func.func @transpose(%x: memref<?x64x?xf32>, %y: memref<?x?x64xf32>) {
  // CHECK: scf.parallel
  // CHECK: scf.if
  // CHECK-COUNT-8: vector.load {{.*}} vector<8xf32>
  // CHECK-COUNT-24: vector.shuffle {{.*}} vector<8xf32>, vector<8xf32>
  // CHECK-COUNT-8: vector.store {{.*}} vector<8xf32>
  // CHECK: memref.store
  // CHECK: } else {
  // CHECK: memref.store
  linalg.generic {indexing_maps = [#nchw, #nhwc], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : memref<?x64x?xf32>) outs(%y : memref<?x?x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}
