#ifndef LIB_IMPORT_ONNX_GRAPHORDER_H
#define LIB_IMPORT_ONNX_GRAPHORDER_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"

namespace onnx {
class NodeProto;
}

namespace qcc::importer {

/// The nodes in an order in which each comes after those that give its inputs,
/// and else as they were. ONNX asks for such an order, but not every tool keeps
/// it. An error names the nodes of a cycle, or a value that two nodes give.
/// What the subgraphs of a node read from around them are inputs of the node,
/// too.
mlir::FailureOr<llvm::SmallVector<const ::onnx::NodeProto *>>
orderNodes(llvm::ArrayRef<const ::onnx::NodeProto *> nodes, mlir::Location loc);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_GRAPHORDER_H
