// What the passes of this folder know about buffers, and about the runtime that
// they come from.

#ifndef LIB_HOST_MEMORY_H
#define LIB_HOST_MEMORY_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::host {

inline constexpr llvm::StringLiteral mainName = "qccgen_main";
/// Of an outlined loop: a function of (begin, end, captured values...).
inline constexpr llvm::StringLiteral parallelAttr = "qcc.parallel";
/// Of a call of one: iterations that are worth a thread.
inline constexpr llvm::StringLiteral grainAttr = "qcc.grain";
/// Of a parallel loop: scalar operations of one iteration.
inline constexpr llvm::StringLiteral workAttr = "qcc.work";
/// Of an allocation: decoded weights lie in it.
inline constexpr llvm::StringLiteral decodedAttr = "qcc.decoded_weights";

/// The whole dense buffer of `type` at `pointer`; `sizes` are the dynamic
/// extents.
mlir::Value makeMemRef(mlir::ImplicitLocOpBuilder &builder, mlir::Value pointer,
                       mlir::MemRefType type, mlir::ValueRange sizes);

/// Address of a dense buffer's first element.
mlir::Value getPointer(mlir::ImplicitLocOpBuilder &builder, mlir::Value memref);

/// The buffer of which `memref` is a view or a part.
mlir::Value getRoot(mlir::Value memref);

/// Whether no other root overlaps this one while both are in use.
bool isWholeBuffer(mlir::Value root);

/// Moves the computation of `value` before `anchor`, if it is made of pure ops
/// on values that are there.
bool hoistBefore(mlir::Value value, mlir::Operation *anchor);
/// The same, without doing it.
bool canHoistBefore(mlir::Value value, mlir::Operation *anchor);

/// A call of the runtime, which is declared as needed.
mlir::Value callRuntime(mlir::ImplicitLocOpBuilder &builder,
                        llvm::StringRef name, mlir::Type result,
                        mlir::ValueRange arguments);

mlir::Value makeI32(mlir::ImplicitLocOpBuilder &builder, int64_t value);
mlir::Value makeI64(mlir::ImplicitLocOpBuilder &builder, int64_t value);
mlir::Value toI64(mlir::ImplicitLocOpBuilder &builder, mlir::Value index);
mlir::Value toIndex(mlir::ImplicitLocOpBuilder &builder, mlir::Value integer);

/// The model's function, once host-lower-entry has made it; else null.
mlir::func::FuncOp getMain(mlir::ModuleOp module);

} // namespace qcc::host

#endif // LIB_HOST_MEMORY_H
