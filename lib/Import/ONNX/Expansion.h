// How large a model becomes once its functions stand in place of their calls.

#ifndef LIB_IMPORT_ONNX_EXPANSION_H
#define LIB_IMPORT_ONNX_EXPANSION_H

#include "lib/Import/ONNX/GraphImporter.h"

namespace qcc::importer {

/// Reports a model that would have more nodes than the limits allow, before
/// the first of them is made: forty functions of which each calls the one
/// before twice are 2^40 nodes.
llvm::LogicalResult checkExpansion(const ModelContext &model);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_EXPANSION_H
