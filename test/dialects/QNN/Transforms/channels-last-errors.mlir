// RUN: qcc-opt --load-dialect-plugin=%toy_target %s -qnn-channels-last -split-input-file -verify-diagnostics

// expected-error @below {{has no target: give the module an attribute qnn.target = #qnn.target<NAME>}}
module {
}

// -----

// expected-error @below {{unknown target 'gpu'; known are}}
module attributes {qnn.target = #qnn.target<"gpu">} {
}

// -----

// expected-error @below {{the toy has no machine 'big'}}
module attributes {qnn.target = #qnn.target<"toy", machine = "big">} {
}
