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

/// MLIR's parser calls itself for what is nested, without a limit of its own.
static constexpr int maxNesting = 256;

/// The text behind a string literal, or behind a comment.
static StringRef skipString(StringRef text) {
  for (text = text.drop_front(); !text.empty() && text[0] != '"';)
    text = text.drop_front(text[0] == '\\' && text.size() > 1 ? 2 : 1);
  return text.drop_front(std::min<size_t>(1, text.size()));
}

static bool isNestedTooDeeply(StringRef text) {
  int depth = 0;
  while (!text.empty()) {
    text = text.drop_until(
        [](char c) { return StringRef("\"/-([{<>)]}").contains(c); });
    if (text.starts_with("\"")) {
      text = skipString(text);
      continue;
    }
    if (text.starts_with("//"))
      text = text.drop_until([](char c) { return c == '\n'; });
    else if (text.starts_with("->")) // no bracket
      text = text.drop_front();
    else if (!text.empty() && StringRef("([{<").contains(text[0]))
      ++depth;
    else if (!text.empty() && StringRef(")]}>").contains(text[0]))
      depth = std::max(0, depth - 1);
    if (depth > maxNesting)
      return true;
    text = text.drop_front(std::min<size_t>(1, text.size()));
  }
  return false;
}

static Expected<mlir::OwningOpRef<mlir::ModuleOp>> readIR(Session &session,
                                                          StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return makeUsageError("cannot read '" + path +
                          "': " + buffer.getError().message());
  if (isNestedTooDeeply((*buffer)->getBuffer()))
    return makeUsageError("'" + path + "' nests more than " +
                          Twine(maxNesting) + " brackets");
  session.setReadIR();
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
  return makeUsageError("option '--shape' is for ONNX models: in '" +
                        source.name + "' extents are fixed already");
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModel(Session &session, const ModelSource &source, const Shapes &shapes) {
  Activity activity("reading the model");
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
