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

static bool absorbs(mlir::Operation *op) {
  return isElementwise(op) || isa<qnn::RequantizeOp>(op);
}

/// The op that has the value fused into it, if there is one.
static mlir::Operation *getFuser(mlir::Value value) {
  if (!value.hasOneUse())
    return nullptr;
  mlir::Operation *user = *value.user_begin();
  return absorbs(user) && user->getBlock() == value.getParentBlock() ? user
                                                                     : nullptr;
}

static bool isTensorOfNumbers(mlir::Type type) {
  auto tensor = dyn_cast<mlir::RankedTensorType>(type);
  return tensor &&
         isa<mlir::FloatType, mlir::IntegerType>(tensor.getElementType());
}

template <typename OpTy> static OpTy getUser(mlir::Value value) {
  for (mlir::Operation *user : value.getUsers())
    if (auto op = dyn_cast<OpTy>(user))
      return op;
  return {};
}

/// The codes of a formatted value, unsigned where they are; null where the
/// module does not open it.
static mlir::Value getCodes(mlir::Value formatted) {
  auto unwrap = getUser<qnn::UnwrapOp>(formatted);
  if (!unwrap)
    return {};
  mlir::Value codes = unwrap->getResult(0);
  auto bitcast = getUser<qnn::BitcastOp>(codes);
  return bitcast ? bitcast->getResult(0) : codes;
}

/// What shows the op's result; null where it is not probed.
static mlir::Value getProbed(mlir::Operation *op) {
  if (!isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) ||
      op->getNumResults() != 1 || isMovement(op))
    return {};
  mlir::Value value = op->getResult(0);
  if (isa<qnn::RequantizeOp>(op))
    value = getCodes(value);
  bool isProbed = value && isTensorOfNumbers(value.getType()) &&
                  !value.use_empty() && !getFuser(value);
  return isProbed ? value : mlir::Value();
}

/// The ops that end in `last`, in order.
static SmallVector<mlir::Operation *> getChain(mlir::Operation *last) {
  SmallVector<mlir::Operation *> chain = {last};
  while (absorbs(chain.back())) {
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

/// Those that no probe shows.
static void addOutputs(mlir::func::FuncOp main, size_t count,
                       std::vector<Probe> &probes) {
  for (size_t output = 0; output < count; ++output) {
    auto shows = [&](const Probe &probe) { return probe.output == output; };
    if (any_of(probes, shows))
      continue;
    auto name = main.getResultAttrOfType<mlir::StringAttr>(output, "qcc.name");
    Probe probe;
    probe.name = name ? name.str() : ("output " + Twine(output)).str();
    probe.type = "output";
    probe.nodes = {probe.name};
    probe.output = output;
    probe.isOutput = true;
    probes.push_back(std::move(probe));
  }
}

Expected<std::vector<Probe>> addProbes(mlir::ModuleOp module) {
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return makeUsageError("the module has no function 'main'");
  std::vector<Probe> probes;
  mlir::Builder b(module.getContext());
  mlir::Operation *end = main.front().getTerminator();
  SmallVector<mlir::Value> results(end->getOperands());
  size_t numOutputs = results.size();
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
    mlir::Value value = varies ? getProbed(&op) : mlir::Value();
    if (!value)
      continue;
    Probe probe = makeProbe(getChain(&op));
    probe.output = find(results, value) - results.begin();
    probe.isOutput = probe.output < numOutputs;
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
  addOutputs(main, numOutputs, probes);
  return probes;
}

bool plantFault(mlir::ModuleOp module, StringRef name) {
  mlir::Value target;
  module.walk([&](mlir::Operation *op) {
    std::optional<NodeLocation> node = getNode(op->getLoc());
    // The last one that the node became. Codes come before scales.
    if (node && node->name == name && op->getNumResults() != 0 &&
        isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) &&
        isTensorOfNumbers(op->getResult(0).getType()))
      target = op->getResult(0);
  });
  if (!target)
    return false;
  mlir::OpBuilder b(target.getContext());
  b.setInsertionPointAfterValue(target);
  auto type = cast<mlir::RankedTensorType>(target.getType());
  auto scalar = mlir::RankedTensorType::get({}, type.getElementType());
  mlir::Value one = mlir::arith::ConstantOp::create(
      b, target.getLoc(),
      mlir::DenseElementsAttr::get(scalar,
                                   b.getOneAttr(type.getElementType())));
  auto wrong = qnn::BinaryOp::create(b, target.getLoc(), type,
                                     qnn::BinaryKind::add, target, one);
  target.replaceAllUsesExcept(wrong->getResult(0), wrong.getOperation());
  return true;
}

} // namespace qcc::driver
