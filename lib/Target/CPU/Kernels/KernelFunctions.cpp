#include "lib/Target/CPU/Kernels/KernelFunctions.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace qcc::cpu;

func::FuncOp KernelFunctions::get(Location loc, StringRef name, StringRef key,
                                  TypeRange types, Fill fill) {
  std::string text = key.str();
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(types, os);
  func::FuncOp &function = functions[text];
  if (function)
    return function;
  // The index makes the name unique; what else the module holds does not begin
  // with "kernel_".
  std::string symbol =
      ("kernel_" + name + "_" + llvm::Twine(functions.size() - 1)).str();
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, loc, symbol,
                                  builder.getFunctionType(types, TypeRange()));
  function.setPrivate();
  KernelBuilder b(loc, module.getContext());
  b.setInsertionPointToStart(function.addEntryBlock());
  fill(b, function.getArguments());
  func::ReturnOp::create(b, b.getLoc());
  return function;
}
