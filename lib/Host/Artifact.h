// From a module in the LLVM dialect to an artifact.

#ifndef LIB_HOST_ARTIFACT_H
#define LIB_HOST_ARTIFACT_H

#include "lib/Host/Descriptor.h"
#include "qcc/Target/HostCode.h"

#include "llvm/ADT/ArrayRef.h"

#include <optional>

namespace qcc::host {

enum class OutputKind { SharedObject, Object, Archive, Assembly, LLVMIR };

/// By the ending of `path`.
std::optional<OutputKind> getOutputKind(llvm::StringRef path);

/// .so .o .a .s .ll
llvm::ArrayRef<llvm::StringLiteral> getEndings();

/// Why this qcc cannot write `path` for the host's processor.
llvm::Error checkOutput(llvm::StringRef path, const HostCode &code);

/// Writes the artifact to `path`, which has one of the endings, and for .so, .o
/// and .a its C header beside it (makeHeaderPath). `module` holds functions and
/// globals of the LLVM dialect; `qccgen_main(!llvm.ptr) -> i32` is the model.
/// When it fails, files that were there before are as they were. `publishFirst`
/// is called when all is written and before it appears under its names: for
/// what belongs to the artifact.
llvm::Error emitArtifact(
    mlir::ModuleOp module, const ModelInterface &interface,
    llvm::StringRef path, const EmitOptions &options,
    llvm::ArrayRef<llvm::StringRef> drivers = {},
    llvm::function_ref<llvm::Error()> publishFirst = [] {
      return llvm::Error::success();
    });

/// Writes a module behind phase `lower`: the artifact at `path`, and beside it
/// the constants that are too many to lie inside it (makeWeightsPath) and the
/// header. The model is called like the file (makeModelName).
/// `drivers` are objects for the host's processor that hold the drivers of the
/// module's devices.
llvm::Error writeModel(mlir::ModuleOp lowered, llvm::StringRef path,
                       const EmitOptions &options,
                       llvm::ArrayRef<llvm::StringRef> drivers = {});

/// dir/model.so -> dir/model.so.h, and dir/model.so.weights.
std::string makeHeaderPath(llvm::StringRef artifact);
std::string makeWeightsPath(llvm::StringRef artifact);

} // namespace qcc::host

#endif // LIB_HOST_ARTIFACT_H
