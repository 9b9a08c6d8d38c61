// RUN: qcc-opt %s --host-verify-memory --split-input-file --verify-diagnostics

func.func @decoded() {
  // expected-error @+2 {{holds 524288 bytes of decoded weights, more than 262144}}
  // expected-error @+1 {{is left over after the arena was planned}}
  %0 = memref.alloc() {qcc.decoded_weights} : memref<512x256xf32>
  return
}

// -----

func.func @unknown(%n: index) {
  // expected-error @+2 {{holds decoded weights of unknown size}}
  // expected-error @+1 {{is left over after the arena was planned}}
  %0 = memref.alloc(%n) {qcc.decoded_weights} : memref<?xf32>
  return
}
