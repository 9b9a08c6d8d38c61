// Something that turns inputs into outputs: a compiled model, or the
// interpreter with a module.

#ifndef LIB_DRIVER_PROGRAM_H
#define LIB_DRIVER_PROGRAM_H

#include "lib/Driver/Signature.h"

#include "qcc/Executor/Tensor.h"

namespace qcc::driver {

class Program {
public:
  virtual ~Program() = default;

  const Signature &getSignature() const { return signature; }

  /// One tensor for each input, in order; returns one for each output.
  virtual llvm::Expected<std::vector<Tensor>>
  run(llvm::ArrayRef<Tensor> inputs) = 0;

protected:
  Signature signature;
};

} // namespace qcc::driver

#endif // LIB_DRIVER_PROGRAM_H
