// A model in the LLVM dialect, y[n] = a[n] + b[n], compiled into a folder of
// its own.

#ifndef TEST_LIB_TARGET_CPU_EMITFIXTURE_H
#define TEST_LIB_TARGET_CPU_EMITFIXTURE_H

#include "lib/Host/Artifact.h"
#include "lib/Target/CPU/CPUHostCode.h"
#include "lib/Target/CPU/Emit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

namespace qcc::test {

inline constexpr char addSource[] = R"mlir(
llvm.func @qccrt_input(!llvm.ptr, i32) -> !llvm.ptr
llvm.func @qccrt_input_dim(!llvm.ptr, i32, i32) -> i64
llvm.func @qccrt_output(!llvm.ptr, i32, i32, !llvm.ptr) -> !llvm.ptr
llvm.func @qccrt_fail(!llvm.ptr, !llvm.ptr)
llvm.mlir.global private constant @message("it is too long\00")

llvm.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %i0 = llvm.mlir.constant(0 : i32) : i32
  %i1 = llvm.mlir.constant(1 : i32) : i32
  %c0 = llvm.mlir.constant(0 : i64) : i64
  %c1 = llvm.mlir.constant(1 : i64) : i64
  %limit = llvm.mlir.constant(100 : i64) : i64
  %null = llvm.mlir.zero : !llvm.ptr
  %a = llvm.call @qccrt_input(%run, %i0) : (!llvm.ptr, i32) -> !llvm.ptr
  %b = llvm.call @qccrt_input(%run, %i1) : (!llvm.ptr, i32) -> !llvm.ptr
  %n = llvm.call @qccrt_input_dim(%run, %i0, %i0) : (!llvm.ptr, i32, i32) -> i64
  %long = llvm.icmp "sgt" %n, %limit : i64
  llvm.cond_br %long, ^refuse, ^compute
^refuse:
  %text = llvm.mlir.addressof @message : !llvm.ptr
  llvm.call @qccrt_fail(%run, %text) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.br ^end(%i1 : i32)
^compute:
  %dims = llvm.alloca %i1 x i64 : (i32) -> !llvm.ptr
  llvm.store %n, %dims : i64, !llvm.ptr
  %y = llvm.call @qccrt_output(%run, %i0, %i1, %dims) : (!llvm.ptr, i32, i32, !llvm.ptr) -> !llvm.ptr
  %failed = llvm.icmp "eq" %y, %null : !llvm.ptr
  llvm.cond_br %failed, ^end(%i1 : i32), ^loop(%c0 : i64)
^loop(%i: i64):
  %more = llvm.icmp "slt" %i, %n : i64
  llvm.cond_br %more, ^body, ^end(%i0 : i32)
^body:
  %pa = llvm.getelementptr %a[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %pb = llvm.getelementptr %b[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %py = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %va = llvm.load %pa : !llvm.ptr -> f32
  %vb = llvm.load %pb : !llvm.ptr -> f32
  %sum = llvm.fadd %va, %vb : f32
  llvm.store %sum, %py : f32, !llvm.ptr
  %next = llvm.add %i, %c1 : i64
  llvm.br ^loop(%next : i64)
^end(%status: i32):
  llvm.return %status : i32
}
)mlir";

class EmitFixture : public testing::Test {
protected:
  void SetUp() override {
    mlir::DialectRegistry registry;
    cpu::registerEmissionDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadDialect<mlir::LLVM::LLVMDialect>();
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("qcc-emit", folder));
    DLDataType f32 = {kDLFloat, 32, 1};
    interface.name = "add";
    host::DimInterface n = {-1, "n"};
    interface.inputs = {{"a", f32, {n}, "", "", -1},
                        {"b", f32, {n}, "", "", -1}};
    interface.outputs = {{"y", f32, {n}, "", "", -1}};
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string getPath(llvm::StringRef name) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }

  /// Empty when it succeeded.
  std::string emit(llvm::StringRef path, llvm::StringRef source = addSource) {
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    if (!module)
      return "the test's own module does not parse";
    auto code = cpu::createHostCode(machine);
    if (!code)
      return llvm::toString(code.takeError());
    options.host = code->get();
    return llvm::toString(
        host::emitArtifact(*module, interface, path, options));
  }

  static std::string read(llvm::StringRef path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  static testing::AssertionResult contains(llvm::StringRef text,
                                           llvm::StringRef part) {
    if (text.contains(part))
      return testing::AssertionSuccess();
    return testing::AssertionFailure() << '"' << text.str() << '"';
  }

  mlir::MLIRContext context;
  host::ModelInterface interface;
  cpu::Machine machine;
  EmitOptions options;
  llvm::SmallString<128> folder;
};

} // namespace qcc::test

#endif // TEST_LIB_TARGET_CPU_EMITFIXTURE_H
