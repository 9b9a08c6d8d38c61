#include "lib/Host/Devices.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace qcc::host;

namespace {

class Devices : public testing::Test {
protected:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
};

TEST_F(Devices, AreKeptByTheModule) {
  DeviceInterface first;
  first.name = "first";
  first.driver = "kind";
  first.driverSymbol = "kind_driver";
  first.machine = "large";
  first.code = std::string("\0code\xff", 6);
  first.entries = {"a", "b"};
  first.requiredBytes = {64, 0};
  first.constantsOffset = 128;
  first.constantsBytes = 32;
  DeviceInterface second = first;
  second.name = "second";
  EXPECT_EQ(recordDevice(*module, first), 0);
  EXPECT_EQ(recordDevice(*module, second), 1);
  auto devices = getDevices(*module);
  ASSERT_TRUE(bool(devices)) << llvm::toString(devices.takeError());
  ASSERT_EQ(devices->size(), 2u);
  const DeviceInterface &read = devices->front();
  EXPECT_EQ(read.name, "first");
  EXPECT_EQ(read.driver, first.driver);
  EXPECT_EQ(read.driverSymbol, first.driverSymbol);
  EXPECT_EQ(read.machine, first.machine);
  EXPECT_EQ(read.code, first.code);
  EXPECT_EQ(read.entries, first.entries);
  EXPECT_EQ(read.requiredBytes, first.requiredBytes);
  EXPECT_EQ(read.constantsOffset, 128u);
  EXPECT_EQ(read.constantsBytes, 32u);
  EXPECT_EQ(devices->back().name, "second");
}

TEST_F(Devices, ThatAreMalformedAreAnError) {
  mlir::Builder builder(&context);
  mlir::Attribute name = builder.getStringAttr("x");
  for (mlir::Attribute device :
       {name, mlir::Attribute(builder.getDictionaryAttr(
                  builder.getNamedAttr("name", name)))}) {
    module->getOperation()->setAttr("qcc.devices",
                                    builder.getArrayAttr(device));
    auto devices = getDevices(*module);
    EXPECT_EQ(llvm::toString(devices.takeError()),
              "the module's attribute qcc.devices is malformed: lower the "
              "model again by phase 'lower'");
  }
}

} // namespace
