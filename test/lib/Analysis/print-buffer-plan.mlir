// RUN: qcc-opt %s --analysis-print-buffer-plan --verify-diagnostics --split-input-file -o /dev/null

// The example of Passes.td.
// expected-remark @+1 {{plan of 512 bytes, of which 512 are alive at once}}
func.func @straight(%x: memref<64xf32>) {
  // expected-remark @+1 {{256 bytes, alive in 0 to 3, at 0}}
  %a = memref.alloc() : memref<64xf32>
  memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  // expected-remark @+1 {{256 bytes, alive in 2 to 3, at 256}}
  %b = memref.alloc() : memref<64xf32>
  memref.copy %a, %b : memref<64xf32> to memref<64xf32>
  return
}

// -----

// What is made in the body shares places there; what is read in it outlives it.
// expected-remark @+1 {{plan of 512 bytes, of which 512 are alive at once}}
func.func @loop(%x: memref<64xf32>, %lo: index, %hi: index) {
  // expected-remark @+1 {{256 bytes, alive in 0 to 11}}
  %a = memref.alloc() : memref<64xf32>
  memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  scf.for %i = %lo to %hi step %hi {
    // expected-remark @+1 {{256 bytes, alive in 3 to 5}}
    %b = memref.alloc() : memref<64xf32>
    memref.copy %a, %b : memref<64xf32> to memref<64xf32>
    memref.copy %b, %x : memref<64xf32> to memref<64xf32>
    // expected-remark @+1 {{256 bytes, alive in 6 to 9}}
    %c = memref.alloc() : memref<64xf32>
    memref.copy %x, %c : memref<64xf32> to memref<64xf32>
    %v = memref.cast %c : memref<64xf32> to memref<?xf32>
    memref.copy %v, %x : memref<?xf32> to memref<64xf32>
  }
  return
}

// -----

// The branches share a place, and what they yield lives on.
// expected-remark @+1 {{plan of 256 bytes, of which 256 are alive at once}}
func.func @branches(%x: memref<64xf32>, %if: i1) {
  scf.if %if {
    // expected-remark @+1 {{256 bytes, alive in 1 to 2, at 0}}
    %a = memref.alloc() : memref<64xf32>
    memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  } else {
    // expected-remark @+1 {{256 bytes, alive in 4 to 5, at 0}}
    %b = memref.alloc() : memref<64xf32>
    memref.copy %x, %b : memref<64xf32> to memref<64xf32>
  }
  return
}

// -----

// expected-remark @+1 {{plan of 256 bytes, of which 256 are alive at once}}
func.func @yielded(%x: memref<64xf32>, %if: i1) {
  %y = scf.if %if -> memref<64xf32> {
    // expected-remark @+1 {{256 bytes, alive in 1 to 5, at 0}}
    %a = memref.alloc() : memref<64xf32>
    scf.yield %a : memref<64xf32>
  } else {
    scf.yield %x : memref<64xf32>
  }
  memref.copy %y, %x : memref<64xf32> to memref<64xf32>
  return
}

// -----

// Read while the next one is made.
func.func @carried(%x: memref<64xf32>, %lo: index, %hi: index) {
  %y = scf.for %i = %lo to %hi step %hi iter_args(%last = %x) -> memref<64xf32> {
    // expected-remark @+1 {{is carried to the next iteration: no one place}}
    %a = memref.alloc() : memref<64xf32>
    memref.copy %last, %a : memref<64xf32> to memref<64xf32>
    scf.yield %a : memref<64xf32>
  }
  memref.copy %y, %x : memref<64xf32> to memref<64xf32>
  return
}

// -----

// What is handed to a loop lives as long as its result.
// expected-remark @+1 {{plan of 512 bytes, of which 512 are alive at once}}
func.func @handed(%x: memref<64xf32>, %lo: index, %hi: index, %if: i1) {
  // expected-remark @+1 {{256 bytes, alive in 0 to 9}}
  %a = memref.alloc() : memref<64xf32>
  %y = scf.while (%w = %a) : (memref<64xf32>) -> memref<64xf32> {
    scf.condition(%if) %w : memref<64xf32>
  } do {
  ^bb0(%w: memref<64xf32>):
    // expected-remark @+1 {{256 bytes, alive in 3 to 5}}
    %b = memref.alloc() : memref<64xf32>
    memref.copy %w, %b : memref<64xf32> to memref<64xf32>
    memref.copy %b, %x : memref<64xf32> to memref<64xf32>
    scf.yield %w : memref<64xf32>
  }
  // expected-remark @+1 {{256 bytes, alive in 8 to 9}}
  %c = memref.alloc() : memref<64xf32>
  memref.copy %y, %c : memref<64xf32> to memref<64xf32>
  return
}

// -----

// Of dynamic extents, one number for each guess.
// expected-remark @+1 {{plan of 512|128|4096 bytes, of which 512|128|4096 are alive at once}}
func.func @dynamic(%x: memref<?xf32>, %n: index) {
  // expected-remark @+1 {{256|64|2048 bytes, alive in 0 to 3}}
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  // expected-remark @+1 {{256|64|2048 bytes, alive in 2 to 3}}
  %b = memref.alloc(%n) : memref<?xf32>
  memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  return
}

// -----

// Who asks for an extent does not touch the memory.
// expected-remark @+1 {{plan of 256|64|2048 bytes, of which 256|64|2048 are alive at once}}
func.func @extent(%x: memref<?xf32>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  // expected-remark @+1 {{256|64|2048 bytes, alive in 1 to 2}}
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  // expected-remark @+1 {{256|64|2048 bytes, alive in 3 to 4}}
  %b = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %b : memref<?xf32> to memref<?xf32>
  %d = memref.dim %a, %c0 : memref<?xf32>
  return %d : index
}
