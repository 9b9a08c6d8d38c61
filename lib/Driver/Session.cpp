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

std::string NodeLocation::describe() const {
  return ("node '" + name + "' (" + op + ")").str();
}

std::optional<NodeLocation> getNode(Location location) {
  if (auto name = dyn_cast<NameLoc>(location)) {
    auto op = dyn_cast<NameLoc>(name.getChildLoc());
    auto file =
        op ? dyn_cast<FileLineColLoc>(op.getChildLoc()) : FileLineColLoc();
    if (file)
      return NodeLocation{name.getName(), op.getName(), file.getFilename()};
    return getNode(name.getChildLoc());
  }
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return getNode(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : llvm::reverse(fused.getLocations()))
      if (std::optional<NodeLocation> node = getNode(part))
        return node;
  return std::nullopt;
}

std::string describe(Location location) {
  if (std::optional<NodeLocation> node = getNode(location))
    return (node->file + ": ").str() + node->describe();
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string text = file.getFilename().str();
    if (file.getLine() != 0)
      text += ":" + std::to_string(file.getLine()) + ":" +
              std::to_string(file.getColumn());
    return text;
  }
  if (auto name = dyn_cast<NameLoc>(location))
    return describe(name.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return describe(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (std::string text = describe(part); !text.empty())
        return text;
  return {};
}

} // namespace qcc::driver
