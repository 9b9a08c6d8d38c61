// Products: tiles of rows (outputs along the width) and columns (output
// channels), whose sum goes over the depth in pieces.
//
// The scratchpad holds a piece of the input and of the weights while the tile
// is summed, then what the epilogue reads and makes. What is where is planned
// once for the largest tile.

#include "test/lib/Target/Toy/ProgramBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::toy {

namespace {

struct TileSize {
  int64_t rows, columns, depth;
};

/// An image, or a matrix as one of a single line.
struct Extents4 {
  int64_t images, height, width, channels;
};

/// A value of the epilogue in the scratchpad: of each element, of each column,
/// or one for all.
struct Operand {
  uint32_t position = 0;
  uint32_t words = 0;
};

/// Where a tile is.
struct Tile {
  int64_t image, line, row, column;
  uint32_t rows, columns;
  uint32_t getWords() const { return rows * columns; }
};

class ContractEmitter {
public:
  ContractEmitter(qnn::ContractOp op, Assembler &assembler,
                  llvm::function_ref<View(Value)> getView)
      : op(op), assembler(assembler), getView(getView),
        body(op.getEpilogue().front()) {}

  LogicalResult emit();

private:
  LogicalResult checkFormats();
  LogicalResult checkEpilogue();
  void readExtents();
  LogicalResult chooseTile();
  int64_t planScratchpad(TileSize size);

  void emitTile(const Tile &tile);
  void emitSum(const Tile &tile);
  void emitPieces(const Tile &tile, View input, View weights);
  void loadExtra(const Tile &tile, Value extra, Value argument);
  void emitOp(const Tile &tile, Operation *inner);
  void emitMap(const Tile &tile, Operation *inner, toy_kind kind);

  uint32_t getPosition(Value value) const {
    return static_cast<uint32_t>(needs[slots.lookup(value)].offset);
  }
  /// Of all lines of the result: [width, channels] of one.
  View getLine(View whole, const Tile &tile) const;

  qnn::ContractOp op;
  Assembler &assembler;
  llvm::function_ref<View(Value)> getView;
  mlir::Block &body;
  View input, weights, result;
  Extents4 in, out;
  TileSize size = {};
  toy_type accumulatorType = TOY_F32;
  SmallVector<Need> needs; ///< Input and weights first.
  llvm::DenseMap<Value, unsigned> slots;
  llvm::DenseMap<Value, Operand> operands;
};

} // namespace

//===----------------------------------------------------------------------===//
// What the toy can do
//===----------------------------------------------------------------------===//

static bool hasSignedBytes(qnn::FormatAttr format) {
  auto range = format.getCodec().getIntegerRange();
  return range && range->min < 0 && format.getCodec().getBits() == 8;
}

LogicalResult ContractEmitter::checkFormats() {
  if (op.getGroups() != 1 || op.getInputScales())
    return op.emitError("the toy has products of one group and without scales "
                        "of rows: compile the model for another target");
  if (cast<ShapedType>(op.getWeights().getType()).getRank() < 2)
    return op.emitError("the toy reads weights in their own order, and these "
                        "are packed: compile the model for another target");
  std::optional<qnn::FormatAttr> formats[] = {op.getInputFormat(),
                                              op.getWeightsFormat()};
  for (std::optional<qnn::FormatAttr> format : formats)
    if (format && !hasSignedBytes(*format))
      return op.emitError("the toy multiplies codes of 8 signed bits, and not ")
             << *format << ": compile the model for another target";
  if (op.getWeightsFormat()) {
    qnn::Scaling scaling = op.getWeightsFormat()->getScaling();
    if (scaling.getConstantZeroPoint().value_or(0) != 0)
      return op.emitError("the toy has no zero point of weights: compile the "
                          "model for another target");
  }
  return success();
}

static std::optional<toy_kind> getKind(Operation *inner) {
  using Kind = std::optional<toy_kind>;
  return TypeSwitch<Operation *, Kind>(inner)
      .Case<arith::AddFOp, arith::AddIOp>([](auto) { return Kind(TOY_ADD); })
      .Case<arith::SubFOp, arith::SubIOp>([](auto) { return Kind(TOY_SUB); })
      .Case<arith::MulFOp, arith::MulIOp>([](auto) { return Kind(TOY_MUL); })
      .Case<arith::DivFOp>([](auto) { return Kind(TOY_DIV); })
      .Case<arith::MaximumFOp, arith::MaxSIOp>(
          [](auto) { return Kind(TOY_MAX); })
      .Case<arith::MinimumFOp, arith::MinSIOp>(
          [](auto) { return Kind(TOY_MIN); })
      .Default([](Operation *) { return Kind(); });
}

