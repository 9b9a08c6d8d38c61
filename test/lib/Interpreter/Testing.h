// What the interpreter's tests share: modules from text, tensors from numbers.

#ifndef TEST_LIB_INTERPRETER_TESTING_H
#define TEST_LIB_INTERPRETER_TESTING_H

#include "dialects/QNN/IR/Dialect.h"
#include "lib/Interpreter/Elements.h"
#include "lib/Interpreter/Interpreter.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

namespace qcc::interpreter {

class InterpreterTest : public testing::Test {
protected:
  InterpreterTest() {
    context.loadDialect<qnn::QNNDialect, mlir::affine::AffineDialect,
                        mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                        mlir::func::FuncDialect, mlir::scf::SCFDialect,
                        mlir::tensor::TensorDialect>();
  }

  mlir::Type parseType(llvm::StringRef text) {
    return mlir::parseType(text, &context);
  }

  /// A tensor of a builtin type given as text, as in "tensor<2x3xf32>".
  template <typename C = double>
  Tensor tensor(llvm::StringRef type, const std::vector<C> &values) {
    auto shaped = llvm::cast<mlir::RankedTensorType>(parseType(type));
    mlir::Type element = shaped.getElementType();
    return dispatch(element, [&](auto zero) {
      using Computed = decltype(zero);
      std::vector<Computed> converted;
      for (C value : values)
        converted.push_back(static_cast<Computed>(value));
      return llvm::cantFail(
          makeTensor<Computed>(element, shaped.getShape(), converted));
    });
  }

  llvm::Expected<std::vector<Tensor>> tryRun(llvm::StringRef ir,
                                             std::vector<Tensor> inputs,
                                             Observer *observer = nullptr) {
    module = mlir::parseSourceString<mlir::ModuleOp>(ir, &context);
    if (!module)
      return llvm::createStringError("the test's IR does not parse");
    return interpret(*module, inputs, observer);
  }

  /// The results of @main; no results when it fails.
  std::vector<Tensor> run(llvm::StringRef ir, std::vector<Tensor> inputs) {
    auto results = tryRun(ir, std::move(inputs));
    if (results)
      return *results;
    ADD_FAILURE() << llvm::toString(results.takeError());
    return {};
  }

  /// The elements of the first result.
  std::vector<double> values(llvm::StringRef ir, std::vector<Tensor> inputs) {
    std::vector<Tensor> results = run(ir, std::move(inputs));
    return results.empty() ? std::vector<double>()
                           : load<double>(results.front());
  }

  /// The text of the error.
  std::string error(llvm::StringRef ir, std::vector<Tensor> inputs) {
    auto results = tryRun(ir, std::move(inputs));
    if (results)
      return "no error";
    return llvm::toString(results.takeError());
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

using Doubles = std::vector<double>;

} // namespace qcc::interpreter

#endif // TEST_LIB_INTERPRETER_TESTING_H
