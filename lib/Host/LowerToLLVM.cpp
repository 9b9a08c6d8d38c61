// The last conversion. See Passes.td.

#include "lib/Analysis/NodeLocation.h"
#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_LOWERTOLLVM
#include "lib/Host/Passes.h.inc"

namespace {

//===----------------------------------------------------------------------===//
// Errors of a run
//===----------------------------------------------------------------------===//

class ErrorExits {
public:
  explicit ErrorExits(func::FuncOp main)
      : main(main), builder(main.getLoc(), main.getContext()) {}

  void lower() {
    SmallVector<cf::AssertOp> asserts;
    SmallVector<LLVM::CallOp> calls;
    main.walk([&](cf::AssertOp op) { asserts.push_back(op); });
    main.walk([&](LLVM::CallOp op) {
      if (canFail(op))
        calls.push_back(op);
    });
    for (LLVM::CallOp call : calls)
      leaveOnFailure(call);
    for (cf::AssertOp op : asserts)
      leaveUnless(op);
  }

private:
  /// Whether a call returns 0 when it fails.
  static bool failsByZero(StringRef name) {
    return name == "qccrt_arena" || name == "qccrt_alloc" ||
           name == "qccrt_output" || name == "qccrt_device_alloc";
  }

  /// Whether it returns another number than 0 then.
  static bool failsByStatus(StringRef name) {
    return name.starts_with("qccrt_device_copy_") ||
           name == "qccrt_device_launch" || name == "qccrt_device_wait";
  }

  static bool canFail(LLVM::CallOp call) {
    std::optional<StringRef> name = call.getCallee();
    return name && (failsByZero(*name) || failsByStatus(*name));
  }

  /// A block that returns 1; `message` is recorded before, if there is one.
  Block *makeExit(StringRef message) {
    OpBuilder::InsertionGuard guard(builder);
    Block *&exit = exits[message];
    if (exit)
      return exit;
    exit = builder.createBlock(&main.getBody(), main.getBody().end());
    if (!message.empty())
      callRuntime(builder, "qccrt_fail", Type(),
                  {main.getArgument(0), makeText(message)});
    Value one = arith::ConstantIntOp::create(builder, 1, 32);
    func::ReturnOp::create(builder, one);
    return exit;
  }

  /// Users know their nodes. Files are not named: an artifact is the same
  /// wherever its model lay.
  static std::string makeMessage(cf::AssertOp op) {
    auto node = analysis::getNode(op.getLoc());
    return node ? node->describe() + ": " + op.getMsg().str()
                : op.getMsg().str();
  }

  Value makeText(StringRef text) {
    auto module = main->getParentOfType<ModuleOp>();
    std::string name = ("qccgen_text_" + Twine(exits.size())).str();
    std::string bytes = text.str();
    bytes.push_back('\0');
    LLVM::GlobalOp global;
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(module.getBody());
      global = LLVM::GlobalOp::create(
          builder, LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size()),
          /*isConstant=*/true, LLVM::Linkage::Internal, name,
          builder.getStringAttr(bytes));
    }
    return LLVM::AddressOfOp::create(builder, global);
  }

  void leaveUnless(cf::AssertOp op) {
    Block *rest = op->getBlock()->splitBlock(std::next(op->getIterator()));
    builder.setInsertionPoint(op);
    cf::CondBranchOp::create(builder, op.getArg(), rest,
                             makeExit(makeMessage(op)));
    op.erase();
  }

  void leaveOnFailure(LLVM::CallOp call) {
    Block *rest = call->getBlock()->splitBlock(std::next(call->getIterator()));
    builder.setInsertionPointAfter(call);
    Value zero = LLVM::ZeroOp::create(builder, call.getResult().getType());
    auto failure = failsByZero(*call.getCallee()) ? LLVM::ICmpPredicate::eq
                                                  : LLVM::ICmpPredicate::ne;
    Value failed =
        LLVM::ICmpOp::create(builder, failure, call.getResult(), zero);
    cf::CondBranchOp::create(builder, failed, makeExit(""), rest);
  }

  func::FuncOp main;
  ImplicitLocOpBuilder builder;
  llvm::StringMap<Block *> exits;
};

//===----------------------------------------------------------------------===//
// The conversion
//===----------------------------------------------------------------------===//

struct LowerToLLVM : impl::LowerToLLVMBase<LowerToLLVM> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (func::FuncOp main = getMain(module))
      ErrorExits(main).lower();
    if (failed(convert(module)))
      return signalPassFailure();
    finish(module);
  }

private:
  LogicalResult convert(ModuleOp module) {
    MLIRContext *context = &getContext();
    LowerToLLVMOptions options(context);
    LLVMTypeConverter converter(context, options);
    RewritePatternSet patterns(context);
    LLVMConversionTarget target(*context);
    target.addLegalOp<ModuleOp>();

    arith::populateExpandBFloat16Patterns(patterns);
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    // An instruction where there is one, before a call.
    populateMathToLLVMConversionPatterns(converter, patterns,
                                         /*approximateLog1p=*/false,
                                         /*benefit=*/2);
    populateMathToLibmConversionPatterns(patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    return applyFullConversion(module, target, std::move(patterns));
  }

  /// Loops are inlined into what the runtime calls, where their arguments'
  /// noalias becomes that of single accesses.
  void finish(ModuleOp module) {
    Builder builder(&getContext());
    for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
      function->removeAttr(parallelAttr);
      if (!function.isExternal() && function.getName() != mainName)
        function.setLinkage(LLVM::Linkage::Internal);
    }
  }
};

} // namespace
} // namespace qcc::host
