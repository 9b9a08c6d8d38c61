// The loops around a contraction's kernel: blocks of rows by panels of
// channels.

#include "lib/Target/CPU/Kernels/BlockKernel.h"
#include "lib/Target/CPU/Kernels/ContractKernel.h"
#include "lib/Target/CPU/Kernels/DepthwiseKernel.h"
#include "lib/Target/CPU/Kernels/KernelFunctions.h"
#include "lib/Target/CPU/Kernels/MatmulKernel.h"
#include "lib/Target/CPU/Kernels/Problem.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace qcc::cpu;

namespace {

class ContractExpansion {
public:
  ContractExpansion(const Problem &problem, const Epilogue &epilogue,
                    KernelFunctions &functions)
      : problem(problem), config(problem.config), op(problem.op),
        epilogue(epilogue), functions(functions), b(op.getLoc(), op) {}

  LogicalResult run();

private:
  FailureOr<View> getFullView(Value memory);
  FailureOr<View> getExtraView(Value memory);
  LogicalResult setInput();
  LogicalResult setOperands();
  void setExtents();
  void makeLoops();
  void makeDepthwiseLoops();
  bool isPrefetched();
  void callBlock(KernelConfig panelConfig, int64_t lastLanes);
  std::string getKey(const std::string &variant) const;
  /// Calls the function of `variant`, whose body `build` makes for arguments
  /// that are its own.
  void
  callKernel(const std::string &variant,
             llvm::function_ref<void(KernelBuilder &, ContractArgs &)> build);
  void call(int64_t outputs);

  const Problem &problem;
  const KernelConfig &config;
  qcc::qnn::ContractOp op;
  const Epilogue &epilogue;
  KernelFunctions &functions;
  KernelBuilder b;
  ContractArgs args;
  bool hasImage = false;
};

} // namespace

/// Row stride of a matrix, or of an image whose pixels lie at equal distances.
static bool areRows(MemRefType type) {
  return type.getRank() == 2 || isCollapsible(type);
}

/// The strides of n, h and w; a batch of matrices is one of images that are one
/// line each.
static SmallVector<Value, 3> getImageStrides(ArrayRef<Value> strides) {
  if (strides.size() == 4)
    return {strides[0], strides[1], strides[2]};
  return {strides[0], strides[0], strides[1]};
}

FailureOr<View> ContractExpansion::getFullView(Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  View view;
  SmallVector<Value> strides;
  FailureOr<Value> flat = flatten(b, memory, strides);
  if (failed(flat))
    return op.emitOpError("needs memory with channels side by side, got ")
           << type;
  view.flat = *flat;
  view.isColumn = type.getShape().back() == 1 &&
                  problem.getInitType().getShape().back() != 1;
  if (areRows(type)) {
    view.kind = View::Rows;
    view.strides = {strides[type.getRank() - 2]};
    return view;
  }
  view.kind = View::Image;
  view.strides = getImageStrides(strides);
  hasImage = true;
  return view;
}

FailureOr<View> ContractExpansion::getExtraView(Value memory) {
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  if (rank > 1)
    return getFullView(memory);
  View view;
  SmallVector<Value> strides;
  FailureOr<Value> flat = flatten(b, memory, strides);
  if (failed(flat))
    return op.emitOpError("needs extras with elements side by side, got ")
           << memory.getType();
  view.flat = *flat;
  view.kind = rank == 0 ? View::Scalar : View::Channels;
  return view;
}

LogicalResult ContractExpansion::setInput() {
  MemRefType type = problem.getInputType();
  bool isDepthwise = config.shape == Shape::Depthwise;
  bool isMoved = isDepthwise || problem.windowH > 1 || problem.windowW > 1 ||
                 problem.isMerged ||
                 llvm::any_of(op.getStrides(), [](int64_t s) { return s > 1; });
  SmallVector<Value> strides;
  FailureOr<Value> flat = flatten(b, op.getInput(), strides);
  if (failed(flat))
    return op.emitOpError("needs an input with channels side by side, got ")
           << type;
  args.input.flat = *flat;
  args.tapH = args.tapW = b.index(0);
  if (!isMoved && areRows(type)) {
    args.input.kind = View::Rows;
    args.input.strides = {strides[type.getRank() - 2]};
    return success();
  }
  hasImage = true;
  args.input.kind = View::Image;
  if (type.getRank() == 3) {
    args.input.strides = getImageStrides(strides);
    return success();
  }
  args.input.strides = {strides[0], b.mul(strides[1], op.getStrides()[0]),
                        b.mul(strides[2], op.getStrides()[1])};
  args.tapH = b.mul(strides[1], op.getDilations()[0]);
  args.tapW =
      isDepthwise ? strides[2] : b.mul(strides[2], op.getDilations()[1]);
  return success();
}

