// Whose doing a failure of a phase is.

#include "lib/Driver/Compile.h"
#include "test/lib/Driver/Testing.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::driver;

namespace {

/// No target has this kernel, and a phase behind `place` says so.
constexpr llvm::StringLiteral badKernel = R"(
  func.func @main(%x: tensor<4x64xf32>) -> tensor<4x8xf32> {
    %w = arith.constant dense<1.0> : tensor<8x64xf32>
    %0 = qnn.matmul %x, %w {transpose_b, kernel = #qnn.kernel<"no such", acc = f32>}
      : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
    return %0 : tensor<4x8xf32>
  })";

/// What stands after no phase: the check that phase `from` + 1 begins with says
/// so.
constexpr llvm::StringLiteral illegal = R"(
  func.func @main(%x: f32) {
    %0 = memref.alloc() : memref<4xf32>
    return
  })";

class CompileTest : public testing::Test {
protected:
  llvm::Error run(llvm::StringRef text, Phase from, Phase to) {
    module = parseSourceString<ModuleOp>(text, &test.session.getContext());
    EXPECT_TRUE(module);
    return runPhases(test.session, *module, from, to, {});
  }

  TestSession test;
  OwningOpRef<ModuleOp> module;
};

TEST_F(CompileTest, AModelRefusedBehindPlaceIsADefect) {
  std::string message = takeMessage(
      run(badKernel, Phase::Place, Phase::Storage), ExitCode::Defect);
  EXPECT_NE(message.find("refused what the phases before it let pass"),
            std::string::npos);
  EXPECT_NE(test.told.find("cannot be computed by kernel 'no such'"),
            std::string::npos);
  llvm::StringRef path = llvm::StringRef(message).split("reproducer: ").second;
  llvm::scope_exit remove([&] { llvm::sys::fs::remove(path); });
  auto reproducer = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(bool(reproducer)) << message;
  EXPECT_TRUE((*reproducer)->getBuffer().contains("kernel<\"no such\""));
}

TEST_F(CompileTest, AModuleOfIRIsItsAuthorsDoing) {
  test.session.setReadIR();
  EXPECT_EQ(takeMessage(run(badKernel, Phase::Place, Phase::Storage),
                        ExitCode::Usage),
            "");
  EXPECT_NE(test.told.find("cannot be computed by kernel 'no such'"),
            std::string::npos);
}

TEST_F(CompileTest, WhatPlaceLeavesIsJudgedAsPlaces) {
  EXPECT_EQ(
      takeMessage(run(illegal, Phase::Place, Phase::Storage), ExitCode::Usage),
      "");
  EXPECT_NE(test.told.find("cannot stand after phase 'place'"),
            std::string::npos);
}

TEST_F(CompileTest, WhatAPhaseBehindPlaceLeavesIsADefect) {
  std::string message =
      takeMessage(run(illegal, Phase::Storage, Phase::Lower), ExitCode::Defect);
  EXPECT_NE(test.told.find("cannot stand after phase 'storage'"),
            std::string::npos);
  llvm::sys::fs::remove(llvm::StringRef(message).split("reproducer: ").second);
}

} // namespace
