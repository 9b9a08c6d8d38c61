// The toy: a whole target outside of qcc, loaded by --plugin.
//
//   ToyISA.h      its instructions, which compiler and simulator share
//   ToyDriver.c   a simulator behind the runtime's device interface
//   ToyModel      what it says to shared passes
//   Program       the model's function as code for it
//   CheckOp       what of a model it can do, asked behind phase place
//   Passes.td     its lowering: that code, and the host's part
//   ToyTarget     all of it as a plug-in

#ifndef TEST_LIB_TARGET_TOY_TOYTARGET_H
#define TEST_LIB_TARGET_TOY_TOYTARGET_H

#include "qcc/Target/TargetModel.h"

#include "llvm/ADT/StringRef.h"

#include <memory>

namespace qcc::toy {

std::unique_ptr<TargetModel> makeToyModel(ImageLayout layout);

/// The simulator as an object for the processor that it was built on.
llvm::StringRef getDriverObject();

} // namespace qcc::toy

#endif // TEST_LIB_TARGET_TOY_TOYTARGET_H