LogicalResult ContractExpansion::setOperands() {
  int64_t rank = problem.getInitType().getRank();
  if (rank > 2) {
    args.outH =
        rank == 3
            ? b.index(1)
            : memref::DimOp::create(b, b.getLoc(), op.getInit(), 1).getResult();
    args.outW = memref::DimOp::create(b, b.getLoc(), op.getInit(), rank - 2);
  }
  if (failed(setInput()))
    return failure();
  FailureOr<View> init = getFullView(op.getInit());
  if (failed(init))
    return failure();
  args.init = *init;
  for (Value extra : op.getExtras()) {
    FailureOr<View> view = getExtraView(extra);
    if (failed(view))
      return failure();
    args.extras.push_back(*view);
  }
  if (Value start = op.getStart()) {
    FailureOr<View> view = getExtraView(start);
    if (failed(view))
      return failure();
    args.start = view->flat;
  }
  Type element = config.numbers == Numbers::F32
                     ? Type(b.getF32Type())
                     : b.getIntegerType(8 * getElementBytes(config));
  FailureOr<Value> weights = flattenStream(b, op.getWeights(), element);
  if (failed(weights))
    return op.emitOpError("needs packed weights, one axis of ")
           << element << " or bytes, got " << op.getWeights().getType();
  args.weights = *weights;
  if (Value scales = op.getInputScales()) {
    FailureOr<View> view = getExtraView(scales);
    if (failed(view))
      return failure();
    args.rowScales = view->flat;
  }
  if (Value sums = op.getInputSums()) {
    FailureOr<View> view = getExtraView(sums);
    if (failed(view))
      return failure();
    args.rowSums = *view;
  }
  llvm::append_range(args.captured, epilogue.getCaptured());
  return success();
}

void ContractExpansion::setExtents() {
  if (!args.outH)
    args.outH = args.outW = b.index(1);
  args.windowH = b.index(problem.windowH);
  args.windowW = b.index(problem.windowW);
  args.channels = b.index(problem.channels);
}

std::string ContractExpansion::getKey(const std::string &variant) const {
  std::string key = variant + epilogue.getKey();
  for (const View *view : {&args.input, &args.init})
    key += std::to_string(view->kind);
  for (const View &extra : args.extras)
    key += std::to_string(extra.kind) + (extra.isColumn ? "r" : "");
  return key + (args.start ? "s" : "");
}

void ContractExpansion::callKernel(
    const std::string &variant,
    llvm::function_ref<void(KernelBuilder &, ContractArgs &)> build) {
  SmallVector<Value> values = args.getValues();
  func::FuncOp function =
      functions.get(b.getLoc(), config.getKernelName(), getKey(variant),
                    ValueRange(values).getTypes(),
                    [&](KernelBuilder &inner, ValueRange arguments) {
                      ContractArgs bound = args;
                      bound.bindTo(arguments);
                      build(inner, bound);
                    });
  func::CallOp::create(b, b.getLoc(), function, values);
}

/// A row of bytes by a matrix takes as long as reading the matrix. From a cache
/// that comes faster if it is asked for; from memory, and in floats, which need
/// more bytes for a product, the processor's own prefetching does better.
bool ContractExpansion::isPrefetched() {
  constexpr int64_t cachedBytes = 8 << 20;
  return config.numbers == Numbers::I8 && !hasImage &&
         getPackedBytes(problem.shape, config) * problem.batch <= cachedBytes;
}

void ContractExpansion::call(int64_t outputs) {
  int64_t lanes = config.lanes, unit = getStepChannels(config);
  ContractVariant variant{config,
                          /*lastLanes=*/(outputs - 1) % lanes + 1,
                          hasImage,
                          problem.windowH * problem.windowW > 1,
                          problem.channels / unit % config.unroll != 0,
                          problem.channels % unit,
                          problem.signs};
  variant.config.vectors = llvm::divideCeil(outputs, lanes);
  variant.isLong = op.getAccumulatorType().isInteger(64);
  variant.isPrefetched = isPrefetched();
  // Without such instructions tiles multiply for longer than they wait, and
  // have no registers for more addresses.
  variant.isNextPrefetched =
      config.numbers == Numbers::I8 && config.hasVNNI() && !hasImage;
  args.zeroPoints = args.codes = args.weightsOffset;
  if (problem.stream) {
    variant.stream = problem.stream;
    variant.isWhole = problem.stream->length <= config.reduction;
    int64_t panel = variant.config.getPanel();
    // Those of blocks lie behind the blocks' codes.
    if (config.numbers != Numbers::Block)
      args.zeroPoints =
          b.add(args.weightsOffset, problem.stream->getScalesBytes() * panel);
    args.codes =
        b.add(args.zeroPoints, problem.stream->getZeroPointsBytes() * panel);
  }
  if (config.numbers == Numbers::Block)
    return callBlock(variant.config, variant.lastLanes);
  callKernel(variant.getKey(), [&](KernelBuilder &inner, ContractArgs &bound) {
    buildContractKernel(inner, variant, bound, epilogue);
  });
}

