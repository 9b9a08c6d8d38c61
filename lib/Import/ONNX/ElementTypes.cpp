#include "lib/Import/ONNX/ElementTypes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace qcc::importer;

// Fields of TensorProto.
constexpr unsigned floatData = 4, int32Data = 5, int64Data = 7, doubleData = 10,
                   uint64Data = 11;

ElementType qcc::importer::getElementType(int32_t dataType,
                                          MLIRContext *context) {
  Builder b(context);
  auto unsignedType = [&](unsigned bits) {
    return IntegerType::get(context, bits, IntegerType::Unsigned);
  };
  switch (dataType) {
  case 1:
    return {"FLOAT", b.getF32Type(), 32, floatData};
  case 2:
    return {"UINT8", unsignedType(8), 8, int32Data};
  case 3:
    return {"INT8", b.getI8Type(), 8, int32Data};
  case 4:
    return {"UINT16", unsignedType(16), 16, int32Data};
  case 5:
    return {"INT16", b.getI16Type(), 16, int32Data};
  case 6:
    return {"INT32", b.getI32Type(), 32, int32Data};
  case 7:
    return {"INT64", b.getI64Type(), 64, int64Data};
  case 8:
    return {"STRING", {}};
  case 9:
    return {"BOOL", b.getI1Type(), 8, int32Data};
  case 10:
    return {"FLOAT16", b.getF16Type(), 16, int32Data};
  case 11:
    return {"DOUBLE", b.getF64Type(), 64, doubleData};
  case 12:
    return {"UINT32", unsignedType(32), 32, uint64Data};
  case 13:
    return {"UINT64", unsignedType(64), 64, uint64Data};
  case 14:
    return {"COMPLEX64", {}};
  case 15:
    return {"COMPLEX128", {}};
  case 16:
    return {"BFLOAT16", b.getBF16Type(), 16, int32Data};
  case 17:
    return {"FLOAT8E4M3FN", b.getType<Float8E4M3FNType>(), 8, int32Data};
  case 18:
    return {"FLOAT8E4M3FNUZ", b.getType<Float8E4M3FNUZType>(), 8, int32Data};
  case 19:
    return {"FLOAT8E5M2", b.getType<Float8E5M2Type>(), 8, int32Data};
  case 20:
    return {"FLOAT8E5M2FNUZ", b.getType<Float8E5M2FNUZType>(), 8, int32Data};
  case 21:
    return {"UINT4", unsignedType(4), 4, int32Data, 2};
  case 22:
    return {"INT4", b.getIntegerType(4), 4, int32Data, 2};
  case 23:
    return {"FLOAT4E2M1", b.getType<Float4E2M1FNType>(), 4, int32Data, 2};
  case 24:
    return {"FLOAT8E8M0", b.getType<Float8E8M0FNUType>(), 8, int32Data};
  case 25:
    return {"UINT2", unsignedType(2), 2, int32Data, 4};
  case 26:
    return {"INT2", b.getIntegerType(2), 2, int32Data, 4};
  case 27:
    return {"FLOAT6E2M3", b.getType<Float6E2M3FNType>(), 6, int32Data};
  case 28:
    return {"FLOAT6E3M2", b.getType<Float6E3M2FNType>(), 6, int32Data};
  default:
    return {};
  }
}
