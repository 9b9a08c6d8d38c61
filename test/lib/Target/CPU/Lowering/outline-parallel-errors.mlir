// RUN: qcc-opt %s --cpu-outline-parallel --verify-diagnostics

// expected-error @+1 {{has no function @qccgen_main; run cpu-lower-entry before this pass}}
module {
  func.func @main() { return }
}