void ContractExpansion::callBlock(KernelConfig panelConfig, int64_t lastLanes) {
  BlockVariant variant{panelConfig, lastLanes, *problem.stream};
  callKernel(variant.getKey(), [&](KernelBuilder &inner, ContractArgs &bound) {
    buildBlockKernel(inner, variant, bound, epilogue);
  });
}

void ContractExpansion::makeLoops() {
  // Rows with the same weights: all, or those of one weight matrix's batch.
  Value rows = b.index(1);
  for (int64_t axis = 0; axis + 1 < problem.getInitType().getRank(); ++axis)
    rows = b.mul(rows, b.createOrFold<memref::DimOp>(op.getInit(), axis));
  rows = b.div(rows, b.index(problem.batch));
  int64_t panel = config.getPanel();
  int64_t panels = llvm::divideCeil(problem.outputs, panel);
  // In elements of the stream.
  int64_t laneSize =
      getLaneBytes(problem.shape, config) / getElementBytes(config);
  int64_t groupSize = llvm::alignTo(problem.outputs, config.lanes) * laneSize;
  Value zero = b.index(0), one = b.index(1);
  auto loops = scf::ParallelOp::create(
      b, b.getLoc(), ValueRange{zero, zero},
      ValueRange{b.ceilDiv(rows, config.blockRows),
                 b.index(panels * problem.groups * problem.batch)},
      ValueRange{one, one});
  b.setInsertionPointToStart(loops.getBody());
  args.begin = b.mul(loops.getInductionVars()[0], config.blockRows);
  args.end = b.min(b.add(args.begin, config.blockRows), rows);
  Value number = loops.getInductionVars()[1], group = zero, batch = zero;
  if (problem.batch > 1) {
    batch = b.div(number, b.index(panels));
    number = b.rem(number, b.index(panels));
    Value first = b.mul(batch, rows);
    args.begin = b.add(args.begin, first);
    args.end = b.add(args.end, first);
  }
  if (problem.groups > 1) {
    group = b.div(number, b.index(panels));
    number = b.rem(number, b.index(panels));
  }
  args.inputOffset = b.mul(group, problem.channels);
  args.weightsOffset = b.add(b.mul(b.add(group, batch), groupSize),
                             b.mul(number, panel * laneSize));
  args.channel = b.add(b.mul(group, problem.outputs), b.mul(number, panel));
  int64_t rest = problem.outputs % panel;
  if (panels == 1 || rest == 0)
    return call(panels == 1 ? problem.outputs : panel);
  Value isWhole = arith::CmpIOp::create(
      b, b.getLoc(), arith::CmpIPredicate::ult, number, b.index(panels - 1));
  auto branch = scf::IfOp::create(b, b.getLoc(), isWhole, /*withElse=*/true);
  b.setInsertionPointToStart(branch.thenBlock());
  call(panel);
  b.setInsertionPointToStart(branch.elseBlock());
  call(rest);
}

void ContractExpansion::makeDepthwiseLoops() {
  Value lines = b.mul(b.createOrFold<memref::DimOp>(op.getInit(), 0),
                      b.createOrFold<memref::DimOp>(op.getInit(), 1));
  Value zero = b.index(0), one = b.index(1);
  auto loops = scf::ParallelOp::create(b, b.getLoc(), zero,
                                       b.ceilDiv(lines, config.blockRows), one);
  b.setInsertionPointToStart(loops.getBody());
  args.begin = b.mul(loops.getInductionVars()[0], config.blockRows);
  args.end = b.min(b.add(args.begin, config.blockRows), lines);
  args.inputOffset = args.weightsOffset = args.channel = zero;
  args.zeroPoints = args.codes = zero;
  args.channels = b.index(problem.groups / config.lanes);
  std::optional<int64_t> pixel = getConstantIntValue(args.tapW);
  DepthwiseVariant variant{config,
                           problem.windowH,
                           problem.windowW,
                           op.getStrides()[1],
                           op.getDilations()[1],
                           problem.groups % config.lanes,
                           pixel.value_or(-1),
                           problem.signs};
  callKernel(variant.getKey(), [&](KernelBuilder &inner, ContractArgs &bound) {
    buildDepthwiseKernel(inner, variant, bound, epilogue);
  });
}

LogicalResult ContractExpansion::run() {
  if (failed(setOperands()))
    return failure();
  setExtents();
  if (config.shape == Shape::Depthwise)
    makeDepthwiseLoops();
  else
    makeLoops();
  op.erase();
  return success();
}

LogicalResult qcc::cpu::expandContract(qcc::qnn::ContractOp op,
                                       KernelFunctions &functions) {
  FailureOr<KernelConfig> config = getConfig(op);
  if (failed(config))
    return failure();
  FailureOr<Epilogue> epilogue = Epilogue::create(op.getEpilogue().front());
  if (failed(epilogue))
    return failure();
  if (config->isProduct())
    return expandProduct(op, *config, *epilogue, functions);
  FailureOr<Problem> problem = Problem::create(op, *config);
  if (failed(problem))
    return failure();
  return ContractExpansion(*problem, *epilogue, functions).run();
}
