#include "lib/Driver/ModelFile.h"

#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"

#include "qcc/Import/Importer.h"

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

Error refuseShapesOfIR(const ModelSource &source, const Shapes &shapes) {
  if (shapes.empty() || source.bytes ||
      sys::path::extension(source.name) != ".mlir")
    return Error::success();
  return makeUsageError("--shape is for ONNX models: in '" + source.name +
                        "' extents are fixed already");
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModel(Session &session, const ModelSource &source, const Shapes &shapes) {
  setActivity("reading the model");
  StringRef path = source.name, ending = sys::path::extension(path);
  if (!source.bytes && ending == ".mlir")
    return readIR(session, path);
  if (!source.bytes && ending != ".onnx")
    return makeUsageError("'" + path + "' is no model that qcc reads: its " +
                          "name must end in .onnx or .mlir");
  ImportOptions options;
  options.shapes = shapes;
  auto module = source.bytes ? importONNXBytes(*source.bytes, path,
                                               session.getContext(), options)
                             : importONNX(path, session.getContext(), options);
  if (mlir::failed(module))
    return makeReportedError();
  return std::move(*module);
}

} // namespace qcc::driver
