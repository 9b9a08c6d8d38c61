#include "lib/Target/CPU/Kernels/MatmulKernel.h"

#include "lib/Target/CPU/Kernels/Arithmetic.h"
#include "lib/Target/CPU/Kernels/KernelChoice.h"
#include "lib/Target/CPU/Kernels/Operands.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace qcc::cpu;
using Values = KernelBuilder::Values;

bool qcc::cpu::isPlainMatmul(Operation *op) {
  if (!isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op))
    return false;
  auto matmul = dyn_cast<linalg::MatmulOp>(op);
  auto batch = dyn_cast<linalg::BatchMatmulOp>(op);
  if (matmul ? matmul.hasUserDefinedMaps() : batch.hasUserDefinedMaps())
    return false;
  return llvm::all_of(op->getOperands(), [](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    return type && type.getElementType().isF32() &&
           succeeded(type.getStridesAndOffset(strides, offset)) &&
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
        arithmetic(Arithmetic::create(config, {})) {}

  void emit();

private:
  Value allocate(int64_t elements);
  void forEachTile(llvm::function_ref<void(ArrayRef<Value>)> body);
  void pack(Value first, Value count);
  void sum(ArrayRef<Value> rows, Value first, Value count);
  Values step(ArrayRef<Value> inputs, Value j, int64_t unroll, Values sums);
  void finish();
  Value getSums(Value row, int64_t vector) {
    return b.add(b.mul(b.sub(row, args.begin), config.getPanel()),
                 vector * config.lanes);
  }

  KernelBuilder &b;
  const KernelConfig &config;
  MatmulArgs &args;
  std::unique_ptr<Arithmetic> arithmetic;
  Value buffer, sums;
};

} // namespace

Value MatmulEmitter::allocate(int64_t elements) {
  constexpr int64_t alignment = 64;
  return memref::AllocaOp::create(b, b.getLoc(),
                                  MemRefType::get({elements}, b.getF32Type()),
                                  b.getI64IntegerAttr(alignment));
}

void MatmulEmitter::forEachTile(
    llvm::function_ref<void(ArrayRef<Value>)> body) {
  Value from = args.begin;
  for (int64_t count = config.rows;; count = 1) {
    Value left = b.sub(args.end, from);
    Value to = b.add(from, b.mul(b.div(left, b.index(count)), count));
    b.loop(from, to, count, [&](Value first) {
      Values rows;
      for (int64_t i = 0; i < count; ++i)
        rows.push_back(b.add(first, i));
      body(rows);
    });
    from = to;
    if (count == 1)
      return;
  }
}

/// Rows [first, first + count) of the panel, side by side; columns that are not
/// there keep what the buffer holds, and nobody reads their sums.
void MatmulEmitter::pack(Value first, Value count) {
  Value isWhole =
      arith::CmpIOp::create(b, b.getLoc(), arith::CmpIPredicate::eq,
                            args.columns, b.index(config.getPanel()));
  b.loop(b.index(0), count, 1, [&](Value j) {
    Value from =
        b.add(args.rightAt,
              b.add(b.mul(b.add(first, j), args.right.row), args.column));
    Value to = b.mul(j, config.getPanel());
    auto branch = scf::IfOp::create(b, b.getLoc(), isWhole, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    for (int64_t lane = 0; lane < config.getPanel(); lane += config.lanes)
      b.store(b.load(args.right.flat, b.add(from, lane), config.lanes), buffer,
              b.add(to, lane), config.lanes);
    b.setInsertionPointToStart(branch.elseBlock());
    b.loop(b.index(0), args.columns, 1, [&](Value lane) {
      memref::StoreOp::create(b, b.getLoc(),
                              b.loadScalar(args.right.flat, b.add(from, lane)),
                              buffer, b.add(to, lane));
    });
  });
}

Values MatmulEmitter::step(ArrayRef<Value> inputs, Value j, int64_t unroll,
                           Values now) {
  Value weights = b.mul(j, config.getPanel());
  for (int64_t u = 0; u < unroll; ++u) {
    Values loaded;
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      loaded.push_back(arithmetic->loadWeights(
          b, buffer,
          b.add(weights, u * config.getPanel() + vector * config.lanes)));
    for (auto [row, input] : llvm::enumerate(inputs)) {
      Value x = arithmetic->loadInput(b, args.left.flat,
                                      b.add(b.add(input, j), u), 1);
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
  Value whole = b.sub(count, b.rem(count, b.index(config.unroll)));
  now = b.loop(b.index(0), whole, config.unroll, now,
               [&](Value j, ValueRange carried) {
                 return step(inputs, j, config.unroll, Values(carried));
               });
  now = b.loop(whole, count, 1, now, [&](Value j, ValueRange carried) {
    return step(inputs, j, 1, Values(carried));
  });
  for (auto [i, row] : llvm::enumerate(rows))
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      b.store(now[i * config.vectors + vector], sums, getSums(row, vector),
              config.lanes);
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
      b.store(arith::AddFOp::create(b, b.getLoc(), old, sum), args.out.flat,
              b.add(to, lane), config.lanes);
    });
    b.loop(whole, args.columns, 1, [&](Value lane) {
      Value sum = b.loadScalar(sums, b.add(from, lane));
      Value old = b.loadScalar(args.out.flat, b.add(to, lane));
      memref::StoreOp::create(b, b.getLoc(),
                              arith::AddFOp::create(b, b.getLoc(), old, sum),
                              args.out.flat, b.add(to, lane));
    });
  });
}

void MatmulEmitter::emit() {
  buffer = allocate(config.reduction * config.getPanel());
  sums = allocate(config.blockRows * config.getPanel());
  Value none = b.zeros(arithmetic->getAccumulatorType(b));
  b.loop(args.begin, args.end, 1, [&](Value row) {
    for (int64_t vector = 0; vector < config.vectors; ++vector)
      b.store(none, sums, getSums(row, vector), config.lanes);
  });
  b.loop(b.index(0), args.depth, config.reduction, [&](Value first) {
    Value count = b.min(b.sub(args.depth, first), b.index(config.reduction));
    pack(first, count);
    forEachTile([&](ArrayRef<Value> rows) { sum(rows, first, count); });
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
  KernelConfig config = chooseKernel(shape, Numbers::F32, isa);
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
  std::string name = "matmul_f32_" + getName(isa).str();
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
