#include "test/lib/Target/Toy/ProgramBuilder.h"

#include "dialects/QNN/Transforms/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::toy {

std::optional<Extents> getSampleShape(Type type) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked)
    return std::nullopt;
  Extents shape(ranked.getShape());
  if (!shape.empty() && ShapedType::isDynamic(shape.front()))
    shape.front() = 1;
  if (llvm::any_of(shape, ShapedType::isDynamic))
    return std::nullopt;
  return shape;
}

std::optional<toy_type> getWordType(Type element) {
  if (element.isF32())
    return TOY_F32;
  if (element.isSignlessInteger(32) || element.isSignlessInteger(8))
    return TOY_I32;
  return std::nullopt;
}

static bool isIndexArithmetic(Operation *op) {
  return isa<tensor::DimOp, tensor::EmptyOp>(op) ||
         (isa_and_present<arith::ArithDialect>(op->getDialect()) &&
          llvm::all_of(op->getResultTypes(),
                       [](Type type) { return type.isIntOrIndex(); }));
}

/// Ops that make no value in memory: extents are known to the host.
static bool hasNoCode(Operation *op) {
  return isIndexArithmetic(op) || isa<arith::ConstantOp, func::ReturnOp>(op);
}

static LogicalResult refuse(Operation *op, const Twine &what) {
  return op->emitError("the toy cannot do ")
         << op->getName() << what << ": compile the model for another target";
}

