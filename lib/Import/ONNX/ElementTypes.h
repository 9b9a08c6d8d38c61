// The element types of ONNX's schema.

#ifndef LIB_IMPORT_ONNX_ELEMENTTYPES_H
#define LIB_IMPORT_ONNX_ELEMENTTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace qcc::importer {

struct ElementType {
  /// As the schema calls it: "FLOAT".
  llvm::StringRef name;
  /// Null when qcc has no such values: strings and complex numbers.
  mlir::Type type;
  /// Of one element in raw_data.
  unsigned bits = 0;
  /// The field of TensorProto that holds elements where raw_data does not.
  unsigned field = 0;
  /// Elements in one entry of that field: 4- and 2-bit numbers share bytes.
  unsigned perEntry = 1;
};

/// The name is empty when `dataType` is no TensorProto.DataType.
ElementType getElementType(int32_t dataType, mlir::MLIRContext *context);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_ELEMENTTYPES_H
