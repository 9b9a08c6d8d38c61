#include "lib/Driver/ModelFile.h"

#include "lib/Driver/Errors.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;

namespace qcc::driver {

static Expected<mlir::OwningOpRef<mlir::ModuleOp>> readIR(Session &session,
                                                          StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return makeUsageError("cannot read '" + path +
                          "': " + buffer.getError().message());
  auto source = std::make_shared<SourceMgr>();
  source->AddNewSourceBuffer(std::move(*buffer), SMLoc());
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(source, &session.getContext());
  if (!module)
    return makeReportedError();
  return module;
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>> readModel(Session &session,
                                                      StringRef path) {
  StringRef ending = sys::path::extension(path);
  if (ending == ".mlir")
    return readIR(session, path);
  return makeUsageError("'" + path + "' is no model that qcc reads: its name " +
                        "must end in .mlir");
}

} // namespace qcc::driver
