// RUN: qcc-opt %s -split-input-file -cpu-expand-contract -verify-diagnostics

func.func @no_kernel(%x: memref<?x32xf32>, %w: memref<1024xf32>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{has no kernel; a decision pass (qnn-decide-kernels) must run before kernels are made}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<1024xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @unknown_kernel(%x: memref<?x32xf32>, %w: memref<1024xf32>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{the CPU has no kernel 'direct_f32_mmx': unknown instruction set 'mmx'; see docs/kernels.md}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<1024xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_mmx", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @short_tile(%x: memref<?x32xf32>, %w: memref<1024xf32>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{a tile has six elements, positive but for the last}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<1024xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @canonical_weights(%x: memref<?x32xf32>, %w: memref<32x1x1x32xf32>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{needs packed weights, one axis of 'f32' or bytes, got 'memref<32x1x1x32xf32>'}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<32x1x1x32xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @not_depthwise(%x: memref<1x9x9x8xf32>, %w: memref<72xf32>, %y: memref<1x7x7x8xf32>) {
  // expected-error @+1 {{is no depthwise convolution of images}}
  qnn.contract ins(%x, %w : memref<1x9x9x8xf32>, memref<72xf32>) outs(%y : memref<1x7x7x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 4 : i64,
        kernel = #qnn.kernel<"depthwise_f32_avx2", acc = f32, tile = [4, 1, 8, 1, 2, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @strided_channels(%x: memref<?x32xf32, strided<[64, 2]>>, %w: memref<1024xf32>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{needs an input with channels side by side, got}}
  qnn.contract ins(%x, %w : memref<?x32xf32, strided<[64, 2]>>, memref<1024xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @not_elementwise(%x: memref<?x32xf32>, %w: memref<1024xf32>, %t: memref<4xf32>, %i: index, %y: memref<?x32xf32>) {
  // expected-error @+1 {{has 'memref.load' in its region, which has no form for vectors}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<1024xf32>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      %0 = memref.load %t[%i] : memref<4xf32>
      %1 = arith.addf %acc, %0 : f32
      qnn.yield %1 : f32
  }
  return
}
