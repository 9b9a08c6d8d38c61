// Arithmetic on one element, inside the body of a loop.
//
// A number of element type T is held in its storage type; it is computed on in
// getComputeType(T): f32 for narrower floats, else the storage type. Integers
// of fewer than 8 bits are held sign- or zero-extended.

#ifndef LIB_CONVERSION_QNNTOLINALG_SCALAR_H
#define LIB_CONVERSION_QNNTOLINALG_SCALAR_H

#include "dialects/QNN/IR/Ops.h"
#include "lib/Conversion/QNNToLinalg/Emitter.h"

namespace qcc::conversion {

mlir::Type getComputeType(mlir::Type type);
bool isUnsigned(mlir::Type type);

/// From storage to the compute type and back, rounding once.
mlir::Value load(Emitter &emit, mlir::Value stored, mlir::Type type);
mlir::Value store(Emitter &emit, mlir::Value value, mlir::Type type);

// Of values in the compute type of `type`.
mlir::Value emitUnary(Emitter &emit, qnn::UnaryKind kind, mlir::Value x,
                      mlir::Type type);
mlir::Value emitTest(Emitter &emit, qnn::TestKind kind, mlir::Value x);
mlir::Value emitBinary(Emitter &emit, qnn::BinaryKind kind, mlir::Value x,
                       mlir::Value y, mlir::Type type);
mlir::Value emitCompare(Emitter &emit, qnn::CompareKind kind, mlir::Value x,
                        mlir::Value y, mlir::Type type);
/// x to the power y of another type, by repeated multiplication or math.powf.
mlir::Value emitPower(Emitter &emit, mlir::Value x, mlir::Type type,
                      mlir::Value y, mlir::Type exponent);

/// From storage to storage, as qnn.cast says.
mlir::Value emitCast(Emitter &emit, mlir::Value stored, mlir::Type from,
                     mlir::Type to, bool saturate, llvm::StringRef roundMode);

/// A float toward zero as an integer; defined for every float.
mlir::Value emitToInteger(Emitter &emit, mlir::Value x, mlir::Type to);

// Floats of 8 bits and fewer, in arithmetic of f32 and i32 (Minifloat.cpp).
mlir::Value decodeMinifloat(Emitter &emit, mlir::Value code,
                            mlir::FloatType type);
mlir::Value encodeMinifloat(Emitter &emit, mlir::Value x, mlir::FloatType type,
                            bool saturate, llvm::StringRef roundMode);

} // namespace qcc::conversion

#endif // LIB_CONVERSION_QNNTOLINALG_SCALAR_H
