#ifndef TEST_DIALECTS_QNN_IR_FORMATFIXTURE_H
#define TEST_DIALECTS_QNN_IR_FORMATFIXTURE_H

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/FormattedType.h"

#include "mlir/AsmParser/AsmParser.h"
#include "gtest/gtest.h"

namespace qcc::qnn {

using Extents = llvm::SmallVector<int64_t>;
inline constexpr int64_t kOpen = mlir::ShapedType::kDynamic;

/// Formats from their text.
class FormatFixture : public testing::Test {
protected:
  FormatFixture() { context.loadDialect<QNNDialect>(); }

  FormattedType parseType(llvm::StringRef body) {
    std::string text = ("!qnn.tensor<" + body + ">").str();
    return llvm::dyn_cast_if_present<FormattedType>(
        mlir::parseType(text, &context));
  }
  Scaling parseScaling(llvm::StringRef text) {
    return llvm::dyn_cast_if_present<Scaling>(
        mlir::parseAttribute(("#qnn." + text).str(), &context));
  }
  Layout parseLayout(llvm::StringRef text) {
    return llvm::dyn_cast_if_present<Layout>(
        mlir::parseAttribute(("#qnn." + text).str(), &context));
  }

  mlir::MLIRContext context;
};

} // namespace qcc::qnn

#endif // TEST_DIALECTS_QNN_IR_FORMATFIXTURE_H
