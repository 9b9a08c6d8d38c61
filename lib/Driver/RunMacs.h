// The products of a run, as a function of the extents of its inputs: what an
// artifact's report has of them, so that whoever knows a run's extents can
// count without the model.

#ifndef LIB_DRIVER_RUNMACS_H
#define LIB_DRIVER_RUNMACS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <optional>

namespace qcc::driver {

/// The products of a module behind phase `decide`, as steps, the last of which
/// is their number: ["constant", C], ["extent", INPUT, AXIS], or the name of an
/// op of the arith dialect and the steps that it takes, arith.cmpi's predicate
/// before them. Nothing where it is not told by extents: in branches, and
/// behind extents that are computed from data.
std::optional<llvm::json::Array> describeMacs(mlir::ModuleOp module);

/// What steps say for inputs of these shapes; nothing where they are none.
std::optional<int64_t>
countMacs(const llvm::json::Array &steps,
          llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

} // namespace qcc::driver

#endif // LIB_DRIVER_RUNMACS_H
