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

// -----

func.func @product_of_codes(%x: memref<?x32xf32>, %w: memref<32x?xf32>, %y: memref<?x?xi32>) {
  // expected-error @+1 {{multiplies 'f32' and 'f32' with sums in 'i32', which kernel 'blocked_i16_avx2' does not}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<32x?xf32>) outs(%y : memref<?x?xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed,
        kernel = #qnn.kernel<"blocked_i16_avx2", acc = i32, tile = [6, 2, 8, 4, 96, 256]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  }
  return
}

// -----

func.func @product_by_outputs(%x: memref<?x32xf32>, %w: memref<?x32xf32>, %y: memref<?x?xf32>) {
  // expected-error @+1 {{is no product of matrices [M, C] and [C, K], which is all that kernel 'blocked_f32_avx2' does}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<?x32xf32>) outs(%y : memref<?x?xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"blocked_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 256]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @product_without_buffer(%x: memref<?x32xf32>, %w: memref<32x?xf32>, %y: memref<?x?xf32>) {
  // expected-error @+1 {{has a tile without the length of a buffer, its last element}}
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<32x?xf32>) outs(%y : memref<?x?xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed,
        kernel = #qnn.kernel<"blocked_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @product_strided(%x: memref<?x32xf32, strided<[64, 2]>>, %w: memref<32x?xf32>, %y: memref<?x?xf32>) {
  // expected-error @+1 {{needs memory with rows side by side, got}}
  qnn.contract ins(%x, %w : memref<?x32xf32, strided<[64, 2]>>, memref<32x?xf32>) outs(%y : memref<?x?xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed,
        kernel = #qnn.kernel<"blocked_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 256]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @part_of_a_batch(%x: memref<4x2x32xf32>, %w: memref<1000xf32>, %y: memref<4x2x32xf32>) {
  // expected-error @+1 {{needs a stream of whole packed matrices of 4096 bytes, got 'memref<1000xf32>'}}
  qnn.contract ins(%x, %w : memref<4x2x32xf32>, memref<1000xf32>) outs(%y : memref<4x2x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

func.func @long_sums_without_parts(%x: memref<?x32xi8>, %w: memref<1152xi8>, %y: memref<?x32xf32>) {
  // expected-error @+1 {{has sums in 64 bits, for which kernel 'direct_i8_avx2' needs the length of their parts, the last element of its tile}}
  qnn.contract ins(%x, %w : memref<?x32xi8>, memref<1152xi8>) outs(%y : memref<?x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        input_format = #qnn.format<int8, tensor<f32>, dense>, weights_format = #qnn.format<int8, tensor<f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avx2", acc = i64, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: i64):
      %0 = arith.sitofp %acc : i64 to f32
      qnn.yield %0 : f32
  }
  return
}
