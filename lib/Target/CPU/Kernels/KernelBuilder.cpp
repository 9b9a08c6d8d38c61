#include "lib/Target/CPU/Kernels/KernelBuilder.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc::cpu;

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, getLoc(), value);
}

// Offsets that do not wrap can be folded into addresses.
static constexpr auto kNoWrap = arith::IntegerOverflowFlags::nsw;

Value KernelBuilder::add(Value a, Value b) {
  if (isZeroInteger(a))
    return b;
  if (isZeroInteger(b))
    return a;
  return createOrFold<arith::AddIOp>(a, b, kNoWrap);
}

Value KernelBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b, kNoWrap);
}

Value KernelBuilder::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b, kNoWrap);
}

Value KernelBuilder::div(Value a, Value b) {
  return createOrFold<arith::DivUIOp>(a, b);
}

Value KernelBuilder::rem(Value a, Value b) {
  return createOrFold<arith::RemUIOp>(a, b);
}

Value KernelBuilder::ceilDiv(Value a, int64_t b) {
  return div(add(a, b - 1), index(b));
}

Value KernelBuilder::min(Value a, Value b) {
  return createOrFold<arith::MinSIOp>(a, b);
}

VectorType KernelBuilder::vectorOf(int64_t lanes, Type element) {
  return VectorType::get(lanes, element);
}

Value KernelBuilder::splat(TypedAttr value, int64_t lanes) {
  auto type = vectorOf(lanes, value.getType());
  return arith::ConstantOp::create(*this, getLoc(),
                                   DenseElementsAttr::get(type, value));
}

Value KernelBuilder::zeros(VectorType type) {
  return arith::ConstantOp::create(*this, getLoc(), getZeroAttr(type));
}

Value KernelBuilder::loadScalar(Value memory, Value at) {
  return memref::LoadOp::create(*this, getLoc(), memory, at);
}

Value KernelBuilder::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(*this, getLoc(),
                                     vectorOf(lanes, scalar.getType()), scalar);
}

/// Calls `part` for the parts of powers of two, largest first, that make up
/// the first `used` lanes.
static void forEachPart(int64_t lanes, int64_t used,
                        llvm::function_ref<void(int64_t, int64_t)> part) {
  int64_t offset = 0;
  for (int64_t size = lanes; size >= 1; size /= 2)
    while (used - offset >= size) {
      part(offset, size);
      offset += size;
    }
}

Value KernelBuilder::load(Value memory, Value at, int64_t lanes, int64_t used) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  if (used == lanes)
    return vector::LoadOp::create(*this, getLoc(), vectorOf(lanes, element),
                                  memory, at);
  Value result = zeros(vectorOf(lanes, element));
  forEachPart(lanes, used, [&](int64_t offset, int64_t size) {
    Value part = vector::LoadOp::create(
        *this, getLoc(), vectorOf(size, element), memory, add(at, offset));
    result = vector::InsertStridedSliceOp::create(*this, getLoc(), part, result,
                                                  ArrayRef<int64_t>(offset),
                                                  ArrayRef<int64_t>(1));
  });
  return result;
}

void KernelBuilder::store(Value vector, Value memory, Value at, int64_t used) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (used == lanes) {
    vector::StoreOp::create(*this, getLoc(), vector, memory, at);
    return;
  }
  forEachPart(lanes, used, [&](int64_t offset, int64_t size) {
    Value part = vector::ExtractStridedSliceOp::create(
        *this, getLoc(), vector, ArrayRef<int64_t>(offset),
        ArrayRef<int64_t>(size), ArrayRef<int64_t>(1));
    vector::StoreOp::create(*this, getLoc(), part, memory, add(at, offset));
  });
}

void KernelBuilder::prefetch(Value memory, Value at, int64_t elements,
                             bool isSoon) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  int64_t line = lineBytes * 8 / element.getIntOrFloatBitWidth();
  for (int64_t i = 0; i < elements; i += line)
    memref::PrefetchOp::create(*this, getLoc(), memory, ValueRange(add(at, i)),
                               /*isWrite=*/false,
                               /*localityHint=*/isSoon ? 3 : 2,
                               /*isDataCache=*/true);
}

Value KernelBuilder::bitcast(Value vector, VectorType type) {
  return vector::BitCastOp::create(*this, getLoc(), type, vector);
}

KernelBuilder::Values KernelBuilder::loop(Value from, Value to, int64_t step,
                                          ValueRange inits, Body body) {
  auto loop = scf::ForOp::create(*this, getLoc(), from, to, index(step), inits);
  {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    // Without carried values the builder has made the terminator.
    if (!inits.empty())
      scf::YieldOp::create(*this, getLoc(), next);
  }
  return Values(loop.getResults());
}

void KernelBuilder::loop(Value from, Value to, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  loop(from, to, step, {}, [&](Value i, ValueRange) {
    body(i);
    return Values();
  });
}

bool qcc::cpu::givesTileBack(int64_t count, int64_t over) {
  return count > kRestRows && count < 2 * kRestRows && over > 0 &&
         over < kRestRows && (count + over) % kRestRows < over;
}

/// How many of `left` rows whole tiles of `count` take.
static Value getWholeRows(KernelBuilder &b, Value left, int64_t count) {
  Value over = b.rem(left, b.index(count));
  Value whole = b.sub(left, over);
  Value less = b.sub(whole, b.index(count));
  for (int64_t rows = 1; rows < kRestRows; ++rows) {
    if (!givesTileBack(count, rows))
      continue;
    Value isOver = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, over,
                                                 b.index(rows));
    whole = b.createOrFold<arith::SelectOp>(isOver, less, whole);
  }
  return b.createOrFold<arith::MaxSIOp>(whole, b.index(0));
}

void KernelBuilder::forEachTile(Value from, Value to, int64_t count,
                                ValueRange inits, TileBody body) {
  Values carried(inits);
  for (;; count = count > kRestRows ? kRestRows : 1) {
    Value end = add(from, getWholeRows(*this, sub(to, from), count));
    carried = loop(from, end, count, carried, [&](Value first, ValueRange now) {
      Values rows;
      for (int64_t i = 0; i < count; ++i)
        rows.push_back(add(first, i));
      return body(rows, now);
    });
    from = end;
    if (count == 1)
      return;
  }
}

void KernelBuilder::forEachTile(
    Value from, Value to, int64_t count,
    llvm::function_ref<void(ArrayRef<Value>)> body) {
  forEachTile(from, to, count, {}, [&](ArrayRef<Value> rows, ValueRange) {
    body(rows);
    return Values();
  });
}

Value KernelBuilder::allocate(int64_t elements, Type type) {
  constexpr int64_t alignment = 64;
  return memref::AllocaOp::create(*this, getLoc(),
                                  MemRefType::get({elements}, type),
                                  getI64IntegerAttr(alignment));
}
