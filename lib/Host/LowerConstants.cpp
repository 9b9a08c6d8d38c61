// Large constants out of the code. See Passes.td.

#include "lib/Analysis/AllocatedBuffers.h"
#include "lib/Host/Constants.h"
#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"
#include "qcc/Executor/Constants.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_LOWERCONSTANTS
#include "lib/Host/Passes.h.inc"

static constexpr StringLiteral constantsAttr = "qcc.constants";
static constexpr int64_t constantAlignment = 64;

SmallVector<ExternalConstant> getExternalConstants(ModuleOp module) {
  SmallVector<ExternalConstant> constants;
  auto list = module->getAttrOfType<ArrayAttr>(constantsAttr);
  if (!list)
    return constants;
  for (auto entry : list.getAsRange<ArrayAttr>()) {
    auto elements = cast<ElementsAttr>(entry[0]);
    auto offset = cast<IntegerAttr>(entry[1]).getInt();
    auto bytes = cast<IntegerAttr>(entry[2]).getInt();
    constants.push_back({elements, static_cast<uint64_t>(offset),
                         static_cast<uint64_t>(bytes)});
  }
  return constants;
}

static ArrayAttr makeEntry(Builder &builder, ElementsAttr elements,
                           int64_t offset, int64_t bytes) {
  return builder.getArrayAttr({elements, builder.getI64IntegerAttr(offset),
                               builder.getI64IntegerAttr(bytes)});
}

uint64_t addExternalConstant(ModuleOp module, ElementsAttr elements,
                             uint64_t bytes) {
  Builder builder(module.getContext());
  SmallVector<Attribute> list;
  uint64_t end = 0;
  if (auto known = module->getAttrOfType<ArrayAttr>(constantsAttr))
    llvm::append_range(list, known);
  for (const ExternalConstant &constant : getExternalConstants(module))
    end = constant.offset + constant.bytes;
  uint64_t offset = llvm::alignTo(end, constantAlignment);
  list.push_back(makeEntry(builder, elements, static_cast<int64_t>(offset),
                           static_cast<int64_t>(bytes)));
  module->setAttr(constantsAttr, builder.getArrayAttr(list));
  return offset;
}

namespace {

struct LowerConstants : impl::LowerConstantsBase<LowerConstants> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp main = getMain(module);
    if (!main) {
      module.emitError("has no function @qccgen_main; run host-lower-entry "
                       "before this pass");
      return signalPassFailure();
    }
    if (failed(place(module)) || failed(redirect(module, main)))
      signalPassFailure();
  }

private:
  static int64_t countBytes(memref::GlobalOp global) {
    MemRefType type = global.getType();
    return analysis::getStaticBytes(type);
  }

  static bool isLarge(memref::GlobalOp global) {
    auto value = dyn_cast_if_present<ElementsAttr>(
        global.getInitialValue().value_or(Attribute()));
    return value && (isa<DenseResourceElementsAttr>(value) ||
                     countBytes(global) > maxInlineBytes);
  }

  LogicalResult place(ModuleOp module) {
    Builder builder(&getContext());
    SmallVector<Attribute> list;
    int64_t end = 0;
    for (auto global : module.getOps<memref::GlobalOp>()) {
      if (!isLarge(global))
        continue;
      auto elements = cast<ElementsAttr>(*global.getInitialValue());
      int64_t bytes = countBytes(global);
      auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
      if (resource && static_cast<int64_t>(resource.getData().size()) != bytes)
        return global.emitError("holds ")
               << resource.getData().size() << " bytes where its type "
               << global.getType() << " takes " << bytes
               << "; the resource was made for another type";
      int64_t offset = llvm::alignTo(end, constantAlignment);
      end = offset + bytes;
      offsets[global.getSymName()] = offset;
      list.push_back(makeEntry(builder, elements, offset, bytes));
    }
    if (!list.empty())
      module->setAttr(constantsAttr, builder.getArrayAttr(list));
    return success();
  }

  LogicalResult redirect(ModuleOp module, func::FuncOp main) {
    ImplicitLocOpBuilder builder(main.getLoc(), main.getContext());
    Value base;
    SmallVector<memref::GetGlobalOp> uses;
    module.walk([&](memref::GetGlobalOp use) {
      if (offsets.contains(use.getName()))
        uses.push_back(use);
    });
    for (memref::GetGlobalOp use : uses) {
      if (use->getParentOfType<func::FuncOp>() != main)
        return use.emitOpError("is outside @qccgen_main, where the constants' "
                               "address is not known; pass it as an argument");
      if (!base) {
        builder.setInsertionPointToStart(&main.getBody().front());
        base = callRuntime(builder, "qccrt_constants",
                           main.getArgument(0).getType(), main.getArgument(0));
      }
      builder.setInsertionPointAfterValue(base);
      Value pointer = LLVM::GEPOp::create(
          builder, base.getType(), builder.getI8Type(), base,
          LLVM::GEPArg(makeI64(builder, offsets[use.getName()])));
      use.replaceAllUsesWith(makeMemRef(builder, pointer, use.getType(), {}));
      use.erase();
    }
    for (auto global :
         llvm::make_early_inc_range(module.getOps<memref::GlobalOp>()))
      if (offsets.contains(global.getSymName()))
        global.erase();
    return success();
  }

  llvm::StringMap<int64_t> offsets;
};

} // namespace
} // namespace qcc::host
