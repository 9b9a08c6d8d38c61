#include "lib/Host/Descriptor.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace qcc::host;

namespace {

TEST(Descriptor, ModelNamesAreIdentifiers) {
  EXPECT_EQ(makeModelName("resnet50"), "resnet50");
  EXPECT_EQ(makeModelName("pp-ocr.det v4"), "pp_ocr_det_v4");
  EXPECT_EQ(makeModelName("1st"), "_1st");
  EXPECT_EQ(makeModelName(""), "_");
}

TEST(Descriptor, ElementTypes) {
  mlir::MLIRContext context;
  mlir::Builder b(&context);
  std::pair<mlir::Type, const char *> types[] = {
      {b.getF32Type(), "float32"},
      {b.getF16Type(), "float16"},
      {b.getBF16Type(), "bfloat16"},
      {b.getF64Type(), "float64"},
      {b.getI1Type(), "bool"},
      {b.getI8Type(), "int8"},
      {b.getI64Type(), "int64"},
      {b.getIntegerType(16, false), "uint16"},
      {b.getIntegerType(8, true), "int8"},
      {b.getI4Type(), "int4"},
      {b.getIntegerType(2, false), "uint2"},
      {mlir::Float8E4M3FNType::get(&context), "float8_e4m3fn"},
      {mlir::Float8E5M2Type::get(&context), "float8_e5m2"}};
  for (auto [type, name] : types) {
    std::optional<DLDataType> result = getDLDataType(type);
    ASSERT_TRUE(result.has_value()) << name;
    EXPECT_EQ(getTypeName(*result), name);
  }
  EXPECT_FALSE(getDLDataType(b.getIndexType()).has_value());
  EXPECT_FALSE(getDLDataType(b.getIntegerType(12)).has_value());
  EXPECT_FALSE(getDLDataType(b.getIntegerType(128)).has_value());
}

TEST(Descriptor, HeaderKeepsNamesInsideItsComment) {
  ModelInterface interface;
  interface.name = "evil";
  interface.inputs = {
      {"*/ int x; /*\n#error", {kDLFloat, 32, 1}, {{-1, "*/"}}, "", "", -1}};
  std::string header = makeHeader(interface);
  size_t end = header.find("*/");
  EXPECT_NE(header.substr(0, end).find("inputs[0]"), std::string::npos);
  EXPECT_LT(header.find("?/ int x; ?*?#error  float32[?/]"), end);
}

} // namespace
