// RUN: qcc-opt %s --host-lower-reshapes | FileCheck %s

// Several unknown extents in one group, which upstream's expansion cannot do.
// CHECK-LABEL: func.func @expand(
func.func @expand(%x: memref<?xf32>, %a: index, %b: index) -> memref<?x?xf32> {
  // CHECK-NOT: memref.expand_shape
  // CHECK: builtin.unrealized_conversion_cast %{{.*}} to memref<?x?xf32>
  %0 = memref.expand_shape %x [[0, 1]] output_shape [%a, %b] : memref<?xf32> into memref<?x?xf32>
  return %0 : memref<?x?xf32>
}

// What is not dense is left to upstream.
// CHECK-LABEL: func.func @strided(
func.func @strided(%x: memref<4x8xf32, strided<[16, 1]>>) -> memref<2x2x8xf32, strided<[32, 16, 1]>> {
  // CHECK: memref.expand_shape
  %0 = memref.expand_shape %x [[0, 1], [2]] output_shape [2, 2, 8]
      : memref<4x8xf32, strided<[16, 1]>> into memref<2x2x8xf32, strided<[32, 16, 1]>>
  return %0 : memref<2x2x8xf32, strided<[32, 16, 1]>>
}
