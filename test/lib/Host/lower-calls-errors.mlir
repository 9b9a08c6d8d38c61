// RUN: qcc-opt %s --host-lower-calls --verify-diagnostics

// expected-error @+1 {{has no function @qccgen_main; run host-lower-entry before}}
module {
  func.func @main() { return }
}
