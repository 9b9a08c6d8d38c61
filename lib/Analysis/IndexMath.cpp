#include "lib/Analysis/IndexMath.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace qcc::analysis;

namespace {
enum Opcode : unsigned {
  Add,
  Sub,
  Mul,
  Div,
  CeilDiv,
  Rem,
  Min,
  Max,
  Equal,
  Less,
  Select,
  Constant
};
} // namespace

IndexMath::Scope::~Scope() {
  for (; math.log.size() > mark; math.log.pop_back())
    math.known.erase(math.log.back());
}

static void *getKey(OpFoldResult value) { return value.getOpaqueValue(); }

Value IndexMath::materialize(OpFoldResult value) {
  if (auto known = dyn_cast<Value>(value))
    return known;
  Key key{Constant, getKey(value), nullptr, nullptr};
  Value &result = known[key];
  if (!result) {
    log.push_back(key);
    result = arith::ConstantOp::create(builder, builder.getUnknownLoc(),
                                       cast<TypedAttr>(cast<Attribute>(value)));
  }
  return result;
}

SmallVector<Value> IndexMath::materialize(ArrayRef<OpFoldResult> values) {
  SmallVector<Value> results;
  for (OpFoldResult value : values)
    results.push_back(materialize(value));
  return results;
}

template <typename OpT, typename... Args>
OpFoldResult IndexMath::build(unsigned opcode, OpFoldResult a, OpFoldResult b,
                              Args... args) {
  Key key{opcode, getKey(a), getKey(b), nullptr};
  auto found = known.find(key);
  if (found != known.end())
    return found->second;
  Value lhs = materialize(a), rhs = materialize(b);
  Value result =
      OpT::create(builder, builder.getUnknownLoc(), args..., lhs, rhs);
  known[key] = result;
  log.push_back(key);
  return result;
}

OpFoldResult IndexMath::add(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(int64_t(uint64_t(*x) + uint64_t(*y)));
  if (x)
    std::swap(a, b), std::swap(x, y);
  if (y == 0)
    return a;
  // (v + c) + y, so that what a window adds and takes away cancels.
  if (y)
    if (auto inner = cast<Value>(a).getDefiningOp<arith::AddIOp>())
      if (std::optional<int64_t> c = getConstantIntValue(inner.getRhs()))
        return add(inner.getLhs(), constant(*c + *y));
  return build<arith::AddIOp>(Add, a, b);
}

OpFoldResult IndexMath::sub(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(int64_t(uint64_t(*x) - uint64_t(*y)));
  if (isSame(a, b))
    return constant(0);
  if (y)
    return add(a, constant(-*y));
  return build<arith::SubIOp>(Sub, a, b);
}

OpFoldResult IndexMath::mul(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(int64_t(uint64_t(*x) * uint64_t(*y)));
  if (x)
    std::swap(a, b), std::swap(x, y);
  if (y == 1)
    return a;
  if (y == 0)
    return constant(0);
  return build<arith::MulIOp>(Mul, a, b);
}

OpFoldResult IndexMath::div(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  assert(y != 0 && "division by a constant zero");
  if (x && y && !(*y == -1 && *x == INT64_MIN))
    return constant(*x / *y);
  if (y == 1)
    return a;
  return build<arith::DivSIOp>(Div, a, b);
}

OpFoldResult IndexMath::ceilDiv(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  assert(y != 0 && "division by a constant zero");
  if (x && y)
    return constant(llvm::divideCeilSigned(*x, *y));
  if (y == 1)
    return a;
  return build<arith::CeilDivSIOp>(CeilDiv, a, b);
}

OpFoldResult IndexMath::rem(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  assert(y != 0 && "division by a constant zero");
  if (x && y && *y != -1)
    return constant(*x % *y);
  return build<arith::RemSIOp>(Rem, a, b);
}

OpFoldResult IndexMath::min(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(std::min(*x, *y));
  if (isSame(a, b))
    return a;
  // Of extents, as most are.
  if ((x == 0 && isNonNegative(b)) || (y == 0 && isNonNegative(a)))
    return constant(0);
  return build<arith::MinSIOp>(Min, a, b);
}

OpFoldResult IndexMath::max(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(std::max(*x, *y));
  if (isSame(a, b))
    return a;
  if (x && *x <= 0 && isNonNegative(b))
    return b;
  if (y && *y <= 0 && isNonNegative(a))
    return a;
  return build<arith::MaxSIOp>(Max, a, b);
}

OpFoldResult IndexMath::equal(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (isSame(a, b))
    return builder.getBoolAttr(true);
  if ((x && y) || (x && *x < 0 && isNonNegative(b)) ||
      (y && *y < 0 && isNonNegative(a)))
    return builder.getBoolAttr(false);
  return build<arith::CmpIOp>(Equal, a, b, arith::CmpIPredicate::eq);
}

OpFoldResult IndexMath::less(OpFoldResult a, OpFoldResult b) {
  auto x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return builder.getBoolAttr(*x < *y);
  if (isSame(a, b) || (y && *y <= 0 && isNonNegative(a)))
    return builder.getBoolAttr(false);
  if (x && *x < 0 && isNonNegative(b))
    return builder.getBoolAttr(true);
  return build<arith::CmpIOp>(Less, a, b, arith::CmpIPredicate::slt);
}

