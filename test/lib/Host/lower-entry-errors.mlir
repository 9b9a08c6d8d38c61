// RUN: qcc-opt %s --host-lower-entry --split-input-file --verify-diagnostics

// expected-error @+1 {{has no function @main, which is the model}}
module {
  func.func @other() { return }
}

// -----

// expected-error @+1 {{main returns 'index' as result 0; results of a model are tensors}}
func.func @main() -> index {
  %x = arith.constant 0 : index
  return %x : index
}

// -----

// expected-error @+1 {{main takes 'index' as input 0; inputs of a model are tensors}}
func.func @main(%x: index) {
  return
}

// -----

// expected-error @+1 {{main has control flow between blocks; the importer makes scf.if of it}}
func.func @main(%x: memref<4xf32>) -> memref<4xf32> {
  cf.br ^next
^next:
  return %x : memref<4xf32>
}
