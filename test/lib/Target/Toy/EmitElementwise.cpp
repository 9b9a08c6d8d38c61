// Ops on each element by itself: boxes of up to half the scratchpad.

#include "test/lib/Target/Toy/ProgramBuilder.h"

#include "llvm/ADT/bit.h"

using namespace mlir;

namespace qcc::toy {

/// Where the operands of a box lie; behind them, scalars.
enum : uint32_t { First = 0, Second = 504, Scalars = 1008 };
static constexpr int64_t boxWords = Second - First;

LogicalResult ProgramBuilder::emitUnary(qnn::UnaryOp op) {
  toy_type type = *getWordType(op.getResult().getType().getElementType());
  if (op.getKind() != qnn::UnaryKind::relu)
    return op.emitError("the toy cannot do qnn.unary ")
           << qnn::stringifyUnaryKind(op.getKind())
           << ": compile the model for another target";
  View from = getView(op.getInput()), to = getView(op.getResult());
  assembler.fill(Scalars, 1, 0);
  forEachBox(to.shape, boxWords, [&](const Box &box) {
    assembler.load(First, from, box);
    assembler.map(TOY_MAX, type, First, First, Scalars, box.getWords(), 1);
    assembler.store(to, box, First);
  });
  return success();
}

static std::optional<toy_kind> getKind(qnn::BinaryKind kind, toy_type type) {
  switch (kind) {
  case qnn::BinaryKind::add:
    return TOY_ADD;
  case qnn::BinaryKind::sub:
    return TOY_SUB;
  case qnn::BinaryKind::mul:
    return TOY_MUL;
  case qnn::BinaryKind::max:
    return TOY_MAX;
  case qnn::BinaryKind::min:
    return TOY_MIN;
  case qnn::BinaryKind::div:
    if (type == TOY_F32)
      return TOY_DIV;
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

LogicalResult ProgramBuilder::emitBinary(qnn::BinaryOp op) {
  Type element = op.getResult().getType().getElementType();
  toy_type type = *getWordType(element);
  std::optional<toy_kind> kind = getKind(op.getKind(), type);
  if (!kind || element.isInteger(8)) // a code of 8 bits would wrap around
    return op.emitError("the toy cannot do qnn.binary ")
           << qnn::stringifyBinaryKind(op.getKind()) << " of " << element
           << ": compile the model for another target";
  View to = getView(op.getResult());
  View a = getView(op.getLhs()).broadcast(to.shape);
  View b = getView(op.getRhs()).broadcast(to.shape);
  forEachBox(to.shape, boxWords, [&](const Box &box) {
    uint32_t words = box.getWords();
    assembler.load(First, a, box);
    assembler.load(Second, b, box);
    assembler.map(*kind, type, First, First, Second, words, words);
    assembler.store(to, box, First);
  });
  return success();
}

namespace {
/// Codes of 8 signed bits under one scale.
struct Codes {
  int64_t zero = 0, min = 0, max = 0;
};
} // namespace

static FailureOr<Codes> getCodes(Operation *op, qnn::FormattedType type) {
  Codes codes;
  qnn::FormatAttr format = type.getFormat();
  qnn::Scaling scaling = format.getScaling();
  auto range = format.getCodec().getIntegerRange();
  if (!range || range->min >= 0 || format.getCodec().getBits() != 8 ||
      !format.getLayout().isDense() || !scaling.getScaleType() ||
      !scaling.getScaleAxes(type.getRank()).empty() || scaling.hasZeroPoints())
    return op->emitError("the toy cannot do ")
           << op->getName() << " of " << format
           << ": it has signed codes of 8 bits with one scale and a constant "
              "zero point; compile the model for another target";
  codes.min = range->min;
  codes.max = range->max;
  codes.zero = scaling.getConstantZeroPoint().value_or(0);
  return codes;
}

/// clamp(rne(fl(v / s)) + z): the zero point is added to what is within 2^30.
LogicalResult ProgramBuilder::emitEncode(qnn::EncodeStoredOp op) {
  qnn::FormattedType type = op.getStoredType();
  FailureOr<Codes> codes = getCodes(op, type);
  if (failed(codes))
    return failure();
  Value scale = type.getParameter(op.getParameters(), qnn::Component::Scales);
  if (!scale)
    return op.emitError("the toy cannot find a scale by itself: quantize the "
                        "model with constant scales");
  View from = getView(op.getInput());
  View to =
      getView(type.getComponent(op.getComponents(), qnn::Component::Codes));
  assembler.load(Scalars, getView(scale).broadcast({1}), {{0}, {1}});
  std::pair<toy_kind, int64_t> steps[] = {
      {TOY_ADD, codes->zero}, {TOY_MAX, codes->min}, {TOY_MIN, codes->max}};
  for (auto [i, step] : llvm::enumerate(steps))
    assembler.fill(Scalars + 1 + i, 1, static_cast<uint32_t>(step.second));
  forEachBox(to.shape, boxWords, [&](const Box &box) {
    uint32_t words = box.getWords();
    assembler.load(First, from, box);
    assembler.map(TOY_DIV, TOY_F32, First, First, Scalars, words, 1);
    assembler.convert(TOY_F32, First, First, words);
    for (auto [i, step] : llvm::enumerate(steps))
      assembler.map(step.first, TOY_I32, First, First, Scalars + 1 + i, words,
                    1);
    assembler.store(to, box, First);
  });
  return success();
}

LogicalResult ProgramBuilder::emitDecode(qnn::DecodeStoredOp op) {
  qnn::FormattedType type = op.getStoredType();
  FailureOr<Codes> codes = getCodes(op, type);
  if (failed(codes))
    return failure();
  auto getPart = [&](qnn::Component::Kind kind) {
    return getView(type.getComponent(op.getComponents(), kind));
  };
  View from = getPart(qnn::Component::Codes), to = getView(op.getResult());
  assembler.load(Scalars, getPart(qnn::Component::Scales).broadcast({1}),
                 {{0}, {1}});
  assembler.fill(Scalars + 1, 1, static_cast<uint32_t>(codes->zero));
  forEachBox(to.shape, boxWords, [&](const Box &box) {
    uint32_t words = box.getWords();
    assembler.load(First, from, box);
    assembler.map(TOY_SUB, TOY_I32, First, First, Scalars + 1, words, 1);
    assembler.convert(TOY_I32, First, First, words);
    assembler.map(TOY_MUL, TOY_F32, First, First, Scalars, words, 1);
    assembler.store(to, box, First);
  });
  return success();
}

} // namespace qcc::toy
