#include "lib/Driver/Artifact.h"

#include "lib/Driver/Errors.h"

#include "mlir/IR/Builders.h"

using namespace llvm;

namespace qcc::driver {

mlir::Type getElementType(DLDataType type, mlir::MLIRContext &context) {
  mlir::Builder b(&context);
  if (type.lanes != 1)
    return {};
  switch (type.code) {
  case kDLBool:
    return b.getI1Type();
  case kDLInt:
    return b.getIntegerType(type.bits);
  case kDLUInt:
    return b.getIntegerType(type.bits, /*isSigned=*/false);
  case kDLFloat:
    if (type.bits == 16)
      return b.getF16Type();
    if (type.bits == 32)
      return b.getF32Type();
    return type.bits == 64 ? b.getF64Type() : mlir::Type();
  case kDLBfloat:
    return b.getBF16Type();
  case kDLFloat8_e4m3fn:
    return b.getType<mlir::Float8E4M3FNType>();
  case kDLFloat8_e4m3fnuz:
    return b.getType<mlir::Float8E4M3FNUZType>();
  case kDLFloat8_e5m2:
    return b.getType<mlir::Float8E5M2Type>();
  case kDLFloat8_e5m2fnuz:
    return b.getType<mlir::Float8E5M2FNUZType>();
  case kDLFloat8_e8m0fnu:
    return b.getType<mlir::Float8E8M0FNUType>();
  case kDLFloat6_e2m3fn:
    return b.getType<mlir::Float6E2M3FNType>();
  case kDLFloat6_e3m2fn:
    return b.getType<mlir::Float6E3M2FNType>();
  case kDLFloat4_e2m1fn:
    return b.getType<mlir::Float4E2M1FNType>();
  default:
    return {};
  }
}

DLDataType getDLType(mlir::Type type) {
  if (type.isInteger(1))
    return {kDLBool, 8, 1};
  // So that the two functions cannot disagree.
  uint8_t bits = static_cast<uint8_t>(type.getIntOrFloatBitWidth());
  for (int code = kDLInt; code <= kDLFloat4_e2m1fn; ++code) {
    DLDataType candidate = {static_cast<uint8_t>(code), bits, 1};
    mlir::Type made = getElementType(candidate, *type.getContext());
    if (code != kDLBool && made == type)
      return candidate;
  }
  llvm_unreachable("a model's tensors have types that DLPack knows");
}

static Expected<std::vector<Port>> makePorts(const qcc_tensor_info *infos,
                                             int32_t count,
                                             mlir::MLIRContext &context) {
  std::vector<Port> ports;
  for (const qcc_tensor_info &info : ArrayRef(infos, count)) {
    Port port{info.name, getElementType(info.dtype, context), {}};
    if (!port.elementType)
      return makeUsageError(Twine("tensor '") + info.name +
                            "' has an element type that this qcc does not "
                            "know: recompile the model");
    for (const qcc_dim &dim : ArrayRef(info.dims, info.rank))
      port.extents.push_back({dim.extent, dim.symbol ? dim.symbol : ""});
    ports.push_back(std::move(port));
  }
  return ports;
}

Expected<std::unique_ptr<Artifact>>
Artifact::open(StringRef path, mlir::MLIRContext &context, unsigned threads) {
  auto model = LoadedModel::open(path, threads);
  if (!model)
    return model.takeError();
  auto artifact = std::make_unique<Artifact>();
  artifact->model = std::move(*model);
  const qcc_description &description = artifact->model->getDescription();
  auto inputs = makePorts(description.inputs, description.num_inputs, context);
  if (!inputs)
    return inputs.takeError();
  auto outputs =
      makePorts(description.outputs, description.num_outputs, context);
  if (!outputs)
    return outputs.takeError();
  artifact->signature = {std::move(*inputs), std::move(*outputs)};
  return artifact;
}

/// A compiled model takes a signed number of fewer than 8 bits as the int8 of
/// its value; in a Tensor the high bits mean nothing.
static Expected<Tensor> extendSign(const Tensor &tensor) {
  auto type = dyn_cast<mlir::IntegerType>(tensor.getElementType());
  if (!type || type.isUnsigned() || type.getWidth() == 1 ||
      type.getWidth() >= 8)
    return tensor;
  auto result = Tensor::allocate(type, tensor.getShape());
  if (!result)
    return result;
  unsigned unused = 8 - type.getWidth();
  for (auto [from, to] :
       zip(tensor.getBytes(),
           MutableArrayRef(result->getWritable(), tensor.getBytes().size())))
    to = static_cast<char>(static_cast<int8_t>(from << unused) >> unused);
  return result;
}

Expected<std::vector<Tensor>> Artifact::run(ArrayRef<Tensor> given) {
  std::vector<Tensor> inputs;
  for (const Tensor &tensor : given) {
    Expected<Tensor> input = extendSign(tensor);
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  std::vector<DLTensor> views(inputs.size());
  std::vector<const DLTensor *> pointers;
  for (auto [view, tensor] : zip(views, inputs)) {
    view = {};
    // The model only reads its inputs.
    view.data = const_cast<char *>(tensor.getBytes().data());
    view.device = {kDLCPU, 0};
    view.ndim = static_cast<int32_t>(tensor.getRank());
    view.dtype = getDLType(tensor.getElementType());
    view.shape = const_cast<int64_t *>(tensor.getShape().data());
    pointers.push_back(&view);
  }
  std::vector<DLManagedTensorVersioned *> results(signature.outputs.size());
  if (Error error = model->run(pointers.data(), results.data()))
    return std::move(error);
  std::vector<Tensor> outputs;
  for (auto [result, port] : zip(results, signature.outputs)) {
    const DLTensor &view = result->dl_tensor;
    std::shared_ptr<const void> owner(
        result, [keep = model](DLManagedTensorVersioned *tensor) {
          tensor->deleter(tensor);
        });
    outputs.push_back(Tensor::over(
        port.elementType, ArrayRef(view.shape, view.ndim),
        static_cast<const char *>(view.data) + view.byte_offset, owner));
  }
  return outputs;
}

} // namespace qcc::driver
