// RUN: qcc-opt %s -qnn-quantize-activations=format=int8 -verify-diagnostics

// expected-error@+1 {{format 'int8': activations in this format are not built yet; known is 'int8:dynamic:token'}}
module {}
