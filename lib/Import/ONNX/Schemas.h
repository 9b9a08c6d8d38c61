// What ONNX says a node of each op type and version may look like.

#ifndef LIB_IMPORT_ONNX_SCHEMAS_H
#define LIB_IMPORT_ONNX_SCHEMAS_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

/// Reports a node of ONNX's own domain whose op type is not in its operator
/// set, or that has more or fewer inputs or outputs than its op type, or
/// attributes that it does not have. Handlers look only at what they know, so
/// such a node would otherwise be imported as if the rest were not there.
llvm::LogicalResult checkSchema(Node &node);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_SCHEMAS_H
