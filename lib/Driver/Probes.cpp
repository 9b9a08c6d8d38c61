#include "lib/Driver/Probes.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/Session.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseSet.h"

using namespace llvm;

namespace qcc::driver {

static bool isElementwise(mlir::Operation *op) {
  return isa<qnn::UnaryOp, qnn::BinaryOp, qnn::CompareOp, qnn::SelectOp,
             qnn::CastOp, qnn::TestOp>(op);
}

/// Moves numbers or changes how they are stored: no arithmetic to observe.
static bool isMovement(mlir::Operation *op) {
  return isa<qnn::ReshapeOp, qnn::ExpandOp, qnn::TransposeOp, qnn::ConcatOp,
             qnn::SliceOp, qnn::PadOp, qnn::TileOp, qnn::BitcastOp, qnn::WrapOp,
             qnn::UnwrapOp, qnn::EncodeOp, qnn::DecodeOp, qnn::IotaOp>(op);
}

static bool isContraction(mlir::Operation *op) {
  return isa<qnn::MatmulOp, qnn::ConvOp>(op);
}

/// The op that has the value fused into it, if there is one.
static mlir::Operation *getFuser(mlir::Value value) {
  if (!value.hasOneUse())
    return nullptr;
  mlir::Operation *user = *value.user_begin();
  return isElementwise(user) && user->getBlock() == value.getParentBlock()
             ? user
             : nullptr;
}

static bool isProbed(mlir::Operation *op) {
  if (!isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) ||
      op->getNumResults() != 1 || isMovement(op))
    return false;
  auto type = dyn_cast<mlir::RankedTensorType>(op->getResult(0).getType());
  return type && !op->getResult(0).use_empty() &&
         type.getElementType().isFloat() && !getFuser(op->getResult(0));
}

/// The ops that end in `last`, in order.
static SmallVector<mlir::Operation *> getChain(mlir::Operation *last) {
  SmallVector<mlir::Operation *> chain = {last};
  while (isElementwise(chain.back())) {
    mlir::Operation *previous = nullptr;
    for (mlir::Value operand : chain.back()->getOperands()) {
      mlir::Operation *op = operand.getDefiningOp();
      bool isChained = op && getFuser(operand) == chain.back() &&
                       isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) &&
                       !isMovement(op);
      if (isChained && (!previous || isContraction(op)))
        previous = op;
    }
    if (!previous)
      break;
    chain.push_back(previous);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

static Probe makeProbe(ArrayRef<mlir::Operation *> chain) {
  Probe probe;
  mlir::Operation *main = chain.back();
  for (mlir::Operation *op : chain) {
    if (isContraction(op))
      main = op;
    std::optional<NodeLocation> node = getNode(op->getLoc());
    if (node && !is_contained(probe.nodes, node->name))
      probe.nodes.push_back(node->name.str());
  }
  if (std::optional<NodeLocation> node = getNode(main->getLoc())) {
    probe.name = node->name.str();
    probe.type = node->op.str();
  } else {
    probe.name = describe(main->getLoc());
    probe.type = main->getName().stripDialect().str();
  }
  return probe;
}

Expected<std::vector<Probe>> addProbes(mlir::ModuleOp module) {
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return makeUsageError("the module has no function 'main'");
  std::vector<Probe> probes;
  mlir::Builder b(module.getContext());
  mlir::Operation *end = main.front().getTerminator();
  SmallVector<mlir::Value> results(end->getOperands());
  // What depends on constants alone is folded and belongs to no layer.
  DenseSet<mlir::Value> varying(main.getArguments().begin(),
                                main.getArguments().end());
  for (mlir::Operation &op : main.front()) {
    // Regions may use anything around them.
    bool varies = op.getNumRegions() != 0 ||
                  any_of(op.getOperands(), [&](mlir::Value operand) {
                    return varying.contains(operand);
                  });
    if (varies)
      varying.insert(op.result_begin(), op.result_end());
    if (!varies || !isProbed(&op))
      continue;
    mlir::Value value = op.getResult(0);
    Probe probe = makeProbe(getChain(&op));
    probe.output = find(results, value) - results.begin();
    probes.push_back(std::move(probe));
    if (is_contained(results, value))
      continue;
    auto attributes = b.getDictionaryAttr(b.getNamedAttr(
        "qcc.name", b.getStringAttr("probe:" + Twine(results.size()))));
    if (mlir::failed(
            main.insertResult(results.size(), value.getType(), attributes)))
      return makeDefect("an output cannot be added to main");
    results.push_back(value);
  }
  end->setOperands(results);
  return probes;
}

bool plantFault(mlir::ModuleOp module, StringRef name) {
  mlir::Operation *target = nullptr;
  module.walk([&](mlir::Operation *op) {
    std::optional<NodeLocation> node = getNode(op->getLoc());
    // The last one that the node became.
    if (node && node->name == name && op->getNumResults() == 1 &&
        isa_and_nonnull<qnn::QNNDialect>(op->getDialect()))
      target = op;
  });
  if (!target)
    return false;
  auto type = dyn_cast<mlir::RankedTensorType>(target->getResult(0).getType());
  if (!type || !type.getElementType().isFloat())
    return false;
  mlir::OpBuilder b(target->getContext());
  b.setInsertionPointAfter(target);
  auto scalar = mlir::RankedTensorType::get({}, type.getElementType());
  mlir::Value one = mlir::arith::ConstantOp::create(
      b, target->getLoc(),
      mlir::DenseElementsAttr::get(
          scalar, b.getFloatAttr(type.getElementType(), 1).getValue()));
  auto wrong =
      qnn::BinaryOp::create(b, target->getLoc(), type, qnn::BinaryKind::add,
                            target->getResult(0), one);
  target->getResult(0).replaceAllUsesExcept(wrong->getResult(0),
                                            wrong.getOperation());
  return true;
}

} // namespace qcc::driver
