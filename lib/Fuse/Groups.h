// What was fused, told by locations: an op that does the work of several has
// the locations of all of them.

#ifndef LIB_FUSE_GROUPS_H
#define LIB_FUSE_GROUPS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Location.h"

#include <optional>

namespace qcc::fuse {

/// The module's attribute that fuse-record-groups writes.
inline constexpr llvm::StringLiteral groupsAttr = "qcc.groups";

/// Both, that of `main` last: the one by which diagnostics name the op.
mlir::Location joinLocations(mlir::Location other, mlir::Location main);

/// The locations of `location`, with names around them.
llvm::SmallVector<mlir::Location> getParts(mlir::Location location);

/// For each loop and contraction behind fusion the ops that it computes, as
/// their locations; nothing where the module's target recorded none.
std::optional<llvm::SmallVector<llvm::SmallVector<mlir::Location>>>
getGroups(mlir::ModuleOp lowered);

} // namespace qcc::fuse

#endif // LIB_FUSE_GROUPS_H
