#include "dialects/QNN/Transforms/FoldedBlobs.h"

#include "qcc/Executor/Constants.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::qnn;

using Handle = DenseResourceElementsHandle;

static std::optional<Handle> getHandle(arith::ConstantOp op) {
  auto data = dyn_cast<DenseResourceElementsAttr>(op.getValue());
  if (!data || !data.getRawHandle().getBlob())
    return std::nullopt;
  return data.getRawHandle();
}

static const char *getMemory(Handle handle) {
  return handle.getBlob()->getData().data();
}

void FoldedBlobs::add(arith::ConstantOp op) {
  std::optional<Handle> handle = getHandle(op);
  if (!handle)
    return;
  Memory &memory = memories[getMemory(*handle)];
  ++memory.numReaders;
  bool isKnown = llvm::any_of(memory.blobs, [&](Handle known) {
    return known.getKey() == handle->getKey();
  });
  if (!isKnown)
    memory.blobs.push_back(*handle);
}

void FoldedBlobs::remove(arith::ConstantOp op) {
  std::optional<Handle> handle = getHandle(op);
  if (!handle)
    return;
  auto found = memories.find(getMemory(*handle));
  if (found == memories.end() || --found->second.numReaders > 0)
    return;
  for (Handle blob : found->second.blobs)
    if (blob.getKey().starts_with(foldedKey))
      blob.getResource()->setBlob(AsmResourceBlob());
  memories.erase(found);
}
