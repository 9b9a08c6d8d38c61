// What the toy can do of a model behind phase place, a sentence for each thing
// that it cannot do: lowering refuses nothing that is let pass here.

#include "dialects/QNN/Transforms/Contraction.h"
#include "lib/Analysis/Work.h"
#include "test/lib/Target/Toy/ProgramBuilder.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::toy {

//===----------------------------------------------------------------------===//
// The model's function
//===----------------------------------------------------------------------===//

bool hasSamples(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.getRank() > 0 && shaped.isDynamicDim(0);
}

/// The name of the extent of samples; empty where it has none.
static StringRef getSymbol(func::FuncOp main, unsigned input) {
  auto extents = main.getArgAttrOfType<ArrayAttr>(input, "qcc.extents");
  auto symbol = extents && !extents.empty() ? dyn_cast<StringAttr>(extents[0])
                                            : StringAttr();
  return symbol ? symbol.getValue() : "";
}

LogicalResult checkInterface(func::FuncOp main) {
  SmallVector<Type> types(main.getArgumentTypes());
  llvm::append_range(types, main.getResultTypes());
  for (Type type : types) {
    if (!getSampleShape(type))
      return refuseType(main.getLoc(), type);
    Type element = getElementTypeOrSelf(type);
    if (!element.isF32() && !element.isSignlessInteger(32))
      return refusePort(main.getLoc(), type);
  }
  bool all = llvm::all_of(types, hasSamples);
  if (!all && llvm::any_of(types, hasSamples))
    return main.emitError("the toy needs the axis of samples in all inputs and "
                          "outputs or in none: fix its extent by --shape");
  for (unsigned i = 1; all && i < main.getNumArguments(); ++i)
    if (getSymbol(main, i) != getSymbol(main, 0) || getSymbol(main, 0).empty())
      return main.emitError("the toy needs as many samples in all inputs: fix "
                            "their extents by --shape");
  return success();
}

//===----------------------------------------------------------------------===//
// Its ops
//===----------------------------------------------------------------------===//

/// Of a formatted value: what in its format the toy does not have.
static bool hasOtherFormat(Type type) {
  auto formatted = dyn_cast<qnn::FormattedType>(type);
  if (!formatted)
    return false;
  const formats::Codec &codec = formatted.getFormat().getCodec();
  auto range = codec.getIntegerRange();
  return !range || range->min >= 0 || codec.getBits() != 8 ||
         formatted.getFormat()
                 .getScaling()
                 .getScaleAxes(formatted.getRank())
                 .size() > 1;
}

/// Whether codes of computed values become such values, or the other way: with
/// one scale and a constant zero point.
static bool canConvert(qnn::FormattedType type) {
  qnn::Scaling scaling = type.getFormat().getScaling();
  bool hasOneScale =
      scaling.getScaleType() && scaling.getScaleAxes(type.getRank()).empty();
  return hasOneScale && !isa_and_present<UnitAttr>(scaling.getZeroPoint());
}

static std::string findObjection(qnn::BinaryOp op) {
  using Kind = qnn::BinaryKind;
  Type element = op.getResult().getType().getElementType();
  bool isKnown = llvm::is_contained(
      {Kind::add, Kind::sub, Kind::mul, Kind::div, Kind::max, Kind::min},
      op.getKind());
  // A code of 8 bits would wrap around.
  if (isKnown && !element.isInteger(8) &&
      (op.getKind() != Kind::div || element.isF32()))
    return "";
  std::string what;
  llvm::raw_string_ostream(what)
      << " " << qnn::stringifyBinaryKind(op.getKind()) << " of " << element;
  return what;
}

static std::string findObjection(qnn::PoolOp op) {
  if (op.getKind() != qnn::PoolKind::max)
    return (" " + qnn::stringifyPoolKind(op.getKind())).str();
  bool isPadded = llvm::any_of(op.getPads(), [](int64_t n) { return n; });
  return isPadded || op.getCeilMode() ? " with padding" : "";
}

static std::string findObjection(qnn::PadOp op) {
  if (op.getMode() != qnn::PadMode::constant)
    return (" " + qnn::stringifyPadMode(op.getMode())).str();
  if (!getConstantIntValues(op.getMixedLow()))
    return " of sides that only a run tells";
  bool movesSamples = hasSamples(op.getInput().getType()) &&
                      !(isZeroInteger(op.getMixedLow().front()) &&
                        isZeroInteger(op.getMixedHigh().front()));
  return movesSamples ? " of the axis of samples" : "";
}

