// Evaluates what depends on constants only. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Executor/Binding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_FOLDCONSTANTS
#include "dialects/QNN/Transforms/Passes.h.inc"

/// Results up to so many bytes are worth a constant even where their operands
/// take less: an iota, a small mask.
constexpr int64_t kSmallBytes = 64 << 10;
/// Values of a format that are decoded at compile time: biases, not weights.
constexpr int64_t kMaxDecoded = 4096;

/// Bytes that a constant of `type` takes; nothing for dynamic extents.
static std::optional<int64_t> getBytes(Type type) {
  if (auto formatted = dyn_cast<FormattedType>(type)) {
    int64_t total = 0;
    for (Type component : formatted.getComponentTypes()) {
      std::optional<int64_t> bytes = getBytes(component);
      if (!bytes)
        return std::nullopt;
      total += *bytes;
    }
    return total;
  }
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return 8;
  if (!shaped.hasStaticShape() ||
      !shaped.getElementType().isIntOrIndexOrFloat())
    return std::nullopt;
  Type element = shaped.getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return shaped.getNumElements() * llvm::divideCeil(bits, 8);
}

static std::optional<int64_t> getBytes(TypeRange types) {
  int64_t total = 0;
  for (Type type : types) {
    std::optional<int64_t> bytes = getBytes(type);
    if (!bytes)
      return std::nullopt;
    total += *bytes;
  }
  return total;
}

/// Whether `value` becomes the weights of a contraction, perhaps in another
/// shape: kernels decode those themselves.
static bool isWeights(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<MatmulOp, ConvOp>(user))
      return use.getOperandNumber() == 1;
    return isa<ReshapeOp, TransposeOp>(user) && isWeights(user->getResult(0));
  });
}

/// Whether the results of `op`, whose operands are known, should be constants.
static bool isWorthFolding(Operation *op) {
  if (auto decode = dyn_cast<DecodeOp>(op)) {
    auto type = decode.getType();
    return type.hasStaticShape() && type.getNumElements() < kMaxDecoded &&
           !isWeights(decode);
  }
  std::optional<int64_t> results = getBytes(op->getResultTypes());
  std::optional<int64_t> operands = getBytes(op->getOperandTypes());
  return results && operands &&
         *results <= std::max(*operands * 2, kSmallBytes);
}

/// `type` with elements as an arith.constant has them.
static Type getSignless(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.getElementType().isUnsignedInteger())
    return type;
  return tensor.clone(IntegerType::get(
      type.getContext(), tensor.getElementType().getIntOrFloatBitWidth()));
}

namespace {

class Folder {
public:
  explicit Folder(Executor &executor) : executor(executor) {}

  void run(Operation *root) {
    root->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isFoldable(op))
        known.insert(op);
    });
    // Only what others read becomes a constant, not each step on the way.
    SmallVector<Value> wanted;
    for (Operation *op : known)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !known.contains(user);
            }))
          wanted.push_back(result);
    for (Value value : wanted)
      fold(value);
    for (Operation *op : llvm::reverse(known))
      if (op->use_empty())
        op->erase();
    // Constants that were only steps on the way, of the size of the weights.
    root->walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      bool isUnread = op->use_empty() &&
                      (isa<arith::ConstantOp>(op) || isBundleOfConstants(op));
      if (isUnread)
        op->erase();
    });
  }

  unsigned getNumFolded() const { return numFolded; }

private:
  bool isFoldable(Operation *op) const {
    if (!isa_and_present<QNNDialect>(op->getDialect()) ||
        op->getNumRegions() != 0 || op->getNumResults() == 0 ||
        !isMemoryEffectFree(op))
      return false;
    bool isKnown = llvm::all_of(op->getOperands(), [&](Value operand) {
      Operation *source = operand.getDefiningOp();
      return source && (matchPattern(operand, m_Constant()) ||
                        known.contains(source) || isBundleOfConstants(source));
    });
    return isKnown && !isBundleOfConstants(op) && isWorthFolding(op);
  }

  /// What folding itself leaves: the way from constants to a formatted value or
  /// to unsigned integers, which no constant holds.
  static bool isBundleOfConstants(Operation *op) {
    auto isConstant = [](Value operand) {
      return matchPattern(operand, m_Constant());
    };
    bool isUnsigned =
        isa<BitcastOp>(op) &&
        getSignless(op->getResult(0).getType()) != op->getResult(0).getType();
    return (isa<WrapOp>(op) || isUnsigned) &&
           llvm::all_of(op->getOperands(), isConstant);
  }

  void fold(Value value) {
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    Value folded;
    if (isa<FormattedType>(value.getType()))
      folded = foldFormatted(builder, value);
    else
      folded = foldPlain(builder, value);
    if (!folded)
      return;
    value.replaceUsesWithIf(folded, [&](OpOperand &use) {
      return !known.contains(use.getOwner());
    });
    ++numFolded;
  }

  Value foldPlain(OpBuilder &builder, Value value) {
    Type signless = getSignless(value.getType());
    if (signless == value.getType())
      return makeConstant(builder, value);
    auto bits = BitcastOp::create(builder, value.getLoc(), signless, value);
    Value constant = makeConstant(builder, bits);
    bits.erase();
    if (!constant)
      return {};
    return BitcastOp::create(builder, value.getLoc(), value.getType(),
                             constant);
  }

  Value foldFormatted(OpBuilder &builder, Value value) {
    auto unwrap = UnwrapOp::create(builder, value.getLoc(), value);
    SmallVector<Value> components;
    if (auto attributes = evaluate(unwrap.getComponents()))
      for (Attribute attribute : *attributes)
        components.push_back(materialize(builder, value.getLoc(), attribute));
    unwrap.erase();
    if (components.empty())
      return {};
    return WrapOp::create(builder, value.getLoc(), value.getType(), components);
  }

  Value makeConstant(OpBuilder &builder, Value value) {
    auto attributes = evaluate(value);
    if (!attributes)
      return {};
    return materialize(builder, value.getLoc(), attributes->front());
  }

  static Value materialize(OpBuilder &builder, Location loc,
                           Attribute attribute) {
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(attribute));
  }

  /// Nothing, and a remark, where `values` cannot be computed; then the model
  /// computes them, or fails, when it runs.
  std::optional<SmallVector<Attribute>> evaluate(ValueRange values) {
    auto attributes = executor.evaluate(llvm::to_vector(values));
    if (attributes)
      return std::move(*attributes);
    Operation *op = values.front().getDefiningOp();
    op->emitRemark("is not computed at compile time: ")
        << llvm::toString(attributes.takeError());
    return std::nullopt;
  }

  Executor &executor;
  llvm::SetVector<Operation *> known;
  unsigned numFolded = 0;
};

struct FoldConstants : impl::FoldConstantsBase<FoldConstants> {
  void runOnOperation() override {
    Executor *executor = getExecutor(&getContext());
    if (!executor) {
      getOperation().emitError(
          "cannot fold constants: the session has bound no "
          "executor (qcc/Executor/Binding.h)");
      return signalPassFailure();
    }
    Folder folder(*executor);
    folder.run(getOperation());
    numFolded = folder.getNumFolded();
  }
};

} // namespace
} // namespace qcc::qnn
