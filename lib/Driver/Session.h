// What one compilation, or one command, owns: the context with its dialects,
// codecs and targets, its threads, and where diagnostics go. Nothing of it is
// static, so a process may have several.

#ifndef LIB_DRIVER_SESSION_H
#define LIB_DRIVER_SESSION_H

#include "lib/Analysis/NodeLocation.h"
#include "lib/Driver/Extensions.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/ThreadPool.h"

#include <memory>
#include <string>

namespace qcc::driver {

class Session {
public:
  /// `jobs` threads, 0: one for each core. Diagnostics are printed to
  /// `diagnostics`, which must live as long as the session.
  Session(unsigned jobs, llvm::raw_ostream &diagnostics,
          std::shared_ptr<const Extensions> extensions);
  ~Session();

  mlir::MLIRContext &getContext() { return *context; }
  const Extensions &getExtensions() const { return *extensions; }
  unsigned getJobs() const { return jobs; }
  llvm::raw_ostream &getDiagnostics() { return diagnostics; }
  unsigned getNumErrors() const { return numErrors; }
  /// Whether the model came as a module of IR, which may be written by hand.
  bool hasReadIR() const { return readIR; }
  void setReadIR() { readIR = true; }

private:
  mlir::LogicalResult handle(mlir::Diagnostic &diagnostic);

  unsigned jobs;
  llvm::raw_ostream &diagnostics;
  std::shared_ptr<const Extensions> extensions;
  unsigned numErrors = 0;
  bool readIR = false;
  std::unique_ptr<llvm::DefaultThreadPool> threads;
  std::unique_ptr<mlir::MLIRContext> context;
};

// Where diagnostics point to.
using analysis::describe;
using analysis::getNode;
using analysis::NodeLocation;

} // namespace qcc::driver

#endif // LIB_DRIVER_SESSION_H