OpFoldResult IndexMath::select(OpFoldResult condition, OpFoldResult a,
                               OpFoldResult b) {
  if (std::optional<int64_t> known = getConstantIntValue(condition))
    return *known ? a : b;
  if (isSame(a, b))
    return a;
  Key key{Select, getKey(condition), getKey(a), getKey(b)};
  auto found = known.find(key);
  if (found != known.end())
    return found->second;
  Value lhs = materialize(a), rhs = materialize(b);
  Value result = arith::SelectOp::create(builder, builder.getUnknownLoc(),
                                         cast<Value>(condition), lhs, rhs);
  known[key] = result;
  log.push_back(key);
  return result;
}

OpFoldResult IndexMath::product(ArrayRef<OpFoldResult> factors) {
  OpFoldResult result = constant(1);
  for (OpFoldResult factor : factors)
    result = mul(result, factor);
  return result;
}

/// Adds the factors of `value` to `coefficient` and `factors`.
static void collectFactors(OpFoldResult value, int64_t &coefficient,
                           SmallVectorImpl<Value> &factors,
                           unsigned depth = 0) {
  if (std::optional<int64_t> number = getConstantIntValue(value)) {
    coefficient *= *number;
    return;
  }
  auto multiply = cast<Value>(value).getDefiningOp<arith::MulIOp>();
  if (!multiply || depth > 16) {
    factors.push_back(cast<Value>(value));
    return;
  }
  collectFactors(multiply.getLhs(), coefficient, factors, depth + 1);
  collectFactors(multiply.getRhs(), coefficient, factors, depth + 1);
}

OpFoldResult IndexMath::exactDiv(ArrayRef<OpFoldResult> numerator,
                                 ArrayRef<OpFoldResult> denominator) {
  int64_t up = 1, down = 1;
  SmallVector<Value> upFactors, downFactors;
  for (OpFoldResult value : numerator)
    collectFactors(value, up, upFactors);
  for (OpFoldResult value : denominator)
    collectFactors(value, down, downFactors);
  // Where a factor that cancels is zero, so are both products, and any quotient
  // is right.
  for (Value &factor : downFactors) {
    auto *match = llvm::find(upFactors, factor);
    if (match == upFactors.end())
      continue;
    upFactors.erase(match);
    factor = nullptr;
  }
  llvm::erase(downFactors, Value());
  if (int64_t divisor = std::gcd(up, down)) {
    up /= divisor;
    down /= divisor;
  }
  SmallVector<OpFoldResult> ups(upFactors.begin(), upFactors.end());
  SmallVector<OpFoldResult> downs(downFactors.begin(), downFactors.end());
  OpFoldResult top = mul(product(ups), constant(up));
  OpFoldResult bottom = mul(product(downs), constant(down));
  if (isConstant(bottom, 0))
    return constant(0);
  return div(top, bottom);
}

bool IndexMath::isSameProduct(ArrayRef<OpFoldResult> a,
                              ArrayRef<OpFoldResult> b) {
  int64_t x = 1, y = 1;
  SmallVector<Value> xs, ys;
  for (OpFoldResult value : a)
    collectFactors(value, x, xs);
  for (OpFoldResult value : b)
    collectFactors(value, y, ys);
  auto before = [](Value p, Value q) {
    return p.getAsOpaquePointer() < q.getAsOpaquePointer();
  };
  llvm::sort(xs, before);
  llvm::sort(ys, before);
  return x == y && xs == ys;
}

bool IndexMath::isSame(OpFoldResult a, OpFoldResult b) {
  return isEqualConstantIntOrValue(a, b);
}

void IndexMath::setExtent(OpFoldResult value) {
  if (auto known = dyn_cast<Value>(value))
    extents.insert(known);
}

bool IndexMath::isExtent(OpFoldResult value) const {
  auto known = dyn_cast<Value>(value);
  return known &&
         (extents.contains(known) ||
          isa_and_present<tensor::DimOp, qnn::DimOp>(known.getDefiningOp()));
}

bool IndexMath::isNonNegative(OpFoldResult value, unsigned depth) const {
  if (std::optional<int64_t> number = getConstantIntValue(value))
    return *number >= 0;
  if (extents.contains(cast<Value>(value)))
    return true;
  Operation *op = cast<Value>(value).getDefiningOp();
  if (!op || depth > 8)
    return false;
  if (isa<tensor::DimOp, qnn::DimOp>(op))
    return true;
  if (isa<arith::AddIOp, arith::MulIOp, arith::DivSIOp, arith::CeilDivSIOp,
          arith::MinSIOp>(op))
    return isNonNegative(op->getOperand(0), depth + 1) &&
           isNonNegative(op->getOperand(1), depth + 1);
  if (isa<arith::MaxSIOp>(op))
    return isNonNegative(op->getOperand(0), depth + 1) ||
           isNonNegative(op->getOperand(1), depth + 1);
  if (isa<arith::SelectOp>(op))
    return isNonNegative(op->getOperand(1), depth + 1) &&
           isNonNegative(op->getOperand(2), depth + 1);
  return false;
}
