// All of qcc for tools without a session, which take passes and IR as text:
// qcc-opt, and others' tools that load QccPlugin.so.

#ifndef LIB_DRIVER_REGISTRATION_H
#define LIB_DRIVER_REGISTRATION_H

namespace mlir {
class DialectRegistry;
}

namespace qcc::driver {

/// The qnn dialect with the targets and the Executor that its passes ask for.
/// Upstream dialects are the caller's.
void registerDialects(mlir::DialectRegistry &registry);

/// Passes and pipelines, into MLIR's table of them. Again changes nothing.
void registerPasses();

} // namespace qcc::driver

#endif // LIB_DRIVER_REGISTRATION_H
