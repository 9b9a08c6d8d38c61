// The arithmetic of codecs as ops of the arith and math dialects.

#ifndef LIB_CONVERSION_CODECTOARITH_CODECTOARITH_H
#define LIB_CONVERSION_CODECTOARITH_CODECTOARITH_H

#include "lib/Formats/Codec.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::conversion {

/// Reads a table at an i32, or at each of a vector of them; only the caller
/// knows where tables lie.
using LookUp = llvm::function_ref<mlir::Value(llvm::ArrayRef<float> table,
                                              mlir::Value index)>;

/// The number, f32 or f64, of a code, an i32 below 2^bits; or a vector of
/// numbers of a vector of codes. `zeroPoint`, of the numbers' type, is null
/// where there is none. Of codecs that are not integers, numbers are f32.
mlir::Value emitDecode(mlir::ImplicitLocOpBuilder &b,
                       const formats::Codec &codec, mlir::Value code,
                       mlir::Value zeroPoint, mlir::Type number, LookUp lookUp);

/// The code, as an i32 of which the low bits are the code, of a number or a
/// vector of numbers. The zero point is f32 or f64.
mlir::Value emitEncode(mlir::ImplicitLocOpBuilder &b,
                       const formats::Codec &codec, mlir::Value number,
                       mlir::Value zeroPoint, LookUp lookUp);

} // namespace qcc::conversion

#endif // LIB_CONVERSION_CODECTOARITH_CODECTOARITH_H