static LogicalResult refuseType(Location loc, Type type) {
  return emitError(loc, "the toy has no values of type ")
         << type << ": compile the model for another target, or fix the "
         << "extents by --shape";
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static FailureOr<View> makeView(Value value) {
  std::optional<Extents> shape = getSampleShape(value.getType());
  if (!shape || !getWordType(getElementTypeOrSelf(value.getType())))
    return refuseType(value.getLoc(), value.getType());
  View view;
  view.shape = *shape;
  view.strides = getDenseStrides(*shape);
  return view;
}

LogicalResult ProgramBuilder::addConstant(Value value, Attribute attribute) {
  auto elements = dyn_cast<ElementsAttr>(attribute);
  FailureOr<View> view = makeView(value);
  if (!elements || failed(view))
    return elements ? failure() : refuseType(value.getLoc(), value.getType());
  view->argument = Constants;
  view->offset = static_cast<int64_t>(program.constants.size());
  SmallVector<char> storage;
  ArrayRef<char> bytes = qnn::getConstantBytes(elements, storage);
  size_t width = elements.getElementType().getIntOrFloatBitWidth() / 8;
  for (size_t at = 0; at < bytes.size(); at += width) {
    uint32_t word = static_cast<uint32_t>(static_cast<int8_t>(bytes[at]));
    if (width == 4)
      std::memcpy(&word, bytes.data() + at, 4);
    program.constants.push_back(word);
  }
  views[value] = *view;
  return success();
}

/// Places each value in the workspace while it is used. A reshaped value lies
/// where the other does; inputs are there from the beginning, outputs until the
/// end.
LogicalResult ProgramBuilder::planWorkspace() {
  SmallVector<Need> needs;
  DenseMap<Value, unsigned> needOf;
  int64_t step = 0;
  auto add = [&](Value value) {
    FailureOr<View> view = makeView(value);
    if (failed(view))
      return failure();
    views[value] = *view;
    needOf[value] = needs.size();
    needs.push_back({countElements(view->shape), step, step, -1});
    return success();
  };
  for (Value argument : main.getArguments())
    if (failed(add(argument)))
      return failure();
  for (Operation &op : main.getBody().front()) {
    ++step;
    for (Value operand : op.getOperands())
      if (auto known = needOf.find(operand); known != needOf.end())
        needs[known->second].last = step;
    if (hasNoCode(&op))
      continue;
    if (auto reshape = dyn_cast<qnn::ReshapeOp>(op)) {
      FailureOr<View> view = makeView(reshape.getResult());
      auto source = needOf.find(reshape.getInput());
      // A constant's is folded away.
      if (failed(view) || source == needOf.end() ||
          countElements(view->shape) != needs[source->second].words)
        return failed(view) ? failure() : refuse(&op, " of samples");
      views[reshape.getResult()] = *view;
      needOf[reshape.getResult()] = source->second;
      continue;
    }
    for (Value result : op.getResults())
      if (failed(add(result)))
        return failure();
  }
  int64_t words = planMemory(needs, /*alignment=*/16);
  program.workspaceBytes = words * 4;
  for (auto [value, need] : needOf)
    views[value].offset = needs[need].offset;
  return success();
}

FailureOr<Port> ProgramBuilder::makePort(Value value) {
  View view = getView(value);
  if (getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() != 32 ||
      view.argument != Workspace)
    return emitError(value.getLoc(), "the toy takes and gives computed values "
                                     "of 32 bits, and not a ")
           << value.getType() << ": compile the model for another target";
  return Port{view.offset * 4, countElements(view.shape) * 4};
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// How its node is called, or its kind.
static StringRef getName(Operation *op) {
  Location loc = op->getLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().front();
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName();
  return op->getName().stripDialect();
}

LogicalResult ProgramBuilder::emit(Operation *op) {
  if (hasNoCode(op) || isa<qnn::ReshapeOp>(op))
    return success();
  program.entries.push_back(assembler.begin(getName(op)));
  LogicalResult result =
      TypeSwitch<Operation *, LogicalResult>(op)
          .Case([&](qnn::UnaryOp op) { return emitUnary(op); })
          .Case([&](qnn::BinaryOp op) { return emitBinary(op); })
          .Case([&](qnn::EncodeStoredOp op) { return emitEncode(op); })
          .Case([&](qnn::DecodeStoredOp op) { return emitDecode(op); })
          .Case([&](qnn::PadOp op) { return emitPad(op); })
          .Case([&](qnn::TransposeOp op) { return emitTranspose(op); })
          .Case([&](qnn::PoolOp op) { return emitPool(op); })
          .Case([&](qnn::ContractOp op) { return emitContract(op); })
          .Default([](Operation *op) { return refuse(op, ""); });
  assembler.end();
  return result;
}

FailureOr<Program> ProgramBuilder::build() {
  for (Operation &op : main.getBody().front()) {
    Attribute elements;
    if (isa<arith::ConstantOp>(op) &&
        isa<RankedTensorType>(op.getResult(0).getType()) &&
        matchPattern(&op, m_Constant(&elements)) &&
        failed(addConstant(op.getResult(0), elements)))
      return failure();
  }
  if (failed(planWorkspace()))
    return failure();
  for (Operation &op : main.getBody().front())
    if (failed(emit(&op)))
      return failure();
  for (Value argument : main.getArguments()) {
    FailureOr<Port> port = makePort(argument);
    if (failed(port))
      return failure();
    program.inputs.push_back(*port);
  }
  for (Value result : main.getBody().front().getTerminator()->getOperands()) {
    FailureOr<Port> port = makePort(result);
    if (failed(port))
      return failure();
    program.outputs.push_back(*port);
  }
  program.code = assembler.getCode();
  return std::move(program);
}

FailureOr<Program> buildProgram(func::FuncOp main) {
  return ProgramBuilder(main).build();
}

//===----------------------------------------------------------------------===//
// What it can do
//===----------------------------------------------------------------------===//

/// Of a formatted value: what in its format the toy does not have.
static bool hasOtherFormat(Type type) {
  auto formatted = dyn_cast<qnn::FormattedType>(type);
  if (!formatted)
    return false;
  const formats::Codec &codec = formatted.getFormat().getCodec();
  qnn::Scaling scaling = formatted.getFormat().getScaling();
  auto range = codec.getIntegerRange();
  return !range || range->min >= 0 || codec.getBits() != 8 ||
         scaling.getScaleAxes(formatted.getRank()).size() > 1;
}

/// What of a known op the toy cannot do; empty where it can.
static std::string findObjection(Operation *op, bool hasPlanes) {
  using Text = std::string;
  return TypeSwitch<Operation *, Text>(op)
      .Case([](qnn::UnaryOp op) {
        return op.getKind() == qnn::UnaryKind::relu
                   ? Text()
                   : (" " + qnn::stringifyUnaryKind(op.getKind())).str();
      })
      .Case([](qnn::BinaryOp op) {
        using Kind = qnn::BinaryKind;
        return llvm::is_contained({Kind::add, Kind::sub, Kind::mul, Kind::div,
                                   Kind::max, Kind::min},
                                  op.getKind())
                   ? Text()
                   : (" " + qnn::stringifyBinaryKind(op.getKind())).str();
      })
      .Case([](qnn::PoolOp op) {
        if (op.getKind() != qnn::PoolKind::max)
          return (" " + qnn::stringifyPoolKind(op.getKind())).str();
        bool isPadded = llvm::any_of(op.getPads(), [](int64_t n) { return n; });
        return Text(isPadded || op.getCeilMode() ? " with padding" : "");
      })
      .Case([](qnn::PadOp op) {
        return op.getMode() == qnn::PadMode::constant
                   ? Text()
                   : (" " + qnn::stringifyPadMode(op.getMode())).str();
      })
      .Case([&](qnn::ConvOp op) {
        return Text(hasPlanes             ? " of planes"
                    : op.getGroups() != 1 ? " of several groups"
                                          : "");
      })
      .Default([](Operation *) { return Text(); });
}

static bool isKnown(Operation *op) {
  return hasNoCode(op) ||
         isa<qnn::UnaryOp, qnn::BinaryOp, qnn::PoolOp, qnn::PadOp,
             qnn::TransposeOp, qnn::ReshapeOp, qnn::ConvOp, qnn::MatmulOp,
             qnn::EncodeOp, qnn::DecodeOp, qnn::WrapOp, qnn::UnwrapOp,
             qnn::BitcastOp>(op);
}

LogicalResult checkModel(func::FuncOp main, bool hasPlanes) {
  for (Operation &op : main.getBody().front()) {
    if (!isKnown(&op))
      return refuse(&op, "");
    if (std::string objection = findObjection(&op, hasPlanes);
        !objection.empty())
      return refuse(&op, objection);
    for (Type type : op.getOperandTypes())
      if (hasOtherFormat(type))
        return op.emitError("the toy has codes of 8 signed bits, and not ")
               << type << ": compile the model for another target";
  }
  return success();
}

} // namespace qcc::toy
