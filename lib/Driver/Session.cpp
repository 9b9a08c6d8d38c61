#include "lib/Driver/Session.h"

#include "lib/Driver/Crash.h"
#include "lib/Interpreter/InterpreterExecutor.h"

#include "dialects/QNN/IR/Dialect.h"
#include "qcc/Executor/Binding.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace qcc::driver {

// More errors than these tell a user nothing new.
static constexpr unsigned maxErrors = 100;

Session::Session(unsigned jobs, llvm::raw_ostream &diagnostics,
                 std::shared_ptr<const Extensions> extensions)
    : jobs(jobs ? jobs : llvm::hardware_concurrency().compute_thread_count()),
      diagnostics(diagnostics), extensions(std::move(extensions)) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<qnn::QNNDialect>();
  this->extensions->registerDialects(registry);
  registry.addExtension(+[](MLIRContext *, qnn::QNNDialect *dialect) {
    bindExecutor(*dialect,
                 std::make_unique<interpreter::InterpreterExecutor>());
  });
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  if (this->jobs > 1) {
    threads = std::make_unique<llvm::DefaultThreadPool>(
        llvm::hardware_concurrency(this->jobs));
    context->setThreadPool(*threads);
  }
  context->loadDialect<qnn::QNNDialect>();
  this->extensions->bind(*context);
  // Users know their nodes, not our ops.
  context->printOpOnDiagnostic(false);
  context->getDiagEngine().registerHandler(
      [this](Diagnostic &diagnostic) { return handle(diagnostic); });
}

Session::~Session() = default;

static llvm::StringRef getSeverity(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error: ";
  case DiagnosticSeverity::Warning:
    return "warning: ";
  case DiagnosticSeverity::Note:
    return "note: ";
  case DiagnosticSeverity::Remark:
    return "remark: ";
  }
  llvm_unreachable("all severities are above");
}

static void print(Diagnostic &diagnostic, llvm::StringRef indent,
                  llvm::raw_ostream &out) {
  std::string where = describe(diagnostic.getLocation());
  std::string what = diagnostic.str();
  // The importer names the node itself.
  if (auto node = getNode(diagnostic.getLocation()))
    if (llvm::StringRef(what).starts_with("node '"))
      where = node->file.str();
  out << indent << "qcc: " << getSeverity(diagnostic.getSeverity()) << where
      << (where.empty() ? "" : ": ") << what << '\n';
  for (Diagnostic &note : diagnostic.getNotes())
    print(note, "  ", out);
}

LogicalResult Session::handle(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
      ++numErrors > maxErrors) {
    if (numErrors == maxErrors + 1)
      diagnostics << "qcc: error: and more errors, not shown\n";
    return success();
  }
  clearProgress();
  print(diagnostic, "", diagnostics);
  return success();
}

} // namespace qcc::driver
