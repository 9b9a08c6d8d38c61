// What emission refuses, and how it says so.

#include "test/lib/Target/CPU/EmitFixture.h"

using namespace qcc::test;

namespace {

using EmitErrors = EmitFixture;

TEST_F(EmitErrors, NoMain) {
  EXPECT_EQ(emit(getPath("x.so"), "llvm.func @f()"),
            "the module to emit does not define `qccgen_main(!llvm.ptr) -> "
            "i32`: lower the model to phase 'lower' first");
}

TEST_F(EmitErrors, UnresolvedFunction) {
  std::string path = getPath("x.so");
  std::string message = emit(path, R"mlir(
    llvm.func @nowhere() -> i32
    llvm.func @qccgen_main(%run: !llvm.ptr) -> i32 {
      %0 = llvm.call @nowhere() : () -> i32
      llvm.return %0 : i32
    })mlir");
  EXPECT_TRUE(contains(message, "cannot link " + path));
  EXPECT_TRUE(contains(message, "undefined symbol: nowhere"));
  EXPECT_FALSE(llvm::sys::fs::exists(path));
  EXPECT_FALSE(llvm::sys::fs::exists(path + ".h"));
  // And the linker can be used again.
  EXPECT_EQ(emit(path), "");
}

TEST_F(EmitErrors, Untranslatable) {
  mlir::ScopedDiagnosticHandler quiet(
      &context, [](mlir::Diagnostic &) { return mlir::success(); });
  EXPECT_TRUE(contains(
      emit(getPath("x.so"), std::string(addSource) +
                                "%c = \"builtin.unrealized_conversion_cast\"() "
                                ": () -> i32"),
      "no translation to LLVM IR"));
}

TEST_F(EmitErrors, UnknownProcessor) {
  machine.mcpu = "z80";
  std::string message = emit(getPath("x.so"));
  EXPECT_TRUE(
      contains(message, "option '--mcpu=z80': LLVM knows no such processor"));
}

TEST_F(EmitErrors, UnknownFeature) {
  for (const char *mattr : {"+warp", "avx2"}) {
    machine.mattr = mattr;
    EXPECT_TRUE(
        contains(emit(getPath("x.so")),
                 std::string("option '--mattr=") + mattr + "': '" + mattr));
  }
}

TEST_F(EmitErrors, UnknownTriple) {
  machine.triple = "pdp11-dec-unix";
  EXPECT_TRUE(contains(emit(getPath("x.so")), "option '--mtriple=pdp11"));
  machine.triple = "x86_64-pc-windows-msvc";
  EXPECT_TRUE(contains(emit(getPath("x.so")), "not a 64-bit ELF target"));
}

TEST_F(EmitErrors, SharedObjectOfAnotherArchitecture) {
  machine.triple = "riscv64-linux-gnu";
  EXPECT_TRUE(contains(emit(getPath("x.so")), "cannot link a shared object"));
}

TEST_F(EmitErrors, Unwritable) {
  for (const char *name : {"none/x.so", "none/x.o", "none/x.a", "none/x.s"}) {
    std::string path = getPath(name);
    EXPECT_TRUE(contains(emit(path), path)) << name;
  }
}

} // namespace
