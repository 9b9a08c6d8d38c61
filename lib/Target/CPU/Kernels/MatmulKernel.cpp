#include "lib/Target/CPU/Kernels/MatmulKernel.h"

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/Operands.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

/// What the memories hold: products of f32 are added in f32, of i16 in i32.
static std::optional<Numbers> getNumbers(Operation *op) {
  SmallVector<Type, 3> elements;
  for (Value operand : op->getOperands())
    elements.push_back(getElementTypeOrSelf(operand));
  if (llvm::all_of(elements, [](Type type) { return type.isF32(); }))
    return Numbers::F32;
  if (elements[0].isInteger(16) && elements[1].isInteger(16) &&
      elements[2].isInteger(32))
    return Numbers::I16;
  return std::nullopt;
}

bool qcc::cpu::isPlainMatmul(Operation *op) {
  if (!isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op) || !getNumbers(op))
    return false;
  auto matmul = dyn_cast<linalg::MatmulOp>(op);
  auto batch = dyn_cast<linalg::BatchMatmulOp>(op);
  if (matmul ? matmul.hasUserDefinedMaps() : batch.hasUserDefinedMaps())
    return false;
  return llvm::all_of(op->getOperands(), [](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    return type && succeeded(type.getStridesAndOffset(strides, offset)) &&
           strides.back() == 1;
  });
}

namespace {

struct Operand {
  Value flat, row; ///< Memory of one matrix, and the distance of its rows.
};

/// One work item: rows [begin, end) by columns [column, column + columns).
struct MatmulArgs {
  Operand left, right, out;
  Value leftAt, rightAt, outAt; ///< Where the matrices begin.
  Value begin, end, column, columns, depth;

  SmallVector<Value *> getFields() {
    return {&left.flat, &left.row, &right.flat, &right.row, &out.flat,
            &out.row,   &leftAt,   &rightAt,    &outAt,     &begin,
            &end,       &column,   &columns,    &depth};
  }
};

class MatmulEmitter {
public:
  MatmulEmitter(KernelBuilder &b, const KernelConfig &config, MatmulArgs &args)
      : b(b), config(config), args(args),
        arithmetic(Arithmetic::create(config, {})),
        unit(arithmetic->getUnit()) {}

  void emit();

private:
  void pack(Value first, Value count);
  void packStep(Value row, Value to, int64_t rows);
  void packLanes(Value from, Value to, int64_t lanes, int64_t rows);
  void sum(ArrayRef<Value> rows, Value first, Value count);
  Values step(ArrayRef<Value> inputs, Value j, int64_t unroll, int64_t rows,
              Values sums);
  Value createAdd(Value a, Value c);
  void finish();
  Value getSums(Value row, int64_t vector) {
    return b.add(b.mul(b.sub(row, args.begin), config.getPanel()),
                 vector * config.lanes);
  }

  KernelBuilder &b;
  const KernelConfig &config;
  MatmulArgs &args;
  std::unique_ptr<Arithmetic> arithmetic;
  int64_t unit; ///< Rows of the right operand that one step adds up.
  Value buffer, sums;
};

} // namespace

/// `lanes` columns of `rows` rows, of which the first begins at element `from`:
/// the elements of a column that one step adds up lie side by side.
void MatmulEmitter::packLanes(Value from, Value to, int64_t lanes,
                              int64_t rows) {
  Value first = b.load(args.right.flat, from, lanes);
  if (unit == 1)
    return b.store(first, buffer, to, lanes);
  Value second =
      rows == unit ? b.load(args.right.flat, b.add(from, args.right.row), lanes)
                   : b.zeros(cast<VectorType>(first.getType()));
  Value pairs = vector::InterleaveOp::create(b, b.getLoc(), first, second);
  b.store(pairs, buffer, to, lanes * unit);
}

/// The panel's part of `rows` rows, at most the unit, from `row` on; rows that
/// are not there count as zero. Columns that are not there keep what the buffer
/// holds, and nobody reads their sums.
void MatmulEmitter::packStep(Value row, Value to, int64_t rows) {
  Value from =
      b.add(args.rightAt, b.add(b.mul(row, args.right.row), args.column));
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
      Value x = arithmetic->loadInput(b, args.left.flat,
                                      b.add(b.add(input, j), u * unit), rows);
      for (int64_t vector = 0; vector < config.vectors; ++vector) {
        Value &sum = now[row * config.vectors + vector];
        sum = arithmetic->multiplyAdd(b, loaded[vector], x, sum);
      }
    }
  }
  return now;
}

