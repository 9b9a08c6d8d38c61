// From a model file to a module in the qnn dialect.
//
// Whatever is wrong with the model is reported through MLIR's diagnostics, each
// with the model's name and, where one is known, the node's name and op type; a
// file that cannot be read as ONNX at all is reported with a byte offset.
//
// Weights are not copied: constants above 4 KiB are resource blobs that point
// into the mapped file (or into the file of external data) and keep it mapped.
// Their addresses are as the file has them, so they need not be aligned.

#ifndef QCC_IMPORT_IMPORTER_H
#define QCC_IMPORT_IMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <map>
#include <string>

namespace qcc {

/// What a file may ask for before it is refused, so that no file makes the
/// importer use memory or time without bound.
struct ImportLimits {
  /// Messages within messages. An `If` takes three levels.
  unsigned maxDepth = 100;
  /// Bytes of the graph's structure: all but tensor data and documentation.
  uint64_t maxStructureBytes = uint64_t(48) << 20;
  /// Messages in the structure count 8, strings 1.
  uint64_t maxItems = uint64_t(8) << 20;
  /// Bytes of one tensor.
  uint64_t maxTensorBytes = uint64_t(1) << 40;
  /// Nodes after the bodies of functions were put in place of their calls.
  uint64_t maxNodes = uint64_t(1) << 20;
};

struct ImportOptions {
  /// Extents of graph inputs by name, in place of those that the model
  /// declares. -1 leaves an extent open. What fixes a symbolic extent in one
  /// input fixes it in all; two values for one symbol are an error.
  std::map<std::string, llvm::SmallVector<int64_t>> shapes;
  ImportLimits limits;
};

/// Reads an ONNX model. External data are looked for beside it.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importONNX(llvm::StringRef path, mlir::MLIRContext &context,
           const ImportOptions &options = {});

/// The same for a model in memory, which is copied. It cannot have external
/// data. `name` is what diagnostics call it.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importONNXBytes(llvm::StringRef bytes, llvm::StringRef name,
                mlir::MLIRContext &context, const ImportOptions &options = {});

} // namespace qcc

#endif // QCC_IMPORT_IMPORTER_H