static std::string findObjection(qnn::TransposeOp op) {
  bool movesSamples =
      hasSamples(op.getInput().getType()) && op.getPermutation().front() != 0;
  return movesSamples ? " of the axis of samples" : "";
}

static std::string findObjection(qnn::ReshapeOp op) {
  auto from = getSampleShape(op.getInput().getType());
  auto to = getSampleShape(op.getResult().getType());
  return from && to && countElements(*from) != countElements(*to)
             ? " of samples"
             : "";
}

/// A product, by what the model says of its kernels.
static std::string findObjection(qnn::WorkOpInterface op,
                                 const TargetModel &model) {
  std::string whyNot;
  SmallVector<Candidate> candidates;
  if (auto conv = dyn_cast<qnn::ConvOp>(op.getOperation())) {
    if (model.getImageLayout() != ImageLayout::ChannelsLast)
      return " of planes";
    if (conv.getGroups() != 1)
      return " of several groups";
    if (cast<ShapedType>(conv.getWeights().getType()).getRank() != 4)
      return " of other than two spatial axes";
    // Its image is brought into the model's order after this.
    candidates = model.getCandidates(analysis::getWork(op), whyNot);
  } else {
    candidates = qnn::getCandidates(op, model, whyNot);
  }
  return candidates.empty() ? ", as " + whyNot : "";
}

/// What of a known op the toy cannot do; empty where it can.
static std::string findObjection(Operation *op, const TargetModel &model) {
  using Text = std::string;
  return TypeSwitch<Operation *, Text>(op)
      .Case([](qnn::UnaryOp op) {
        return op.getKind() == qnn::UnaryKind::relu
                   ? Text()
                   : (" " + qnn::stringifyUnaryKind(op.getKind())).str();
      })
      .Case<qnn::BinaryOp, qnn::PoolOp, qnn::PadOp, qnn::TransposeOp,
            qnn::ReshapeOp>([](auto op) { return findObjection(op); })
      .Case<qnn::ConvOp, qnn::MatmulOp>([&](auto op) {
        return findObjection(cast<qnn::WorkOpInterface>(op.getOperation()),
                             model);
      })
      .Default([](Operation *) { return Text(); });
}

static bool isKnown(Operation *op) {
  return hasNoCode(op) ||
         isa<qnn::UnaryOp, qnn::BinaryOp, qnn::PoolOp, qnn::PadOp,
             qnn::TransposeOp, qnn::ReshapeOp, qnn::ConvOp, qnn::MatmulOp,
             qnn::EncodeOp, qnn::DecodeOp, qnn::WrapOp, qnn::UnwrapOp>(op);
}

/// What it reads and makes.
static LogicalResult checkValues(Operation *op) {
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types)
    if (hasOtherFormat(type))
      return op->emitError("the toy has codes of 8 signed bits, and not ")
             << type << ": compile the model for another target";
  qnn::FormattedType converted;
  if (auto encode = dyn_cast<qnn::EncodeOp>(op))
    converted = encode.getResult().getType();
  if (auto decode = dyn_cast<qnn::DecodeOp>(op))
    converted = decode.getSource().getType();
  // Constants are converted when compiling.
  if (converted && !canConvert(converted) &&
      !analysis::isConstant(op->getOperand(0)))
    return op->emitError("the toy converts values by one scale and a constant "
                         "zero point, and not ")
           << converted << ": compile the model for another target";
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor && !isa<tensor::EmptyOp>(op) &&
        (!getSampleShape(type) || !getWordType(tensor.getElementType())))
      return refuseType(op->getLoc(), type);
  return success();
}

LogicalResult checkOp(Operation *op, const TargetModel &model) {
  if (auto function = dyn_cast<func::FuncOp>(op))
    return checkInterface(function);
  if (!isKnown(op))
    return refuse(op, "");
  if (isa<func::ReturnOp>(op))
    for (Value result : op->getOperands())
      if (analysis::isConstant(result))
        return emitError(result.getLoc(),
                         "the toy gives what it computes, and this output is a "
                         "constant: compile the model for another target");
  if (std::string objection = findObjection(op, model); !objection.empty())
    return refuse(op, objection);
  return checkValues(op);
}

} // namespace qcc::toy
