#ifndef LIB_IMPORT_ONNX_GRAPHORDER_H
#define LIB_IMPORT_ONNX_GRAPHORDER_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"

namespace onnx {
class NodeProto;
}

namespace qcc::importer {

/// Checks that each node comes after those that give its inputs. An error names
/// the nodes of a cycle, or the two that stand in the wrong order, or a value
/// that two nodes give. What the subgraphs of a node read from around them are
/// inputs of the node, too.
llvm::LogicalResult checkOrder(llvm::ArrayRef<const ::onnx::NodeProto *> nodes,
                               mlir::Location loc);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_GRAPHORDER_H
