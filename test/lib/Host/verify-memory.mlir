// RUN: qcc-opt %s --pass-pipeline='builtin.module(host-verify-memory{allow-allocs=true})' | FileCheck %s

// CHECK: memref.alloc() {qcc.decoded_weights} : memref<16xf32>
func.func @main() {
  %0 = memref.alloc() {qcc.decoded_weights} : memref<16xf32>
  return
}
