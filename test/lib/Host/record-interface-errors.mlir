// RUN: qcc-opt %s --host-record-interface --verify-diagnostics

// expected-error @+1 {{has no function @main, which is the model}}
module {
  func.func @other() { return }
}
