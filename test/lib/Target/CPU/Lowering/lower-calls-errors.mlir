// RUN: qcc-opt %s --cpu-lower-calls --verify-diagnostics

// expected-error @+1 {{has no function @qccgen_main; run cpu-lower-entry before}}
module {
  func.func @main() { return }
}