void MatmulEmitter::sum(ArrayRef<Value> rows, Value first, Value count) {
  Values inputs, now;
  for (Value row : rows) {
    inputs.push_back(
        b.add(b.add(args.leftAt, b.mul(row, args.left.row)), first));
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      now.push_back(b.load(sums, getSums(row, vector), config.lanes));
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
      b.store(now[i * config.vectors + vector], sums, getSums(row, vector),
              config.lanes);
}

Value MatmulEmitter::createAdd(Value a, Value c) {
  if (isa<FloatType>(getElementTypeOrSelf(a)))
    return arith::AddFOp::create(b, b.getLoc(), a, c);
  return arith::AddIOp::create(b, b.getLoc(), a, c);
}

/// Adds the sums to the output.
void MatmulEmitter::finish() {
  b.loop(args.begin, args.end, 1, [&](Value row) {
    Value to = b.add(args.outAt, b.add(b.mul(row, args.out.row), args.column));
    Value from = getSums(row, 0);
    Value whole =
        b.sub(args.columns, b.rem(args.columns, b.index(config.lanes)));
    b.loop(b.index(0), whole, config.lanes, [&](Value lane) {
      Value sum = b.load(sums, b.add(from, lane), config.lanes);
      Value old = b.load(args.out.flat, b.add(to, lane), config.lanes);
      b.store(createAdd(old, sum), args.out.flat, b.add(to, lane),
              config.lanes);
    });
    b.loop(whole, args.columns, 1, [&](Value lane) {
      Value sum = b.loadScalar(sums, b.add(from, lane));
      Value old = b.loadScalar(args.out.flat, b.add(to, lane));
      memref::StoreOp::create(b, b.getLoc(), createAdd(old, sum), args.out.flat,
                              b.add(to, lane));
    });
  });
}

void MatmulEmitter::emit() {
  VectorType sumType = arithmetic->getAccumulatorType(b);
  buffer = b.allocate(config.reduction * config.getPanel(),
                      getElementTypeOrSelf(args.right.flat));
  sums = b.allocate(config.blockRows * config.getPanel(),
                    sumType.getElementType());
  Value none = b.zeros(sumType);
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
  finish();
}

void qcc::cpu::expandMatmul(Operation *op, ISA isa,
                            KernelFunctions &functions) {
  KernelBuilder b(op->getLoc(), op);
  // A panel of as many columns as registers allow; they are known at run time.
  constexpr int64_t anyColumns = 1024;
  WeightsShape shape;
  shape.outputs = anyColumns;
  KernelConfig config = chooseKernel(shape, *getNumbers(op), isa);
  config.reduction = 256;
  bool isBatch = llvm::isa<linalg::BatchMatmulOp>(op);
  int64_t batchAxes = isBatch ? 1 : 0;
  MatmulArgs args;
  SmallVector<Value, 3> batchStrides;
  Operand *operands[] = {&args.left, &args.right, &args.out};
  for (auto [operand, memory] : llvm::zip_equal(operands, op->getOperands())) {
    SmallVector<Value> strides;
    operand->flat = *flatten(b, memory, strides);
    operand->row = strides[batchAxes];
    batchStrides.push_back(isBatch ? strides[0] : b.index(0));
  }
  auto getExtent = [&](int64_t operand, int64_t axis) -> Value {
    return b.createOrFold<memref::DimOp>(op->getOperand(operand), axis);
  };
  Value batch = isBatch ? getExtent(2, 0) : b.index(1);
  Value rows = getExtent(2, batchAxes), columns = getExtent(2, batchAxes + 1);
  args.depth = getExtent(0, batchAxes + 1);
  Value zero = b.index(0), one = b.index(1);
  auto loops = scf::ParallelOp::create(
      b, b.getLoc(), ValueRange{zero, zero, zero},
      ValueRange{batch, b.ceilDiv(rows, config.blockRows),
                 b.ceilDiv(columns, config.getPanel())},
      ValueRange{one, one, one});
  b.setInsertionPointToStart(loops.getBody());
  auto index = loops.getInductionVars();
  args.leftAt = b.mul(index[0], batchStrides[0]);
  args.rightAt = b.mul(index[0], batchStrides[1]);
  args.outAt = b.mul(index[0], batchStrides[2]);
  args.begin = b.mul(index[1], config.blockRows);
  args.end = b.min(b.add(args.begin, config.blockRows), rows);
  args.column = b.mul(index[2], config.getPanel());
  args.columns = b.min(b.sub(columns, args.column), b.index(config.getPanel()));
  SmallVector<Value> values;
  for (Value *field : args.getFields())
    values.push_back(*field);
  std::string name =
      (config.numbers == Numbers::F32 ? "matmul_f32_" : "matmul_i16_") +
      getName(isa).str();
  func::FuncOp function =
      functions.get(op->getLoc(), name, name, ValueRange(values).getTypes(),
                    [&](KernelBuilder &inner, ValueRange arguments) {
                      MatmulArgs bound = args;
                      for (auto [field, argument] :
                           llvm::zip_equal(bound.getFields(), arguments))
                        *field = argument;
                      MatmulEmitter(inner, config, bound).emit();
                    });
  func::CallOp::create(b, op->getLoc(), function, values);
  op->erase();
}
