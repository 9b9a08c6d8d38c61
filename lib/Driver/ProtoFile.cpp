// A TensorProto as a file of its own, as ONNX's test data are.

#include "lib/Driver/TensorFile.h"

#include "lib/Import/ONNX/Tensors.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace qcc::driver {

static void addLength(std::string &bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

/// The model whose graph has the tensor as its initializer, so that the
/// importer's checks serve here too.
static std::string wrapIntoModel(StringRef tensor) {
  constexpr char initializer = 5 << 3 | 2, graph = 7 << 3 | 2;
  std::string head(1, initializer);
  addLength(head, tensor.size());
  std::string model(1, graph);
  addLength(model, head.size() + tensor.size());
  return model + head + tensor.str();
}

/// Elements narrower than a byte, which share bytes in a file: low bits first.
static void unpack(ArrayRef<uint8_t> packed, unsigned bits, int64_t count,
                   char *to) {
  for (int64_t i = 0; i < count; ++i) {
    uint64_t at = static_cast<uint64_t>(i) * bits;
    unsigned value = packed[at / 8] >> (at % 8);
    if (at % 8 + bits > 8)
      value |= packed[at / 8 + 1] << (8 - at % 8);
    to[i] = static_cast<char>(value & maskTrailingOnes<unsigned>(bits));
  }
}

static std::string pack(ArrayRef<char> elements, unsigned bits) {
  std::string packed(divideCeil(elements.size() * bits, 8), '\0');
  for (size_t i = 0; i < elements.size(); ++i) {
    unsigned value = static_cast<unsigned char>(elements[i]) &
                     maskTrailingOnes<unsigned>(bits);
    size_t at = i * bits;
    packed[at / 8] |= static_cast<char>(value << (at % 8));
    if (at % 8 + bits > 8)
      packed[at / 8 + 1] |= static_cast<char>(value >> (8 - at % 8));
  }
  return packed;
}

Expected<Tensor> readTensorProto(StringRef bytes, StringRef folder,
                                 mlir::MLIRContext &context) {
  importer::SharedBytes file = importer::copyBytes(wrapIntoModel(bytes));
  ImportLimits limits;
  Expected<importer::ScannedModel> scanned =
      importer::scanModel(file->get(), limits);
  if (!scanned)
    return scanned.takeError();
  onnx::ModelProto model;
  if (!model.ParseFromString(scanned->structure) ||
      model.graph().initializer_size() != 1)
    return createStringError("not an ONNX TensorProto");
  const onnx::TensorProto &proto = model.graph().initializer(0);
  if (proto.data_type() == 0)
    return createStringError(
        "not an ONNX TensorProto: it has no data_type (sequences and "
        "optionals are not supported)");
  importer::TensorReader reader(file, std::move(scanned->tensors), folder.str(),
                                limits);
  Expected<importer::TensorView> view = reader.read(proto, &context);
  if (!view)
    return view.takeError();
  mlir::Type type = view->type.getElementType();
  if (view->element.bits >= 8)
    return Tensor::over(type, view->type.getShape(),
                        reinterpret_cast<const char *>(view->data.data()),
                        view->owner);
  Expected<Tensor> tensor = Tensor::allocate(type, view->type.getShape());
  if (tensor)
    unpack(view->data, view->element.bits, tensor->getNumElements(),
           tensor->getWritable());
  return tensor;
}

Expected<std::string> makeTensorProto(StringRef name, const Tensor &tensor) {
  mlir::Type type = tensor.getElementType();
  onnx::TensorProto proto;
  constexpr int32_t lastType = 28;
  for (int32_t number = 1; number <= lastType; ++number) {
    importer::ElementType element =
        importer::getElementType(number, type.getContext());
    if (element.type != type)
      continue;
    proto.set_data_type(number);
    proto.set_name(name.str());
    for (int64_t extent : tensor.getShape())
      proto.add_dims(extent);
    ArrayRef<char> bytes = tensor.getBytes();
    proto.set_raw_data(element.bits < 8
                           ? pack(bytes, element.bits)
                           : std::string(bytes.begin(), bytes.end()));
    return proto.SerializeAsString();
  }
  return createStringError("ONNX has no tensors of type " + getTypeName(type));
}

} // namespace qcc::driver
