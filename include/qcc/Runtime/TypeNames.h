// What messages and headers call the element types of DLPack.

#ifndef QCC_RUNTIME_TYPENAMES_H
#define QCC_RUNTIME_TYPENAMES_H

#include "qcc/Runtime/dlpack/dlpack.h"

#include <stddef.h>

/// The name of a type code. For codes below kDLBool the number of bits follows
/// it. NULL for what is no type of a model.
static inline const char *qccrt_get_code_name(uint8_t code) {
  switch (code) {
  case kDLInt:
    return "int";
  case kDLUInt:
    return "uint";
  case kDLFloat:
    return "float";
  case kDLBfloat:
    return "bfloat";
  case kDLComplex:
    return "complex";
  case kDLBool:
    return "bool";
  case kDLFloat8_e4m3fn:
    return "float8_e4m3fn";
  case kDLFloat8_e4m3fnuz:
    return "float8_e4m3fnuz";
  case kDLFloat8_e5m2:
    return "float8_e5m2";
  case kDLFloat8_e5m2fnuz:
    return "float8_e5m2fnuz";
  case kDLFloat8_e8m0fnu:
    return "float8_e8m0fnu";
  case kDLFloat6_e2m3fn:
    return "float6_e2m3fn";
  case kDLFloat6_e3m2fn:
    return "float6_e3m2fn";
  case kDLFloat4_e2m1fn:
    return "float4_e2m1fn";
  default:
    return NULL;
  }
}

#endif // QCC_RUNTIME_TYPENAMES_H
