// RUN: qcc-opt %s -qnn-verify-kernels -verify-diagnostics

// Tiles that would overflow the stack, or that the kernel's code cannot do.

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "x86-64-v3">} {
  func.func @tiles(%x: tensor<4x64xf32>) {
    %codes = arith.constant dense<7> : tensor<8x64xi8>
    %scale = arith.constant dense<0.5> : tensor<f32>
    %w = qnn.wrap %codes, %scale : (tensor<8x64xi8>, tensor<f32>) -> !qnn.tensor<8x64xf32, int8, tensor<f32>, dense>
    %d = qnn.decode %w : (!qnn.tensor<8x64xf32, int8, tensor<f32>, dense>) -> tensor<8x64xf32>
    // expected-error @below {{decodes 12 elements of the sum at once, which must be a positive multiple of 8 and of the steps that are unrolled}}
    %0 = qnn.matmul %x, %d {transpose_b, kernel = #qnn.kernel<"blocked_f32dec_avx2", acc = f32, tile = [6, 1, 8, 4, 96, 12], packing = <[[0, 0], [1, 0], [2, 0], [3, 0], [0, 8]]>>} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    // expected-error @below {{needs more memory than a thread has: at most 131072 bytes of decoded weights and 65536 of sums}}
    %1 = qnn.matmul %x, %d {transpose_b, kernel = #qnn.kernel<"blocked_f32dec_avx2", acc = f32, tile = [6, 1, 8, 4, 96, 65536], packing = <[[0, 0], [1, 0], [2, 0], [3, 0], [0, 8]]>>} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    // expected-error @below {{has vectors of 16 lanes, where its instructions have 8}}
    %2 = qnn.matmul %x, %d {transpose_b, kernel = #qnn.kernel<"blocked_f32dec_avx2", acc = f32, tile = [6, 1, 16, 4, 96, 64], packing = <[[0, 0], [1, 0], [2, 0], [3, 0], [0, 16]]>>} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    return
  }
}
