// Extra outputs of a model that show what its layers give.
//
// A probe stands where the compiled program has a tensor in memory anyway: at
// the end of a chain that is fused, a contraction and the elementwise ops that
// only read its result, or the op that requantizes it. So the program that is
// observed is, but for its extra outputs, the one that is compiled without
// probes. The model's own outputs are observed, too.

#ifndef LIB_DRIVER_PROBES_H
#define LIB_DRIVER_PROBES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace qcc::driver {

struct Probe {
  /// The node of the chain's contraction, or else of its last op.
  std::string name;
  /// That node's op type.
  std::string type;
  /// All nodes of the chain, in order.
  std::vector<std::string> nodes;
  /// The output that shows it: one that the model has anyway, or a new one.
  size_t output = 0;
  /// It is one that the model has.
  bool isOutput = false;
};

/// Adds an output of main for each layer, after those that it has; a module
/// behind phase `import`. Outputs that show no layer come last.
llvm::Expected<std::vector<Probe>> addProbes(mlir::ModuleOp module);

/// Adds 1 to what `node` gives: a fault for tests of those that look for
/// faults. False when there is no such node whose result is a tensor.
bool plantFault(mlir::ModuleOp module, llvm::StringRef node);

} // namespace qcc::driver

#endif // LIB_DRIVER_PROBES_H
