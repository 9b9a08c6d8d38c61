#include "lib/Driver/Probes.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/Report.h"
#include "lib/Driver/Session.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "lib/Fuse/Groups.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseSet.h"

#include <map>
#include <set>

using namespace llvm;

namespace qcc::driver {

/// Whether the op computes numbers. Others move them or change how they are
/// stored: no arithmetic to observe.
static bool isArithmetic(mlir::Operation *op) {
  return isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) &&
         op->getNumResults() == 1 &&
         !isa<qnn::ReshapeOp, qnn::ExpandOp, qnn::TransposeOp, qnn::ConcatOp,
              qnn::SliceOp, qnn::PadOp, qnn::TileOp, qnn::BitcastOp,
              qnn::WrapOp, qnn::UnwrapOp, qnn::DecodeOp, qnn::IotaOp>(op);
}

static bool isContraction(mlir::Operation *op) {
  return isa<qnn::MatmulOp, qnn::ConvOp>(op);
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

/// What shows the op's result; null where nothing does.
static mlir::Value getProbed(mlir::Operation *op) {
  mlir::Value value = op->getResult(0);
  if (isa<qnn::FormattedType>(value.getType()))
    value = getCodes(value);
  bool isProbed =
      value && isTensorOfNumbers(value.getType()) && !value.use_empty();
  return isProbed ? value : mlir::Value();
}

/// Its `part` is the op's kind, which only nameParts() makes one.
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
  probe.part = describeOp(main);
  return probe;
}

/// A node may have become several layers, and some of one kind.
static void nameParts(MutableArrayRef<Probe> probes) {
  std::map<std::string, size_t> ofNode;
  std::map<std::pair<std::string, std::string>, size_t> ofKind, next;
  for (const Probe &probe : probes) {
    ++ofNode[probe.name];
    ++ofKind[{probe.name, probe.part}];
  }
  for (Probe &probe : probes) {
    std::pair<std::string, std::string> kind = {probe.name, probe.part};
    if (ofNode[probe.name] == 1)
      probe.part.clear();
    else if (ofKind[kind] > 1)
      probe.part += " " + std::to_string(++next[kind]);
  }
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

static constexpr StringLiteral kNumberPrefix("op:");

void numberOps(mlir::ModuleOp module) {
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return; // addProbes() says so
  for (auto [number, op] : enumerate(main.front())) {
    auto name = mlir::StringAttr::get(module.getContext(),
                                      kNumberPrefix + Twine(number));
    op.setLoc(mlir::NameLoc::get(name, op.getLoc()));
  }
}

static std::optional<size_t> getNumber(mlir::Location location) {
  auto name = dyn_cast<mlir::NameLoc>(location);
  size_t number;
  if (!name)
    return std::nullopt;
  StringRef text = name.getName();
  if (text.consume_front(kNumberPrefix) && !text.getAsInteger(10, number))
    return number;
  return getNumber(name.getChildLoc());
}

Expected<Groups> readGroups(mlir::ModuleOp lowered) {
  auto recorded = fuse::getGroups(lowered);
  if (!recorded)
    return makeUsageError("the target does not tell what it fuses, so layers "
                          "cannot be compared one by one; compare the outputs "
                          "of 'qcc run' instead");
  Groups groups;
  for (ArrayRef<mlir::Location> locations : *recorded) {
    std::vector<size_t> group;
    for (mlir::Location location : locations)
      if (std::optional<size_t> number = getNumber(location))
        group.push_back(*number);
    sort(group);
    group.erase(llvm::unique(group), group.end());
    if (!group.empty())
      groups.push_back(std::move(group));
  }
  return groups;
}

/// Ops that compute numbers from the model's inputs, by their numbers. What
/// depends on constants alone is folded and belongs to no layer.
static std::map<size_t, mlir::Operation *> findOps(mlir::func::FuncOp main) {
  std::map<size_t, mlir::Operation *> ops;
  DenseSet<mlir::Value> varying(main.getArguments().begin(),
                                main.getArguments().end());
  for (mlir::Operation &op : main.front()) {
    // Regions may use anything around them.
    bool varies = op.getNumRegions() != 0 ||
                  any_of(op.getOperands(), [&](mlir::Value operand) {
                    return varying.contains(operand);
                  });
    if (!varies)
      continue;
    varying.insert(op.result_begin(), op.result_end());
    std::optional<size_t> number = getNumber(op.getLoc());
    if (number && isArithmetic(&op))
      ops[*number] = &op;
  }
  return ops;
}

/// For the last op of each group the numbers of all that end in it: an op may
/// have become several loops. One of which a loop goes on to compute others is
/// the last of none: its result is in no memory.
static std::map<size_t, std::set<size_t>>
findChains(const Groups &groups, const std::set<size_t> &known) {
  std::map<size_t, std::set<size_t>> chains;
  std::set<size_t> absorbed;
  for (const std::vector<size_t> &group : groups) {
    std::vector<size_t> members;
    copy_if(group, std::back_inserter(members),
            [&](size_t number) { return known.count(number) != 0; });
    if (members.empty())
      continue;
    chains[members.back()].insert(members.begin(), members.end());
    absorbed.insert(members.begin(), std::prev(members.end()));
  }
  for (size_t number : absorbed)
    chains.erase(number);
  return chains;
}

Expected<std::vector<Probe>> addProbes(mlir::ModuleOp module,
                                       const Groups &groups) {
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return makeUsageError("the module has no function 'main'");
  std::vector<Probe> probes;
  mlir::Builder b(module.getContext());
  mlir::Operation *end = main.front().getTerminator();
  SmallVector<mlir::Value> results(end->getOperands());
  size_t numOutputs = results.size();
  std::map<size_t, mlir::Operation *> ops = findOps(main);
  std::set<size_t> known;
  for (const auto &entry : ops)
    known.insert(entry.first);
  for (const auto &[last, numbers] : findChains(groups, known)) {
    mlir::Value value = getProbed(ops[last]);
    if (!value)
      continue;
    SmallVector<mlir::Operation *> chain;
    for (size_t number : numbers)
      chain.push_back(ops[number]);
    Probe probe = makeProbe(chain);
    probe.ops = numbers;
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
  nameParts(probes);
  addOutputs(main, numOutputs, probes);
  return probes;
}

void checkFusion(std::vector<Probe> &probes, const Groups &seen) {
  std::set<size_t> known;
  for (const Probe &probe : probes)
    known.insert(probe.ops.begin(), probe.ops.end());
  std::map<size_t, std::set<size_t>> chains = findChains(seen, known);
  for (Probe &probe : probes)
    if (!probe.ops.empty())
      probe.isFusedOtherwise = chains[*probe.ops.rbegin()] != probe.ops;
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
