#include "lib/Driver/Interpreted.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Interpreter/Interpreter.h"

#include <map>

using namespace llvm;

namespace qcc::driver {

Expected<std::unique_ptr<Interpreted>>
Interpreted::create(mlir::OwningOpRef<mlir::ModuleOp> module) {
  Expected<Signature> signature = driver::getSignature(*module);
  if (!signature)
    return signature.takeError();
  auto program = std::make_unique<Interpreted>();
  program->module = std::move(module);
  program->signature = std::move(*signature);
  return program;
}

Error checkInputs(const Signature &signature, ArrayRef<Tensor> inputs) {
  std::map<std::string, int64_t> symbols;
  for (auto [port, tensor] : zip_equal(signature.inputs, inputs)) {
    bool fits = tensor.getElementType() == port.elementType &&
                tensor.getRank() == static_cast<int64_t>(port.extents.size());
    for (int64_t axis = 0; fits && axis < tensor.getRank(); ++axis) {
      const Extent &extent = port.extents[axis];
      int64_t size = tensor.getDim(axis);
      fits = extent.size < 0 || extent.size == size;
      if (!extent.symbol.empty())
        fits &= symbols.insert({extent.symbol, size}).first->second == size;
    }
    if (!fits)
      return makeUsageError(
          "input '" + port.name + "' is " +
          getTypeName(tensor.getElementType(), tensor.getShape()) +
          ", but the model takes " + port.getTypeName());
  }
  return Error::success();
}

Expected<std::vector<Tensor>> Interpreted::run(ArrayRef<Tensor> inputs) {
  if (Error error = checkInputs(signature, inputs))
    return std::move(error);
  return interpreter::interpret(*module, inputs);
}

} // namespace qcc::driver
