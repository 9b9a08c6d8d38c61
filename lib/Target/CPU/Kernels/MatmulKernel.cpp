#include "lib/Target/CPU/Kernels/MatmulKernel.h"

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/Operands.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

namespace {

/// An operand, and where in it the matrix of the work item begins. Of views of
/// rows, the only stride is that of a row.
struct Operand {
  View view;
  Value at;
};

/// One work item: rows [begin, end) by columns [column, column + columns).
struct MatmulArgs {
  Operand left, right, out;
  SmallVector<Operand> extras;
  SmallVector<Value> captured; ///< Scalars the epilogue reads.
  Value begin, end, column, columns, depth;

  void forEach(llvm::function_ref<void(Value &)> visit) {
    auto visitOperand = [&](Operand &operand) {
      operand.view.forEach(visit);
      visit(operand.at);
    };
    for (Operand *operand : {&left, &right, &out})
      visitOperand(*operand);
    llvm::for_each(extras, visitOperand);
    llvm::for_each(captured, visit);
    for (Value *value : {&begin, &end, &column, &columns, &depth})
      visit(*value);
  }
};

class MatmulEmitter {
public:
  MatmulEmitter(KernelBuilder &b, const KernelConfig &config,
                const MatmulArgs &args, const Epilogue &epilogue,
                Type accumulator)
      : b(b), config(config), args(args), epilogue(epilogue),
        arithmetic(Arithmetic::create(config, {})), unit(arithmetic->getUnit()),
        accumulator(accumulator) {}

  void emit();

private:
  void pack(Value first, Value count);
  void packStep(Value row, Value to, int64_t rows);
  void packLanes(Value from, Value to, int64_t lanes, int64_t rows);
  void sum(ArrayRef<Value> rows, Value first, Value count);
  Values step(ArrayRef<Value> inputs, Value j, int64_t unroll, int64_t rows,
              Values sums);
  Value loadSum(Value row, int64_t vector);
  void storeSum(Value sum, Value row, int64_t vector);
  void finish(Value row, Value lane, int64_t lanes);
  Value getRow(const Operand &operand, Value row) {
    return b.add(operand.at, b.mul(row, operand.view.strides[0]));
  }
  Value getSums(Value row, Value lane) {
    return b.add(b.mul(b.sub(row, args.begin), config.getPanel()), lane);
  }
  Value getSums(Value row, int64_t vector) {
    return getSums(row, b.index(vector * config.lanes));
  }
  /// Whether parts of a sum, each exact in i32, are added up in i64.
  bool isLong() const { return accumulator.isInteger(64); }

  KernelBuilder &b;
  const KernelConfig &config;
  const MatmulArgs &args;
  const Epilogue &epilogue;
  std::unique_ptr<Arithmetic> arithmetic;
  int64_t unit; ///< Rows of the right operand that one step adds up.
  Type accumulator;
  Value buffer, sums;
};

} // namespace

/// `lanes` columns of `rows` rows, of which the first begins at element `from`:
/// the elements of a column that one step adds up lie side by side.
void MatmulEmitter::packLanes(Value from, Value to, int64_t lanes,
                              int64_t rows) {
  Value first = b.load(args.right.view.flat, from, lanes);
  if (unit == 1)
    return b.store(first, buffer, to, lanes);
  Value second = rows == unit
                     ? b.load(args.right.view.flat,
                              b.add(from, args.right.view.strides[0]), lanes)
                     : b.zeros(cast<VectorType>(first.getType()));
  Value pairs = vector::InterleaveOp::create(b, b.getLoc(), first, second);
  b.store(pairs, buffer, to, lanes * unit);
}

