// Sessions beside each other, and what one tells of a diagnostic.

#include "test/lib/Driver/Testing.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

#include <thread>

using namespace mlir;
using namespace qcc::driver;

namespace {

Location makeNode(MLIRContext &context, StringRef name, StringRef op) {
  Builder b(&context);
  Location file = FileLineColLoc::get(&context, "m.onnx", 0, 0);
  return NameLoc::get(b.getStringAttr(name),
                      NameLoc::get(b.getStringAttr(op), file));
}

TEST(Session, TellsOfItsOwnContextAlone) {
  TestSession first, second;
  emitError(makeNode(first.session.getContext(), "a", "Add")) << "is odd";
  EXPECT_EQ(first.told, "qcc: error: m.onnx: node 'a' (Add): is odd\n");
  EXPECT_EQ(first.session.getNumErrors(), 1u);
  EXPECT_EQ(second.told, "");
  EXPECT_EQ(second.session.getNumErrors(), 0u);
}

TEST(Session, SeveralAtOnce) {
  constexpr unsigned count = 50;
  TestSession sessions[2];
  std::thread threads[2];
  for (unsigned i : {0, 1})
    threads[i] = std::thread([&, i] {
      for (unsigned k = 0; k < count; ++k)
        emitError(makeNode(sessions[i].session.getContext(), std::to_string(k),
                           "Add"))
            << "is odd in " << i;
    });
  for (std::thread &thread : threads)
    thread.join();
  for (unsigned i : {0, 1}) {
    std::string expected;
    for (unsigned k = 0; k < count; ++k)
      expected += "qcc: error: m.onnx: node '" + std::to_string(k) +
                  "' (Add): is odd in " + std::to_string(i) + "\n";
    EXPECT_EQ(sessions[i].told, expected);
    EXPECT_EQ(sessions[i].session.getNumErrors(), count);
  }
}

TEST(Session, CountsErrorsAndNothingElse) {
  TestSession test;
  Location loc = makeNode(test.session.getContext(), "a", "Add");
  emitWarning(loc) << "may be odd";
  emitRemark(loc) << "is even";
  EXPECT_EQ(test.session.getNumErrors(), 0u);
  InFlightDiagnostic error = emitError(loc) << "is odd";
  error.attachNote(loc) << "for this reason";
  error.report();
  EXPECT_EQ(test.session.getNumErrors(), 1u);
  EXPECT_EQ(test.told,
            "qcc: warning: m.onnx: node 'a' (Add): may be odd\n"
            "qcc: remark: m.onnx: node 'a' (Add): is even\n"
            "qcc: error: m.onnx: node 'a' (Add): is odd\n"
            "  qcc: note: m.onnx: node 'a' (Add): for this reason\n");
}

TEST(Session, AHundredErrorsAreEnough) {
  TestSession test;
  Location loc = makeNode(test.session.getContext(), "a", "Add");
  for (unsigned i = 0; i < 150; ++i)
    emitError(loc) << "is odd";
  EXPECT_EQ(llvm::StringRef(test.told).count("is odd"), 100u);
  EXPECT_TRUE(llvm::StringRef(test.told).ends_with(
      "qcc: error: and more errors, not shown\n"));
  EXPECT_EQ(test.session.getNumErrors(), 150u);
}

TEST(Session, ANodeThatNamesItselfIsNotNamedTwice) {
  TestSession test;
  emitError(makeNode(test.session.getContext(), "a", "Add"))
      << "node 'a' (Add): is odd";
  EXPECT_EQ(test.told, "qcc: error: m.onnx: node 'a' (Add): is odd\n");
}

} // namespace
