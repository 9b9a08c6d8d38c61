#include "lib/Driver/Commands.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/ModelFile.h"
#include "lib/Driver/Signature.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static void printPorts(StringRef title, ArrayRef<Port> ports) {
  for (const Port &port : ports)
    outs() << title << ' ' << port.name << ": " << port.getTypeName() << '\n';
}

static Error runCheck(const Arguments &arguments) {
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Session session(1, errs(), arguments.getExtensions());
  StringRef path = arguments.getOperand();
  ModelSource source{path.str(), std::nullopt};
  if (Error error = refuseShapesOfIR(source, *shapes))
    return error;
  auto module = readModel(session, source, *shapes);
  if (!module)
    return module.takeError();
  if (mlir::failed(mlir::verify(**module)))
    return makeDefect("the importer made invalid IR of '" + path + "'");
  Expected<Signature> signature = getSignature(**module);
  if (!signature)
    return signature.takeError();
  printPorts("input", signature->inputs);
  printPorts("output", signature->outputs);
  return Error::success();
}

static const ArrayRef<OptionSpec> groups[] = {shapeOptions};

const Command commands::check = {
    {"check", "MODEL", "read and validate a model",
     "Reads MODEL (.onnx, .mlir) within limits, says what is wrong with it, or "
     "prints its\ninputs and outputs.",
     groups},
    runCheck};

} // namespace qcc::driver
