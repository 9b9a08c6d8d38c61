// Evaluates what depends on constants only. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/FoldedBlobs.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Executor/Binding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
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

static int64_t getElementBytes(Type element) {
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return llvm::divideCeil(bits, 8);
}

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
  int64_t total = getElementBytes(shaped.getElementType());
  for (int64_t extent : shaped.getShape())
    if (llvm::MulOverflow(total, extent, total))
      return std::nullopt;
  return total;
}

/// Bytes that the module takes for the constant `elements`: of one number alone
/// those of an element.
static int64_t getBytes(ElementsAttr elements) {
  if (elements.isSplat())
    return getElementBytes(elements.getElementType());
  return getBytes(elements.getShapedType()).value_or(0);
}

/// Bytes of the values, each counted once, that are there before `op` is
/// folded.
static std::optional<int64_t> getOperandBytes(Operation *op) {
  llvm::SmallDenseSet<Value> counted;
  int64_t total = 0;
  for (Value operand : op->getOperands()) {
    if (!counted.insert(operand).second)
      continue;
    ElementsAttr elements;
    std::optional<int64_t> bytes = matchPattern(operand, m_Constant(&elements))
                                       ? getBytes(elements)
                                       : getBytes(operand.getType());
    if (!bytes)
      return std::nullopt;
    total += *bytes;
  }
  return total;
}

static std::optional<int64_t> getResultBytes(Operation *op) {
  int64_t total = 0;
  for (Type type : op->getResultTypes()) {
    std::optional<int64_t> bytes = getBytes(type);
    if (!bytes)
      return std::nullopt;
    total += *bytes;
  }
  return total;
}

/// Bytes that folding may add to a module: doublings of doublings do not grow
/// beyond what its constants justify.
static int64_t getBudget(Operation *root) {
  llvm::SmallDenseSet<Attribute> counted;
  int64_t total = 0;
  root->walk([&](arith::ConstantOp op) {
    auto elements = dyn_cast<ElementsAttr>(op.getValue());
    if (elements && counted.insert(elements).second)
      total += getBytes(elements);
  });
  return std::max(2 * total, kSmallBytes);
}

/// Whether `value` becomes the weights of a contraction, perhaps in another
/// shape: kernels decode those themselves.
static bool isWeights(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<MatmulOp, ConvOp, ContractOp>(user))
      return use.getOperandNumber() == 1;
    return isa<ReshapeOp, TransposeOp>(user) && isWeights(user->getResult(0));
  });
}

/// Whether decoded `value` is read by a kernel, which decodes it itself, or by
/// elementwise ops, into which its decoding goes.
static bool isDecodedByReaders(Value value) {
  return llvm::all_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<ReshapeOp, TransposeOp>(user))
      return isDecodedByReaders(user->getResult(0));
    return isa<BinaryOp, CastOp, CompareOp, ContractOp, EncodeAutoOp, EncodeOp,
               SelectOp, UnaryOp>(user);
  });
}

/// Whether the results of `op`, whose operands are known, should be constants
/// where `budget` bytes may be added at all; `afterKernels`: kernels have been
/// applied, so none will read more.
static bool isWorthFolding(Operation *op, int64_t budget, bool afterKernels) {
  if (auto decode = dyn_cast<DecodeOp>(op)) {
    auto type = decode.getType();
    if (!type.hasStaticShape())
      return false;
    if (afterKernels && !isDecodedByReaders(decode))
      return true;
    return type.getNumElements() < kMaxDecoded && !isWeights(decode);
  }
  std::optional<int64_t> results = getResultBytes(op);
  std::optional<int64_t> operands = getOperandBytes(op);
  return results && operands && *results <= budget &&
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
  Folder(Executor &executor, bool afterKernels)
      : executor(executor), afterKernels(afterKernels) {}

  void run(Operation *root) {
    budget = getBudget(root);
    // A decoded number takes at most 16 times the bits of its code.
    if (afterKernels)
      budget *= 16;
    root->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isFoldable(op) && known.insert(op).second)
        order.push_back(op);
      if (auto constant = dyn_cast<arith::ConstantOp>(op))
        blobs.add(constant);
    });
    // Only what others read becomes a constant, not each step on the way.
    SmallVector<Value> wanted;
    for (Operation *op : order)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !known.contains(user);
            }))
          wanted.push_back(result);
    if (afterKernels)
      llvm::for_each(order, warnOfDecoded);
    for (Value value : wanted) {
      Operation *op = value.getDefiningOp();
      if (fold(value))
        eraseUnread(op);
    }
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
    return isKnown && !isBundleOfConstants(op) &&
           isWorthFolding(op, budget, afterKernels);
  }

  /// A format saves nothing where no kernel reads it.
  static void warnOfDecoded(Operation *op) {
    auto decode = dyn_cast<DecodeOp>(op);
    std::optional<int64_t> bytes = getResultBytes(op);
    if (decode && bytes && *bytes > kSmallBytes)
      op->emitWarning("is stored decoded, in ")
          << *bytes << " bytes: no kernel of the target reads these weights as "
          << decode.getSource().getType() << "; qcc inspect says why";
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

  bool fold(Value value) {
    int64_t bytes = getBytes(value.getType()).value_or(0);
    if (bytes > budget)
      return false;
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    Value folded;
    if (isa<FormattedType>(value.getType()))
      folded = foldFormatted(builder, value);
    else
      folded = foldPlain(builder, value);
    if (!folded)
      return false;
    // Of ops that are known, too: what they make is then computed from here and
    // not from the start again.
    value.replaceAllUsesWith(folded);
    budget -= bytes;
    ++numFolded;
    return true;
  }

  /// Erases `op` and what only it depends on, if nothing reads it: these are as
  /// large as the weights, and a model has many.
  void eraseUnread(Operation *op) {
    SmallVector<Operation *> stack = {op};
    while (!stack.empty()) {
      op = stack.pop_back_val();
      bool isOurs = known.contains(op) || isa<arith::ConstantOp>(op) ||
                    isBundleOfConstants(op);
      if (!op->use_empty() || !isOurs)
        continue;
      llvm::SetVector<Operation *> sources;
      for (Value operand : op->getOperands())
        sources.insert(operand.getDefiningOp());
      if (auto constant = dyn_cast<arith::ConstantOp>(op))
        blobs.remove(constant);
      known.erase(op);
      op->erase();
      stack.append(sources.begin(), sources.end());
    }
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

  Value materialize(OpBuilder &builder, Location loc, Attribute attribute) {
    auto constant =
        arith::ConstantOp::create(builder, loc, cast<TypedAttr>(attribute));
    blobs.add(constant);
    return constant;
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
  bool afterKernels;
  llvm::DenseSet<Operation *> known;
  SmallVector<Operation *> order; ///< Those known, operands before users.
  FoldedBlobs blobs;
  int64_t budget = 0; ///< Bytes that constants may still take.
  unsigned numFolded = 0;
};

struct FoldConstants : impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override {
    Executor *executor = getExecutor(&getContext());
    if (!executor) {
      getOperation().emitError(
          "cannot fold constants: the session has bound no "
          "executor (qcc/Executor/Binding.h)");
      return signalPassFailure();
    }
    Folder folder(*executor, afterKernels);
    folder.run(getOperation());
    numFolded = folder.getNumFolded();
  }
};

} // namespace
} // namespace qcc::qnn
