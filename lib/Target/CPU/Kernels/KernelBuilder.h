// Builds the bodies of kernels: indices into flat memory, vectors, parts of
// vectors, loops that carry vectors.

#ifndef LIB_TARGET_CPU_KERNELS_KERNELBUILDER_H
#define LIB_TARGET_CPU_KERNELS_KERNELBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc::cpu {

/// Rows that tiles leave over are summed by tiles of so many, and one by one
/// where fewer are left, which reads all weights once for each of them: 14 x 14
/// pixels in tiles of 6 leave 4.
inline constexpr int64_t kRestRows = 4;

/// Whether one tile of `count` rows less is made where `over` rows are left
/// over: 8 rows are two smaller tiles, where 6 and 2 are a tile and two single
/// rows.
bool givesTileBack(int64_t count, int64_t over);

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;

  Value index(int64_t value);
  // Index arithmetic. Nothing here overflows: all are offsets into memory.
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, index(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return mul(a, index(b)); }
  Value div(Value a, Value b); ///< Of non-negative numbers.
  Value rem(Value a, Value b);
  Value ceilDiv(Value a, int64_t b);
  Value min(Value a, Value b);

  mlir::VectorType vectorOf(int64_t lanes, mlir::Type element);
  Value splat(mlir::TypedAttr value, int64_t lanes);
  Value zeros(mlir::VectorType type);

  Value loadScalar(Value memory, Value at);
  Value broadcast(Value scalar, int64_t lanes);
  /// `lanes` elements as a vector, of which only the first `used` are read; the
  /// others are zero. Nothing outside of them is touched.
  Value load(Value memory, Value at, int64_t lanes, int64_t used);
  Value load(Value memory, Value at, int64_t lanes) {
    return load(memory, at, lanes, lanes);
  }
  void store(Value vector, Value memory, Value at, int64_t used);
  static constexpr int64_t lineBytes = 64; ///< Of caches.
  /// Asks for the cache lines of `elements` elements from `at` on, which need
  /// not be there. `isSoon`: in the nearest cache, not only in the second.
  void prefetch(Value memory, Value at, int64_t elements, bool isSoon);
  Value bitcast(Value vector, mlir::VectorType type);

  using Body = llvm::function_ref<Values(Value, mlir::ValueRange)>;
  /// for i = from to to step step, carrying `inits`; the body's result is
  /// carried on. Returns the last.
  Values loop(Value from, Value to, int64_t step, mlir::ValueRange inits,
              Body body);
  void loop(Value from, Value to, int64_t step,
            llvm::function_ref<void(Value)> body);

  using TileBody =
      llvm::function_ref<Values(llvm::ArrayRef<Value>, mlir::ValueRange)>;
  /// Calls `body` for tiles of `count` rows each between `from` and `to`, then
  /// for a smaller tile and for each single row that is left; carries `inits`
  /// as loop() does.
  void forEachTile(Value from, Value to, int64_t count, mlir::ValueRange inits,
                   TileBody body);
  void forEachTile(Value from, Value to, int64_t count,
                   llvm::function_ref<void(llvm::ArrayRef<Value>)> body);

  /// Memory on the stack, for use where a function begins: a loop would grow
  /// the stack.
  Value allocate(int64_t elements, mlir::Type type);
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_KERNELBUILDER_H
