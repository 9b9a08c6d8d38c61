// RUN: qcc-opt %s --host-lower-constants --split-input-file --verify-diagnostics

// expected-error @+1 {{has no function @qccgen_main; run host-lower-entry before}}
module {
  func.func @main() { return }
}

// -----

memref.global "private" constant @a : memref<5000xi8> = dense<0>
func.func private @loop() {
  // expected-error @+1 {{is outside @qccgen_main, where the constants' address is not known}}
  %b = memref.get_global @a : memref<5000xi8>
  return
}
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %zero = arith.constant 0 : i32
  return %zero : i32
}
