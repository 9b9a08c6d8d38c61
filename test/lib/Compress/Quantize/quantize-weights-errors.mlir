// RUN: qcc-opt %s -qnn-quantize-weights=format=int9 -split-input-file -verify-diagnostics

// expected-error@+1 {{format 'int9': unknown codec 'int9'; known are int2, int3, int4}}
module {}
