#include "lib/Import/ONNX/Schemas.h"

#include "lib/Import/ONNX/onnx.pb.h"

using namespace mlir;
using namespace qcc::importer;

namespace {

struct Schema {
  StringRef name;
  /// The first operator set that it is part of.
  int64_t since;
  /// The op type is no longer in the operator set from here on.
  bool isRemoved;
  int minInputs, maxInputs, minOutputs, maxOutputs;
  /// Names, separated by spaces; an exclamation mark precedes one that must be
  /// there.
  StringRef attributes;
};

/// By name, then by version. Made from the onnx package: make_schemas.py.
const Schema schemas[] = {
#include "lib/Import/ONNX/Schemas.inc"
};

} // namespace

/// All versions of an op type, the oldest first.
static ArrayRef<Schema> findVersions(StringRef name) {
  ArrayRef<Schema> all(schemas);
  const Schema *begin = llvm::partition_point(
      all, [&](const Schema &schema) { return schema.name < name; });
  const Schema *end = begin;
  while (end != all.end() && end->name == name)
    ++end;
  return ArrayRef<Schema>(begin, end);
}

static LogicalResult checkCounts(Node &node, const Schema &schema) {
  int inputs = node.proto.input_size(), outputs = node.proto.output_size();
  if (inputs > schema.maxInputs)
    return node.error() << "has " << inputs << " inputs; it takes at most "
                        << schema.maxInputs;
  if (inputs < schema.minInputs)
    return node.error() << "has " << inputs << " inputs, and needs "
                        << schema.minInputs;
  if (outputs > schema.maxOutputs || outputs < schema.minOutputs)
    return node.error() << "has " << outputs << " outputs; it gives "
                        << schema.minOutputs << " to " << schema.maxOutputs;
  return success();
}

static LogicalResult checkAttributes(Node &node, const Schema &schema) {
  SmallVector<StringRef> known;
  schema.attributes.split(known, ' ', -1, /*KeepEmpty=*/false);
  for (StringRef &name : known)
    if (name.consume_front("!") &&
        llvm::none_of(node.proto.attribute(), [&](const auto &attribute) {
          return attribute.name() == name;
        }))
      return node.error() << "has no attribute '" << name
                          << "', without which it has no meaning";
  for (const auto &attribute : node.proto.attribute())
    if (!llvm::is_contained(known, attribute.name()))
      return node.error() << "has an attribute '" << attribute.name()
                          << "', which " << node.type()
                          << " does not have in operator set "
                          << node.version();
  return success();
}

LogicalResult qcc::importer::checkSchema(Node &node) {
  ArrayRef<Schema> versions = findVersions(node.type());
  // What ONNX Runtime puts into ONNX's domain, as SimplifiedLayerNormalization.
  if (versions.empty())
    return success();
  const Schema *schema = nullptr;
  for (const Schema &each : versions)
    if (each.since <= node.version())
      schema = &each;
  if (!schema)
    return node.error() << "is not in operator set " << node.version()
                        << "; it came with " << versions.front().since;
  if (schema->isRemoved)
    return node.error() << "is no longer in operator set " << node.version()
                        << "; it went with " << schema->since;
  if (failed(checkCounts(node, *schema)))
    return failure();
  return checkAttributes(node, *schema);
}