LogicalResult ContractEmitter::checkEpilogue() {
  for (Operation &inner : body.without_terminator()) {
    bool isKnown =
        isa<arith::SIToFPOp, arith::ConstantOp>(inner) || getKind(&inner);
    if (!isKnown || !getWordType(inner.getResult(0).getType()))
      return op.emitError("the toy cannot do ")
             << inner.getName() << " behind a product: compile the model for "
             << "another target";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

static Extents4 getExtents(ArrayRef<int64_t> shape) {
  if (shape.size() == 2)
    return {1, 1, shape[0], shape[1]};
  return {shape[0], shape[1], shape[2], shape[3]};
}

void ContractEmitter::readExtents() {
  input = getView(op.getInput());
  weights = getView(op.getWeights());
  result = getView(op.getResult());
  in = getExtents(input.shape);
  out = getExtents(result.shape);
  accumulatorType = *getWordType(op.getAccumulatorType());
}

/// Words of the scratchpad. Step 0 is the sum, step i the i-th op behind it.
int64_t ContractEmitter::planScratchpad(TileSize size) {
  int64_t all = size.rows * size.columns;
  needs = {{size.rows * size.depth, 0, 0, -1},
           {size.columns * size.depth, 0, 0, -1}};
  slots.clear();
  auto add = [&](Value value, int64_t words, int64_t step) {
    slots[value] = needs.size();
    needs.push_back({words, step, step, -1});
  };
  for (BlockArgument argument : body.getArguments())
    add(argument, all, argument.getArgNumber() == 0 ? 0 : 1);
  int64_t step = 0;
  for (Operation &inner : body) {
    ++step;
    for (Value operand : inner.getOperands())
      needs[slots[operand]].last = std::max(needs[slots[operand]].last, step);
    for (Value made : inner.getResults())
      add(made, all, step);
  }
  return planMemory(needs, /*alignment=*/1);
}

LogicalResult ContractEmitter::chooseTile() {
  size = {std::min<int64_t>(out.width, 8), std::min<int64_t>(out.channels, 16),
          std::min<int64_t>(in.channels * op.getWindow()[1], 64)};
  while (planScratchpad(size) > TOY_SCRATCHPAD_WORDS) {
    int64_t &cut = size.depth > 8  ? size.depth
                   : size.rows > 1 ? size.rows
                                   : size.columns;
    if (cut == 1)
      return op.emitError("an epilogue of ")
             << slots.size() << " values does not fit into the toy's "
             << "scratchpad: compile the model for another target";
    cut /= 2;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

/// A matrix of `rows` x `columns` in a tensor.
static View makeMatrix(const View &whole, int64_t offset, int64_t rows,
                       int64_t columns, int64_t rowStride) {
  View view;
  view.argument = whole.argument;
  view.offset = whole.offset + offset;
  view.shape = {rows, columns};
  view.strides = {rowStride, 1};
  return view;
}

View ContractEmitter::getLine(View whole, const Tile &tile) const {
  int64_t line = tile.image * out.height + tile.line;
  return makeMatrix(whole, line * out.width * out.channels, out.width,
                    out.channels, out.channels);
}

static Box makeBox(int64_t row, int64_t column, int64_t rows, int64_t columns) {
  return {{row, column}, {rows, columns}};
}

/// Sums over a run of elements that lie together in input and weights.
void ContractEmitter::emitPieces(const Tile &tile, View input, View weights) {
  auto a = static_cast<uint32_t>(needs[0].offset);
  auto b = static_cast<uint32_t>(needs[1].offset);
  int64_t depth = input.shape[1];
  for (int64_t at = 0; at < depth; at += size.depth) {
    int64_t piece = std::min(size.depth, depth - at);
    assembler.load(a, input, makeBox(tile.row, at, tile.rows, piece));
    assembler.load(b, weights, makeBox(tile.column, at, tile.columns, piece));
    assembler.dot(accumulatorType, getPosition(body.getArgument(0)), a, b,
                  tile.rows, tile.columns, static_cast<uint32_t>(piece));
  }
}

void ContractEmitter::emitSum(const Tile &tile) {
  int64_t windowH = op.getWindow()[0], windowW = op.getWindow()[1];
  int64_t dilationH = op.getDilations()[0], dilationW = op.getDilations()[1];
  int64_t channels = in.channels, lineWords = in.width * channels;
  // Along the width, neighbours lie together unless the window has holes.
  int64_t steps = dilationW == 1 ? 1 : windowW;
  int64_t depth = windowW / steps * channels;
  for (int64_t r = 0; r < windowH; ++r)
    for (int64_t s = 0; s < steps; ++s) {
      int64_t line = tile.image * in.height + tile.line * op.getStrides()[0] +
                     r * dilationH;
      emitPieces(tile,
                 makeMatrix(input, line * lineWords + s * dilationW * channels,
                            out.width, depth, op.getStrides()[1] * channels),
                 makeMatrix(weights, (r * windowW + s) * channels, out.channels,
                            depth, windowH * windowW * channels));
    }
}

void ContractEmitter::loadExtra(const Tile &tile, Value extra, Value argument) {
  View view = getView(extra);
  uint32_t position = getPosition(argument);
  if (view.shape.size() > 1) {
    assembler.load(position, getLine(view, tile),
                   makeBox(tile.row, tile.column, tile.rows, tile.columns));
    operands[argument] = {position, tile.getWords()};
    return;
  }
  bool isScalar = countElements(view.shape) == 1;
  uint32_t words = isScalar ? 1 : tile.columns;
  assembler.load(position, makeMatrix(view, 0, 1, words, 0),
                 makeBox(0, isScalar ? 0 : tile.column, 1, words));
  operands[argument] = {position, words};
}

void ContractEmitter::emitMap(const Tile &tile, Operation *inner,
                              toy_kind kind) {
  Operand a = operands[inner->getOperand(0)];
  Operand b = operands[inner->getOperand(1)];
  toy_type type = *getWordType(inner->getOperand(0).getType());
  uint32_t words = std::max(a.words, b.words);
  uint32_t position = getPosition(inner->getResult(0));
  if (a.words < words) {
    // Repeated as bits, which adding to 0 leaves alone.
    assembler.fill(position, words, 0);
    assembler.map(TOY_ADD, TOY_I32, position, position, a.position, words,
                  a.words);
    a.position = position;
  }
  assembler.map(kind, type, position, a.position, b.position, words, b.words);
  operands[inner->getResult(0)] = {position, words};
}

void ContractEmitter::emitOp(const Tile &tile, Operation *inner) {
  if (isa<qnn::YieldOp>(inner))
    return;
  Value made = inner->getResult(0);
  uint32_t position = getPosition(made);
  if (std::optional<toy_kind> kind = getKind(inner))
    return emitMap(tile, inner, *kind);
  Attribute constant;
  if (matchPattern(inner, m_Constant(&constant))) {
    APInt bits = isa<FloatAttr>(constant)
                     ? cast<FloatAttr>(constant).getValue().bitcastToAPInt()
                     : cast<IntegerAttr>(constant).getValue();
    assembler.fill(position, 1, static_cast<uint32_t>(bits.getZExtValue()));
    operands[made] = {position, 1};
    return;
  }
  Operand from = operands[inner->getOperand(0)];
  assembler.convert(TOY_I32, position, from.position, from.words);
  operands[made] = {position, from.words};
}

void ContractEmitter::emitTile(const Tile &tile) {
  uint32_t accumulator = getPosition(body.getArgument(0));
  Box whole = makeBox(tile.row, tile.column, tile.rows, tile.columns);
  if (op.getStart())
    assembler.load(accumulator,
                   makeMatrix(getView(op.getStart()), 0, out.width,
                              out.channels, /*rowStride=*/0),
                   whole);
  else
    assembler.fill(accumulator, tile.getWords(), 0);
  emitSum(tile);
  operands[body.getArgument(0)] = {accumulator, tile.getWords()};
  for (auto [extra, argument] :
       llvm::zip_equal(op.getExtras(), body.getArguments().drop_front()))
    loadExtra(tile, extra, argument);
  for (Operation &inner : body)
    emitOp(tile, &inner);
  Operand stored = operands[body.getTerminator()->getOperand(0)];
  assembler.store(getLine(result, tile), whole, stored.position);
}

LogicalResult ContractEmitter::emit() {
  if (failed(checkFormats()) || failed(checkEpilogue()))
    return failure();
  readExtents();
  if (failed(chooseTile()))
    return failure();
  Tile tile = {};
  for (tile.image = 0; tile.image < out.images; ++tile.image)
    for (tile.line = 0; tile.line < out.height; ++tile.line)
      for (tile.row = 0; tile.row < out.width; tile.row += size.rows)
        for (tile.column = 0; tile.column < out.channels;
             tile.column += size.columns) {
          tile.rows =
              static_cast<uint32_t>(std::min(size.rows, out.width - tile.row));
          tile.columns = static_cast<uint32_t>(
              std::min(size.columns, out.channels - tile.column));
          emitTile(tile);
        }
  return success();
}

LogicalResult ProgramBuilder::emitContract(qnn::ContractOp op) {
  return ContractEmitter(op, assembler,
                         [&](Value value) { return getView(value); })
      .emit();
}

} // namespace qcc::toy
