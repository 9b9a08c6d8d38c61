// The first pass over a model's bytes: nothing of a tensor is lost, nothing of
// a damaged file is believed.

#include "lib/Import/ONNX/WireScan.h"

#include "lib/Import/ONNX/Tensors.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace qcc;
using namespace qcc::importer;

namespace {

llvm::ArrayRef<uint8_t> asBytes(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

std::string getError(llvm::Error error) {
  return llvm::toString(std::move(error));
}

onnx::ModelProto makeModel() {
  onnx::ModelProto model;
  model.set_ir_version(9);
  model.set_doc_string("dropped");
  onnx::GraphProto &graph = *model.mutable_graph();
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Constant");
  node.add_output("c");
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name("value");
  attribute.set_type(onnx::AttributeProto::TENSOR);
  onnx::TensorProto &tensor = *attribute.mutable_t();
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(2);
  tensor.set_raw_data(std::string("abcdefgh"));
  onnx::TensorProto &typed = *graph.add_initializer();
  typed.set_name("typed");
  typed.set_data_type(onnx::TensorProto::INT64);
  typed.add_dims(3);
  for (int64_t value : {1, -2, 300})
    typed.add_int64_data(value);
  return model;
}

TEST(WireScan, ElidesDataAndKeepsTheRest) {
  std::string bytes = makeModel().SerializeAsString();
  auto scanned = scanModel(asBytes(bytes), {});
  ASSERT_TRUE(bool(scanned)) << getError(scanned.takeError());
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(scanned->structure));
  EXPECT_FALSE(model.has_doc_string());
  EXPECT_EQ(model.graph().node(0).op_type(), "Constant");
  const onnx::TensorProto &tensor = model.graph().node(0).attribute(0).t();
  auto number = getTensorNumber(tensor.raw_data());
  ASSERT_TRUE(number.has_value());
  const TensorData &data = scanned->tensors[*number];
  ASSERT_EQ(data.runs.size(), 1u);
  EXPECT_EQ(bytes.substr(data.runs[0].offset, data.runs[0].size), "abcdefgh");
}

TEST(WireScan, ReadsTensorsWithoutCopy) {
  SharedBytes file = copyBytes(makeModel().SerializeAsString());
  auto scanned = scanModel(file->get(), {});
  ASSERT_TRUE(bool(scanned));
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(scanned->structure));
  mlir::MLIRContext context;
  TensorReader reader(file, scanned->tensors, ".", {});
  auto view = reader.read(model.graph().node(0).attribute(0).t(), &context);
  ASSERT_TRUE(bool(view)) << getError(view.takeError());
  EXPECT_GE(view->data.data(), file->get().begin());
  EXPECT_LT(view->data.data(), file->get().end());

  auto typed = reader.read(model.graph().initializer(0), &context);
  ASSERT_TRUE(bool(typed)) << getError(typed.takeError());
  auto attribute = llvm::cast<mlir::DenseElementsAttr>(
      mlir::Attribute(makeAttribute(*typed, "typed")));
  llvm::SmallVector<int64_t> values(attribute.getValues<int64_t>());
  EXPECT_EQ(values, (llvm::SmallVector<int64_t>{1, -2, 300}));
}

TEST(WireScan, EveryTruncationIsAnErrorOrASmallerModel) {
  std::string bytes = makeModel().SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    auto scanned = scanModel(asBytes(cut), {});
    if (!scanned) {
      EXPECT_EQ(getError(scanned.takeError()).rfind("byte ", 0), 0u);
      continue;
    }
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(scanned->structure)) << size;
  }
}

TEST(WireScan, EveryFlippedBitIsAnErrorOrAParsableModel) {
  std::string bytes = makeModel().SerializeAsString();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    SharedBytes file = [&] {
      std::string flipped = bytes;
      flipped[bit / 8] ^= char(1 << (bit % 8));
      return copyBytes(flipped);
    }();
    auto scanned = scanModel(file->get(), {});
    if (!scanned) {
      EXPECT_EQ(getError(scanned.takeError()).rfind("byte ", 0), 0u);
      continue;
    }
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(scanned->structure)) << bit;
    mlir::MLIRContext context;
    TensorReader reader(file, scanned->tensors, ".", {});
    for (const onnx::TensorProto &tensor : model.graph().initializer())
      if (auto view = reader.read(tensor, &context))
        EXPECT_NE(makeAttribute(*view, "t"), nullptr);
      else
        llvm::consumeError(view.takeError());
  }
}

TEST(WireScan, RefusesDeepNesting) {
  std::string bytes;
  auto wrap = [&](unsigned field) {
    std::string head(1, char(field << 3 | 2));
    size_t length = bytes.size();
    for (; length >= 0x80; length >>= 7)
      head.push_back(char(length | 0x80));
    head.push_back(char(length));
    bytes = head + bytes;
  };
  // A graph in an attribute of a node in a graph, from the inside.
  for (int i = 0; i < 10000; ++i)
    for (unsigned field : {6, 5, 1})
      wrap(field);
  wrap(7);
  auto scanned = scanModel(asBytes(bytes), {});
  ASSERT_FALSE(bool(scanned));
  EXPECT_NE(getError(scanned.takeError()).find("nested deeper than 100"),
            std::string::npos);
}

TEST(WireScan, RefusesStructuresBeyondTheLimits) {
  onnx::ModelProto model = makeModel();
  for (int i = 0; i < 100; ++i)
    model.mutable_graph()->add_node();
  std::string bytes = model.SerializeAsString();
  ImportLimits limits;
  limits.maxItems = 100;
  auto scanned = scanModel(asBytes(bytes), limits);
  ASSERT_FALSE(bool(scanned));
  EXPECT_NE(getError(scanned.takeError()).find("larger than the importer"),
            std::string::npos);
}

} // namespace