/// The panel's part of `rows` rows, at most the unit, from `row` on; rows that
/// are not there count as zero. Columns that are not there keep what the buffer
/// holds, and nobody reads their sums.
void MatmulEmitter::packStep(Value row, Value to, int64_t rows) {
  Value from = b.add(getRow(args.right, row), args.column);
  Value isWhole =
      arith::CmpIOp::create(b, b.getLoc(), arith::CmpIPredicate::eq,
                            args.columns, b.index(config.getPanel()));
  auto branch = scf::IfOp::create(b, b.getLoc(), isWhole, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  for (int64_t lane = 0; lane < config.getPanel(); lane += config.lanes)
    packLanes(b.add(from, lane), b.add(to, lane * unit), config.lanes, rows);
  b.setInsertionPointToStart(branch.elseBlock());
  b.loop(b.index(0), args.columns, 1, [&](Value lane) {
    packLanes(b.add(from, lane), b.add(to, b.mul(lane, unit)), 1, rows);
  });
}

/// Rows [first, first + count) of the panel.
void MatmulEmitter::pack(Value first, Value count) {
  Value whole = b.sub(count, b.rem(count, b.index(unit)));
  auto packRows = [&](Value begin, Value end, int64_t rows) {
    b.loop(begin, end, unit, [&](Value j) {
      packStep(b.add(first, j), b.mul(j, config.getPanel()), rows);
    });
  };
  packRows(b.index(0), whole, unit);
  if (unit > 1)
    packRows(whole, count, 1);
}

/// `unroll` steps from element `j` of the sum on, of `rows` elements each.
Values MatmulEmitter::step(ArrayRef<Value> inputs, Value j, int64_t unroll,
                           int64_t rows, Values now) {
  Value weights = b.mul(j, config.getPanel());
  for (int64_t u = 0; u < unroll; ++u) {
    Values loaded;
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      loaded.push_back(arithmetic->loadWeights(
          b, buffer,
          b.add(weights,
                (u * config.getPanel() + vector * config.lanes) * unit)));
    for (auto [row, input] : llvm::enumerate(inputs)) {
      Value x = arithmetic->loadInput(b, args.left.view.flat,
                                      b.add(b.add(input, j), u * unit), rows);
      for (int64_t vector = 0; vector < config.vectors; ++vector) {
        Value &sum = now[row * config.vectors + vector];
        sum = arithmetic->multiplyAdd(b, loaded[vector], x, sum);
      }
    }
  }
  return now;
}

/// What the part of a sum begins with, in registers.
Value MatmulEmitter::loadSum(Value row, int64_t vector) {
  if (isLong())
    return b.zeros(arithmetic->getAccumulatorType(b));
  return b.load(sums, getSums(row, vector), config.lanes);
}

void MatmulEmitter::storeSum(Value sum, Value row, int64_t vector) {
  Value at = getSums(row, vector);
  if (isLong()) {
    auto type = b.vectorOf(config.lanes, accumulator);
    sum =
        arith::AddIOp::create(b, b.getLoc(), b.load(sums, at, config.lanes),
                              arith::ExtSIOp::create(b, b.getLoc(), type, sum));
  }
  b.store(sum, sums, at, config.lanes);
}

void MatmulEmitter::sum(ArrayRef<Value> rows, Value first, Value count) {
  Values inputs, now;
  for (Value row : rows) {
    inputs.push_back(b.add(getRow(args.left, row), first));
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      now.push_back(loadSum(row, vector));
  }
  Value from = b.index(0);
  auto loop = [&](int64_t steps, int64_t elements) {
    int64_t stride = steps * elements;
    Value left = b.sub(count, from);
    Value to = b.add(from, b.sub(left, b.rem(left, b.index(stride))));
    now = b.loop(from, to, stride, now, [&](Value j, ValueRange carried) {
      return step(inputs, j, steps, elements, Values(carried));
    });
    from = to;
  };
  loop(config.unroll, unit);
  loop(1, unit);
  if (unit > 1)
    loop(1, 1);
  for (auto [i, row] : llvm::enumerate(rows))
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      storeSum(now[i * config.vectors + vector], row, vector);
}

/// Stores what the region makes of the sums of `lanes` columns.
void MatmulEmitter::finish(Value row, Value lane, int64_t lanes) {
  Value column = b.add(args.column, lane);
  Values arguments = {b.load(sums, getSums(row, lane), lanes)};
  for (const Operand &extra : args.extras)
    arguments.push_back(loadExtra(
        b, extra.view, extra.view.isByRow() ? getRow(extra, row) : Value(),
        column, lanes, lanes));
  Value result = epilogue.apply(b, arguments, args.captured, lanes);
  b.store(result, args.out.view.flat, b.add(getRow(args.out, row), column),
          lanes);
}

void MatmulEmitter::emit() {
  buffer = b.allocate(config.reduction * config.getPanel(),
                      args.right.view.getElementType());
  sums = b.allocate(config.blockRows * config.getPanel(), accumulator);
  Value none = b.zeros(b.vectorOf(config.lanes, accumulator));
  b.loop(args.begin, args.end, 1, [&](Value row) {
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      b.store(none, sums, getSums(row, vector), config.lanes);
  });
  b.loop(b.index(0), args.depth, config.reduction, [&](Value first) {
    Value count = b.min(b.sub(args.depth, first), b.index(config.reduction));
    pack(first, count);
    b.forEachTile(args.begin, args.end, config.rows,
                  [&](ArrayRef<Value> rows) { sum(rows, first, count); });
  });
  Value whole = b.sub(args.columns, b.rem(args.columns, b.index(config.lanes)));
  b.loop(args.begin, args.end, 1, [&](Value row) {
    b.loop(b.index(0), whole, config.lanes,
           [&](Value lane) { finish(row, lane, config.lanes); });
    b.loop(whole, args.columns, 1, [&](Value lane) { finish(row, lane, 1); });
  });
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {

class MatmulExpansion {
public:
  MatmulExpansion(qcc::qnn::ContractOp op, const KernelConfig &config,
                  const Epilogue &epilogue, KernelFunctions &functions)
      : op(op), config(config), epilogue(epilogue), functions(functions),
        b(op.getLoc(), op) {}

  LogicalResult run();

private:
  LogicalResult check();
  FailureOr<Operand> getOperand(Value memory);
  LogicalResult setOperands();
  void moveTo(Value matrix, Value shared);
  Value getExtent(Value memory, int64_t fromLast);
  Value getBatch(Value memory);
  void call();
  std::string getKey() const;

  qcc::qnn::ContractOp op;
  const KernelConfig &config;
  const Epilogue &epilogue;
  KernelFunctions &functions;
  KernelBuilder b;
  MatmulArgs args;
};

} // namespace

LogicalResult MatmulExpansion::check() {
  Type left = getElementTypeOrSelf(op.getInput()),
       right = getElementTypeOrSelf(op.getWeights());
  bool isFloat = config.numbers == Numbers::F32;
  Type wanted = isFloat ? Type(b.getF32Type()) : Type(b.getI16Type());
  if (left != wanted || right != wanted ||
      isFloat != op.getAccumulatorType().isF32())
    return op.emitOpError("multiplies ")
           << left << " and " << right << " with sums in "
           << op.getAccumulatorType() << ", which kernel '"
           << config.getKernelName() << "' does not";
  if (!op.isMatrix() || !op.getTransposed() || op.getStart() ||
      op.getGroups() != 1)
    return op.emitOpError("is no product of matrices [M, C] and [C, K], which "
                          "is all that kernel '")
           << config.getKernelName() << "' does";
  if (config.reduction < 1)
    return op.emitOpError("has a tile without the length of a buffer, its last "
                          "element");
  return success();
}

/// At first an operand's `at` is the distance of the matrices of a batch.
FailureOr<Operand> MatmulExpansion::getOperand(Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<Value> strides;
  FailureOr<Value> flat = flatten(b, memory, strides);
  if (failed(flat))
    return op.emitOpError("needs memory with rows side by side, got ") << type;
  Operand operand;
  operand.view.flat = *flat;
  operand.at = b.index(0);
  int64_t rank = type.getRank();
  if (rank < 2) {
    operand.view.kind = rank == 0 ? View::Scalar : View::Channels;
    return operand;
  }
  operand.view.strides = {strides[rank - 2]};
  operand.view.isColumn =
      type.getShape().back() == 1 &&
      cast<ShapedType>(op.getInit().getType()).getShape().back() != 1;
  if (rank == 3)
    operand.at = strides[0];
  return operand;
}

Value MatmulExpansion::getExtent(Value memory, int64_t fromLast) {
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  return b.createOrFold<memref::DimOp>(memory, rank - fromLast);
}

Value MatmulExpansion::getBatch(Value memory) {
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  return rank == 3 ? getExtent(memory, 3) : b.index(1);
}

LogicalResult MatmulExpansion::setOperands() {
  for (auto [operand, memory] : {std::pair(&args.left, op.getInput()),
                                 std::pair(&args.right, op.getWeights()),
                                 std::pair(&args.out, op.getInit())}) {
    FailureOr<Operand> made = getOperand(memory);
    if (failed(made))
      return failure();
    *operand = *made;
  }
  for (Value extra : op.getExtras()) {
    FailureOr<Operand> made = getOperand(extra);
    if (failed(made))
      return failure();
    args.extras.push_back(*made);
  }
  llvm::append_range(args.captured, epilogue.getCaptured());
  return success();
}

/// Sets where the operands of the work item begin: those of a matrix of the
/// batch, of which `shared` consecutive ones have the same right operand.
void MatmulExpansion::moveTo(Value matrix, Value shared) {
  args.right.at = b.mul(b.div(matrix, shared), args.right.at);
  for (Operand *operand : {&args.left, &args.out})
    operand->at = b.mul(matrix, operand->at);
  for (Operand &extra : args.extras)
    extra.at = b.mul(matrix, extra.at);
}

std::string MatmulExpansion::getKey() const {
  qcc::qnn::ContractOp contract = op;
  std::string key = config.getKernelName() + epilogue.getKey();
  for (int64_t part : config.getTile())
    key += "," + std::to_string(part);
  for (const Operand &extra : args.extras)
    key += std::to_string(extra.view.kind) + (extra.view.isColumn ? "r" : "");
  return key + (contract.getAccumulatorType().isInteger(64) ? "l" : "");
}

void MatmulExpansion::call() {
  SmallVector<Value> values;
  args.forEach([&](Value &value) { values.push_back(value); });
  func::FuncOp function = functions.get(
      op.getLoc(), config.getKernelName(), getKey(),
      ValueRange(values).getTypes(),
      [&](KernelBuilder &inner, ValueRange arguments) {
        MatmulArgs bound = args;
        auto next = arguments.begin();
        bound.forEach([&](Value &value) { value = *next++; });
        MatmulEmitter(inner, config, bound, epilogue, op.getAccumulatorType())
            .emit();
      });
  func::CallOp::create(b, op.getLoc(), function, values);
}

LogicalResult MatmulExpansion::run() {
  if (failed(check()) || failed(setOperands()))
    return failure();
  Value rows = getExtent(op.getInit(), 2), columns = getExtent(op.getInit(), 1);
  args.depth = getExtent(op.getInput(), 1);
  Value zero = b.index(0), one = b.index(1);
  Value batch = getBatch(op.getInit());
  // An empty batch divides by nothing.
  Value shared = b.div(
      batch, b.createOrFold<arith::MaxUIOp>(getBatch(op.getWeights()), one));
  auto loops = scf::ParallelOp::create(
      b, b.getLoc(), ValueRange{zero, zero, zero},
      ValueRange{batch, b.ceilDiv(rows, config.blockRows),
                 b.ceilDiv(columns, config.getPanel())},
      ValueRange{one, one, one});
  b.setInsertionPointToStart(loops.getBody());
  auto index = loops.getInductionVars();
  moveTo(index[0], shared);
  args.begin = b.mul(index[1], config.blockRows);
  args.end = b.min(b.add(args.begin, config.blockRows), rows);
  args.column = b.mul(index[2], config.getPanel());
  args.columns = b.min(b.sub(columns, args.column), b.index(config.getPanel()));
  call();
  op.erase();
  return success();
}

LogicalResult qcc::cpu::expandProduct(qcc::qnn::ContractOp op,
                                      const KernelConfig &config,
                                      const Epilogue &epilogue,
                                      KernelFunctions &functions) {
  return MatmulExpansion(op, config, epilogue, functions).run();
}
