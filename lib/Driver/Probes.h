// Extra outputs of a model that show what its layers give.
//
// A probe stands where the compiled program has a tensor in memory anyway: at
// the end of what is fused. What that is, fusion itself has recorded: ops of
// the imported module get numbers, which go down to the loops in their
// locations. So the program that is observed is, but for its extra outputs, the
// one that is compiled without probes. The model's own outputs are observed,
// too.

#ifndef LIB_DRIVER_PROBES_H
#define LIB_DRIVER_PROBES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <set>
#include <string>
#include <vector>

namespace qcc::driver {

struct Probe {
  /// The node of the group's contraction, or else of its last op.
  std::string name;
  /// That node's op type.
  std::string type;
  /// What tells it from other probes of that node: the op, and its number among
  /// equal ones; empty where there is no other.
  std::string part;
  /// All nodes of the group, in order.
  std::vector<std::string> nodes;
  /// The output that shows it: one that the model has anyway, or a new one.
  size_t output = 0;
  /// It is one that the model has.
  bool isOutput = false;
  /// The numbers of the group's ops; none of an output that shows no layer.
  std::set<size_t> ops;
  /// In the program that is observed other ops are fused.
  bool isFusedOtherwise = false;
};

/// For each loop of the compiled program the numbers of the ops that it
/// computes, in ascending order.
using Groups = std::vector<std::vector<size_t>>;

/// Numbers the ops of main of a module behind phase `import`.
void numberOps(mlir::ModuleOp module);

/// What fusion recorded of numbered ops in a module behind phase `lower`; an
/// error where the target records nothing.
llvm::Expected<Groups> readGroups(mlir::ModuleOp lowered);

/// Adds an output of main for each layer, after those that it has; a module
/// behind phase `import` with numbered ops. Outputs that show no layer come
/// last.
llvm::Expected<std::vector<Probe>> addProbes(mlir::ModuleOp module,
                                             const Groups &groups);

/// Marks the probes of groups that the program with probes does not have:
/// `seen` is what was recorded of it.
void checkFusion(std::vector<Probe> &probes, const Groups &seen);

/// Adds 1 to what `node` gives: a fault for tests of those that look for
/// faults. False when there is no such node whose result is a tensor.
bool plantFault(mlir::ModuleOp module, llvm::StringRef node);

} // namespace qcc::driver

#endif // LIB_DRIVER_PROBES_H
