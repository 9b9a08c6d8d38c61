// The model as a program of the toy, and the host's part. See Passes.td.

#include "lib/Host/Constants.h"
#include "lib/Host/Devices.h"
#include "lib/Host/Memory.h"
#include "test/lib/Target/Toy/Assembler.h"
#include "test/lib/Target/Toy/Passes.h"
#include "test/lib/Target/Toy/Program.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace qcc::toy {

#define GEN_PASS_DEF_LOWERTOTOY
#include "test/lib/Target/Toy/Passes.h.inc"

namespace {

//===----------------------------------------------------------------------===//
// The host's part
//===----------------------------------------------------------------------===//

/// Builds qccgen_main: for each sample, its inputs go to the workspace, all
/// entry points are launched, its outputs come back.
class HostPart {
public:
  HostPart(func::FuncOp main, const Program &program, int32_t device)
      : main(main), program(program), builder(main.getLoc(), main),
        device(device) {}

  void build();

private:
  Value makeArguments(host::DeviceCalls &calls);
  Value callOutput(unsigned i, Value samples);
  Value getSample(Value pointer, Value offset) {
    return LLVM::GEPOp::create(builder, pointer.getType(), builder.getI8Type(),
                               pointer, ArrayRef<LLVM::GEPArg>{offset});
  }
  Value addBytes(Value address, int64_t bytes) {
    return arith::AddIOp::create(builder, address,
                                 host::makeI64(builder, bytes));
  }
  Value getOffset(Value sample, int64_t bytes) {
    return arith::MulIOp::create(builder, host::toI64(builder, sample),
                                 host::makeI64(builder, bytes));
  }
  /// Memory on the stack for so many i64.
  Value makeArray(ArrayRef<Value> values);
  void runSample(host::DeviceCalls &calls, Value sample);

  func::FuncOp main;
  const Program &program;
  ImplicitLocOpBuilder builder;
  int32_t device;
  Value run, workspace, arguments;
  SmallVector<Value> inputs, outputs;
};

Value HostPart::makeArray(ArrayRef<Value> values) {
  Type i64 = builder.getI64Type();
  Value array = LLVM::AllocaOp::create(
      builder, run.getType(), i64,
      host::makeI32(builder, std::max<size_t>(values.size(), 1)));
  for (auto [i, value] : llvm::enumerate(values)) {
    Value place =
        LLVM::GEPOp::create(builder, run.getType(), i64, array,
                            ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, value, place);
  }
  return array;
}

Value HostPart::callOutput(unsigned i, Value samples) {
  auto type = cast<RankedTensorType>(main.getResultTypes()[i]);
  SmallVector<Value> dims;
  for (int64_t extent : type.getShape())
    dims.push_back(ShapedType::isDynamic(extent)
                       ? samples
                       : host::makeI64(builder, extent));
  Value array = makeArray(dims);
  return host::callRuntime(builder, "qccrt_output", run.getType(),
                           {run, host::makeI32(builder, i),
                            host::makeI32(builder, dims.size()), array});
}

void HostPart::runSample(host::DeviceCalls &calls, Value sample) {
  for (auto [input, port] : llvm::zip_equal(inputs, program.inputs))
    calls.copyIn(addBytes(workspace, port.offset),
                 getSample(input, getOffset(sample, port.bytes)),
                 host::makeI64(builder, port.bytes));
  for (size_t entry = 0; entry < program.entries.size(); ++entry)
    calls.launch(static_cast<int32_t>(entry), arguments, NumArguments);
  for (auto [output, port] : llvm::zip_equal(outputs, program.outputs))
    calls.copyOut(getSample(output, getOffset(sample, port.bytes)),
                  addBytes(workspace, port.offset),
                  host::makeI64(builder, port.bytes));
}

void HostPart::build() {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto entry = func::FuncOp::create(
      builder, host::mainName,
      builder.getFunctionType(pointer, builder.getI32Type()));
  Block *body = entry.addEntryBlock();
  builder.setInsertionPointToStart(body);
  run = body->getArgument(0);
  Value samples = host::makeI64(builder, 1);
  if (main.getNumArguments() && hasSamples(main.getArgumentTypes()[0]))
    samples = host::callRuntime(
        builder, "qccrt_input_dim", builder.getI64Type(),
        {run, host::makeI32(builder, 0), host::makeI32(builder, 0)});
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    inputs.push_back(host::callRuntime(builder, "qccrt_input", pointer,
                                       {run, host::makeI32(builder, i)}));
  for (unsigned i = 0; i < main.getNumResults(); ++i)
    outputs.push_back(callOutput(i, samples));
  host::DeviceCalls calls(builder, run, device);
  workspace = calls.alloc(0, host::makeI64(builder, program.workspaceBytes));
  arguments = makeArray({calls.getConstants(), workspace});
  Value zero = arith::ConstantIndexOp::create(builder, 0);
  Value one = arith::ConstantIndexOp::create(builder, 1);
  auto loop =
      scf::ForOp::create(builder, zero, host::toIndex(builder, samples), one);
  builder.setInsertionPointToStart(loop.getBody());
  runSample(calls, loop.getInductionVar());
  builder.setInsertionPointToEnd(body);
  calls.wait();
  func::ReturnOp::create(builder, host::makeI32(builder, 0));
}

//===----------------------------------------------------------------------===//
// The device's part, and the pass
//===----------------------------------------------------------------------===//

host::DeviceInterface makeDevice(ModuleOp module, const Program &program) {
  host::DeviceInterface device;
  device.name = "toy0";
  device.driver = "toy";
  device.driverSymbol = "toy_driver";
  device.code = program.code;
  device.entries = program.entries;
  device.constantsBytes = program.constants.size() * sizeof(uint32_t);
  device.requiredBytes = {device.constantsBytes +
                          static_cast<uint64_t>(program.workspaceBytes)};
  if (program.constants.empty())
    return device;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyInferAlign(
      ArrayRef<uint32_t>(program.constants));
  Builder builder(module.getContext());
  auto type = RankedTensorType::get(
      {static_cast<int64_t>(program.constants.size())}, builder.getI32Type());
  device.constantsOffset = host::addExternalConstant(
      module, DenseResourceElementsAttr::get(type, "toy", std::move(blob)),
      device.constantsBytes);
  return device;
}

struct LowerToToy : impl::LowerToToyBase<LowerToToy> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main) {
      module.emitError("has no function @main, which is the model");
      return signalPassFailure();
    }
    if (failed(checkInterface(main)))
      return signalPassFailure();
    FailureOr<Program> program = buildProgram(main);
    if (failed(program))
      return signalPassFailure();
    int32_t device = host::recordDevice(module, makeDevice(module, *program));
    HostPart(main, *program, device).build();
    main.erase();
  }
};

} // namespace

} // namespace qcc::toy
